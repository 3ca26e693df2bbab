/**
 * Schedules: tasks that somebody wants to be there, told by their keys each time a process starts.
 * What is not there is stored; of what is there, the triggers are brought to what the request says.
 * All else that a stored task has stays as it is, and where it differs that is told.
 */

import { isDeepStrictEqual } from "node:util";
import { fieldIn, invalidField, readList } from "../kernel/fields.ts";
import type { TaskId } from "../kernel/ids.ts";
import { present } from "../kernel/assert.ts";
import type { OverridesRequest, PolicyOverrides, TaskDetail } from "../model/task.ts";
import type { Store } from "../model/store.ts";
import type { ServiceContext } from "./context.ts";
import { creationOrder } from "./creation-order.ts";
import { storeTasks } from "./create-tasks.ts";
import {
  readTaskRequest,
  requestCountMax,
  type TaskReference,
  type TaskRequest,
} from "./read-requests.ts";
import { isEmptyPlan, planTriggers, type TriggerPlan } from "./trigger-plan.ts";
import { placedTrigger, storedAgain } from "./trigger-changes.ts";
import { type ReadTrigger, readTriggers } from "./triggers.ts";

/** What became of one schedule. */
export interface AppliedSchedule {
  /** As it is now. */
  readonly task: TaskDetail;
  /** Whether it was stored just now. */
  readonly isNew: boolean;
  /** How many of its triggers were changed, added and removed. */
  readonly changedCount: number;
  readonly addedCount: number;
  readonly removedCount: number;
  /** The fields in which the task differs from the request and stays as it was. */
  readonly left: readonly string[];
}

/**
 * Stores the tasks whose keys are new, all or none, then brings the triggers of the others to what
 * their requests say, task by task; a trigger that is paused stays so. The answer is in the order
 * of the requests. Triggers are left alone, and told of, where the task is not active, and where it
 * would come to run again and again, or once, as it did not before.
 * @throws InvalidInputError `ORR_INPUT_*` with `details.field` such as `tasks[3].key`
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` `ORR_NOT_FOUND_TASK`
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export async function applySchedules(
  context: ServiceContext,
  requests: unknown,
): Promise<readonly AppliedSchedule[]> {
  const { store } = context;
  const wanted = readList(requests, { field: "tasks", max: requestCountMax }).map(readSchedule);
  // Those that are there are not stored again, which would refuse a key that comes twice.
  creationOrder(wanted);
  const idByKey = await store.tasks.findIdsByKey(wanted.map(({ key }) => key));
  const found = await store.tasks.findMany([...idByKey.values()]);
  const tasks = new Map(found.flatMap((task) => (task.key === null ? [] : [[task.key, task]])));
  const missing = wanted.filter(({ key }) => !tasks.has(key));
  const stored = await storeTasks(context, missing);
  const added = new Map(missing.map(({ key }, place) => [key, present(stored[place], "a task")]));
  const all = new Map([...tasks, ...added]);
  const applied: AppliedSchedule[] = [];
  for (const schedule of wanted) {
    const task = present(all.get(schedule.key), "the task of a schedule");
    applied.push(
      added.has(schedule.key)
        ? { task, isNew: true, ...unchanged, left: [] }
        : await applyTo(store, task, { schedule, tasks: all }),
    );
  }
  return applied;
}

interface Schedule extends TaskRequest {
  readonly key: string;
  readonly rules: readonly ReadTrigger[];
}

const unchanged = { changedCount: 0, addedCount: 0, removedCount: 0 };

function readSchedule(value: unknown, index: number): Schedule {
  const request = readTaskRequest(value, fieldIn("tasks", index));
  const { key, field } = request;
  if (key === null) {
    throw invalidField(fieldIn(field, "key"), { expected: "a text", value: undefined });
  }
  return { ...request, key, rules: readTriggers(request.triggers, fieldIn(field, "triggers")) };
}

async function applyTo(
  store: Store,
  task: TaskDetail,
  wanted: { readonly schedule: Schedule; readonly tasks: ReadonlyMap<string, TaskDetail> },
): Promise<AppliedSchedule> {
  const { schedule } = wanted;
  const left = await listDifferences(store, task, wanted);
  const isKept = { task, isNew: false, ...unchanged };
  if (isEmptyPlan(planTriggers(schedule.rules, task.triggers))) return { ...isKept, left };
  const isOther = schedule.typeName !== task.typeName || schedule.rules.length === 0;
  const plan = isOther ? undefined : await applyTriggers(store, task.id, schedule.rules);
  if (plan === undefined) return { ...isKept, left: [...left, "triggers"] };
  return {
    task: present(await store.tasks.find(task.id), "the task of a schedule"),
    isNew: false,
    changedCount: plan.changed.length,
    addedCount: plan.added.length,
    removedCount: plan.removed.length,
    left,
  };
}

/** Under the task's lock, so that of two processes that start only one adds a trigger. */
async function applyTriggers(
  store: Store,
  id: TaskId,
  rules: readonly ReadTrigger[],
): Promise<TriggerPlan | undefined> {
  return await store.transaction(async (inside) => {
    const locked = await inside.tasks.lock(id);
    const task = await inside.tasks.find(id);
    if (locked?.state !== "active" || task === undefined || task.triggers.length === 0) {
      return undefined;
    }
    const plan = planTriggers(rules, task.triggers);
    for (const { trigger, wanted, isRuleNew } of plan.changed) {
      const nextFireAt = trigger.pausedAt === null ? undefined : null;
      const changed = isRuleNew
        ? await placedTrigger(inside, task, { ...wanted, nextFireAt })
        : { ...storedAgain(trigger), policy: wanted.policy };
      await inside.triggers.change(trigger.id, changed);
    }
    for (const wanted of plan.added) {
      await inside.triggers.add(id, await placedTrigger(inside, task, wanted));
    }
    for (const trigger of plan.removed) await inside.triggers.remove(trigger.id);
    await inside.triggers.settleIdle(id, "its triggers have no fire time to come");
    return plan;
  });
}

