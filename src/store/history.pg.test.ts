/** History that comes and goes by days, tasks that are pruned, logs. */

import { expect, test } from "vitest";
import { assert } from "../kernel/assert.ts";
import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import type { TaskId } from "../kernel/ids.ts";
import { eventful, failed } from "../model/outcome.ts";
import type { NewDependency } from "../model/task.ts";

async function runOne(rig: StoreRig, type = "a"): Promise<number> {
  const [id] = await rig.enqueue([{ type }]);
  await rig.finish((await rig.claim()).runs, eventful());
  return id ?? 0;
}

async function partitionOf(rig: StoreRig, runId: number): Promise<unknown> {
  const rows = await rig.database.query(
    `select relname as part from orrery.attempt
      join pg_class on pg_class.oid = attempt.tableoid where run_id = $1`,
    [runId],
  );
  return rows[0]?.["part"];
}

async function partitions(rig: StoreRig, parent: string): Promise<readonly string[]> {
  const rows = await rig.database.query(
    `select relname from pg_inherits join pg_class on oid = inhrelid
      where inhparent = to_regclass('orrery.' || $1) order by relname`,
    [parent],
  );
  return rows.map((row) => String(row["relname"]));
}

test("days are added ahead and dropped when their class keeps them no longer", async () => {
  await using rig = await openStoreRig([{ name: "a", retentionClass: "brief" }]);
  rig.setNow("2030-05-01T12:00:00Z");
  const { added } = await rig.store.history.rollPartitions();
  expect(added).toContain("attempt_brief_20300501");
  expect(await partitions(rig, "attempt_brief")).toEqual([
    "attempt_brief_20300501",
    "attempt_brief_20300502",
    "attempt_brief_20300503",
    "attempt_brief_20300504",
    "attempt_brief_rest",
  ]);
  const id = await runOne(rig);
  expect(await partitionOf(rig, id)).toBe("attempt_brief_20300501");
  // Two days are kept whole: the first of May goes on the fourth.
  rig.setNow("2030-05-03T23:59:59Z");
  expect((await rig.store.history.rollPartitions()).dropped).toEqual([]);
  expect(await rig.store.runs.find(id as never)).toBeDefined();
  rig.setNow("2030-05-04T00:00:00Z");
  const { dropped } = await rig.store.history.rollPartitions();
  expect(dropped.toSorted()).toEqual(["attempt_brief_20300501", "run_log_brief_20300501"]);
  expect(await rig.store.runs.find(id as never)).toBeUndefined();
  expect(await rig.store.history.rollPartitions()).toEqual({ added: [], dropped: [] });
});

test("rows of a day that nobody had added are moved to it, each once", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const ids: number[] = [];
  for (const day of ["01", "02", "09"]) {
    rig.setNow(`2030-05-${day}T12:00:00Z`);
    ids.push(await runOne(rig));
  }
  expect(await partitionOf(rig, ids[0] ?? 0)).toBe("attempt_standard_rest");
  await rig.store.history.rollPartitions();
  const parts = await Promise.all(ids.map((id) => partitionOf(rig, id)));
  expect(parts).toEqual([
    "attempt_standard_20300501",
    "attempt_standard_20300502",
    "attempt_standard_20300509",
  ]);
  const rows = await rig.database.query("select count(*)::int as n from orrery.attempt");
  expect(rows).toEqual([{ n: 3 }]);
  expect(await rig.database.query("select from orrery.attempt_standard_rest")).toEqual([]);
});

test("two processes that roll at once, while runs end, do each other no harm", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const other = await rig.openAnother();
  rig.setNow("2030-05-01T12:00:00Z");
  await runOne(rig);
  const roll = async (store = rig.store): Promise<void> => {
    // Whoever finds that the other one was faster tries again in life.
    await store.history.rollPartitions().catch(() => undefined);
  };
  const work = async (): Promise<void> => {
    for (let count = 0; count < 10; count += 1) await runOne(rig);
  };
  await Promise.all([roll(), roll(other), work()]);
  await roll();
  const rows = await rig.database.query("select count(*)::int as n from orrery.attempt");
  expect(rows).toEqual([{ n: 11 }]);
  expect(await rig.database.query("select from orrery.attempt_standard_rest")).toEqual([]);
});

