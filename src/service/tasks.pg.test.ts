import { expect, test } from "vitest";
import { openServiceRig, startAt, type ServiceRig } from "../../test/service/rig.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { defineTask } from "../model/define-task.ts";
import { failed, permfailed } from "../model/outcome.ts";

const run = (): undefined => undefined;
const step = defineTask({ name: "step", run });
const poll = defineTask({ name: "poll", run, interval: { defaultMs: 60_000 } });
const narrow = defineTask({ name: "narrow", run, limits: { unfinishedMax: 1 } });

async function openRig(): Promise<ServiceRig> {
  return openServiceRig([step, poll, narrow]);
}

/** Claims what is due and ends it well. */
async function work(rig: ServiceRig): Promise<void> {
  for (const each of await rig.claim()) await rig.finish(each);
}

async function nextFireOf(rig: ServiceRig, id: number): Promise<string | null> {
  const { triggers } = await rig.service.getTask(id);
  const at = triggers[0]?.nextFireAt ?? null;
  return at === null ? null : formatInstant(at);
}

const refused = { code: "ORR_STATE_TRANSITION" };
const every10Minutes = [{ kind: "interval", everyMs: 600_000, anchorAt: "2026-03-01T09:10:00Z" }];

test("a task that is cancelled ends with its waiting runs", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  const task = await rig.service.cancelTask({ id, reason: "not needed" });
  expect(task).toMatchObject({ state: "cancelled", stateReason: "not needed" });
  expect(task.finishedAt).toBe(parseInstant(startAt));
  expect((await rig.service.listRuns({ taskId: id })).items).toMatchObject([
    { state: "cancelled", outcome: "cancelled", error: { message: "not needed" } },
  ]);
});

test("a running run of a cancelled task is asked to stop", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  const [claimed] = await rig.claim();
  await rig.service.cancelTask({ id });
  const { items } = await rig.service.listRuns({ taskId: id });
  expect(items).toMatchObject([{ id: claimed?.id, state: "running" }]);
  expect(items[0]?.cancelRequestedAt).toBe(parseInstant(startAt));
});

test("what requires a cancelled task is cancelled or waits, as it said", async () => {
  await using rig = await openRig();
  const requires = (key: string, onFailure: string) => [{ key, onFailure }];
  const tasks = await rig.service.createTasks([
    { type: "step", key: "first" },
    { type: "step", key: "second", requires: requires("first", "cancel") },
    { type: "step", key: "third", requires: requires("second", "cancel") },
    { type: "step", key: "patient", requires: requires("first", "block") },
    { type: "step", key: "after", requires: requires("patient", "cancel") },
  ]);
  await rig.service.cancelTask({ id: tasks[0]?.id });
  const states = await Promise.all(
    tasks.map(async ({ id }) => (await rig.service.getTask(id)).state),
  );
  expect(states).toEqual(["cancelled", "cancelled", "cancelled", "active", "active"]);
  expect((await rig.service.listRuns({ state: ["blocked"] })).items).toHaveLength(2);
});

test("a task is cancelled once", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  await rig.service.cancelTask({ id });
  await expect(rig.service.cancelTask({ id })).rejects.toMatchObject({
    ...refused,
    details: { state: "cancelled", event: "cancel" },
  });
});

test("of two callers that cancel at one time one is refused", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  const both = await Promise.allSettled([
    rig.service.cancelTask({ id }),
    rig.service.cancelTask({ id }),
  ]);
  expect(both.map((each) => each.status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("a paused task claims nothing until it is resumed", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  expect((await rig.service.pauseTask(id)).state).toBe("paused");
  expect(await rig.claim()).toEqual([]);
  expect((await rig.service.resumeTask(id)).state).toBe("active");
  expect((await rig.claim()).map((each) => each.taskId)).toEqual([id]);
});

test("a paused task whose run still waits for others waits on after it is resumed", async () => {
  await using rig = await openRig();
  const [first, second] = await rig.service.createTasks([
    { type: "step", key: "a" },
    { type: "step", requires: [{ key: "a" }] },
  ]);
  await rig.service.pauseTask(second?.id);
  await rig.service.resumeTask(second?.id);
  expect((await rig.claim()).map((each) => each.taskId)).toEqual([first?.id]);
});

test("a paused task does not fire, and what passed meanwhile is not caught up", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll", triggers: every10Minutes });
  await rig.service.pauseTask(id);
  expect(await nextFireOf(rig, id)).toBeNull();
  rig.setNow("2026-03-01T10:03:00Z");
  await rig.fire();
  await rig.service.resumeTask(id);
  expect(await nextFireOf(rig, id)).toBe("2026-03-01T10:10:00.000000Z");
  expect((await rig.service.listRuns({})).items).toEqual([]);
});

test("a task whose only date passed while it was paused is completed", async () => {
  await using rig = await openRig();
  const triggers = [{ kind: "date", at: "2026-03-01T09:30:00Z" }];
  const { id } = await rig.create({ type: "poll", triggers });
  await rig.service.pauseTask(id);
  rig.setNow("2026-03-01T10:00:00Z");
  expect(await rig.service.resumeTask(id)).toMatchObject({
    state: "completed",
    stateReason: "all fire times passed while paused",
  });
});

test("an adaptive task that is resumed while its run is under way waits for its end", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll", triggers: [{ kind: "adaptive" }] });
  await rig.fire();
  const [claimed] = await rig.claim();
  await rig.service.pauseTask(id);
  await rig.service.resumeTask(id);
  expect(await nextFireOf(rig, id)).toBeNull();
  if (claimed !== undefined) await rig.finish(claimed);
  expect(await nextFireOf(rig, id)).toBe("2026-03-01T09:01:00.000000Z");
});

