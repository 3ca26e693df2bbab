/** `orrery swh`: origins in batches, counts, and the checks of a new forge. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { parseInstant } from "../../src/kernel/instant.ts";
import { followCli } from "./captured-shell.ts";
import { openSwhRig, type SwhRig } from "./swh-rig.ts";

let rig: SwhRig;

beforeAll(async () => {
  rig = await openSwhRig();
  await rig.scheduler.createTaskType({ type: "load-url", description: "d", backendName: "b" });
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

test("update-metrics prints JSON as old scripts expect it", async () => {
  const lister = await rig.scheduler.getOrCreateLister({ name: "forge", instanceName: "url" });
  const origin = { listerId: lister.id, url: "u", visitType: "git" };
  await rig.scheduler.recordListedOrigins([origin]);
  const out = await rig.printed([
    "origin",
    "update-metrics",
    "--lister",
    "forge",
    "--instance",
    "url",
  ]);
  expect(out).toMatch(/^\[\n {4}\{\n {8}"last_update": "[^"]+",\n(?: {8}.*\n){6} {4}\}\n\]\n$/);
  const { exitCode, out: none, err } = await rig.swh(["origin", "update-metrics", "--lister", "x"]);
  expect({ exitCode, none, err }).toEqual({
    exitCode: 2,
    none: "",
    err: "Lister not found: x instance=None\n",
  });
});

test("tasks for many origins are stored in batches of URLs", async () => {
  const urls = Array.from({ length: 25 }, (_, index) => `https://e.org/${index}`).join("\n");
  const args = ["task", "schedule_origins", "load-url", "--origins", "-", "force=true"];
  const dry = await rig.printed([...args, "--dry-run"], { input: urls });
  expect(dry).toBe("Scheduled 3 tasks (25 origins).\nDone.\n");
  const limited = ["--page-token", "20", "--limit", "3", "-b", "2"];
  const stored = await rig.printed([...args, ...limited], { input: urls });
  expect(stored).toBe("Scheduled 2 tasks (3 origins).\nDone.\n");
  const tasks = await rig.scheduler.searchTasks({ taskType: "load-url", policy: "oneshot" });
  const made = tasks.filter(({ arguments: { kwargs } }) => kwargs["force"] === true);
  expect(
    made.map(
      ({
        arguments: {
          args: [batch],
        },
      }) => batch,
    ),
  ).toEqual([["https://e.org/20", "https://e.org/21"], ["https://e.org/22"]]);
  const nothing = await rig.printed(["task", "schedule-origins", "load-url", "--origins", "-"]);
  expect(nothing).toBe("Nothing to do (no origin metadata matched the criteria).\n");
});

test("the checks of a new forge count what was listed and visited", async () => {
  const lister = await rig.scheduler.getOrCreateLister({ name: "gitea", instanceName: "new.org" });
  const empty = await rig.swh(["origin", "check-listed-origins", "gitea", "new.org"]);
  expect([empty.exitCode, empty.err]).toEqual([
    1,
    "error: Forge new.org (gitea) has 0 listed origins in the scheduler database.\n",
  ]);
  const visitType = "gitea-visit";
  const origins = ["a", "b", "c", "d"].map((url) => ({ listerId: lister.id, url, visitType }));
  await rig.scheduler.recordListedOrigins(
    origins.map((each) => ({ ...each, enabled: each.url < "d" })),
  );
  const listed = await rig.printed(["origin", "check-listed-origins", "gitea", "new.org", "-l"]);
  expect(listed).toMatch(
    /^url +last_seen +last_update\na +\d{4}.*None\n(?:.*\n){3}\nForge new.org/,
  );
  expect(listed).toContain("Forge new.org (gitea) has 4 listed origins in the scheduler database.");
  const check = ["origin", "check-ingested-origins", "gitea", "new.org"];
  const none = await rig.swh(check);
  expect([none.exitCode, none.err]).toEqual([
    1,
    "error: Forge new.org (gitea) has 0 scheduled ingests.\n",
  ]);
  const lastVisit = parseInstant("2026-01-01T00:00:00Z");
  const ended = (["successful", "successful", "failed"] as const).map((status, index) => ({
    url: origins[index]?.url ?? "",
    visitType,
    lastVisit,
    lastVisitStatus: status,
  }));
  await rig.scheduler.originVisitStatsUpsert([
    ...ended,
    { url: "d", visitType, lastScheduled: lastVisit },
  ]);
  const counted = await rig.printed([...check, "--minimum-success", "50"]);
  expect(counted).toBe(`
Forge new.org (gitea) has 4 scheduled ingests in the scheduler.
failed      : 1
None        : 1
not_found   : 0
successful  : 2
total       : 4
success rate: 50.00%
`);
  const low = await rig.swh([...check, "--minimum-success", "50.1", "--list"]);
  expect(low.exitCode).toBe(2);
  expect(low.out).toMatch(/^a +gitea-visit +successful +2026-01-01 00:00:00\+00:00$/m);
  expect(low.err).toBe("fewer than 50.1% of the visits have succeeded\n");
});

test("a check that watches goes on until every visit has ended", async () => {
  const lister = await rig.scheduler.getOrCreateLister({ name: "watched" });
  const origin = { url: "w", visitType: "watch" };
  await rig.scheduler.recordListedOrigins([{ ...origin, listerId: lister.id }]);
  const check = ["swh", "origin", "check-ingested-origins", "watched", ""];
  const watching = followCli([...check, "--watch", "--watch-period", "0.01 s"], {
    env: { ORRERY_SERVER: rig.url },
  });
  await watching.writes(({ out }) => out.includes("ingestion is still in progress..."));
  const lastVisit = parseInstant("2026-01-01T00:00:00Z");
  const ended = { ...origin, lastVisit, lastVisitStatus: "not_found" } as const;
  await rig.scheduler.originVisitStatsUpsert([ended]);
  const { exitCode, out } = await watching.ended;
  expect(exitCode).toBe(0);
  expect(out).toContain("has 1 scheduled ingests");
  expect(out).toContain("success rate: 0.00%");
});

test("the tasks that list a forge are those of the types that there are", async () => {
  const types = ["list-hg-full", "list-hg-incremental", "list-cgit"];
  for (const type of types) {
    await rig.printed(["task-type", "add", type, type, "Lists", "-i", "1 day"]);
  }
  const production = await rig.printed([
    "add-forge-now",
    "register-lister",
    "hg",
    "url=https://hg",
  ]);
  expect(production).toMatch(/^Created 2 tasks\n/);
  expect(production).toMatch(
    /Next run: today .*\n.*\n {2}Type: list-hg-full\n {2}Policy: recurring/,
  );
  expect(production).toMatch(/Next run: tomorrow .*\n.*\n {2}Type: list-hg-incremental\n/);
  const staging = ["add-forge-now", "--preset", "staging", "register-lister"];
  const tried = await rig.printed([...staging, "hg", "max_pages=1", "enable_origins=true"]);
  expect(tried).toMatch(/^Created 1 tasks\n(?:.*\n)*? {2}Type: list-hg-full\n {2}Policy: oneshot/);
  expect(tried).toContain(
    "    enable_origins: False\n    max_origins_per_page: 5\n    max_pages: 1\n",
  );
  expect(await rig.printed([...staging, "cgit"])).toContain("  Type: list-cgit\n");
  const { exitCode, err } = await rig.swh([...staging, "nothing"]);
  expect(exitCode).toBe(1);
  expect(err).toContain("Unknown lister type nothing: there is no list-nothing-full");
});
