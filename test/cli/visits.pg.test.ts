/** `orrery visit`, run as its users run it: against a server, and against the database itself. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { isRecord } from "../../src/kernel/json.ts";
import { openSchedulerRig, type SchedulerRig } from "../conformance/rig.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { captureCli } from "./captured-shell.ts";
import { type CommandResult, runCli } from "./spawned.ts";

let rig: SchedulerRig;
let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  [rig, database, directory] = await Promise.all([
    openSchedulerRig({ worker: false }),
    createDatabase(),
    mkdtemp(join(tmpdir(), "orrery-visits-")),
  ]);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const placeNames = ["server", "database"] as const;
type PlaceName = (typeof placeNames)[number];

const envOf = (place: PlaceName): Readonly<Record<string, string>> =>
  place === "server" ? { ORRERY_SERVER: rig.url } : { DATABASE_URL: database.connectionString };

interface Told {
  readonly place?: PlaceName;
  readonly input?: string;
}

/** Inside this process, as fast as a call. */
function orrery(args: readonly string[], told: Told = {}): Promise<CommandResult> {
  const { place = "server", input = "" } = told;
  return captureCli(args, { env: envOf(place), input, directory });
}

/** In a process of its own, as a user runs it. */
function spawned(args: readonly string[], told: Told = {}): Promise<CommandResult> {
  const { place = "server", input = "" } = told;
  return runCli({ args, env: envOf(place), input, directory });
}

/** The JSON that a command printed; it must have printed nothing else and ended well. */
async function jsonOf(
  run: typeof orrery,
  args: readonly string[],
  told: Told = {},
): Promise<unknown> {
  const { exitCode, out, err } = await run([...args, "--json"], told);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out);
}

function orreryJson(args: readonly string[], told?: Told): Promise<unknown> {
  return jsonOf(orrery, args, told);
}

function linesOf(...origins: readonly object[]): string {
  return origins.map((each) => `${JSON.stringify(each)}\n`).join("");
}

/** The URLs of a choice, in their order. */
function urlsOf(choice: unknown): readonly unknown[] {
  const origins: unknown = isRecord(choice) ? choice["origins"] : undefined;
  const list: readonly unknown[] = Array.isArray(origins) ? origins : [];
  return list.map((each) => (isRecord(each) ? each["url"] : undefined));
}

