/** Firing on a real database: what is due, once each, whoever fires, whatever happens. */

import { expect, test } from "vitest";
import { until } from "../../test/chaos/conditions.ts";
import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import { present } from "../kernel/assert.ts";
import { parseInstant } from "../kernel/instant.ts";
import { eventful, failed } from "../model/outcome.ts";
import type { FinishedRun } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import type { TaskDetail } from "../model/task.ts";
import type { EngineEvent } from "./events.ts";
import { Firing } from "./fire.ts";

const nine = "2999-01-01T09:00:00.000000Z";
const everyMinute = {
  kind: "cron",
  dialect: "vixie",
  expression: "* * * * *",
  zone: "UTC",
} as const;
const trigger = { spec: everyMinute, nextFireAt: parseInstant(nine), intervalMs: null };
const adaptive = {
  spec: { kind: "adaptive" },
  nextFireAt: parseInstant(nine),
  intervalMs: 60_000,
} as const;

/** One that the scheduler decides about, and one that fires where it is found. */
const firingTriggers = [
  { kind: "calendar", racing: trigger },
  { kind: "adaptive", racing: adaptive },
] as const;

const waitingForALock = `select from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

async function fireAll(store: Store): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = [];
  const firing = new Firing(store, (event) => events.push(event));
  while ((await firing.turn()) === "again");
  return events;
}

async function occurrences(rig: StoreRig): Promise<readonly string[]> {
  const rows = await rig.database.query(
    "select verdict || ' ' || to_char(fire_at at time zone 'UTC', 'HH24:MI') as text " +
      "from orrery.occurrence order by fire_at, trigger_id",
  );
  return rows.map((row) => String(row["text"]));
}

async function runCount(rig: StoreRig, task: TaskDetail): Promise<number> {
  return (await rig.store.runs.list({ taskId: task.id }, { limit: 1_000 })).length;
}

test("nothing fires before it is due, and all that is due fires with its fire time", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({
    type: "a",
    input: { x: 1 },
    priority: "high",
    triggers: [trigger],
  });
  rig.setNow("2999-01-01T08:59:59.999Z");
  await fireAll(rig.store);
  expect(await runCount(rig, task)).toBe(0);
  rig.setNow("2999-01-01T09:00:00.250Z");
  expect(await fireAll(rig.store)).toEqual([{ kind: "fired", count: 1 }]);
  const [run] = await rig.store.runs.list({ taskId: task.id }, { limit: 10 });
  expect(run).toMatchObject({
    state: "queued",
    input: { x: 1 },
    priority: "high",
    fireAt: parseInstant(nine),
    dueAt: parseInstant(nine),
  });
});

test("an occurrence that is recorded twice has one run", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [trigger] });
  rig.setNow(nine);
  const triggerId = present(task.triggers[0], "the trigger").id;
  const fireAt = parseInstant(nine);
  const decision = {
    triggerId,
    taskId: task.id,
    occurrences: [{ fireAt, verdict: "fired", reason: null, waits: false }] as const,
    nextFireAt: fireAt,
    cancelCount: 0,
  };
  expect(await rig.store.triggers.record([decision])).toBe(1);
  expect(await rig.store.triggers.record([decision])).toBe(0);
  expect(await runCount(rig, task)).toBe(1);
});

test("four that fire 200 triggers of one second at once leave one run for each", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  for (let count = 0; count < 200; count += 1) {
    await rig.create({ type: "a", triggers: [count % 2 === 0 ? trigger : adaptive] });
  }
  rig.setNow(nine);
  const stores = [rig.store, ...(await Promise.all([1, 2, 3].map(() => rig.openAnother())))];
  // Whoever finds all due triggers held by others is done; so nobody is alone with the rest.
  await Promise.all(stores.map(fireAll));
  await fireAll(rig.store);
  const rows = await rig.database.query(
    "select count(*)::int as runs, count(distinct trigger_id)::int as triggers from orrery.run",
  );
  expect(rows).toEqual([{ runs: 200, triggers: 200 }]);
});

test("after a downtime the latest missed fire time runs, and the rule goes on", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [trigger] });
  rig.setNow("2999-01-01T12:34:56Z");
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual(["coalesced 09:00", "fired 12:34"]);
  const stored = await rig.store.tasks.find(task.id);
  expect(stored?.triggers[0]).toMatchObject({
    nextFireAt: parseInstant("2999-01-01T12:35:00Z"),
    previousFireAt: parseInstant("2999-01-01T12:34:00Z"),
  });
});

test("a fire time that comes while the last run lives is skipped", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [trigger] });
  for (const minute of ["00", "01"]) {
    rig.setNow(`2999-01-01T09:${minute}:00Z`);
    await fireAll(rig.store);
  }
  const { runs } = await rig.claim();
  rig.setNow("2999-01-01T09:02:00Z");
  await fireAll(rig.store);
  await rig.finish(runs);
  rig.setNow("2999-01-01T09:03:00Z");
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual([
    "fired 09:00",
    "skipped 09:01",
    "skipped 09:02",
    "fired 09:03",
  ]);
  expect(await runCount(rig, task)).toBe(2);
});

test("an adaptive trigger waits for its run, and then for its interval", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.create({ type: "a", triggers: [adaptive] });
  rig.setNow(nine);
  await fireAll(rig.store);
  rig.setNow("2999-01-01T10:00:00Z");
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual(["fired 09:00"]);
  await rig.finish((await rig.claim()).runs, eventful());
  rig.setNow("2999-01-01T10:00:59Z");
  await fireAll(rig.store);
  rig.setNow("2999-01-01T10:01:00Z");
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual(["fired 09:00", "fired 10:01"]);
});

test("adaptive and calendar triggers that are due together fire together", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const overrides = { timeoutMs: 5 };
  const task = await rig.create({ type: "a", input: 1, triggers: [adaptive], overrides });
  const other = await rig.create({ type: "a", triggers: [trigger] });
  rig.setNow(nine);
  expect(await fireAll(rig.store)).toEqual([{ kind: "fired", count: 2 }]);
  expect(await runCount(rig, other)).toBe(1);
  const run = (await rig.claim()).runs.find(({ taskId }) => taskId === task.id);
  const fireAt = parseInstant(nine);
  expect(run).toMatchObject({ input: 1, overrides, fireAt, dueAt: fireAt, intervalMs: 60_000 });
  const stored = await rig.store.tasks.find(task.id);
  expect(stored?.triggers[0]).toMatchObject({ nextFireAt: null, previousFireAt: fireAt });
});

test("an adaptive trigger goes on though the last run of another ends with its own", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const date = { ...trigger, spec: { kind: "date", at: nine } as const };
  const task = await rig.create({ type: "a", triggers: [date, adaptive] });
  rig.setNow(nine);
  await fireAll(rig.store);
  const { runs } = await rig.claim();
  const ends = runs.map((run): FinishedRun => ({
    ...run,
    // What failed decides about the task, and here it is the run of the other trigger.
    outcome: run.intervalMs === null ? failed(new Error("no")) : eventful(),
    durationMs: 1,
    nextIntervalMs: run.intervalMs,
  }));
  expect(await rig.store.runs.finish(ends)).toHaveLength(2);
  const stored = await rig.store.tasks.find(task.id);
  expect(stored?.state).toBe("active");
  const nextFireAt = parseInstant("2999-01-01T09:01:00Z");
  expect(stored?.triggers).toMatchObject([{ nextFireAt: null }, { nextFireAt }]);
});

test("a task ends with the run of an adaptive trigger that was removed meanwhile", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [adaptive] });
  rig.setNow(nine);
  await fireAll(rig.store);
  const { runs } = await rig.claim();
  await rig.database.query("delete from orrery.trigger");
  await rig.finish(runs);
  expect((await rig.store.tasks.find(task.id))?.state).toBe("completed");
});

test("an adaptive trigger that is due while its run lives skips, and tries again", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [adaptive] });
  rig.setNow(nine);
  await fireAll(rig.store);
  const nextFireAt = parseInstant("2999-01-01T09:00:30Z");
  const triggerId = present(task.triggers[0], "the trigger").id;
  await rig.store.tasks.setNextFire([{ triggerId, nextFireAt }]);
  rig.setNow("2999-01-01T09:00:40Z");
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual(["fired 09:00", "skipped 09:00"]);
  const stored = await rig.store.tasks.find(task.id);
  expect(stored?.triggers[0]?.nextFireAt).toBe(parseInstant("2999-01-01T09:01:40Z"));
  expect(await runCount(rig, task)).toBe(1);
});

test("an adaptive trigger that is set back to where it has fired has no second run", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [adaptive] });
  rig.setNow(nine);
  await fireAll(rig.store);
  await rig.finish((await rig.claim()).runs);
  const triggerId = present(task.triggers[0], "the trigger").id;
  await rig.store.tasks.setNextFire([{ triggerId, nextFireAt: parseInstant(nine) }]);
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual(["fired 09:00"]);
  expect((await rig.claim()).runs).toEqual([]);
  const stored = await rig.store.tasks.find(task.id);
  expect(stored?.triggers[0]?.nextFireAt).toBe(parseInstant("2999-01-01T09:01:00Z"));
});

test("a full queue skips occurrences, exactly, in a batch and by two at once", async () => {
  const limits = { runningMax: null, runningPerKeyMax: null, unfinishedMax: 7 };
  await using rig = await openStoreRig([{ name: "a", limits }]);
  for (let count = 0; count < 20; count += 1) {
    await rig.create({ type: "a", triggers: [count % 2 === 0 ? trigger : adaptive] });
  }
  rig.setNow(nine);
  const other = await rig.openAnother();
  await Promise.all([fireAll(rig.store), fireAll(other)]);
  await fireAll(rig.store);
  expect((await rig.claim()).runs).toHaveLength(7);
  expect((await occurrences(rig)).filter((text) => text.startsWith("skipped"))).toHaveLength(13);
});

test("a paused or cancelled task does not fire, nor does anything in a pause of all", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const paused = await rig.create({ type: "a", triggers: [trigger] });
  const gone = await rig.create({ type: "a", triggers: [trigger] });
  const other = await rig.create({ type: "a", triggers: [trigger] });
  await rig.store.tasks.applyEvent(paused.id, "pause", null);
  await rig.store.tasks.applyEvent(gone.id, "cancel", null);
  await rig.store.system.setPaused(true);
  rig.setNow(nine);
  await fireAll(rig.store);
  expect(await occurrences(rig)).toEqual([]);
  await rig.store.system.setPaused(false);
  await fireAll(rig.store);
  expect(await runCount(rig, other)).toBe(1);
  expect(await occurrences(rig)).toEqual(["fired 09:00"]);
});

test.each(firingTriggers)(
  "when a pause races with a $kind firing no run can be claimed",
  async ({ racing }) => {
    await using rig = await openStoreRig([{ name: "a" }]);
    const other = await rig.openAnother();
    rig.setNow(nine);
    for (let round = 0; round < 15; round += 1) {
      const task = await rig.create({ type: "a", triggers: [racing] });
      await Promise.all([
        fireAll(rig.store),
        other.transaction(async (inside) => {
          await inside.tasks.applyEvent(task.id, "pause", null);
          await inside.tasks.setRunsPaused(task.id, true);
        }),
      ]);
      await fireAll(rig.store);
      expect((await rig.claim()).runs).toEqual([]);
      const stored = await rig.store.tasks.find(task.id);
      expect(stored?.triggers[0]?.nextFireAt).toBeNull();
    }
  },
);

test.each(firingTriggers)(
  "when a cancel comes in the midst of a $kind firing no run is left",
  async ({ racing }) => {
    await using rig = await openStoreRig([{ name: "a" }]);
    const other = await rig.openAnother();
    const task = await rig.create({ type: "a", triggers: [racing] });
    rig.setNow(nine);
    const fired = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const firing = rig.store.transaction(async (inside) => {
      await fireAll(inside);
      fired.resolve();
      await gate.promise;
    });
    await fired.promise;
    const cancelling = other.transaction(async (inside) => {
      await inside.tasks.lock(task.id);
      await inside.tasks.cancel(task.id, "enough");
    });
    const isWaiting = async (): Promise<boolean> =>
      (await rig.database.query(waitingForALock)).length > 0;
    await until(isWaiting, { what: "the cancel to wait for the firing" });
    gate.resolve();
    await Promise.all([firing, cancelling]);
    expect((await rig.claim()).runs).toEqual([]);
    expect(await rig.database.query("select from orrery.run")).toEqual([]);
  },
);

test("a rule that cannot be read is skipped and told of, and holds up no other", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await rig.create({ type: "a", triggers: [{ ...trigger, spec: { kind: "moon" } }] });
  const task = await rig.create({ type: "a", triggers: [trigger] });
  rig.setNow(nine);
  const events = await fireAll(rig.store);
  expect(events).toMatchObject([
    { kind: "loop_failed", loop: "fire" },
    { kind: "fired", count: 1 },
  ]);
  expect(await runCount(rig, task)).toBe(1);
  const rows = await rig.database.query(
    "select reason from orrery.occurrence where verdict = 'skipped'",
  );
  expect(rows).toEqual([{ reason: expect.stringMatching(/cannot be read/) }]);
});

test("an idle look at the triggers is one statement that says when to look again", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const firing = new Firing(rig.store, () => undefined);
  expect(await firing.turn()).toEqual({ inMs: 1_000 });
  await rig.create({ type: "a", triggers: [trigger] });
  rig.setNow("2999-01-01T08:59:59.700Z");
  expect(await firing.turn()).toEqual({ inMs: 300, isExact: true });
});
