/**
 * Use cases of single triggers: added, changed, paused, removed, and what was decided of their fire
 * times. Each change locks the task first, so that a trigger and the state of its task agree.
 */

import { present } from "../kernel/assert.ts";
import { NotFoundError } from "../kernel/errors.ts";
import {
  type Fields,
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readNumber,
} from "../kernel/fields.ts";
import { toId, type TaskId, type TriggerId } from "../kernel/ids.ts";
import { isRecord } from "../kernel/json.ts";
import type { Occurrence } from "../model/firing.ts";
import { refusedTransition } from "../model/state-machine.ts";
import type { Store } from "../model/store.ts";
import type { NewTrigger, Task, TaskDetail, TaskTrigger } from "../model/task.ts";
import type { ServiceContext } from "./context.ts";
import { pageLimitDefault, pageLimitMax } from "./page.ts";
import { triggerCountMax } from "./read-requests.ts";
import { typeNamed } from "./task-types.ts";
import {
  newTrigger,
  nextFireOf,
  readFirst,
  readFiringPolicy,
  readRule,
  readTrigger,
  secondAdaptive,
  type ReadTrigger,
} from "./triggers.ts";

/** Which occurrences to list; every field is checked. */
export interface ListOccurrencesFields {
  readonly before?: unknown;
  readonly limit?: unknown;
}

const liveRunsMax = 1_000;

/** @throws NotFoundError `ORR_NOT_FOUND_TRIGGER` */
export async function getTrigger({ store }: ServiceContext, id: unknown): Promise<TaskTrigger> {
  return await triggerOf(store, readTriggerId(id));
}

/**
 * Adds a trigger to a task that has triggers and has not ended.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws StateError `ORR_STATE_TRANSITION`
 * @throws InvalidInputError `ORR_INPUT_*` with the path of the wrong part
 */
export async function addTrigger(
  { store }: ServiceContext,
  request: { readonly taskId: unknown; readonly trigger: unknown },
): Promise<TaskTrigger> {
  const read = readTrigger(request.trigger, "");
  const taskId = toId<TaskId>(request.taskId, "taskId");
  return await store.transaction(async (inside) => {
    const task = await lockRecurring(inside, taskId, "get a trigger");
    if (task.triggers.length >= triggerCountMax) {
      const expected = `a task with fewer than ${triggerCountMax} triggers`;
      throw invalidField("taskId", { expected, value: taskId });
    }
    if (read.kind === "adaptive" && task.triggers.some((each) => each.intervalMs !== null)) {
      throw secondAdaptive("kind");
    }
    const id = await inside.triggers.add(taskId, await placedTrigger(inside, task, read));
    return await triggerOf(inside, id);
  });
}

/**
 * Changes a trigger: its rule, how it fires, or its next fire time; what is absent stays. A new
 * rule goes on from now. A trigger that was paused stays so until it is resumed, unless a next fire
 * time is given.
 * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
 * @throws StateError `ORR_STATE_TRANSITION` when its task has ended or is paused
 * @throws InvalidInputError `ORR_INPUT_*` with the path of the wrong part
 */
export async function updateTrigger(
  { store }: ServiceContext,
  request: { readonly id: unknown; readonly change: unknown },
): Promise<TaskTrigger> {
  const given = readFields(request.change, "", [
    "spec",
    "nextFireAt",
    "misfireGraceMs",
    "coalesce",
    "maxInstances",
    "overlap",
  ]);
  return await changed(store, { id: request.id, event: "be changed" }, async (inside, found) => {
    const { task, trigger } = found;
    const read = readChange(trigger, given);
    if (given["spec"] === undefined && given["nextFireAt"] === undefined) {
      return { ...storedAgain(trigger), policy: read.policy };
    }
    const wanted = await placedTrigger(inside, task, read);
    if (read.kind === "calendar") return wanted;
    return { ...wanted, intervalMs: trigger.intervalMs };
  });
}

/** The trigger as it is to be, with the first fire time that a paused one has not. */
function readChange(trigger: TaskTrigger, given: Fields): ReadTrigger {
  const spec = given["spec"] === undefined ? trigger.spec : given["spec"];
  if (!isRecord(spec)) {
    throw invalidField("spec", { expected: "an object with a kind", value: spec });
  }
  const rule = readRule(spec, "spec");
  if ((rule.kind === "adaptive") !== (trigger.intervalMs !== null)) {
    const expected = `${rule.kind === "adaptive" ? "a calendar" : "an adaptive"} rule, as it was`;
    throw invalidField(fieldIn("spec", "kind"), { expected, value: spec["kind"] });
  }
  const policy = readFiringPolicy(given, { field: "", kind: rule.kind, known: trigger.policy });
  const first = readFirst(given["nextFireAt"], "nextFireAt");
  const nextFireAt = first === undefined && trigger.pausedAt !== null ? null : first;
  return { ...rule, field: "spec", policy, nextFireAt };
}

/**
 * Fires no more until it is resumed; its runs go on. Nothing happens to one that is paused already.
 * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
 * @throws StateError `ORR_STATE_TRANSITION`
 */
export async function pauseTrigger({ store }: ServiceContext, id: unknown): Promise<TaskTrigger> {
  return await changed(store, { id, event: "be paused" }, async (_inside, { trigger }) => ({
    ...storedAgain(trigger),
    nextFireAt: null,
    isPaused: true,
  }));
}

