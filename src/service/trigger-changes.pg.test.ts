/** Triggers one by one: added, changed, paused, resumed, removed. */

import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { present } from "../kernel/assert.ts";
import { formatInstant } from "../kernel/instant.ts";
import { defineTask } from "../model/define-task.ts";
import { eventful } from "../model/outcome.ts";
import type { TaskDetail, TaskTrigger } from "../model/task.ts";

const hourly = { kind: "cron", dialect: "vixie", expression: "0 * * * *", zone: "UTC" };
const daily = { kind: "cron", dialect: "vixie", expression: "30 6 * * *", zone: "UTC" };

async function openRig(): Promise<ServiceRig> {
  return await openServiceRig([defineTask({ name: "poll", run: () => eventful() })]);
}

function firstOf(task: TaskDetail): TaskTrigger {
  return present(task.triggers[0], "the trigger");
}

function nextOf({ nextFireAt }: TaskTrigger): string | null {
  return nextFireAt === null ? null : formatInstant(nextFireAt);
}

test("a trigger keeps how it fires, with defaults for what is not said", async () => {
  await using rig = await openRig();
  const said = { misfireGraceMs: 5_000, coalesce: "all", maxInstances: 3, overlap: "queue-one" };
  const task = await rig.create({ type: "poll", triggers: [{ ...hourly, ...said }, daily] });
  expect(task.triggers.map(({ policy }) => policy)).toEqual([
    said,
    { misfireGraceMs: null, coalesce: "latest", maxInstances: 1, overlap: "skip" },
  ]);
});

test("an interval is anchored when it is stored, and jitter gets a seed of its own", async () => {
  await using rig = await openRig();
  const every = { kind: "interval", everyMs: 60_000, jitterMs: 1_000 };
  const task = await rig.create({ type: "poll", triggers: [every, every] });
  const seeds = task.triggers.map(({ spec }) => {
    expect(spec).toMatchObject({ anchorAt: "2026-03-01T09:01:00.000000Z" });
    return "jitterSeed" in spec ? spec["jitterSeed"] : undefined;
  });
  expect(seeds).toEqual([expect.any(Number), expect.any(Number)]);
  expect(seeds[0]).not.toBe(seeds[1]);
});

test("a trigger paused alone does not fire, and goes on from now", async () => {
  await using rig = await openRig();
  const task = await rig.create({ type: "poll", triggers: [hourly, daily] });
  const { id } = firstOf(task);
  expect(await rig.service.pauseTrigger(id)).toMatchObject({ nextFireAt: null });
  rig.setNow("2026-03-01T12:30:00Z");
  await rig.fire();
  expect(await rig.claim()).toEqual([]);
  // A pause of the whole task does not end the trigger's own.
  await rig.service.pauseTask(task.id);
  expect(firstOf(await rig.service.resumeTask(task.id)).pausedAt).not.toBeNull();
  const resumed = await rig.service.resumeTrigger(id);
  expect(nextOf(resumed)).toBe("2026-03-01T13:00:00.000000Z");
  expect(resumed.pausedAt).toBeNull();
});

test("a trigger added paused waits, and keeps its task from ending", async () => {
  await using rig = await openRig();
  const once = { kind: "date", at: "2026-03-01T10:00:00Z" };
  const task = await rig.create({
    type: "poll",
    triggers: [{ ...hourly, nextFireAt: null }, once],
  });
  rig.setNow("2026-03-01T10:00:00Z");
  await rig.fire();
  for (const run of await rig.claim()) await rig.finish(run);
  expect(await rig.service.getTask(task.id)).toMatchObject({ state: "active" });
  const resumed = await rig.service.resumeTrigger(firstOf(task).id);
  expect(nextOf(resumed)).toBe("2026-03-01T11:00:00.000000Z");
});

test("a next fire time set by hand is fired, and the rule goes on after it", async () => {
  await using rig = await openRig();
  const { id } = firstOf(await rig.create({ type: "poll", triggers: [hourly] }));
  await rig.service.updateTrigger({ id, change: { nextFireAt: "2026-03-01T09:20:00Z" } });
  rig.setNow("2026-03-01T09:20:00Z");
  await rig.fire();
  expect(await rig.claim()).toHaveLength(1);
  expect(nextOf(await rig.service.getTrigger(id))).toBe("2026-03-01T10:00:00.000000Z");
});

