/**
 * Goal: limits hold exactly at every moment whoever claims at once, and tokens only grow. Method:
 * several stores claim and end runs side by side while a trigger in the database, which sees each
 * change in the order in which it commits, keeps the books.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { assert, present } from "../kernel/assert.ts";
import type { FencingToken } from "../kernel/ids.ts";
import { openStoreRig, type RigRun, type StoreRig } from "../../test/engine/store-rig.ts";
import { parseInstant } from "../kernel/instant.ts";
import { failed, snoozed } from "../model/outcome.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import type { TaskTypeLimits } from "../model/task-type.ts";
import { priorities } from "../policy/slot-shares.ts";

const unlimited: TaskTypeLimits = { runningMax: null, runningPerKeyMax: null, unfinishedMax: null };

/** How many runs of each type, and of each type and key, were ever running at one time. */
async function watchRunning(rig: StoreRig): Promise<() => Promise<Map<string, number>>> {
  const { database } = rig;
  await database.query("create table public.peak (name text primary key, running int not null)");
  // Deferred to the commit and one at a time there, so that what is counted is what is committed.
  await database.query(`create function public.note_peak() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(7);
      insert into public.peak
        select type_id || '/*', count(*) from orrery.run
        where state = 'running' and type_id = new.type_id group by type_id
        union all
        select type_id || '/' || concurrency_key, count(*) from orrery.run
        where state = 'running' and type_id = new.type_id and concurrency_key is not null
        group by type_id, concurrency_key
      on conflict (name) do update set running = greatest(peak.running, excluded.running);
      return null;
    end $$`);
  await database.query(`create constraint trigger note_peak after update on orrery.run
    deferrable initially deferred for each row when (new.state = 'running')
    execute function public.note_peak()`);
  return async () =>
    new Map(
      (await database.query("select name, running from public.peak")).map((row) => [
        String(row["name"]),
        Number(row["running"]),
      ]),
    );
}

/** Claims and ends until the queue is empty, as one of several at once. */
async function drain(rig: StoreRig, store: Store): Promise<number> {
  const workerId = await rig.startWorker(store);
  let done = 0;
  for (let idle = 0; idle < 20;) {
    const { runs, isPassedOver } = await rig.claim({ workerId, limit: 4 }, store);
    idle = runs.length > 0 || isPassedOver ? 0 : idle + 1;
    // In two parts, so that something is always running.
    for (const half of [runs.slice(0, 2), runs.slice(2)]) {
      if (half.length > 0) done += (await rig.finish(half, undefined, store)).length;
    }
  }
  return done;
}

test("limits of types and keys are never passed while five stores claim at once", async () => {
  await using rig = await openStoreRig([
    { name: "three", limits: { ...unlimited, runningMax: 3 } },
    // Wide enough that claims that are over leave more than half free by their names alone.
    { name: "wide", limits: { ...unlimited, runningMax: 14 } },
    { name: "keyed", limits: { ...unlimited, runningMax: 5, runningPerKeyMax: 2 } },
    { name: "free" },
  ]);
  const peaks = await watchRunning(rig);
  const names = ["three", "wide", "keyed", "free"];
  const runs = Array.from({ length: 320 }, (_, index): RigRun => {
    const type = names[index % names.length] ?? "free";
    const priority = priorities[index % priorities.length] ?? "normal";
    return {
      type,
      priority,
      concurrencyKey: type === "keyed" ? `k${((index / 4) % 4) | 0}` : null,
    };
  });
  await rig.enqueue(runs);
  const stores = [rig.store, ...(await Promise.all([1, 2, 3, 4].map(() => rig.openAnother())))];
  const done = await Promise.all(stores.map((store) => drain(rig, store)));
  expect(done.reduce((sum, each) => sum + each, 0)).toBe(320);
  const seen = await peaks();
  expect(seen.get(`${rig.typeId("wide")}/*`)).toBeLessThanOrEqual(14);
  expect(seen.get(`${rig.typeId("three")}/*`)).toBe(3);
  expect(seen.get(`${rig.typeId("keyed")}/*`)).toBeLessThanOrEqual(5);
  for (const key of ["k0", "k1", "k2", "k3"]) {
    expect(seen.get(`${rig.typeId("keyed")}/${key}`)).toBeLessThanOrEqual(2);
  }
});

interface ModelRun {
  readonly type: "plain" | "few" | "keyed" | "both";
  readonly level: number;
  readonly key: string | null;
}

const modelLimits = {
  plain: unlimited,
  few: { ...unlimited, runningMax: 2 },
  keyed: { ...unlimited, runningPerKeyMax: 1 },
  both: { ...unlimited, runningMax: 3, runningPerKeyMax: 2 },
} as const;