/**
 * Goes on from now: what would have fired meanwhile is not caught up. Nothing happens to one that
 * is not paused. A task whose last trigger has no time to come, and that has no run, ends.
 * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
 * @throws StateError `ORR_STATE_TRANSITION`
 */
export async function resumeTrigger({ store }: ServiceContext, id: unknown): Promise<TaskTrigger> {
  return await changed(store, { id, event: "be resumed" }, async (inside, { task, trigger }) => {
    if (trigger.pausedAt === null) return storedAgain(trigger);
    const live = await inside.runs.list(
      { taskId: task.id, states: ["blocked", "queued", "paused", "running"] },
      { limit: liveRunsMax },
    );
    const outstanding = new Set(live.flatMap((run) => run.triggerId ?? []));
    const now = await inside.system.now();
    const nextFireAt = nextFireOf(trigger, { now, outstanding, revived: false });
    return { ...storedAgain(trigger), nextFireAt, isPaused: false };
  });
}

/**
 * Takes a trigger away; its runs go on and what it did stays in the history. A task that has
 * nothing else to come ends.
 * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
 */
export async function removeTrigger({ store }: ServiceContext, id: unknown): Promise<void> {
  const triggerId = readTriggerId(id);
  await store.transaction(async (inside) => {
    const { taskId } = await triggerOf(inside, triggerId);
    await inside.tasks.lock(taskId);
    await inside.triggers.remove(triggerId);
    await inside.triggers.settleIdle(taskId, "its last trigger was removed");
  });
}

/**
 * What was decided of the fire times of a trigger, newest first; of one that was removed too, as
 * long as the history is kept.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export async function listOccurrences(
  { store }: ServiceContext,
  request: { readonly id: unknown; readonly fields: ListOccurrencesFields },
): Promise<readonly Occurrence[]> {
  const { before, limit } = request.fields;
  const rule = { field: "limit", min: 1, max: pageLimitMax, whole: true };
  return await store.triggers.listOccurrences(readTriggerId(request.id), {
    before: readFirst(before, "before") ?? undefined,
    limit: ifPresent(limit, (value) => readNumber(value, rule)) ?? pageLimitDefault,
  });
}

/** What a locked trigger of a locked task becomes. */
type Change = (
  store: Store,
  found: { readonly task: TaskDetail; readonly trigger: TaskTrigger },
) => Promise<NewTrigger>;

/** Locks task and trigger, stores what `change` makes of it, and reads it again. */
async function changed(
  store: Store,
  { id, event }: { readonly id: unknown; readonly event: string },
  change: Change,
): Promise<TaskTrigger> {
  const triggerId = readTriggerId(id);
  return await store.transaction(async (inside) => {
    const { taskId } = await triggerOf(inside, triggerId);
    const task = await lockRecurring(inside, taskId, event);
    const trigger = task.triggers.find((each) => each.id === triggerId);
    if (trigger === undefined) throw noTrigger(triggerId);
    await inside.triggers.change(triggerId, await change(inside, { task, trigger }));
    await inside.triggers.settleIdle(taskId, "its triggers have no fire time to come");
    return await triggerOf(inside, triggerId);
  });
}

/**
 * The locked task with its triggers as they are under the lock.
 * @throws StateError `ORR_STATE_TRANSITION` unless it is active and has triggers
 */
async function lockRecurring(store: Store, id: TaskId, event: string): Promise<TaskDetail> {
  const task: Task | undefined = await store.tasks.lock(id);
  if (task === undefined) {
    throw new NotFoundError("ORR_NOT_FOUND_TASK", `no task has the id ${id}`, {
      details: { field: "taskId", value: id },
    });
  }
  const detail = present(await store.tasks.find(id), "a locked task");
  if (task.state !== "active" || detail.triggers.length === 0) {
    const state = task.state === "active" ? "without triggers" : task.state;
    throw refusedTransition(`a trigger of task ${id}`, { state, event });
  }
  return detail;
}

/** A trigger that has been read, with its next fire time from now on. */
export async function placedTrigger(
  store: Store,
  task: Task,
  read: ReadTrigger,
): Promise<NewTrigger> {
  const { interval } = await typeNamed(store, { name: task.typeName, field: "type" });
  return newTrigger(read, { now: await store.system.now(), interval });
}

/** A stored trigger as it would be stored again. */
export function storedAgain(trigger: TaskTrigger): NewTrigger {
  const { spec, nextFireAt, intervalMs, policy, pausedAt } = trigger;
  return { spec, nextFireAt, intervalMs, policy, isPaused: pausedAt !== null };
}

async function triggerOf(store: Store, id: TriggerId): Promise<TaskTrigger> {
  const trigger = await store.triggers.find(id);
  if (trigger === undefined) throw noTrigger(id);
  return trigger;
}

function readTriggerId(id: unknown): TriggerId {
  return toId<TriggerId>(id, "id");
}

function noTrigger(id: TriggerId): NotFoundError {
  return new NotFoundError("ORR_NOT_FOUND_TRIGGER", `no trigger has the id ${id}`, {
    details: { field: "id", value: id },
  });
}
