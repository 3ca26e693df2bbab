/** What the end of a run means for its task, and for the tasks that wait for it. */

import { expect, test } from "vitest";
import { assert, present } from "../kernel/assert.ts";
import { openStoreRig, type RigTask, type StoreRig } from "../../test/engine/store-rig.ts";
import type { TaskId } from "../kernel/ids.ts";
import { parseInstant } from "../kernel/instant.ts";
import { cancelled, eventful, failed, lost, type Outcome, permfailed } from "../model/outcome.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { NewDependency, TaskDetail } from "../model/task.ts";
import { firingPolicyDefault } from "../policy/firing-policy.ts";

const cron = { kind: "cron", dialect: "vixie", expression: "0 9 * * *", zone: "UTC" } as const;
const tomorrow = parseInstant("2999-01-01T09:00:00Z");
const daily = { spec: cron, nextFireAt: tomorrow, intervalMs: null };
const adaptive = { spec: { kind: "adaptive" }, nextFireAt: null, intervalMs: 400 } as const;

function requiring(ids: readonly TaskId[], onFailure: "block" | "cancel" = "block") {
  return ids.map((requiresTaskId): NewDependency => ({
    requiresTaskId,
    onFailure,
    reason: "requires",
  }));
}

async function claimOne(rig: StoreRig, taskId: TaskId): Promise<ClaimedRun> {
  const { runs } = await rig.claim();
  const run = runs.find((each) => each.taskId === taskId);
  await rig.store.runs.release(runs.filter((each) => each !== run));
  if (run === undefined) throw new TypeError(`no run of task ${taskId} to claim`);
  return run;
}

async function runAll(rig: StoreRig, outcome: Outcome): Promise<void> {
  const { runs } = await rig.claim();
  await rig.finish(runs, outcome);
}

async function stateOf(rig: StoreRig, task: TaskDetail): Promise<string | undefined> {
  return (await rig.store.tasks.find(task.id))?.state;
}

async function runStates(rig: StoreRig, task: TaskDetail): Promise<readonly string[]> {
  const runs = await rig.store.runs.list({ taskId: task.id }, { limit: 10 });
  return runs.map((run) => run.state);
}

test.each<[Outcome, string]>([
  [eventful(), "completed"],
  [failed("no"), "failed"],
  [lost("gone"), "failed"],
  [permfailed("never"), "disabled"],
  [cancelled("asked"), "cancelled"],
])("a one-off task whose run ends as $kind is $1", async (outcome, state) => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a" });
  await runAll(rig, outcome);
  const settled = await rig.store.tasks.find(task.id);
  expect(settled).toMatchObject({ state, lastOutcome: outcome.kind });
  expect(settled?.finishedAt).not.toBeNull();
  expect(settled?.stateReason).toBe("error" in outcome ? outcome.error.message : null);
});

test("a recurring task outlives its runs, unless one fails for good", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [daily] });
  for (const outcome of [eventful(), failed("no"), cancelled("asked")]) {
    await rig.store.tasks.createRun(task.id);
    await runAll(rig, outcome);
    expect(await rig.store.tasks.find(task.id)).toMatchObject({
      state: "active",
      lastOutcome: outcome.kind,
      finishedAt: null,
    });
  }
  await rig.store.tasks.createRun(task.id);
  await runAll(rig, permfailed("never"));
  const disabled = await rig.store.tasks.find(task.id);
  expect(disabled).toMatchObject({ state: "disabled", stateReason: "never" });
  expect(disabled?.triggers[0]?.nextFireAt).toBeNull();
});

test("of two runs that end in one report the one that failed for good decides", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [daily] });
  await rig.store.tasks.createRun(task.id);
  await rig.store.tasks.createRun(task.id);
  const [one, two] = (await rig.claim()).runs;
  assert(one !== undefined && two !== undefined, "as many as were queued");
  const end = { taskId: task.id, triggerId: null, durationMs: 1, nextIntervalMs: null };
  await rig.store.runs.finish([
    { ...end, id: one.id, fence: one.fence, outcome: permfailed("never") },
    { ...end, id: two.id, fence: two.fence, outcome: cancelled("asked") },
  ]);
  expect(await stateOf(rig, task)).toBe("disabled");
});