const modelRun: fc.Arbitrary<ModelRun> = fc.record({
  type: fc.constantFrom("plain", "few", "keyed", "both"),
  level: fc.integer({ min: 1, max: 3 }),
  key: fc.constantFrom(null, "a", "b"),
});

/** The most that one claim of everything may take, and therefore must. */
function expectedCount(waiting: readonly ModelRun[], running: readonly ModelRun[]): number {
  let count = 0;
  for (const [name, { runningMax, runningPerKeyMax }] of Object.entries(modelLimits)) {
    const of = (runs: readonly ModelRun[]): readonly ModelRun[] =>
      runs.filter(({ type }) => type === name);
    let fitting = 0;
    for (const key of [null, "a", "b"]) {
      const queued = of(waiting).filter((run) => run.key === key).length;
      const busy = of(running).filter((run) => run.key === key).length;
      const room = key === null || runningPerKeyMax === null ? queued : runningPerKeyMax - busy;
      fitting += Math.min(queued, room);
    }
    const free = (runningMax ?? Number.POSITIVE_INFINITY) - of(running).length;
    count += Math.min(fitting, free);
  }
  return count;
}

test("a claim takes all that the limits leave and no more, as a small model counts", async () => {
  const names = Object.keys(modelLimits) as (keyof typeof modelLimits)[];
  await using rig = await openStoreRig(names.map((name) => ({ name, limits: modelLimits[name] })));
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ add: fc.array(modelRun, { maxLength: 12 }), ended: fc.nat({ max: 6 }) }),
        { minLength: 1, maxLength: 5 },
      ),
      async (steps) => {
        await rig.database.query("delete from orrery.run");
        let waiting: ModelRun[] = [];
        let running: { readonly model: ModelRun; readonly run: ClaimedRun }[] = [];
        const byId = new Map<number, ModelRun>();
        for (const { add, ended } of steps) {
          const ids = await rig.enqueue(
            add.map(({ type, level, key }) => ({
              type,
              priority: priorities[level - 1] ?? "normal",
              concurrencyKey: key,
            })),
          );
          ids.forEach((id, index) => byId.set(id, add[index] as ModelRun));
          waiting.push(...add);
          const models = running.map((each) => each.model);
          const { runs } = await rig.claim();
          expect(runs).toHaveLength(expectedCount(waiting, models));
          for (const run of runs) {
            const model = byId.get(run.id) as ModelRun;
            running.push({ model, run });
            waiting = waiting.filter((each) => each !== model);
          }
          await rig.finish(running.slice(0, ended).map((each) => each.run));
          running = running.slice(ended);
        }
        while (waiting.length + running.length > 0) {
          await rig.finish(running.map((each) => each.run));
          const { runs } = await rig.claim();
          running = runs.map((run) => ({ run, model: byId.get(run.id) as ModelRun }));
          const taken = new Set(running.map((each) => each.model));
          waiting = waiting.filter((each) => !taken.has(each));
        }
      },
    ),
    { numRuns: 8 },
  );
});

test("a key that is full, or becomes so in a claim, does not hold up other keys", async () => {
  const limits = { ...unlimited, runningPerKeyMax: 1 };
  await using rig = await openStoreRig([{ name: "keyed", limits }]);
  const keys = ["a", "a", "a", "a", "a", "b", "b", "b", "c", null, null];
  await rig.enqueue(keys.map((concurrencyKey) => ({ type: "keyed", concurrencyKey })));
  const { runs } = await rig.claim({ limit: 4 });
  const picked = runs.map((run) => run.id - 1);
  expect(picked.map((index) => keys[index])).toEqual(["a", "b", "c", null]);
  const more = await rig.claim({ limit: 4 });
  expect(more.runs).toHaveLength(1);
});

test("running without a key does not hold up the keys", async () => {
  const limits = { ...unlimited, runningPerKeyMax: 1 };
  await using rig = await openStoreRig([{ name: "keyed", limits }]);
  await rig.enqueue([{ type: "keyed" }]);
  expect((await rig.claim()).runs).toHaveLength(1);
  await rig.enqueue([{ type: "keyed", concurrencyKey: "a" }, { type: "keyed" }]);
  expect((await rig.claim()).runs).toHaveLength(2);
});

