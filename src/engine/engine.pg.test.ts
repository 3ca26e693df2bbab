/** The loop end to end on a real database: one process, real clock, events instead of sleeps. */

import { expect, test } from "vitest";
import { openRig } from "../../test/engine/rig.ts";
import { eventful, snoozed, uneventful } from "../model/outcome.ts";
import { defineTask } from "../model/define-task.ts";

test("a queued run is claimed, run once, and kept with its output", async () => {
  const double = defineTask({
    name: "double",
    run: ({ params }: { params: unknown }) => ({ doubled: Number(params) * 2 }),
  });
  await using rig = await openRig({ definitions: [double] });
  const [id] = await rig.enqueue("double", [21]);
  await rig.ended(1);
  const run = await rig.store.runs.find(id);
  expect(run).toMatchObject({ state: "succeeded", outcome: "eventful", output: { doubled: 42 } });
  expect(run?.attempts).toHaveLength(1);
  expect(run?.attempts[0]?.fence).toBeGreaterThan(0);
});

test("a failing run is retried by its policy and keeps every try", async () => {
  const flaky = defineTask({
    name: "flaky",
    retry: { limit: 3, delayMs: 1, factor: 1, delayMsMax: 10, jitter: 0 },
    run: ({ attempt }: { attempt: number }) => {
      if (attempt < 3) throw new TypeError(`no luck in attempt ${attempt}`);
      return "at last";
    },
  });
  await using rig = await openRig({ definitions: [flaky] });
  const [id] = await rig.enqueue("flaky", [null]);
  await rig.ended(1);
  const run = await rig.store.runs.find(id);
  expect(run).toMatchObject({ state: "succeeded", attempt: 3, failureCount: 2 });
  expect(run?.attempts.map((attempt) => attempt.outcome)).toEqual(["failed", "failed", "eventful"]);
  expect(run?.attempts[0]?.error?.message).toBe("no luck in attempt 1");
});

test("a snoozed run comes back without using up a retry", async () => {
  const later = defineTask({
    name: "later",
    retry: { limit: 0, delayMs: 1, factor: 1, delayMsMax: 1, jitter: 0 },
    run: ({ attempt }: { attempt: number }) => (attempt === 1 ? snoozed(1) : eventful("done")),
  });
  await using rig = await openRig({ definitions: [later] });
  const [id] = await rig.enqueue("later", [null]);
  await rig.ended(1);
  expect(await rig.store.runs.find(id)).toMatchObject({ state: "succeeded", failureCount: 0 });
});

test("log lines and progress are kept with the run", async () => {
  const talk = defineTask({
    name: "talk",
    run: ({
      log,
      progress,
    }: {
      log: { info: (m: string) => void };
      progress: (f: number) => void;
    }) => {
      log.info("one");
      progress(0.5);
      log.info("two");
      return uneventful();
    },
  });
  await using rig = await openRig({ definitions: [talk] });
  const [id] = await rig.enqueue("talk", [null]);
  await rig.ended(1);
  await rig.stop();
  const lines = await rig.store.history.listLog(id, { attempt: 0, seq: 0 }, 100);
  expect(lines.map((line) => [line.seq, line.level, line.message])).toEqual([
    [1, "info", "one"],
    [2, "info", "two"],
  ]);
});
