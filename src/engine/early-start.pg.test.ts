/** Runs that start where they are queued: at once, within bounds, and as durably as all others. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { until } from "../../test/chaos/conditions.ts";
import { openRig, type Rig, type RigOptions } from "../../test/engine/rig.ts";
import { present } from "../kernel/assert.ts";
import { toId, type WorkerId } from "../kernel/ids.ts";
import { defineTask } from "../model/define-task.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { Store } from "../model/store.ts";

/** No test may lean on a poll. */
const worker = { pollMs: 60_000, slotCount: 4 };

const quick = defineTask({ name: "quick", run: () => "done" });

/** A type whose runs last until they are let go. */
function gated(): { readonly type: TaskDefinition; readonly letGo: () => void } {
  const gate = Promise.withResolvers<undefined>();
  const type = defineTask({ name: "gated", run: async () => await gate.promise });
  return { type, letGo: () => gate.resolve(undefined) };
}

/** A rig whose worker has found the queue empty. */
async function quietRig(options: RigOptions): Promise<Rig> {
  const rig = await openRig({ worker, ...options });
  const isQuiet = (): boolean => {
    using slots = rig.engine.reserve([]);
    return slots !== undefined;
  };
  await until(isQuiet, { what: "the worker to find nothing to do" });
  return rig;
}

/** Lets a test come between the queueing of early starts and its answer. */
function withEnqueueClaimed(
  make: (enqueue: Store["runs"]["enqueueClaimed"]) => Store["runs"]["enqueueClaimed"],
): NonNullable<RigOptions["storeAs"]> {
  return (store) => {
    const { runs } = store;
    const enqueueClaimed = make((...batch) => runs.enqueueClaimed(...batch));
    return { ...store, runs: { ...runs, enqueueClaimed } };
  };
}

/** How the runs were queued: claimed in the same moment, or for anybody. */
async function beginnings({ database }: Rig): Promise<readonly string[]> {
  const rows = await database.query(
    `select id, case when claimed_at = created_at then 'early' else state::text end as beginning
     from orrery.run
     union all
     select run_id, case when claimed_at = created_at then 'early' else 'claimed' end
     from orrery.attempt
     order by id`,
  );
  return rows.map((row) => String(row["beginning"]));
}

test("what a process queues starts there at once, in the order given", async () => {
  await using rig = await quietRig({ definitions: [quick] });
  const ids = await rig.service.enqueue([
    { type: "quick", input: 1, priority: "low" },
    { type: "quick", input: 2, concurrencyKey: "key" },
  ]);
  await rig.ended(2);
  expect(await beginnings(rig)).toEqual(["early", "early"]);
  expect(await rig.service.getRun(ids[0])).toMatchObject({ input: 1, priority: "low", attempt: 1 });
  expect(await rig.service.getRun(ids[1])).toMatchObject({
    input: 2,
    priority: "normal",
    concurrencyKey: "key",
    state: "succeeded",
  });
});

test("half of the slots are left to what others queue, and no long list starts early", async () => {
  const { type, letGo } = gated();
  await using rig = await quietRig({ definitions: [type] });
  const start = async (count: number): Promise<void> => {
    await rig.service.enqueue(Array.from({ length: count }, () => ({ type: "gated" })));
  };
  await start(3);
  await rig.event((event) => event.kind === "run_started" && event.runId === 3);
  expect(await beginnings(rig)).not.toContain("early");
  letGo();
  await rig.ended(3);
  await using wide = await quietRig({
    definitions: [quick],
    worker: { ...worker, slotCount: 100 },
    database: rig.database,
  });
  await wide.service.enqueue(Array.from({ length: 11 }, () => ({ type: "quick" })));
  await wide.ended(11);
  expect(await beginnings(rig)).not.toContain("early");
});

test("slots that are taken or promised are not promised again", async () => {
  const { type, letGo } = gated();
  await using rig = await quietRig({ definitions: [type] });
  {
    using first = rig.engine.reserve(["gated"]);
    expect(first).toBeDefined();
    using second = rig.engine.reserve(["gated"]);
    expect(second).toBeDefined();
    expect(rig.engine.reserve(["gated"])).toBeUndefined();
  }
  await rig.service.enqueue([{ type: "gated" }, { type: "gated" }]);
  expect(rig.engine.reserve(["gated"])).toBeUndefined();
  expect(await beginnings(rig)).toEqual(["early", "early"]);
  letGo();
  await rig.ended(2);
});

test("a type with limits, a paused one and one without code go by the queue", async () => {
  const limited = defineTask({ name: "limited", limits: { runningMax: 2 }, run: () => "done" });
  const bounded = defineTask({ name: "bounded", limits: { unfinishedMax: 9 }, run: () => "done" });
  await using rig = await quietRig({ definitions: [quick, limited, bounded] });
  await rig.store.taskTypes.register([{ ...quick.settings, name: "elsewhere" }]);
  for (const name of ["limited", "bounded", "elsewhere"]) {
    expect(rig.engine.reserve([name]), name).toBeUndefined();
  }
  await rig.service.enqueue([{ type: "limited" }, { type: "bounded" }]);
  await rig.ended(2);
  expect(await beginnings(rig)).toEqual(["claimed", "claimed"]);
});