test("the last of two runs of a one-off task completes it, whoever reports it", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a" });
  await rig.store.tasks.createRun(task.id);
  const { runs } = await rig.claim();
  const other = await rig.openAnother();
  await Promise.all(
    runs.map((run, index) => rig.finish([run], eventful(), index === 0 ? rig.store : other)),
  );
  expect(await stateOf(rig, task)).toBe("completed");
});

test("an adaptive trigger goes on after its run by the new interval", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [{ ...adaptive, nextFireAt: tomorrow }] });
  const triggerId = task.triggers[0]?.id ?? null;
  rig.setNow("2999-01-02T00:00:00Z");
  const due = await rig.store.transaction(async (inside) => await inside.triggers.takeDue(10));
  expect(due).toEqual({ found: 1, fired: 1, undecided: [] });
  const [run] = (await rig.claim()).runs;
  assert(run !== undefined, "as many as were queued");
  expect(run).toMatchObject({ triggerId, intervalMs: 400 });
  const { id, fence, taskId } = run;
  const end = { id, fence, taskId, triggerId, outcome: eventful(), durationMs: 1 };
  await rig.store.runs.finish([{ ...end, nextIntervalMs: 200 }]);
  const settled = await rig.store.tasks.find(task.id);
  expect(settled).toMatchObject({ state: "active" });
  expect(settled?.triggers[0]).toMatchObject({
    intervalMs: 200,
    nextFireAt: parseInstant("2999-01-02T00:00:00.200Z"),
    previousFireAt: tomorrow,
  });
});

test("an adaptive trigger that is paused during its run stays paused", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a", triggers: [{ ...adaptive, nextFireAt: tomorrow }] });
  rig.setNow("2999-01-02T00:00:00Z");
  await rig.store.transaction(async (inside) => await inside.triggers.takeDue(10));
  const { runs } = await rig.claim();
  const paused = { ...adaptive, policy: firingPolicyDefault, isPaused: true };
  await rig.store.triggers.change(present(task.triggers[0], "the trigger").id, paused);
  expect(await rig.finish(runs)).toHaveLength(1);
  const settled = await rig.store.tasks.find(task.id);
  expect(settled).toMatchObject({ state: "active", lastOutcome: "eventful" });
  expect(settled?.triggers[0]).toMatchObject({ nextFireAt: null, intervalMs: 400 });
});

test("a page of tasks whose runs end at once stays where it is", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const tasks: TaskDetail[] = [];
  for (let count = 0; count < 60; count += 1) {
    tasks.push(await rig.create({ type: "a", triggers: [daily] }));
  }
  for (const task of tasks) await rig.store.tasks.createRun(task.id);
  const pages = async () =>
    await rig.database.query(
      "select id::int, (ctid::text::point)[0] as page from orrery.task order by id",
    );
  const before = await pages();
  await runAll(rig, eventful());
  expect(await rig.store.tasks.find(present(tasks[0], "a task").id)).toMatchObject({
    lastOutcome: "eventful",
  });
  expect(await pages()).toEqual(before);
});

test("two requirements that complete at once let go their dependent once", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const other = await rig.openAnother();
  for (let round = 0; round < 15; round += 1) {
    const [left, right] = [await rig.create({ type: "a" }), await rig.create({ type: "a" })];
    const task = await rig.create({ type: "a", requires: requiring([left.id, right.id]) });
    expect(await runStates(rig, task)).toEqual(["blocked"]);
    const { runs } = await rig.claim();
    expect(runs).toHaveLength(2);
    await Promise.all(
      runs.map((run, index) => rig.finish([run], eventful(), index === 0 ? rig.store : other)),
    );
    expect(await runStates(rig, task)).toEqual(["queued"]);
    const [run] = (await rig.claim()).runs;
    expect(run?.taskId).toBe(task.id);
    if (run !== undefined) await rig.finish([run]);
    expect(await stateOf(rig, task)).toBe("completed");
  }
});

test("a task that is created while its requirement completes never waits for ever", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const other = await rig.openAnother();
  for (let round = 0; round < 15; round += 1) {
    const required = await rig.create({ type: "a" });
    const { runs } = await rig.claim();
    const [task] = await Promise.all([
      rig.create({ type: "a", requires: requiring([required.id]) }),
      rig.finish(runs, eventful(), other),
    ]);
    expect(await runStates(rig, task)).toEqual(["queued"]);
    await runAll(rig, eventful());
  }
});