describe.each(placeNames)("against a %s", (place) => {
  const visitType = `git-${place}`;

  it("imports, chooses, tells what is known, and counts", async () => {
    const old = { url: "https://e.org/old", lastUpdateAt: "2026-01-01T00:00:00Z" };
    const young = { url: "https://e.org/young", lastUpdateAt: "2026-02-01T00:00:00Z" };
    const away = { url: "https://e.org/away", enabled: false };
    const importing = ["visit", "import", "-", "--visit-type", visitType, "--finished"];
    const forge = ["--lister", "forge", "--instance", "e.org"];
    const input = linesOf(young, old, away);
    const imported = await jsonOf(spawned, [...importing, ...forge], { place, input });
    expect(imported).toMatchObject({
      recorded: 3,
      lines: 3,
      lister: { name: "forge", instanceName: "e.org", listingFinishedAt: expect.any(String) },
    });
    const policy = ["--policy", "never-visited-oldest-update-first"];
    const peek = ["visit", "peek", visitType, ...policy, ...forge];
    expect(urlsOf(await jsonOf(spawned, peek, { place }))).toEqual([old.url, young.url]);
    expect(urlsOf(await orreryJson([...peek, "--disabled"], { place }))).toEqual([]);
    const disabled = ["visit", "peek", visitType, "--disabled"];
    expect(urlsOf(await orreryJson(disabled, { place }))).toEqual([away.url]);
    const at = ["--at", "2026-06-01T00:00:00Z"];
    const next = ["visit", "next", visitType, ...policy, ...at];
    const chosen = await jsonOf(spawned, [...next, "--count", "1", "--explain"], { place });
    expect(urlsOf(chosen)).toEqual([old.url]);
    expect(chosen).toMatchObject({ explanation: { at: "2026-06-01T00:00:00.000000Z" } });
    expect(urlsOf(await orreryJson(next, { place }))).toEqual([young.url]);
    expect(urlsOf(await orreryJson(next, { place }))).toEqual([]);
    const stats = ["visit", "stats", visitType, young.url, "https://e.org/nowhere"];
    expect(await jsonOf(spawned, stats, { place })).toMatchObject({
      items: [{ url: young.url, lastScheduledAt: "2026-06-01T00:00:00.000000Z" }],
    });
    const counts = { visitType, known: 3, enabled: 2, neverVisited: 2, withPendingChanges: 0 };
    const metrics = ["visit", "metrics", "--visit-type", visitType];
    expect(await jsonOf(spawned, [...metrics, ...forge], { place })).toMatchObject({
      items: [counts],
    });
    expect(await orreryJson([...metrics, "--lister", "x"], { place })).toEqual({ items: [] });
  });

  it("prints tables for people", async () => {
    const type = `svn-${place}`;
    const line = linesOf({ url: "svn://e.org/a", visitType: type, loaderArguments: { depth: 1 } });
    const recorded = await orrery(["visit", "import", "-", "--lister", "svn"], {
      place,
      input: line,
    });
    expect(recorded.out).toMatch(/^recorded 1 origins of 1 lines for lister [0-9a-f-]{36}$/m);
    const next = await orrery(["visit", "next", type, "--explain"], { place });
    expect(next.out).toMatch(/^URL +LISTER +LAST UPDATE +FIRST SEEN +LOADER ARGUMENTS$/m);
    expect(next.out).toMatch(/^svn:\/\/e\.org\/a +svn +- +[\d :-]+Z +\{"depth":1\}$/m);
    expect(next.out).toMatch(/^path +ready$/m);
    const stats = await orrery(["visit", "stats", type, "svn://e.org/a", "svn://e.org/b"], {
      place,
    });
    expect(stats.out).toMatch(/^svn:\/\/e\.org\/a +svn-\w+ +- +- +1 +- +[\d :-]+Z +- +-$/m);
    expect(stats.err).toContain("no visit of svn://e.org/b is known or scheduled");
    const metrics = await orrery(["visit", "metrics", "--visit-type", type], { place });
    expect(metrics.out).toMatch(/^svn +svn-\w+ +1 +1 +1 +0 +[\d :-]+Z$/m);
    expect((await orrery(["visit", "peek", type], { place })).err).toContain("nothing is to be");
  });

  it("names the line and the field of what cannot be recorded", async () => {
    const type = `bad-${place}`;
    const lines = ["a", "b", "c", "d"].map((url) => ({ url, visitType: type }));
    const broken = linesOf(...lines.slice(0, 3), { ...lines[3], lastUpdateAt: "yesterday" });
    const args = ["visit", "import", "-", "--lister", "bad", "--batch", "2"];
    const refused = await orrery(args, { place, input: `\n${broken}` });
    expect({ exitCode: refused.exitCode, out: refused.out }).toEqual({ exitCode: 2, out: "" });
    expect(refused.err).toContain("line 5 of standard input: lastUpdateAt must be an RFC 3339");
    expect(refused.err).toContain("up to line 3 all is recorded");
    expect(refused.err).toContain("--skip 3");
    const known = ["visit", "peek", type, "--json"];
    expect(urlsOf(JSON.parse((await orrery(known, { place })).out))).toHaveLength(2);
    const whole = `\n${linesOf(...lines)}`;
    const rest = await orreryJson([...args, "--skip", "3"], { place, input: whole });
    expect(rest).toMatchObject({ recorded: 2, lines: 5 });
    expect(await orreryJson(args, { place, input: whole })).toMatchObject({ recorded: 4 });
    expect(urlsOf(JSON.parse((await orrery(known, { place })).out))).toHaveLength(4);
  });
});

test("a cool-down may be shorter, longer, or none", async () => {
  const input = linesOf({ url: "u", visitType: "cool" });
  await orrery(["visit", "import", "-", "--lister", "cool"], { input });
  await orrery(["visit", "next", "cool", "--at", "2026-06-01T00:00:00Z"]);
  const at = ["--at", "2026-06-01T02:00:00Z"];
  const peek = (...more: readonly string[]) =>
    orreryJson(["visit", "peek", "cool", ...at, ...more]).then(urlsOf);
  const unscheduled = ["--scheduled-cooldown", "none"];
  expect(await peek()).toEqual([]);
  expect(await peek(...unscheduled)).toEqual([]);
  expect(await peek(...unscheduled, "--absolute-cooldown", "1h30m")).toEqual(["u"]);
  expect(await peek(...unscheduled, "--absolute-cooldown", "3h")).toEqual([]);
  const ended = { url: "u", visitType: "cool", at: "2026-06-01T01:00:00Z" };
  await rig.orrery.frontier.reportVisits([{ ...ended, outcome: "failed" }]);
  const none = [...unscheduled, "--absolute-cooldown", "none"];
  expect(await peek(...none)).toEqual([]);
  expect(await peek(...none, "--failed-cooldown", "30m")).toEqual(["u"]);
  const gone = { ...ended, at: "2026-06-01T01:00:01Z", outcome: "not_found" } as const;
  await rig.orrery.frontier.reportVisits([gone]);
  expect(await peek(...none)).toEqual([]);
  expect(await peek(...none, "--not-found-cooldown", "30m")).toEqual(["u"]);
});

test("a lister is named by its id as well", async () => {
  const input = linesOf({ url: "u", visitType: "of" });
  const imported = await orreryJson(["visit", "import", "-", "--lister", "one"], { input });
  await orrery(["visit", "import", "-", "--lister", "two"], {
    input: linesOf({ url: "v", visitType: "of" }),
  });
  const lister = isRecord(imported) && isRecord(imported["lister"]) ? imported["lister"] : {};
  const byId = ["--lister-id", String(lister["id"])];
  expect(urlsOf(await orreryJson(["visit", "peek", "of", ...byId]))).toEqual(["u"]);
  expect(await orreryJson(["visit", "metrics", ...byId])).toMatchObject({
    items: [{ listerId: lister["id"], known: 1 }],
  });
});

