/** `orrery swh task archive`: what is written, what is deleted, where it goes on. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseInstant } from "../../src/kernel/instant.ts";
import { openSwhRig, type SwhRig } from "./swh-rig.ts";

let rig: SwhRig;

beforeAll(async () => {
  rig = await openSwhRig();
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe("task archive", () => {
  /** A task that has ended, with runs that began at these times. */
  async function endedTask(type: string, starts: readonly string[]): Promise<number> {
    await rig.scheduler.createTaskType({ type, description: "d", backendName: "b" });
    const nextRun = parseInstant(starts[0] ?? "2026-01-01T00:00:00Z");
    const args = { args: [`${type} ${starts.length}`, 1], kwargs: { url: "u" } };
    const [task] = await rig.scheduler.createTasks([
      { type, policy: "oneshot", arguments: args, nextRun },
    ]);
    const id = task?.id ?? 0;
    for (const [index, start] of starts.entries()) {
      const backendId = `${type}-${id}-${index}`;
      const timestamp = parseInstant(start);
      await rig.scheduler.scheduleTaskRun(id, backendId, { timestamp });
      await rig.scheduler.startTaskRun(backendId, { timestamp });
      await rig.scheduler.endTaskRun(backendId, "eventful", { timestamp, metadata: { n: index } });
    }
    return id;
  }

  it("moves runs to a file a month, page by page, and deletes what was written", async () => {
    const [march, april] = ["2020-03-10T00:00:00Z", "2020-04-10T00:00:00.5Z"];
    const first = await endedTask("old", [march, march, april]);
    const second = await endedTask("old", [april]);
    const later = await endedTask("old", ["2020-06-01T00:00:00Z"]);
    const span = ["task", "archive", "--after", "2020-01-01", "--before", "2020-05-01"];
    const dry = await rig.swh([...span, "--dry-run"]);
    expect(dry.out).toBe("swh-tasks-2020-03: 2\nswh-tasks-2020-04: 2\n4 runs would be archived\n");
    expect(await rig.scheduler.getTaskRuns([first, second])).toHaveLength(4);
    const output = ["--output", "kept"];
    const kept = await rig.swh([
      ...span,
      ...output,
      "--no-cleanup",
      "--start-from",
      String(second),
    ]);
    expect(kept.out).toBe("swh-tasks-2020-04: 1\n1 runs archived, 0 deleted\n");
    expect(await rig.scheduler.getTaskRuns([second])).toHaveLength(1);
    const small = ["--batch-index", "2", "--bulk-index", "1", "--batch-clean", "1"];
    const moved = await rig.swh([...span, "-o", "moved", ...small], { spawned: true });
    expect(moved.out).toBe(
      "swh-tasks-2020-03: 2\nswh-tasks-2020-04: 2\n4 runs archived, 4 deleted\n",
    );
    const documents = await readFile(
      join(rig.directory, "moved", "swh-tasks-2020-04.jsonl"),
      "utf8",
    );
    expect(
      documents
        .split("\n")
        .slice(0, -1)
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      {
        task_id: first,
        task_policy: "oneshot",
        task_status: "completed",
        task_run_id: expect.any(Number),
        arguments: { args: { "0": "old 3", "1": 1 }, kwargs: '{"url": "u"}' },
        type: "old",
        backend_id: `old-${first}-2`,
        metadata: { n: 2 },
        scheduled: "2020-04-10T00:00:00.500000+00:00",
        started: "2020-04-10T00:00:00.500000+00:00",
        ended: "2020-04-10T00:00:00.500000+00:00",
      },
      expect.objectContaining({ task_id: second }),
    ]);
    expect(await rig.scheduler.getTasks([first, second, later])).toMatchObject([{ id: later }]);
    expect((await rig.swh([...span, "-o", "moved"])).out).toBe("0 runs archived, 0 deleted\n");
  });

  it("looks at the month that ended a week ago, unless told", async () => {
    const { err, exitCode } = await rig.swh(["task", "archive", "--dry-run"]);
    expect(exitCode).toBe(0);
    const window = /^runs from (\d{4}-\d\d)-\d\dT00:00:00.000000Z to (\d{4}-\d\d)-/.exec(err);
    expect(window?.[1]).not.toBe(window?.[2]);
  });

  it("tells where to go on when it breaks off", async () => {
    await endedTask("stuck", ["2019-01-01T00:00:00Z"]);
    const next = await endedTask("stuck", ["2019-01-02T00:00:00Z"]);
    // A file stands where the directory would be.
    await writeFile(join(rig.directory, "blocked"), "");
    const span = ["--after", "2019-01-01", "--before", "2019-02-01"];
    const broken = await rig.swh(["task", "archive", ...span, "-o", "blocked"]);
    expect(broken.exitCode).toBe(1);
    expect(broken.err).toContain("EEXIST");
    const whole = ["task", "archive", ...span, "-o", "fine", "--batch-index", "1"];
    const { out, err } = await rig.swh(whole);
    expect(out).toContain("2 runs archived, 2 deleted");
    expect(err).toContain(`the next page is ${next}`);
  });
});
