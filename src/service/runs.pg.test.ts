import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { formatInstant } from "../kernel/instant.ts";
import { defineTask } from "../model/define-task.ts";
import { eventful, failed } from "../model/outcome.ts";

const run = (): undefined => undefined;
const step = defineTask({ name: "step", run });
const poll = defineTask({ name: "poll", run, interval: { defaultMs: 60_000 } });
const narrow = defineTask({ name: "narrow", run, limits: { unfinishedMax: 1 } });

async function openRig(): Promise<ServiceRig> {
  return openServiceRig([step, poll, narrow]);
}

test("cancelling the only run of a task cancels the task and its dependents", async () => {
  await using rig = await openRig();
  const [first, second] = await rig.service.createTasks([
    { type: "step", key: "a" },
    { type: "step", requires: [{ key: "a", onFailure: "cancel" }] },
  ]);
  const { items } = await rig.service.listRuns({ taskId: first?.id });
  const cancelled = await rig.service.cancelRun({ id: items[0]?.id, reason: "not today" });
  expect(cancelled).toMatchObject({ state: "cancelled", error: { message: "not today" } });
  expect(await rig.service.getTask(first?.id)).toMatchObject({
    state: "cancelled",
    stateReason: "not today",
  });
  expect((await rig.service.getTask(second?.id)).state).toBe("cancelled");
});

test("an adaptive task whose run is cancelled fires after its interval", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll", triggers: [{ kind: "adaptive" }] });
  await rig.fire();
  const { items } = await rig.service.listRuns({ taskId: id });
  await rig.service.cancelRun({ id: items[0]?.id });
  const task = await rig.service.getTask(id);
  expect(task.state).toBe("active");
  const next = task.triggers[0]?.nextFireAt ?? null;
  expect(next && formatInstant(next)).toBe("2026-03-01T09:01:00.000000Z");
});

test("cancelling one run of a task that will fire again leaves the task alone", async () => {
  await using rig = await openRig();
  const triggers = [{ kind: "interval", everyMs: 600_000 }];
  const { id } = await rig.create({ type: "poll", triggers });
  rig.setNow("2026-03-01T09:10:00Z");
  await rig.fire();
  const { items } = await rig.service.listRuns({ taskId: id });
  await rig.service.cancelRun({ id: items[0]?.id });
  expect((await rig.service.getTask(id)).state).toBe("active");
});

test("a running run is asked to stop and goes on running until its worker answers", async () => {
  await using rig = await openRig();
  await rig.create({ type: "step" });
  const [claimed] = await rig.claim();
  const asked = await rig.service.cancelRun({ id: claimed?.id });
  expect(asked.state).toBe("running");
  expect(asked.cancelRequestedAt).not.toBeNull();
});

test("a run that has ended cannot be cancelled", async () => {
  await using rig = await openRig();
  const [id] = await rig.service.enqueue([{ type: "step" }]);
  for (const each of await rig.claim()) await rig.finish(each);
  await expect(rig.service.cancelRun({ id })).rejects.toMatchObject({
    code: "ORR_STATE_TRANSITION",
    details: { state: "succeeded", event: "cancel" },
  });
});

test("an ended run is queued again as a new run of the same work", async () => {
  await using rig = await openRig();
  const [id] = await rig.service.enqueue([
    { type: "step", input: { n: 1 }, priority: "high", concurrencyKey: "k" },
  ]);
  for (const each of await rig.claim()) await rig.finish(each, failed("no luck"));
  const again = await rig.service.retryRun(id);
  expect(again.id).not.toBe(id);
  expect(again).toMatchObject({
    state: "queued",
    input: { n: 1 },
    priority: "high",
    concurrencyKey: "k",
    attempts: [],
  });
  expect((await rig.service.getRun(id)).state).toBe("failed");
});

test("a run that has not ended is not queued a second time", async () => {
  await using rig = await openRig();
  const [id] = await rig.service.enqueue([{ type: "step" }]);
  await expect(rig.service.retryRun(id)).rejects.toMatchObject({
    code: "ORR_STATE_TRANSITION",
    details: { state: "queued", event: "retry" },
  });
});

test("queueing a run again needs room in the queue", async () => {
  await using rig = await openRig();
  const [id] = await rig.service.enqueue([{ type: "narrow" }]);
  for (const each of await rig.claim()) await rig.finish(each);
  await rig.service.enqueue([{ type: "narrow" }]);
  await expect(rig.service.retryRun(id)).rejects.toMatchObject({
    code: "ORR_CONFLICT_QUEUE_FULL",
  });
});

test.each(["getRun", "retryRun"] as const)("%s refuses an id that no run has", async (verb) => {
  await using rig = await openRig();
  await expect(rig.service[verb](999)).rejects.toMatchObject({
    code: "ORR_NOT_FOUND_RUN",
    details: { field: "id", value: 999 },
  });
});

test("runs are listed by type, state and task across queue and history", async () => {
  await using rig = await openRig();
  const [first] = await rig.service.enqueue([{ type: "step" }]);
  for (const each of await rig.claim()) await rig.finish(each, eventful(7));
  const task = await rig.create({ type: "poll" });
  const list = async (fields: object) => (await rig.service.listRuns(fields)).items;
  expect(await list({})).toHaveLength(2);
  expect(await list({ type: "step" })).toMatchObject([
    { id: first, state: "succeeded", output: 7 },
  ]);
  expect(await list({ state: ["queued"] })).toMatchObject([{ taskId: task.id }]);
  expect(await list({ taskId: task.id, state: ["succeeded"] })).toEqual([]);
});

test("a page goes on where the one before ended, while new runs come", async () => {
  await using rig = await openRig();
  const ids = await rig.service.enqueue(Array.from({ length: 5 }, () => ({ type: "step" })));
  const first = await rig.service.listRuns({ limit: 2 });
  await rig.service.enqueue([{ type: "step" }]);
  const second = await rig.service.listRuns({ limit: 2, cursor: first.nextCursor });
  const third = await rig.service.listRuns({ limit: 2, cursor: second.nextCursor });
  const seen = [first, second, third].flatMap((page) => page.items.map((each) => each.id));
  expect(seen).toEqual(ids.toReversed());
  expect(third.nextCursor).toBeNull();
});

async function withLog(rig: ServiceRig, count: number): Promise<number> {
  const [id] = await rig.service.enqueue([{ type: "step" }]);
  const [claimed] = await rig.claim();
  if (claimed === undefined) return 0;
  await rig.store.history.appendLog(
    Array.from({ length: count }, (_, index) => ({
      runId: claimed.id,
      typeId: claimed.typeId,
      attempt: 1,
      seq: index + 1,
      level: "info" as const,
      message: `line ${index + 1}`,
      data: null,
      ageMs: 0,
    })),
  );
  return Number(id);
}

test("a log is read on from a line", async () => {
  await using rig = await openRig();
  const id = await withLog(rig, 10);
  const seqs = async (fields: object) =>
    (await rig.service.listLogs(id, fields)).map((line) => line.seq);
  expect(await seqs({ limit: 3 })).toEqual([1, 2, 3]);
  expect(await seqs({ after: "1.8" })).toEqual([9, 10]);
  expect(await seqs({ after: "2.0" })).toEqual([]);
});

test("the log of a run that nobody has is refused, that of a quiet one is empty", async () => {
  await using rig = await openRig();
  const [id] = await rig.service.enqueue([{ type: "step" }]);
  expect(await rig.service.listLogs(id, {})).toEqual([]);
  await expect(rig.service.listLogs(999, {})).rejects.toMatchObject({ code: "ORR_NOT_FOUND_RUN" });
});