test.each([
  { what: "half of a type's", limits: { runningMax: 7 }, counts: [3, 0, 2, 2, 0] },
  { what: "all of a key's", limits: { runningPerKeyMax: 7 }, counts: [0, 0, 2, 4, 1] },
])("what waits for a slot leaves $what limit free", async ({ limits, counts }) => {
  await using rig = await openStoreRig([{ name: "a", limits: { ...unlimited, ...limits } }]);
  await rig.enqueue(
    Array.from({ length: 20 }, (): RigRun => ({ type: "a", concurrencyKey: "key" })),
  );
  const claimed: number[] = [];
  for (const startCount of [0, 0, 2, 4, 20]) {
    claimed.push((await rig.claim({ startCount, limit: 20 })).runs.length);
  }
  expect(claimed).toEqual(counts);
});

test("claims that are over, and not forgotten yet, take no room under a limit", async () => {
  const limits = { ...unlimited, runningMax: 10 };
  await using rig = await openStoreRig([{ name: "ten", limits }]);
  await rig.enqueue(Array.from({ length: 60 }, (): RigRun => ({ type: "ten" })));
  // As many as leave less than half of the limit by the names on the claim, and fewer.
  for (const count of [8, 4, 2]) {
    const { runs } = await rig.claim({ limit: count });
    expect(runs).toHaveLength(count);
    expect(await rig.finish(runs)).toHaveLength(count);
    const next = await rig.claim();
    expect(next.runs).toHaveLength(10);
    await rig.finish(next.runs);
    await rig.store.runs.dropClaims(
      [...runs, ...next.runs].map(({ fence }) => ({ fence, overCount: 0 })),
    );
  }
});

test("a claim without limits counts as soon as its type has one", async () => {
  const type = { name: "late", limits: unlimited };
  await using rig = await openStoreRig([type]);
  await rig.enqueue(Array.from({ length: 20 }, (): RigRun => ({ type: "late" })));
  expect((await rig.claim({ limit: 6 })).runs).toHaveLength(6);
  await rig.database.query("update orrery.task_type set running_max = 8");
  const limited = [rig.typeId("late")];
  expect((await rig.claim({ limited })).runs).toHaveLength(2);
  expect((await rig.claim({ limited, busy: limited })).runs).toEqual([]);
});

test("a type whose limit is zero yields nothing, a lifted limit yields all", async () => {
  const type = { name: "shut", limits: { ...unlimited, runningMax: 0 } };
  await using rig = await openStoreRig([type]);
  await rig.enqueue([{ type: "shut" }, { type: "shut" }]);
  expect((await rig.claim()).runs).toEqual([]);
  await rig.database.query("update orrery.task_type set running_max = null");
  expect((await rig.claim({ limited: [] })).runs).toHaveLength(2);
});

test("a type that another process counts is passed over and said to be", async () => {
  await using rig = await openStoreRig([{ name: "two", limits: { ...unlimited, runningMax: 2 } }]);
  await rig.enqueue([{ type: "two" }]);
  const other = await rig.openAnother();
  await other.transaction(async (inside) => {
    await inside.taskTypes.lock([rig.typeId("two")]);
    expect(await rig.claim()).toEqual({ runs: [], isPassedOver: true });
  });
  expect(await rig.claim()).toMatchObject({ isPassedOver: false, runs: [{}] });
  // With nothing to claim it does not matter who holds the type.
  await other.transaction(async (inside) => {
    await inside.taskTypes.lock([rig.typeId("two")]);
    expect(await rig.claim()).toEqual({ runs: [], isPassedOver: false });
  });
});

test("nothing is claimed while all or its type is paused, all of it afterwards", async () => {
  const limits = { ...unlimited, runningMax: 5 };
  await using rig = await openStoreRig([{ name: "free" }, { name: "limited", limits }]);
  await rig.enqueue([{ type: "free" }, { type: "limited" }]);
  await rig.store.system.setPaused(true);
  expect((await rig.claim()).runs).toEqual([]);
  await rig.store.system.setPaused(false);
  for (const name of ["free", "limited"]) await rig.store.taskTypes.setPaused(name, true);
  expect((await rig.claim()).runs).toEqual([]);
  await rig.store.taskTypes.setPaused("limited", false);
  expect((await rig.claim()).runs.map((run) => run.typeId)).toEqual([rig.typeId("limited")]);
  await rig.store.taskTypes.setPaused("free", false);
  expect((await rig.claim()).runs.map((run) => run.typeId)).toEqual([rig.typeId("free")]);
});

test("runs come by level, then by due time, and never before they are due", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const at = (hour: number) => ({ dueAt: parseInstant(`2000-01-01T0${hour}:00:00Z`) });
  const ids = await rig.enqueue([
    { type: "a", ...at(3), priority: "low" },
    { type: "a", ...at(2) },
    { type: "a", ...at(1) },
    { type: "a", ...at(4), priority: "high" },
    { type: "a", dueAt: parseInstant("3000-01-01T00:00:00Z"), priority: "high" },
  ]);
  const order: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    for (const run of (await rig.claim({ limit: 1 })).runs) order.push(ids.indexOf(run.id));
  }
  expect(order).toEqual([3, 2, 1, 0]);
});

