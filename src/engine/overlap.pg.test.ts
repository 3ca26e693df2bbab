/** Runs of one trigger that meet: who starts, who waits, who is stopped, and what is too late. */

import { expect, test } from "vitest";
import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import { assert, present } from "../kernel/assert.ts";
import { addMillis, formatInstant, parseInstant } from "../kernel/instant.ts";
import { createRng, integerBetween } from "../kernel/rng.ts";
import { cancelled, eventful } from "../model/outcome.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import type { TaskDetail } from "../model/task.ts";
import { type FiringPolicy, firingPolicyDefault } from "../policy/firing-policy.ts";
import { Firing } from "./fire.ts";

const nine = parseInstant("2999-01-01T09:00:00Z");
const minuteMs = 60_000;
const spec = { kind: "interval", everyMs: minuteMs, anchorAt: formatInstant(nine) };

function everyMinute(policy: Partial<FiringPolicy>): object & { readonly policy: FiringPolicy } {
  return { policy: { ...firingPolicyDefault, ...policy } };
}

async function openTask(
  rig: StoreRig,
  policy: Partial<FiringPolicy>,
  more: { readonly endAt?: string } = {},
): Promise<TaskDetail> {
  const trigger = { spec: { ...spec, ...more }, nextFireAt: nine, intervalMs: null };
  return await rig.create({ type: "a", triggers: [{ ...trigger, ...everyMinute(policy) }] });
}

/** Fires all that is due `minutes` after nine. */
async function fireAt(rig: StoreRig, minutes: number, store: Store = rig.store): Promise<void> {
  rig.setNow(formatInstant(addMillis(nine, minutes * minuteMs)));
  const firing = new Firing(store, (event) => {
    if (event.kind === "loop_failed") throw event.error;
  });
  while ((await firing.turn()) === "again");
}

/** States of the live runs in the order of their fire times, as `running 0`. */
async function liveRuns(rig: StoreRig): Promise<readonly string[]> {
  const rows = await rig.database.query(
    "select state || ' ' || extract(minute from fire_at) as text from orrery.run order by fire_at",
  );
  return rows.map((row) => String(row["text"]));
}

async function claimOne(rig: StoreRig): Promise<ClaimedRun> {
  const { runs } = await rig.claim();
  assert(runs.length === 1, "one run can be claimed");
  return present(runs[0], "the run");
}

test("queue-one keeps one waiting, which starts when the one under way has ended", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await openTask(rig, { overlap: "queue-one" });
  await fireAt(rig, 0);
  const first = await claimOne(rig);
  for (const minute of [1, 2, 3]) await fireAt(rig, minute);
  expect(await liveRuns(rig)).toEqual(["running 0", "blocked 1"]);
  expect((await rig.claim()).runs).toEqual([]);
  await rig.finish([first]);
  expect(await liveRuns(rig)).toEqual(["queued 1"]);
  await fireAt(rig, 4);
  expect(await liveRuns(rig)).toEqual(["queued 1", "blocked 4"]);
});

test("queue-all runs every fire time, one after another in their order", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await openTask(rig, { overlap: "queue-all" });
  for (const minute of [0, 1, 2, 3]) await fireAt(rig, minute);
  const ran: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const run = await claimOne(rig);
    ran.push(Number(present(run.fireAt, "a fire time") - nine) / 60_000_000);
    await rig.finish([run]);
  }
  expect(ran).toEqual([0, 1, 2, 3]);
});

test("cancel-running asks the one under way to stop and starts when it has", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await openTask(rig, { overlap: "cancel-running" });
  await fireAt(rig, 0);
  const first = await claimOne(rig);
  await fireAt(rig, 1);
  expect(await rig.store.runs.listCancelRequests([first])).toMatchObject([
    { id: first.id, reason: "a later fire time of its trigger has come" },
  ]);
  expect(await liveRuns(rig)).toEqual(["running 0", "blocked 1"]);
  await rig.finish([first], cancelled("asked"));
  expect(await liveRuns(rig)).toEqual(["queued 1"]);
  // One that nobody has started needs no asking.
  await fireAt(rig, 2);
  expect(await liveRuns(rig)).toEqual(["queued 2"]);
});