/** The fields, besides triggers, in which a stored task differs from what its request says. */
async function listDifferences(
  store: Store,
  task: TaskDetail,
  wanted: { readonly schedule: Schedule; readonly tasks: ReadonlyMap<string, TaskDetail> },
): Promise<readonly string[]> {
  const { schedule, tasks } = wanted;
  const idOf = async (reference: TaskReference): Promise<TaskId | undefined> =>
    reference.kind === "id"
      ? reference.id
      : (tasks.get(reference.key)?.id ??
        (await store.tasks.findIdsByKey([reference.key])).get(reference.key));
  const { parent } = schedule;
  const parentId = parent === undefined ? null : await idOf(parent);
  const requires = await Promise.all(
    schedule.requires.map(async ({ task: each, onFailure }) => [await idOf(each), onFailure]),
  );
  const isSame: Readonly<Record<string, boolean>> = {
    type: schedule.typeName === task.typeName,
    name: (schedule.name ?? schedule.typeName) === task.name,
    // Through JSON, which the stored one went through: there is no -0 in it.
    input: isDeepStrictEqual(JSON.parse(JSON.stringify(schedule.input)), task.input),
    priority: schedule.priority === task.priority,
    concurrencyKey: schedule.concurrencyKey === task.concurrencyKey,
    overrides: isCovered(schedule.overrides, task.overrides),
    [parent?.kind === "key" ? "parentKey" : "parentId"]: parentId === task.parentId,
    requires: isDeepStrictEqual(new Set(requires), new Set(requirementsOf(task))),
  };
  return Object.keys(isSame).filter((field) => isSame[field] === false);
}

function requirementsOf({ requires }: TaskDetail): readonly (readonly unknown[])[] {
  return requires
    .filter(({ reason }) => reason === "requires")
    .map(({ requiresTaskId, onFailure }) => [requiresTaskId, onFailure]);
}

/** Whether what is said is stored; what is not said was filled in from the type, as it was then. */
function isCovered(said: OverridesRequest, stored: PolicyOverrides): boolean {
  const { retry, timeoutMs } = said;
  if (timeoutMs !== stored.timeoutMs) return false;
  if (retry === undefined || stored.retry === undefined) return retry === stored.retry;
  return isDeepStrictEqual({ ...stored.retry, ...retry }, stored.retry);
}