test("a lister may ask for first visits, and take that back", async () => {
  const importing = ["visit", "import", "-", "--lister", "first"];
  const prefix = async (): Promise<string | null | undefined> =>
    (await rig.orrery.swh.getLister({ name: "first" }))?.firstVisitsQueuePrefix;
  await orreryJson([...importing, "--first-visits"]);
  const asked = await prefix();
  expect(asked).toEqual(expect.any(String));
  await orreryJson(importing);
  expect(await prefix()).toBe(asked);
  await orreryJson([...importing, "--no-first-visits"]);
  expect(await prefix()).toBeNull();
});

test("a file is read line by line, plain or compressed, in more than one part", async () => {
  const origins = Array.from({ length: 2_500 }, (_, index) => ({ url: `https://e.org/${index}` }));
  const [head, tail] = [linesOf(...origins.slice(0, 2_000)), linesOf(...origins.slice(2_000))];
  await writeFile(join(directory, "plain.jsonl"), head + tail);
  await writeFile(
    join(directory, "packed"),
    Buffer.concat([gzipSync(head), gzipSync(tail.trimEnd())]),
  );
  const args = ["--lister", "many", "--visit-type", "many", "--batch", "700"];
  for (const file of ["plain.jsonl", "packed"]) {
    const imported = await jsonOf(spawned, ["visit", "import", file, ...args]);
    expect(imported).toMatchObject({ recorded: 2_500, lines: 2_500 });
  }
  const metrics = await orreryJson(["visit", "metrics", "--visit-type", "many"]);
  expect(metrics).toMatchObject({ items: [{ known: 2_500 }] });
});

const importing = ["visit", "import", "-", "--lister", "x"];

test.each<[RegExp, readonly string[], string]>([
  [/missing required argument 'visit-type'/, ["visit", "next"], ""],
  [/Allowed choices are oldest-scheduled/, ["visit", "next", "git", "--policy", "newest"], ""],
  [/It must be a positive whole number/, ["visit", "next", "git", "--count", "none"], ""],
  [/count must be a whole number from 1/, ["visit", "next", "git", "--count", "10001"], ""],
  [/--at must be an RFC 3339 time/, ["visit", "next", "git", "--at", "today"], ""],
  [/listerId must be a UUID, not "forge"/, ["visit", "next", "git", "--lister-id", "forge"], ""],
  [/--failed-cooldown must be a duration/, ["visit", "peek", "git", "--failed-cooldown", "5"], ""],
  [/cooldowns.absoluteMs must be/, ["visit", "peek", "git", "--absolute-cooldown", "9999999d"], ""],
  [/missing required argument 'urls'/, ["visit", "stats", "git"], ""],
  [/listerId must be a UUID/, ["visit", "metrics", "--lister-id", "forge"], ""],
  [/required option '--lister <name>' not specified/, ["visit", "import", "-"], ""],
  [/cannot read .*nowhere.jsonl/, ["visit", "import", "nowhere.jsonl", "--lister", "x"], ""],
  [/It must be a positive whole number/, [...importing, "--batch", "0"], ""],
  [/at most 10000 items/, [...importing, "--batch", "20000"], "{}\n".repeat(10_001)],
  [/lister.name must be a text that is not empty/, [...importing, "--lister", ""], ""],
  [/line 1 of standard input: url must be a text that is not empty/, importing, "{}\n"],
  [/line 1 of standard input: visitType must be a text/, importing, '{"url":"u"}\n'],
  [/line 1 of standard input: x is not a known/, importing, '{"url":"u","visitType":"t","x":1}\n'],
  [/line 2 of standard input is not valid JSON/, importing, '\n{"url":\n'],
  [/line 1 of standard input must be an object/, importing, "[1]\n"],
  [/line 1 of standard input has more than 1048576 letters/, importing, "x".repeat(1_048_577)],
])("%s: %j exits 2", async (message, args, input) => {
  const { exitCode, out, err } = await orrery(args, { input });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  expect(err).toMatch(message);
});

test("bytes that are neither text nor whole are told so", async () => {
  await writeFile(join(directory, "bytes"), Buffer.from([0x7b, 0xff, 0xfe]));
  await writeFile(join(directory, "cut.gz"), gzipSync(linesOf({ url: "u" })).subarray(0, 20));
  for (const file of ["bytes", "cut.gz"]) {
    const { exitCode, err } = await orrery(["visit", "import", file, "--lister", "x"]);
    expect(exitCode).toBe(2);
    expect(err).toMatch(new RegExp(`cannot read .*${file}: `));
  }
});

test("a lister that nobody knows exits 3", async () => {
  const { exitCode, err } = await orrery(["visit", "next", "git", "--lister", "nobody"]);
  expect(exitCode).toBe(3);
  expect(err).toContain("nobody");
});