test("what is paused or limited since the worker looked is queued and does not start", async () => {
  await using rig = await quietRig({ definitions: [quick] });
  const [row] = await rig.database.query("select id from orrery.worker");
  const workerId = toId<WorkerId>(row?.["id"], "id");
  const run = { typeName: "quick", input: null, priority: "normal" } as const;
  const named = { ...run, concurrencyKey: null, overrides: {}, dueAt: null };
  const lease = { workerId, leaseMs: 8_000 };
  const refusedWhile = async (made: string, undone: string): Promise<void> => {
    await rig.database.query(made);
    expect(await rig.store.runs.enqueueClaimed([named], lease), made).toBeUndefined();
    await rig.database.query(undone);
  };
  const type = "update orrery.task_type set";
  await refusedWhile(`${type} paused_at = now()`, `${type} paused_at = null`);
  await refusedWhile(`${type} running_max = 5`, `${type} running_max = null`);
  await refusedWhile(`${type} running_per_key_max = 5`, `${type} running_per_key_max = null`);
  await refusedWhile(`${type} unfinished_max = 5`, `${type} unfinished_max = null`);
  const installation = "update orrery.installation set";
  await refusedWhile(`${installation} paused_at = now()`, `${installation} paused_at = null`);
  const other = { ...named, typeName: "no such" };
  expect(await rig.store.runs.enqueueClaimed([named, other], lease)).toBeUndefined();
  expect(await rig.database.query("select from orrery.run")).toEqual([]);
  expect(await rig.database.query("select from orrery.claim")).toEqual([]);
  const claimed = await rig.store.runs.enqueueClaimed([named, { ...named, input: 2 }], lease);
  expect(claimed?.map((each) => each.input)).toEqual([null, 2]);
  const runIds = claimed?.map((each) => each.id);
  expect(
    await rig.database.query("select run_ids::int[], worker_id::int, fence::int from orrery.claim"),
  ).toEqual([{ run_ids: runIds, worker_id: workerId, fence: claimed?.[0]?.fence }]);
});

test("what a caller's own transaction queues starts nowhere before it commits", async () => {
  await using rig = await quietRig({ definitions: [quick] });
  const client = new Client({ connectionString: rig.database.connectionString });
  await client.connect();
  try {
    await client.query("begin");
    await rig.service.within(client).enqueue([{ type: "quick" }]);
    await client.query("rollback");
    await client.query("begin");
    await rig.service.within(client).enqueue([{ type: "quick" }]);
    await client.query("commit");
  } finally {
    await client.end();
  }
  await rig.ended(1);
  expect(await beginnings(rig)).toEqual(["claimed"]);
});

test("a worker that stops waits for what is being queued for it", async () => {
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await using rig = await quietRig({
    definitions: [quick],
    storeAs: withEnqueueClaimed((enqueue) => async (runs, lease) => {
      const claimed = await enqueue(runs, lease);
      reached.resolve();
      await gate.promise;
      return claimed;
    }),
  });
  const queued = rig.service.enqueue([{ type: "quick" }]);
  await reached.promise;
  const stopped = rig.stop();
  gate.resolve();
  await stopped;
  const [id] = await queued;
  expect(await rig.service.getRun(present(id, "the run"))).toMatchObject({ state: "succeeded" });
  expect(await rig.database.query("select from orrery.claim")).toEqual([]);
  await rig.service.enqueue([{ type: "quick" }]);
  expect(await beginnings(rig)).toEqual(["early", "queued"]);
});

test("slots that were promised for nothing go to those who waited for them", async () => {
  const { type, letGo } = gated();
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<never>();
  await using rig = await quietRig({
    definitions: [type],
    worker: { ...worker, slotCount: 2 },
    storeAs: withEnqueueClaimed(() => async () => {
      reached.resolve();
      return await gate.promise;
    }),
  });
  const queued = rig.service.enqueue([{ type: "gated" }]);
  await reached.promise;
  const [first, second] = await rig.enqueue("gated", [1, 2]);
  await rig.event((event) => event.kind === "run_started" && event.runId === first);
  gate.reject(new Error("the connection is gone"));
  await expect(queued).rejects.toThrow("is gone");
  await rig.event((event) => event.kind === "run_started" && event.runId === second);
  letGo();
  await rig.ended(2);
});

test("a database that fails between gives the slots back", async () => {
  await using rig = await quietRig({
    definitions: [quick],
    storeAs: withEnqueueClaimed(
      () => async () => await Promise.reject(new Error("the connection is gone")),
    ),
  });
  for (let count = 0; count < worker.slotCount; count += 1) {
    await expect(rig.service.enqueue([{ type: "quick" }])).rejects.toThrow("is gone");
  }
  using slots = rig.engine.reserve(["quick", "quick"]);
  expect(slots).toBeDefined();
});