test("a failed requirement cancels what is to be cancelled, and blocks the rest", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const top = await rig.create({ type: "a" });
  const child = await rig.create({ type: "a", requires: requiring([top.id], "cancel") });
  const grandchild = await rig.create({ type: "a", requires: requiring([child.id], "cancel") });
  const waiting = await rig.create({ type: "a", requires: requiring([top.id]) });
  const below = await rig.create({ type: "a", requires: requiring([waiting.id], "cancel") });
  await runAll(rig, failed("no"));
  expect(await stateOf(rig, top)).toBe("failed");
  for (const task of [child, grandchild]) {
    expect(await stateOf(rig, task)).toBe("cancelled");
    expect(await runStates(rig, task)).toEqual(["cancelled"]);
  }
  for (const task of [waiting, below]) {
    expect(await stateOf(rig, task)).toBe("active");
    expect(await runStates(rig, task)).toEqual(["blocked"]);
  }
});

test("a requirement that succeeds at a later try lets go what it blocked", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const top = await rig.create({ type: "a" });
  const task = await rig.create({ type: "a", requires: requiring([top.id]) });
  await runAll(rig, failed("no"));
  expect(await runStates(rig, task)).toEqual(["blocked"]);
  await rig.store.transaction(async (inside) => {
    await inside.tasks.applyEvent(top.id, "retry", null);
    await inside.tasks.createRun(top.id);
  });
  const run = await claimOne(rig, top.id);
  await rig.finish([run]);
  expect(await stateOf(rig, top)).toBe("completed");
  expect(await runStates(rig, task)).toEqual(["queued"]);
});

test("a dependent that is paused stays so when it is let go", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const top = await rig.create({ type: "a" });
  const task = await rig.create({ type: "a", requires: requiring([top.id]) });
  await rig.store.tasks.applyEvent(task.id, "pause", null);
  await rig.store.tasks.setRunsPaused(task.id, true);
  await runAll(rig, eventful());
  expect(await runStates(rig, task)).toEqual(["paused"]);
  await rig.store.tasks.applyEvent(task.id, "resume", null);
  await rig.store.tasks.setRunsPaused(task.id, false);
  expect(await runStates(rig, task)).toEqual(["queued"]);
});

test("a run that comes back while its task is being paused is paused", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const other = await rig.openAnother();
  const workerId = await rig.startWorker();
  for (let round = 0; round < 15; round += 1) {
    const task = await rig.create({ type: "a" });
    const run = await claimOne(rig, task.id);
    const { id, fence } = run;
    const back = { id, fence, workerId, outcome: failed("no"), durationMs: 1, delayMs: 0 };
    await Promise.all([
      other.transaction(async (inside) => {
        await inside.tasks.lock(task.id);
        await inside.tasks.applyEvent(task.id, "pause", null);
        await inside.tasks.setRunsPaused(task.id, true);
      }),
      round % 2 === 0 ? rig.store.runs.requeue([back]) : rig.store.runs.release([run]),
    ]);
    expect(await runStates(rig, task)).toEqual(["paused"]);
  }
});

test("a run that was cancelled while it failed comes back at once", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const task = await rig.create({ type: "a" });
  const { id, fence } = await claimOne(rig, task.id);
  await rig.store.runs.requestCancel(id, "not wanted any more");
  const workerId = await rig.startWorker();
  const back = { id, fence, workerId, outcome: failed("no"), durationMs: 1, delayMs: 3_600_000 };
  expect(await rig.store.runs.requeue([back])).toEqual([id]);
  const run = await claimOne(rig, task.id);
  expect(await rig.store.runs.listCancelRequests([run])).toMatchObject([
    { id, fence: run.fence, reason: "not wanted any more" },
  ]);
});

test("of two who store a task with the same key at once one is told to look again", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const wanted: RigTask = { type: "a", key: "only-one" };
  const tries = await Promise.allSettled(Array.from({ length: 6 }, () => rig.create(wanted)));
  const refused = tries.filter((each) => each.status === "rejected");
  expect(refused.map(({ reason }): unknown => reason)).toMatchObject(
    Array.from({ length: 5 }, () => ({ code: "ORR_CONFLICT_DUPLICATE" })),
  );
  expect((await rig.claim()).runs).toHaveLength(1);
});