test("a new rule goes on from now, and what is not named stays", async () => {
  await using rig = await openRig();
  const trigger = { ...hourly, misfireGraceMs: 1_000 };
  const { id } = firstOf(await rig.create({ type: "poll", triggers: [trigger] }));
  const changed = await rig.service.updateTrigger({
    id,
    change: { spec: daily, overlap: "allow" },
  });
  expect(nextOf(changed)).toBe("2026-03-02T06:30:00.000000Z");
  expect(changed.policy).toMatchObject({ misfireGraceMs: 1_000, overlap: "allow" });
  const unlimited = await rig.service.updateTrigger({ id, change: { misfireGraceMs: null } });
  expect(unlimited).toMatchObject({ nextFireAt: changed.nextFireAt, spec: changed.spec });
  expect(unlimited.policy.misfireGraceMs).toBeNull();
});

test("triggers are added and removed; with the last one an idle task ends", async () => {
  await using rig = await openRig();
  const task = await rig.create({ type: "poll", triggers: [hourly] });
  const added = await rig.service.addTrigger({ taskId: task.id, trigger: daily });
  await rig.service.removeTrigger(firstOf(task).id);
  expect((await rig.service.getTask(task.id)).triggers).toMatchObject([{ id: added.id }]);
  await rig.service.removeTrigger(added.id);
  expect(await rig.service.getTask(task.id)).toMatchObject({
    state: "failed",
    stateReason: "its last trigger was removed",
  });
});

test("what was decided is listed newest first, page by page", async () => {
  await using rig = await openRig();
  const { id } = firstOf(await rig.create({ type: "poll", triggers: [hourly] }));
  for (const hour of ["10", "11", "12"]) {
    rig.setNow(`2026-03-01T${hour}:00:00Z`);
    await rig.fire();
  }
  const [newest, ...older] = await rig.service.listOccurrences(id, {});
  expect(newest).toMatchObject({ verdict: "skipped", runId: null });
  const before = formatInstant(present(newest, "the newest").fireAt);
  expect(await rig.service.listOccurrences(id, { before })).toEqual(older);
  expect(older.map(({ verdict }) => verdict)).toEqual(["skipped", "fired", "coalesced"]);
});

test.each([
  [{ misfireGraceMs: -1 }, "tasks[0].triggers[0].misfireGraceMs"],
  [{ coalesce: "newest" }, "tasks[0].triggers[0].coalesce"],
  [{ maxInstances: 0 }, "tasks[0].triggers[0].maxInstances"],
  [{ overlap: "stack" }, "tasks[0].triggers[0].overlap"],
  [{ nextFireAt: "soon" }, "tasks[0].triggers[0].nextFireAt"],
  [{ kind: "adaptive", overlap: "skip" }, "tasks[0].triggers[0].overlap"],
])("%o is refused by name", async (wrong, field) => {
  await using rig = await openRig();
  const rule = "kind" in wrong ? {} : hourly;
  const request = { type: "poll", triggers: [{ ...rule, ...wrong }] };
  await expect(rig.service.createTasks([request])).rejects.toMatchObject({ details: { field } });
});

test("changes of what is not there, has ended or is of another kind are refused", async () => {
  await using rig = await openRig();
  const { id } = firstOf(await rig.create({ type: "poll", triggers: [hourly] }));
  const once = await rig.create({ type: "poll" });
  const refused = [
    [rig.service.getTrigger(4_711), { code: "ORR_NOT_FOUND_TRIGGER" }],
    [
      rig.service.updateTrigger({ id, change: { spec: { kind: "adaptive" } } }),
      { details: { field: "spec.kind" } },
    ],
    [rig.service.updateTrigger({ id, change: { rule: hourly } }), { details: { field: "rule" } }],
    [
      rig.service.addTrigger({ taskId: once.id, trigger: hourly }),
      { code: "ORR_STATE_TRANSITION" },
    ],
  ] as const;
  await Promise.all(
    refused.map(async ([refusal, error]) => await expect(refusal).rejects.toMatchObject(error)),
  );
});
