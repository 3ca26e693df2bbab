/** Runs claimed ahead of their slots: quick, and never kept from those who could run them. */

import { expect, test } from "vitest";
import { openRig, type Rig } from "../../test/engine/rig.ts";
import { defineTask } from "../model/define-task.ts";
import type { RunContext } from "../model/handler.ts";

/** No test may lean on a poll. */
const worker = { pollMs: 60_000, slotCount: 2 };

const inputs = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

async function stateCounts(rig: Rig): Promise<Readonly<Record<string, number>>> {
  const rows = await rig.database.query(
    "select state, count(*)::int as n from orrery.run group by state",
  );
  return Object.fromEntries(rows.map((row) => [String(row["state"]), Number(row["n"])]));
}

/** A type whose runs are short, but for one that lasts until it is let go. */
function shortBut(long: number): {
  readonly type: ReturnType<typeof defineTask>;
  readonly letGo: () => void;
  readonly reached: Promise<unknown>;
} {
  const gate = Promise.withResolvers<undefined>();
  const reached = Promise.withResolvers<undefined>();
  let count = 0;
  const type = defineTask({
    name: "mixed",
    run: async ({ signal }: RunContext) => {
      count += 1;
      if (count !== long) return;
      reached.resolve(undefined);
      const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      await Promise.race([gate.promise, aborted]);
    },
  });
  return { type, letGo: () => gate.resolve(undefined), reached: reached.promise };
}

test.each([
  { kind: "a type without limits", limits: {} },
  { kind: "a type with a limit", limits: { runningMax: 1_000 } },
])("a few slots work off many short runs of $kind with few claims", async ({ limits }) => {
  const quick = defineTask({ name: "quick", limits, run: () => undefined });
  await using rig = await openRig({ definitions: [quick], worker, isStarted: false });
  await rig.enqueue("quick", inputs(2_000));
  await rig.engine.start();
  await rig.ended(2_000);
  const [row] = await rig.database.query("select last_value::int as n from orrery.run_fence");
  expect(row?.["n"]).toBeLessThan(200);
});

test("runs that wait behind one that takes long go back to the queue", async () => {
  const { type, letGo, reached } = shortBut(300);
  await using rig = await openRig({
    definitions: [type],
    worker: { ...worker, slotCount: 1 },
    isStarted: false,
  });
  // All of them are claimed when the long one starts.
  await rig.enqueue("mixed", inputs(400));
  await rig.engine.start();
  await reached;
  await using other = await openRig({ definitions: [type], worker, database: rig.database });
  await other.ended(100);
  expect(await stateCounts(rig)).toEqual({ running: 1 });
  letGo();
});

test("a worker that stops puts back what it had claimed ahead, as if never claimed", async () => {
  const { type, letGo, reached } = shortBut(300);
  await using rig = await openRig({ definitions: [type], worker, isStarted: false });
  await rig.enqueue("mixed", inputs(1_000));
  await rig.engine.start();
  await reached;
  letGo();
  await rig.stop();
  expect(Object.keys(await stateCounts(rig))).toEqual(["queued"]);
  const tried = await rig.database.query("select 1 from orrery.run where attempt > 0");
  expect(tried).toEqual([]);
});

test("what is claimed ahead of a type that is paused does not start", async () => {
  const { type, letGo, reached } = shortBut(300);
  await using rig = await openRig({
    definitions: [type],
    worker: { ...worker, slotCount: 1 },
    isStarted: false,
  });
  await rig.enqueue("mixed", inputs(400));
  await rig.engine.start();
  await reached;
  await rig.store.taskTypes.setPaused("mixed", true);
  await expect.poll(async () => await stateCounts(rig)).toEqual({ queued: 100, running: 1 });
  letGo();
  await rig.ended(300);
  await rig.stop();
  expect(await stateCounts(rig)).toEqual({ queued: 100 });
});

test("runs that a worker was lost with are not claimed ahead", async () => {
  const { type, letGo, reached } = shortBut(300);
  await using rig = await openRig({
    definitions: [type],
    worker: { ...worker, slotCount: 1 },
    isStarted: false,
  });
  await rig.enqueue("mixed", inputs(400));
  await rig.database.query("update orrery.run set lost_count = 1 where id >= 200");
  await rig.engine.start();
  await reached;
  await expect.poll(async () => await stateCounts(rig)).toEqual({ queued: 100, running: 1 });
  letGo();
  await rig.ended(400);
});

test.each([
  { limits: { runningMax: 100 }, most: 51, what: "leaves half of a limit free" },
  { limits: { runningMax: 1 }, most: 1, what: "leaves the only place free" },
  { limits: { runningPerKeyMax: 100 }, most: 1, what: "is nothing where keys have limits" },
])("what is claimed ahead of types with limits $what", async ({ limits, most }) => {
  const { letGo, reached, type } = shortBut(50);
  const limited = defineTask({ name: "limited", limits, run: () => undefined });
  await using rig = await openRig({
    definitions: [type, limited],
    worker: { ...worker, slotCount: 1 },
    isStarted: false,
  });
  await rig.enqueue("mixed", inputs(50));
  await rig.enqueue("limited", inputs(500));
  await rig.engine.start();
  await reached;
  const rows = await rig.database.query(
    "select count(*)::int as n from orrery.run join orrery.task_type on task_type.id = type_id " +
      "where name = 'limited' and state = 'running'",
  );
  expect(rows[0]?.["n"]).toBeLessThanOrEqual(most);
  letGo();
});