test("an adaptive task that came due while it was paused fires at once when resumed", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll", triggers: [{ kind: "adaptive" }] });
  await rig.fire();
  await work(rig);
  await rig.service.pauseTask(id);
  rig.setNow("2026-03-01T12:00:00Z");
  await rig.service.resumeTask(id);
  expect(await nextFireOf(rig, id)).toBe("2026-03-01T12:00:00.000000Z");
});

test.each(["pauseTask", "resumeTask", "retryTask"] as const)(
  "%s refuses an id that no task has",
  async (verb) => {
    await using rig = await openRig();
    await expect(rig.service[verb](999)).rejects.toMatchObject({
      code: "ORR_NOT_FOUND_TASK",
      details: { field: "id", value: 999 },
    });
  },
);

test("only an active task can be paused and only a paused one resumed", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  await expect(rig.service.resumeTask(id)).rejects.toMatchObject(refused);
  await rig.service.pauseTask(id);
  await expect(rig.service.pauseTask(id)).rejects.toMatchObject(refused);
  await expect(rig.service.retryTask(id)).rejects.toMatchObject(refused);
});

test("a task that has failed is revived with a new run", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  for (const each of await rig.claim()) await rig.finish(each, failed("no luck"));
  expect((await rig.service.getTask(id)).state).toBe("failed");
  expect(await rig.service.retryTask(id)).toMatchObject({ state: "active", finishedAt: null });
  await work(rig);
  expect(await rig.service.getTask(id)).toMatchObject({ state: "completed" });
});

test("a task without trigger that still has a run is not run twice", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "step" });
  await expect(rig.service.retryTask(id)).rejects.toMatchObject(refused);
  await rig.claim();
  await expect(rig.service.retryTask(id)).rejects.toMatchObject(refused);
});

test("an active recurring task is run once more, besides its triggers", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll", triggers: every10Minutes });
  await rig.service.retryTask(id);
  expect(await rig.claim()).toMatchObject([{ taskId: id, triggerId: null }]);
  expect(await nextFireOf(rig, id)).toBe("2026-03-01T09:10:00.000000Z");
});

test("a disabled adaptive task that is revived runs now and then at its interval", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll", triggers: [{ kind: "adaptive" }] });
  await rig.fire();
  for (const each of await rig.claim()) await rig.finish(each, permfailed("never"));
  expect(await rig.service.getTask(id)).toMatchObject({ state: "disabled" });
  await rig.service.retryTask(id);
  expect(await rig.claim()).toHaveLength(1);
  expect(await nextFireOf(rig, id)).toBe("2026-03-01T09:01:00.000000Z");
});

test("reviving a task needs room in the queue", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "narrow" });
  await work(rig);
  await rig.create({ type: "narrow" });
  await expect(rig.service.retryTask(id)).rejects.toMatchObject({
    code: "ORR_CONFLICT_QUEUE_FULL",
  });
  expect((await rig.service.getTask(id)).state).toBe("completed");
});

test("tasks are listed by type, state, tree and key, newest first", async () => {
  await using rig = await openRig();
  const [tree, child, other] = await rig.service.createTasks([
    { type: "step", key: "tree" },
    { type: "poll", parentKey: "tree" },
    { type: "poll" },
  ]);
  await rig.service.cancelTask({ id: other?.id });
  const ids = async (fields: object) =>
    (await rig.service.listTasks(fields)).items.map((each): number => each.id);
  const all = [other, child, tree].map((each) => Number(each?.id));
  expect(await ids({})).toEqual(all.toSorted((left, right) => right - left));
  expect(await ids({ type: "poll", state: ["active"] })).toEqual([child?.id]);
  expect(await ids({ state: ["cancelled", "failed"] })).toEqual([other?.id]);
  expect(await ids({ parentId: tree?.id })).toEqual([child?.id]);
  expect(new Set(await ids({ rootId: tree?.id }))).toEqual(new Set([tree?.id, child?.id]));
  expect(await ids({ key: "tree" })).toEqual([tree?.id]);
  expect(await ids({ type: "no such type" })).toEqual([]);
});