test("allow lets them run side by side", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await openTask(rig, { overlap: "allow" });
  for (const minute of [0, 1, 2]) await fireAt(rig, minute);
  expect((await rig.claim()).runs).toHaveLength(3);
});

test("a waiting run starts when the one before is cancelled, and stays in a pause", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await openTask(rig, { overlap: "queue-all" });
  for (const minute of [0, 1, 2]) await fireAt(rig, minute);
  const [queued] = await rig.store.runs.list({ taskId: task.id, states: ["queued"] }, { limit: 9 });
  expect(await rig.store.runs.cancelIdle(present(queued, "the first").id, "no")).toBe(true);
  expect(await liveRuns(rig)).toEqual(["queued 1", "blocked 2"]);
  await rig.store.tasks.setRunsPaused(task.id, true);
  const [, second] = await rig.store.runs.list({ taskId: task.id }, { limit: 9 });
  expect(await rig.store.runs.cancelIdle(present(second, "the second").id, "no")).toBe(true);
  expect(await liveRuns(rig)).toEqual(["paused 2"]);
  await rig.store.tasks.setRunsPaused(task.id, false);
  expect(await liveRuns(rig)).toEqual(["queued 2"]);
});

test.each(["queue-one", "queue-all", "cancel-running"] as const)(
  "under %s fires, ends and cancels that race leave nobody waiting, and none too many at once",
  async (overlap) => {
    await using rig = await openStoreRig([{ name: "a" }]);
    await openTask(rig, { overlap, maxInstances: 2 });
    const [one, two] = [await rig.openAnother(), await rig.openAnother()];
    const rng = createRng(7);
    const held: ClaimedRun[] = [];
    for (let minute = 0; minute < 40; minute += 1) {
      rig.setNow(formatInstant(addMillis(nine, minute * minuteMs)));
      const ending = held.splice(0, integerBetween(rng, 0, held.length));
      await Promise.all([
        fireAt(rig, minute, one),
        ...ending.map(async (run) => await rig.finish([run], eventful(), two)),
      ]);
      // Whom the others were in the way of is served by the next look.
      await fireAt(rig, minute, one);
      held.push(...(await rig.claim()).runs);
      expect(held.length).toBeLessThanOrEqual(2);
      const waiting = (await liveRuns(rig)).filter((text) => text.startsWith("blocked"));
      if (held.length < 2) expect(waiting).toEqual([]);
    }
  },
);

test("a run that a worker takes up later than the grace is marked as missed", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  await openTask(rig, { misfireGraceMs: 30_000, overlap: "allow" });
  await fireAt(rig, 0);
  rig.setNow("2999-01-01T09:00:30Z");
  expect(await claimOne(rig)).toMatchObject({ isMissed: false });
  await fireAt(rig, 1);
  rig.setNow("2999-01-01T09:01:30.000001Z");
  expect(await claimOne(rig)).toMatchObject({ isMissed: true });
});

test("a task ends with its last fire time also when that had no run", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const endAt = formatInstant(addMillis(nine, minuteMs));
  const never = await openTask(rig, { misfireGraceMs: 1_000 }, { endAt });
  const once = await openTask(rig, { misfireGraceMs: 1_000 }, { endAt });
  rig.setNow(formatInstant(nine));
  const firing = new Firing(rig.store, () => undefined);
  await rig.store.tasks.applyEvent(never.id, "pause", null);
  await firing.turn();
  await rig.finish([await claimOne(rig)]);
  await rig.store.tasks.applyEvent(never.id, "resume", null);
  const triggerId = present(never.triggers[0], "a trigger").id;
  await rig.store.tasks.setNextFire([{ triggerId, nextFireAt: nine }]);
  await fireAt(rig, 5);
  expect(await rig.store.tasks.find(never.id)).toMatchObject({ state: "failed" });
  expect(await rig.store.tasks.find(once.id)).toMatchObject({
    state: "completed",
    stateReason: "its last fire time has passed without a run",
  });
});