test("a class of one's own keeps its days apart, and is made once", async () => {
  await using rig = await openStoreRig([]);
  const other = await rig.openAnother();
  const classes = [{ name: "mine", keepDays: 7 }];
  await Promise.all([
    rig.store.taskTypes.registerRetention(classes),
    other.taskTypes.registerRetention(classes),
  ]);
  await rig.store.taskTypes.registerRetention([{ name: "mine", keepDays: 1 }]);
  rig.setNow("2030-05-01T00:00:00Z");
  await rig.store.history.rollPartitions();
  rig.setNow("2030-05-03T00:00:00Z");
  const { dropped } = await rig.store.history.rollPartitions();
  expect(dropped.toSorted()).toEqual(["attempt_mine_20300501", "run_log_mine_20300501"]);
});

test("trees that ended long ago are pruned, a bounded number at a time", async () => {
  await using rig = await openStoreRig([{ name: "a", retentionClass: "brief" }]);
  rig.setNow("2030-05-01T00:00:00Z");
  for (let count = 0; count < 5; count += 1) {
    const top = await rig.create({ type: "a" });
    await rig.create({ type: "a", parentId: top.id });
  }
  await rig.finish((await rig.claim()).runs);
  rig.setNow("2030-05-02T23:00:00Z");
  expect(await rig.store.history.pruneTasks(3)).toBe(0);
  rig.setNow("2030-05-03T01:00:00Z");
  expect(await rig.store.history.pruneTasks(3)).toBe(3);
  expect(await rig.store.history.pruneTasks(3)).toBe(2);
  expect(await rig.store.history.pruneTasks(3)).toBe(0);
  expect(await rig.store.tasks.list({}, { limit: 10 })).toEqual([]);
});

test("a tree with a live member, or that a live task requires, is kept", async () => {
  await using rig = await openStoreRig([{ name: "a", retentionClass: "brief" }]);
  rig.setNow("2030-05-01T00:00:00Z");
  const requires = (id: TaskId): NewDependency[] => [
    { requiresTaskId: id, reason: "requires", onFailure: "block" },
  ];
  const parent = await rig.create({ type: "a" });
  const child = await rig.create({ type: "a", parentId: parent.id });
  const needed = await rig.create({ type: "a" });
  await rig.finish((await rig.claim()).runs, failed("no"));
  const waiting = await rig.create({ type: "a", requires: requires(needed.id) });
  await rig.store.transaction(async (inside) => {
    await inside.tasks.applyEvent(child.id, "retry", null);
    await inside.tasks.createRun(child.id);
  });
  rig.setNow("2030-06-01T00:00:00Z");
  expect(await rig.store.history.pruneTasks(10)).toBe(0);
  // What waits in vain is no reason any more once it was given up.
  await rig.store.tasks.applyEvent(waiting.id, "cancel", null);
  expect(await rig.store.history.pruneTasks(10)).toBe(1);
  await rig.finish((await rig.claim()).runs);
  expect(await rig.store.history.pruneTasks(10)).toBe(1);
});

test("a member that is revived while its tree is being pruned is kept with its run", async () => {
  await using rig = await openStoreRig([{ name: "a", retentionClass: "brief" }]);
  rig.setNow("2030-05-01T00:00:00Z");
  const top = await rig.create({ type: "a" });
  const child = await rig.create({ type: "a", parentId: top.id });
  await rig.finish((await rig.claim()).runs, failed("no"));
  rig.setNow("2030-06-01T00:00:00Z");
  const other = await rig.openAnother();
  await other.transaction(async (inside) => {
    await inside.tasks.applyEvent(child.id, "retry", null);
    await inside.tasks.createRun(child.id);
    expect(await rig.store.history.pruneTasks(10)).toBe(0);
  });
  expect((await rig.claim()).runs.map((run) => run.taskId)).toEqual([child.id]);
});

test("lines of a log come in order, a page at a time, across attempts", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const [runId] = await rig.enqueue([{ type: "a" }]);
  assert(runId !== undefined, "as many as were queued");
  const line = { runId, typeId: rig.typeId("a"), level: "info", data: null, ageMs: 5 } as const;
  await rig.store.history.appendLog(
    [
      [2, 1],
      [1, 2],
      [1, 1],
    ].map(([attempt = 0, seq = 0]) => ({ ...line, attempt, seq, message: `${attempt}.${seq}` })),
  );
  const { history } = rig.store;
  const first = await history.listLog(runId, { attempt: 0, seq: 0 }, 2);
  expect(first.map((each) => each.message)).toEqual(["1.1", "1.2"]);
  const rest = await history.listLog(runId, { attempt: 1, seq: 2 }, 2);
  expect(rest.map((each) => each.message)).toEqual(["2.1"]);
});
