/** `orrery swh task`, `task-type` and `origin`, over each way to a scheduler. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { formatInstant, parseInstant } from "../../src/kernel/instant.ts";
import { openSwhRig, placeNames, type SwhRig } from "./swh-rig.ts";

let rig: SwhRig;

beforeAll(async () => {
  rig = await openSwhRig();
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** The ids in a list of tasks. */
function idsIn(out: string): readonly string[] {
  return [...out.matchAll(/^Task (\d+)$/gm)].map(([, id]) => id ?? "");
}

const iso = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{6})?\\+00:00";

describe.each(placeNames)("over the place called %s", (place) => {
  const type = `load-${place}`;

  it("registers a type, stores tasks of it, shows and respawns them", async () => {
    const spawned = true;
    const interval = ["--default-interval", "2 days", "-f", "2"];
    const added = ["task-type", "add", type, `loader.${place}`, "Loads it", ...interval];
    expect(await rig.printed(added, { place, spawned })).toBe("OK\n");
    const listed = await rig.printed(["task-type", "list", "-v", "-t", type], { place });
    expect(listed).toBe(`Known task types:
${type}: loader.${place}
  Loads it
  interval: 2 days, 0:00:00 [2 days, 0:00:00, 2 days, 0:00:00]
  backoff_factor: 2
  max_queue_length: None
  num_retries: None
  retry_delay: None

`);
    const short = await rig.printed(["task-type", "list", "-n", `loader.${place}`], { place });
    expect(short).toBe(`Known task types:\n${type}:\n  Loads it\n`);
    const add = ["task", "add", type, "--policy", "oneshot", "-P", "high"];
    const given = ["pos", "[1, 1.0, ~]", "url='https://e.org/x'", "big=12345678901234567890"];
    const stored = await rig.printed([...add, ...given], { place, spawned });
    expect(stored).toMatch(
      new RegExp(
        [
          "^Created 1 tasks",
          "",
          "Task \\d+",
          `  Next run: today \\(${iso}\\)`,
          "  Interval: 2 days, 0:00:00",
          `  Type: ${type}`,
          "  Policy: oneshot",
          "  Args:",
          "    'pos'",
          "    \\[1, 1\\.0, None\\]",
          "  Keyword args:",
          "    big: 12345678901234567890",
          "    url: 'https://e\\.org/x'",
          "\n$",
        ].join("\n"),
      ),
    );
    const recurring = ["task", "add", type, "a=1", "--next-run"];
    const [id = ""] = idsIn(await rig.printed([...recurring, "2030-01-02"], { place }));
    expect(await rig.printed([...recurring, "2030-01-03"], { place })).toBe("Created 0 tasks\n\n");
    expect(await rig.printed(["task", "list-pending", type, "-l", "5"], { place })).toBe(
      `Found 0 ${type} tasks\n\n`,
    );
    const pending = ["task", "list-pending", type, "--before", "2030-01-02"];
    expect(idsIn(await rig.printed(pending, { place }))).toEqual([id]);
    const shown = await rig.printed(["task", "list", "-t", type, "-P", "high"], { place });
    expect(shown).toMatch(/^Found 1 tasks\n\nTask \d+\n(?:.*\n){4} {2}Status: next_run_not_/);
    expect(shown).toContain("  Priority: high\n");
    const ids = await rig.printed(["task", "list", "-t", type, "-b", "2030-06-01"], { place });
    expect(idsIn(ids)).toHaveLength(2);
    const late = ["task", "list", "-t", type, "--after", "2029-01-01", "-p", "recurring"];
    expect(await rig.printed(late, { place })).toContain("  Priority:\n  Args:\n  Keyword args:\n");
    await rig.scheduler.disableTasks([Number(id)]);
    expect(idsIn(await rig.printed(["task", "list", "-t", type], { place }))).not.toContain(id);
    expect(await rig.printed(["task", "list", "-i", id], { place })).toContain(
      "  Status: disabled\n",
    );
    const all = await rig.printed(["task", "list", "-t", type, "-s", "all", "-l", "9"], { place });
    expect(idsIn(all)).toContain(id);
    const respawn = ["task", "respawn", id, "--next-run", "2031-01-01"];
    expect(await rig.printed(respawn, { place, spawned })).toBe(`Respawn tasks [${id}]\n\n`);
    const again = await rig.printed(["task", "list", "-t", type, "-a", "2030-06-01"], { place });
    expect(again).toContain("  Next run: Jan 01 2031 (2031-01-01T00:00:00+00:00)\n");
  });

  it("shows the runs of tasks, with what was noted of them", async () => {
    const runType = `run-${place}`;
    await rig.scheduler.createTaskType({ type: runType, description: "d", backendName: "b" });
    const [task] = await rig.scheduler.createTasks([
      {
        type: runType,
        policy: "oneshot",
        arguments: {},
        nextRun: parseInstant("2026-01-01T00:00:00Z"),
      },
    ]);
    const at = (text: string): { readonly timestamp: ReturnType<typeof parseInstant> } => ({
      timestamp: parseInstant(text),
    });
    const backendId = `uuid-${place}`;
    await rig.scheduler.scheduleTaskRun(task?.id ?? 0, backendId, at("2026-01-01T00:00:01Z"));
    const metadata = { status: "eventful", count: 1 };
    await rig.scheduler.startTaskRun(backendId, { metadata, ...at("2026-01-01T00:00:02.5Z") });
    const runs = `  Executions:
    ${backendId} [started]
      scheduled: 2026-01-01T00:00:01+00:00
      started: 2026-01-01T00:00:02.500000+00:00
      ended:
`;
    const list = ["task", "list", "-t", runType];
    const plain = await rig.printed([...list, "--list-runs"], { place });
    expect(plain.replaceAll("\n\n", "\n")).toContain(runs);
    expect(plain).not.toContain("metadata");
    const noted = await rig.printed([...list, "-m"], { place });
    expect(noted).toContain(`      metadata: {
        "count": 1,
        "status": "eventful"
      }
`);
    expect(await rig.printed(list, { place })).not.toContain("Executions");
  });

  it("stores the tasks of a table", async () => {
    const rows = [
      `${type};"[""a"", 1]";"{""x"": 1.0}";2030-05-01`,
      `loader.${place};[];{};in 2 days`,
      "",
    ].join("\n");
    const created = await rig.printed(["task", "schedule", "-", "-d", ";"], { place, input: rows });
    expect(created).toMatch(/^Created 2 tasks\n\nTask/);
    expect(created).toContain("    'a'\n    1\n  Keyword args:\n    x: 1.0\n");
    await writeFile(
      join(rig.directory, `${place}.csv`),
      `oneshot,${type}\r\nrecurring,${type}\r\n`,
    );
    const columns = ["--columns", "policy", "-c", "type"];
    const more = await rig.printed(["task", "schedule", `${place}.csv`, ...columns], { place });
    // The second one is stored already, with another next run.
    expect(more).toMatch(/^Created 1 tasks\n/);
    expect(more).toContain("  Policy: oneshot\n");
  });

  it("takes origins, stores tasks for them, and counts", async () => {
    const lister = await rig.scheduler.getOrCreateLister({ name: "forge", instanceName: place });
    const lastUpdate = parseInstant("2026-01-02T03:04:05.000006Z");
    const origins = ["a", "b", "c"].map((name) => ({
      listerId: lister.id,
      url: `https://e.org/${place}/${name}`,
      visitType: place,
      extraLoaderArguments: { depth: 1, note: `"${name}"` },
      lastUpdate,
    }));
    const [first] = await rig.scheduler.recordListedOrigins(origins);
    const policy = ["-p", "never_visited_oldest_update_first"];
    const wrong = await rig.swh(["origin", "grab-next", place, "1", "-f", "url,colour"], { place });
    expect({ exitCode: wrong.exitCode, out: wrong.out }).toEqual({ exitCode: 1, out: "" });
    expect(wrong.err).toContain("Unknown ListedOrigin field(s): colour");
    const one = await rig.printed(["origin", "grab-next", place, "1", ...policy], { place });
    const seen = formatInstant(first?.firstSeen ?? lastUpdate).replace("T", " ");
    const [header, row = ""] = one.split("\n");
    expect(header).toBe(
      "lister_id,url,visit_type,extra_loader_arguments,last_update,is_fork,forked_from_url" +
        ",enabled,first_seen,last_seen",
    );
    expect(row).toContain(`${lister.id},https://e.org/${place}/`);
    expect(row).toMatch(
      /,"\{'note': '""[abc]""', 'depth': 1\}",2026-01-02 03:04:05\.000006\+00:00,/,
    );
    expect(row).toContain(`,None,None,True,${seen.replace("Z", "+00:00")},`);
    const peek = ["origin", "peek-next", place, "9", "--fields", "url", "--without-header"];
    const left = await rig.swh(peek, { place });
    if (place === "seed") {
      expect(left.exitCode).toBe(1);
      expect(left.err).toContain("dry_run");
    } else {
      expect(left.out.trim().split("\n")).toHaveLength(2);
      const none = ["--scheduled-cooldown", "0 s", "--absolute-cooldown", "0 s"];
      const all = await rig.printed([...peek, ...none, "--lister-name", "forge"], { place });
      expect(all.trim().split("\n")).toHaveLength(3);
      expect(await rig.printed([...peek, "--only-disabled"], { place })).toBe("");
    }
    const scheduled = await rig.printed(["origin", "schedule-next", place, "9"], { place });
    expect(scheduled).toMatch(/^Created 2 tasks\n/);
    expect(scheduled).toContain(`    lister_instance_name: '${place}'\n`);
    expect(scheduled).toContain("    lister_name: 'forge'\n    note: '\"");
    const [stored] = await rig.scheduler.getTasks([Number(idsIn(scheduled)[0])]);
    expect(stored).toMatchObject({ type, policy: "oneshot", retriesLeft: 1 });
    const metrics = ["origin", "update-metrics", "--lister", "forge", "--instance", place];
    const counted: unknown = JSON.parse(await rig.printed(metrics, { place }));
    expect(counted).toEqual([
      {
        last_update: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/),
        lister_id: lister.id,
        origins_enabled: "3",
        origins_known: "3",
        origins_never_visited: "3",
        origins_with_pending_changes: "0",
        visit_type: place,
      },
    ]);
  });
});

test("labels are bold on a terminal", async () => {
  const { out } = await rig.swh(["task", "list", "-t", "load-url", "-l", "1"], { terminal: 200 });
  expect(out).toContain("\u001b[1m  Next run:\u001b[22m");
  expect(out).toContain("\u001b[1mTask\u001b[22m ");
});