test("each grant has a larger token, however the run came back to the queue", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue([{ type: "a" }]);
  const { runs } = rig.store;
  const workerId = await rig.startWorker();
  const fences: number[] = [];
  const ways: ((run: ClaimedRun) => Promise<unknown>)[] = [
    (run) => runs.release([run]),
    (run) => requeue(rig, run),
    async (run) => {
      await rig.database.query("update orrery.claim set expires_at = '2000-01-01'");
      await rig.store.transaction(async (inside) => {
        const expired = await inside.runs.lockExpired(10);
        expect(
          expired.find((each) => each.fence === run.fence)?.runs.map((each) => each.id),
        ).toEqual([run.id]);
        await inside.runs.requeue([requeued(run)]);
        await inside.runs.dropClaims([{ fence: run.fence, overCount: 0 }]);
      });
    },
  ];
  for (const giveBack of [...ways, ...ways]) {
    const [run] = (await rig.claim({ workerId })).runs;
    if (run === undefined) break;
    fences.push(run.fence);
    await giveBack(run);
  }
  expect(fences).toHaveLength(6);
  expect(fences.toSorted((one, other) => one - other)).toEqual(fences);
  expect(new Set(fences).size).toBe(6);
});

function requeued(run: ClaimedRun) {
  const { id, fence } = run;
  const workerId = 1 as Parameters<Store["workers"]["stop"]>[0];
  return { id, fence, workerId, outcome: snoozed(0), durationMs: 1, delayMs: 0 };
}

async function requeue(rig: StoreRig, run: ClaimedRun): Promise<readonly number[]> {
  return await rig.store.runs.requeue([requeued(run)]);
}

test("a stale token changes nothing, whatever it is used for", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const { runs } = rig.store;
  const [id] = await rig.enqueue([{ type: "a", input: "kept" }]);
  const [stale] = (await rig.claim()).runs;
  assert(id !== undefined && stale !== undefined, "as many as were queued");
  await runs.release([stale]);
  const [current] = (await rig.claim()).runs;
  const before = await runs.find(id);
  expect(await rig.finish([stale])).toEqual([]);
  expect(await rig.finish([stale], failed("no"))).toEqual([]);
  expect(await requeue(rig, stale)).toEqual([]);
  expect(await runs.release([stale])).toEqual([]);
  await runs.recordProgress([{ id, fence: stale.fence, fraction: 0.9, message: "stale" }]);
  expect(await runs.find(id)).toEqual(before);
  expect(await rig.database.query("select from orrery.attempt")).toEqual([]);
  if (current !== undefined) expect(await rig.finish([current])).toEqual([id]);
  expect(await rig.finish([stale])).toEqual([]);
  expect(await runs.find(id)).toMatchObject({ state: "succeeded", input: "kept", attempt: 1 });
});

test("a claim that still holds a run is not forgotten, so that the run can be reaped", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.enqueue([{ type: "a" }, { type: "a" }]);
  const [one, two] = (await rig.claim()).runs;
  assert(one !== undefined && two !== undefined, "as many as were queued");
  const { fence } = one;
  const claims = async (): Promise<number> =>
    (await rig.database.query("select from orrery.claim")).length;
  await rig.finish([one]);
  for (const overCount of [0, 1]) await rig.store.runs.dropClaims([{ fence, overCount }]);
  expect(await claims()).toBe(1);
  await rig.finish([two]);
  await rig.store.runs.dropClaims([{ fence, overCount: 0 }]);
  expect(await claims()).toBe(0);
});

test("of several claims those are forgotten all of whose runs are over", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const fences: FencingToken[] = [];
  for (let count = 1; count <= 3; count += 1) {
    await rig.enqueue(Array.from({ length: count }, () => ({ type: "a" })));
    const { runs } = await rig.claim();
    if (count !== 2) await rig.finish(runs);
    fences.push(present(runs[0], "a claimed run").fence);
  }
  const [first, second, third] = fences.map((fence) => ({ fence, overCount: 0 }));
  assert(first !== undefined && second !== undefined && third !== undefined, "three claims");
  await rig.store.runs.dropClaims([{ ...third, overCount: 3 }, first, { ...second, overCount: 1 }]);
  const left = await rig.database.query("select fence from orrery.claim");
  expect(left.map((row) => Number(row["fence"]))).toEqual([second.fence]);
});
