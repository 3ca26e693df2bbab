/**
 * Triggers one by one, once over the local scheduler and once over the remote one: the same calls,
 * the same answers, the same errors.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { OccurrenceRecord, TaskDetailRecord, TriggerRecord } from "../../src/api/records.ts";
import type { Scheduler, TriggerRequest } from "../../src/api/scheduler.ts";
import { present } from "../../src/kernel/assert.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

let rig: SchedulerRig;

beforeAll(async () => {
  const run = (): undefined => undefined;
  rig = await openSchedulerRig({ tasks: [defineTask({ name: "idle", run })] });
  // Nobody claims its runs: each one stays under way.
  await rig.orrery.pauseTaskType("idle");
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const startAt = "2100-01-01T00:00:00.000000Z";
/** Does not fire while a test runs. */
const later: TriggerRequest = { kind: "interval", everyMs: 3_600_000, startAt };
const hourly: TriggerRequest = {
  kind: "cron",
  dialect: "vixie",
  expression: "0 * * * *",
  zone: "UTC",
};
/** Overdue for years as soon as it is stored. */
const overdue: TriggerRequest = { ...hourly, nextFireAt: "2020-01-01T00:00:00Z" };
const unsaid = { misfireGraceMs: null, coalesce: "latest", maxInstances: 1, overlap: "skip" };

function firstOf({ triggers }: TaskDetailRecord): TriggerRecord {
  return present(triggers[0], "a trigger");
}

describe.each(["local", "remote"] as const)("the %s scheduler", (kind) => {
  const of = (): Scheduler => (kind === "local" ? rig.orrery : rig.remote);

  afterAll(() => {
    expect(rig.breaches).toEqual([]);
    expect(rig.errors).toEqual([]);
  });

  async function created(...triggers: readonly TriggerRequest[]): Promise<TaskDetailRecord> {
    return await of().createTask({ type: "idle", triggers });
  }

  /** Asks until so many fire times have been decided on; the engine is at it. */
  async function decided(id: number, count: number): Promise<readonly OccurrenceRecord[]> {
    for (;;) {
      const occurrences = await of().listOccurrences(id);
      if (occurrences.length >= count) return occurrences;
    }
  }

  test("stores with each trigger how it fires, and what is not said by default", async () => {
    const said = {
      misfireGraceMs: 90_000.5,
      coalesce: "all",
      maxInstances: 3,
      overlap: "queue-one",
    } as const;
    const task = await created({ ...later, ...said }, later, {
      kind: "adaptive",
      nextFireAt: null,
    });
    expect(task.triggers).toMatchObject([
      { ...said, taskId: task.id, pausedAt: null, nextFireAt: startAt },
      { ...unsaid, spec: { kind: "interval", everyMs: 3_600_000, startAt } },
      { ...unsaid, nextFireAt: null, pausedAt: expect.any(String), intervalMs: expect.any(Number) },
    ]);
    expect(task.triggers[0]?.spec).not.toHaveProperty("overlap");
    expect(await of().getTrigger(firstOf(task).id)).toEqual(firstOf(task));
  });

  test("adds a trigger to a task, paused if that is asked for, and takes it away", async () => {
    const task = await created(later);
    const trigger = await of().addTrigger(task.id, {
      ...hourly,
      nextFireAt: null,
      overlap: "allow",
    });
    expect(trigger).toMatchObject({ taskId: task.id, nextFireAt: null, overlap: "allow" });
    expect(trigger.pausedAt).not.toBeNull();
    expect((await of().getTask(task.id)).triggers).toEqual([firstOf(task), trigger]);
    const { now } = await of().getSystem();
    const resumed = await of().resumeTrigger(trigger.id);
    expect(resumed.pausedAt).toBeNull();
    expect(present(resumed.nextFireAt, "a next time") > now).toBe(true);
    expect(await of().removeTrigger(trigger.id)).toBeUndefined();
    await expect(of().getTrigger(trigger.id)).rejects.toMatchObject({
      name: "NotFoundError",
      code: "ORR_NOT_FOUND_TRIGGER",
    });
    await of().removeTrigger(firstOf(task).id);
    const ended = await of().getTask(task.id);
    expect(ended).toMatchObject({ triggers: [], stateReason: "its last trigger was removed" });
  });

  test("changes what is named of a trigger and leaves the rest", async () => {
    const task = await created({ ...later, misfireGraceMs: 1_000 });
    const { id } = firstOf(task);
    const changed = await of().updateTrigger(id, { coalesce: "earliest", maxInstances: 2 });
    const firing = { coalesce: "earliest", maxInstances: 2 };
    expect(changed).toEqual({ ...firstOf(task), ...firing });
    const moved = await of().updateTrigger(id, {
      spec: { kind: "interval", everyMs: 60_000, startAt: "2200-01-01T00:00:00Z" },
      misfireGraceMs: null,
    });
    expect(moved).toMatchObject({
      ...firing,
      spec: { everyMs: 60_000 },
      misfireGraceMs: null,
      nextFireAt: "2200-01-01T00:00:00.000000Z",
    });
    const placed = await of().updateTrigger(id, { nextFireAt: "2150-01-01T00:00:00+01:00" });
    expect(placed.nextFireAt).toBe("2149-12-31T23:00:00.000000Z");
    expect((await of().updateTrigger(id, { nextFireAt: null })).pausedAt).not.toBeNull();
    expect(await of().updateTrigger(id, { nextFireAt: startAt })).toMatchObject({
      pausedAt: null,
      nextFireAt: startAt,
    });
  });

  test("pauses and resumes a trigger alone, as often as is asked", async () => {
    const task = await created(later, later);
    const { id } = firstOf(task);
    const paused = await of().pauseTrigger(id);
    expect(paused).toEqual({
      ...firstOf(task),
      nextFireAt: null,
      pausedAt: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/),
    });
    expect(await of().pauseTrigger(id)).toEqual(paused);
    const stillPaused = await of().updateTrigger(id, { overlap: "allow" });
    expect(stillPaused).toEqual({ ...paused, overlap: "allow" });
    expect((await of().getTask(task.id)).triggers).toEqual([stillPaused, task.triggers[1]]);
    const span = { from: "2099-12-31T23:30:00Z", hours: 1, taskId: task.id };
    expect((await of().getForecast(span)).count).toBe(1);
    const resumed = await of().resumeTrigger(id);
    expect(resumed).toEqual({ ...firstOf(task), overlap: "allow" });
    expect(await of().resumeTrigger(id)).toEqual(resumed);
    expect((await of().getForecast(span)).count).toBe(2);
  });

  test("tells what was decided of fire times, newest first, page by page", async () => {
    const { id } = firstOf(await created(overdue));
    const [fired, first] = await decided(id, 2);
    expect(fired).toMatchObject({ triggerId: id, verdict: "fired", reason: null });
    expect(first).toMatchObject({
      fireAt: "2020-01-01T00:00:00.000000Z",
      verdict: "coalesced",
      reason: expect.stringContaining("made one with"),
      runId: null,
    });
    const run = await of().getRun(present(fired?.runId, "a run"));
    expect(run).toMatchObject({ triggerId: id, fireAt: fired?.fireAt });
    expect(await of().listOccurrences(id, { limit: 1 })).toEqual([fired]);
    expect(await of().listOccurrences(id, { before: present(fired, "one").fireAt })).toEqual([
      first,
    ]);
    expect(await of().listOccurrences(id, { before: "2020-01-01T00:00:00Z" })).toEqual([]);
    await of().removeTrigger(id);
    expect(await of().listOccurrences(id)).toEqual([fired, first]);
    expect(await of().listOccurrences(999_999)).toEqual([]);
  });

  test("fires by the options of each trigger", async () => {
    const task = await created(
      { ...overdue, misfireGraceMs: 0 },
      { ...overdue, coalesce: "earliest" },
    );
    const [late, early] = task.triggers;
    expect((await decided(present(late, "the first").id, 1)).at(0)).toMatchObject({
      verdict: "missed",
      reason: expect.stringContaining("grace of 0 ms"),
    });
    const occurrences = await decided(present(early, "the second").id, 2);
    expect(occurrences.map(({ verdict }) => verdict)).toEqual(["coalesced", "fired"]);
    // Its run has not ended: the next fire time is refused.
    const { id } = present(early, "the second");
    await of().updateTrigger(id, { nextFireAt: "2021-01-01T00:30:00Z" });
    expect((await decided(id, 3)).map(({ verdict }) => verdict)).toContain("skipped");
  });

  test("refuses what the state of the task forbids", async () => {
    const once = await of().createTask({ type: "idle" });
    const refused = { name: "StateError", code: "ORR_STATE_TRANSITION" };
    await expect(of().addTrigger(once.id, hourly)).rejects.toMatchObject(refused);
    const task = await created(later);
    const { id } = firstOf(task);
    await of().pauseTask(task.id);
    await expect(of().updateTrigger(id, { overlap: "allow" })).rejects.toMatchObject(refused);
    await expect(of().pauseTrigger(id)).rejects.toMatchObject(refused);
    await of().cancelTask(task.id);
    await expect(of().addTrigger(task.id, hourly)).rejects.toMatchObject(refused);
  });

  test("names the field that is wrong", async () => {
    const task = await created(later);
    const wrong = { ...hourly, zone: "Mars/Olympus" };
    await expect(of().addTrigger(task.id, wrong)).rejects.toMatchObject({
      code: "ORR_INPUT_ZONE",
      details: { field: "zone" },
    });
    const { id } = firstOf(task);
    await expect(of().updateTrigger(id, { spec: wrong })).rejects.toMatchObject({
      details: { field: "spec.zone" },
    });
    await expect(of().updateTrigger(id, { maxInstances: 0 })).rejects.toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field: "maxInstances", value: 0 },
    });
    expect(await of().getTrigger(id)).toEqual(firstOf(task));
  });
});
