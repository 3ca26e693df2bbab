/**
 * Use cases of stored tasks. Each change locks the task's row, checks the transition against the
 * state table and applies it, so that of two callers at one time the second sees the first.
 */

import { NotFoundError } from "../kernel/errors.ts";
import { ifPresent, invalidField, readOneOf, readText } from "../kernel/fields.ts";
import { toId, type TaskId, type TriggerId } from "../kernel/ids.ts";
import { addMillis } from "../kernel/instant.ts";
import { present } from "../kernel/assert.ts";
import { isGraph } from "../model/graph.ts";
import type { Run } from "../model/run.ts";
import {
  refusedTransition,
  taskTable,
  transition,
  type RunState,
  type TaskEvent,
  type TaskState,
} from "../model/state-machine.ts";
import type { Store } from "../model/store.ts";
import type { Task, TaskDetail, TaskFilter } from "../model/task.ts";
import { taskTypeNameLettersMax } from "../model/task-name.ts";
import type { ServiceContext } from "./context.ts";
import { refuseUndone, retryGraph, reviveGraphOf } from "./graph-retry.ts";
import { cutPage, readPage, type ListPage, type PageFields } from "./page.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";
import { nameLettersMax } from "./read-requests.ts";
import { typeNamed } from "./task-types.ts";
import { nextFires } from "./triggers.ts";

/** Letters of a reason that somebody gives. */
export const reasonLettersMax = 1_000;
/** Live runs of one task that are looked at. */
const liveRunsMax = 1_000;

const taskStates: readonly TaskState[] = [
  "active",
  "paused",
  "completed",
  "failed",
  "disabled",
  "cancelled",
];
const liveStates: readonly RunState[] = ["blocked", "queued", "paused", "running"];

/** Which tasks to list; every field is checked. */
export interface ListTasksFields extends PageFields {
  readonly type?: unknown;
  readonly state?: unknown;
  readonly rootId?: unknown;
  readonly parentId?: unknown;
  readonly key?: unknown;
}

/** @throws NotFoundError `ORR_NOT_FOUND_TASK` */
export function getTask({ store }: ServiceContext, id: unknown): Promise<TaskDetail> {
  return detailOf(store, readTaskId(id));
}

/**
 * A page of tasks, newest first.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CURSOR`
 */
export async function listTasks(
  { store }: ServiceContext,
  fields: ListTasksFields,
): Promise<ListPage<Task>> {
  const page = readPage(fields);
  const filter = readFilter(fields);
  return cutPage(page, (each) => store.tasks.list(filter, each));
}

function readFilter(fields: ListTasksFields): TaskFilter {
  const typeName = ifPresent(fields.type, (value) =>
    readText(value, { field: "type", max: taskTypeNameLettersMax }),
  );
  const states = ifPresent(fields.state, (value) => readWords(value, taskStates));
  const rootId = ifPresent(fields.rootId, (value) => toId<TaskId>(value, "rootId"));
  const parentId = ifPresent(fields.parentId, (value) => toId<TaskId>(value, "parentId"));
  const key = ifPresent(fields.key, (value) =>
    readText(value, { field: "key", max: nameLettersMax }),
  );
  return {
    ...(typeName === undefined ? {} : { typeName }),
    ...(states === undefined ? {} : { states }),
    ...(rootId === undefined ? {} : { rootId }),
    ...(parentId === undefined ? {} : { parentId }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Reads the `state` filter of a list: an array of states, one at least. */
export function readWords<Word extends string>(
  value: unknown,
  words: readonly Word[],
): readonly Word[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > words.length) {
    throw invalidField("state", { expected: `an array of ${words.join(", ")}`, value });
  }
  return value.map((each, index) => readOneOf(each, { field: `state[${index}]`, words }));
}

/**
 * Ends a task: it fires no more, its waiting runs end, running ones are asked to stop, and tasks
 * that are to be cancelled with it are.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws StateError `ORR_STATE_TRANSITION`
 */
export async function cancelTask(
  { store }: ServiceContext,
  request: { readonly id: unknown; readonly reason?: unknown },
): Promise<TaskDetail> {
  const reason = readReason(request.reason);
  return changed(store, { id: request.id, event: "cancel" }, async (inside, task) => {
    if (isGraph(task)) await inside.graphs.cancel(task.id, reason);
    else await inside.tasks.cancel(task.id, reason);
  });
}

/** Reads a reason. @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` */
export function readReason(value: unknown): string {
  const reason = ifPresent(value, (each) =>
    readText(each, { field: "reason", max: reasonLettersMax }),
  );
  return reason ?? "cancelled on request";
}

/**
 * What the end of an idle run by cancelling means for its locked task: an adaptive trigger moves
 * on by its interval, and a task with nothing left to do is cancelled like its run.
 */
export async function settleCancelledRun(
  store: Store,
  run: { readonly taskId: TaskId; readonly triggerId: TriggerId | null; readonly reason: string },
): Promise<void> {
  const task = await detailOf(store, run.taskId);
  const adaptive = task.triggers.find(
    (each) => each.id === run.triggerId && each.intervalMs !== null,
  );
  if (adaptive !== undefined) {
    // One of a paused task finds its next fire time when the task is resumed.
    if (task.state !== "active") return;
    const now = await store.system.now();
    const nextFireAt = addMillis(now, adaptive.intervalMs ?? 0);
    await store.tasks.setNextFire([{ triggerId: adaptive.id, nextFireAt }]);
    return;
  }
  const waits = task.state === "paused" && task.triggers.length > 0;
  const fires = task.triggers.some((each) => each.nextFireAt !== null || each.pausedAt !== null);
  if (waits || fires || transition(taskTable, task.state, "cancel") === undefined) return;
  if ((await store.runs.listLiveOfTask(task.id)).length > 0) return;
  await store.tasks.cancel(task.id, run.reason);
}

/**
 * Fires and claims nothing of it until resumed; what runs, runs on.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws StateError `ORR_STATE_TRANSITION`
 */
export function pauseTask({ store }: ServiceContext, id: unknown): Promise<TaskDetail> {
  return changed(store, { id, event: "pause" }, async (inside, task) => {
    await inside.tasks.applyEvent(task.id, "pause", null);
    if (isGraph(task)) await inside.graphs.setPaused(task.id, true);
    else await inside.tasks.setRunsPaused(task.id, true);
  });
}

/**
 * Goes on from now. A task whose only fire times passed meanwhile is completed.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws StateError `ORR_STATE_TRANSITION`
 */
export function resumeTask({ store }: ServiceContext, id: unknown): Promise<TaskDetail> {
  return changed(store, { id, event: "resume" }, async (inside, task) => {
    await inside.tasks.applyEvent(task.id, "resume", null);
    if (isGraph(task)) {
      await inside.graphs.setPaused(task.id, false);
      return;
    }
    await inside.tasks.setRunsPaused(task.id, false);
    const live = await liveRunsOf(inside, task.id);
    const comes = await moveTriggers(inside, { id: task.id, live, revived: false });
    if (!comes && live.length === 0) {
      await inside.tasks.applyEvent(task.id, "complete", "all fire times passed while paused");
    }
  });
}

/**
 * Runs a task once more now, reviving it if it had ended. A task without trigger that still has a
 * run is refused: a second one would do the same work twice. Of a graph the nodes run once more
 * that ended without success, and what was cancelled with them.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws StateError `ORR_STATE_TRANSITION`
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export function retryTask({ store }: ServiceContext, id: unknown): Promise<TaskDetail> {
  return changed(store, { id, event: "retry" }, async (inside, task) => {
    await refuseUndone(inside, task);
    if (isGraph(task)) {
      await retryGraph(inside, task);
      return;
    }
    const live = await liveRunsOf(inside, task.id);
    const { triggers } = await detailOf(inside, task.id);
    if (live.length > 0 && triggers.length === 0) {
      const state = `${task.state} with a run that has not ended`;
      throw refusedTransition(`task ${task.id}`, { state, event: "retry" });
    }
    const type = await typeNamed(inside, { name: task.typeName, field: "type" });
    await reserveRoom(inside, demandOf([type]));
    await inside.tasks.applyEvent(task.id, "retry", null);
    if (task.state !== "active") await moveTriggers(inside, { id: task.id, live, revived: true });
    await inside.tasks.createRun(task.id);
    if (task.nodeName !== null) await reviveGraphOf(inside, task);
  });
}

/** Gives the triggers of a task that goes on their next fire times; answers whether one has any. */
async function moveTriggers(
  store: Store,
  task: { readonly id: TaskId; readonly live: readonly Run[]; readonly revived: boolean },
): Promise<boolean> {
  const { triggers } = await detailOf(store, task.id);
  if (triggers.length === 0) return false;
  const outstanding = new Set<TriggerId>();
  for (const run of task.live) if (run.triggerId !== null) outstanding.add(run.triggerId);
  const now = await store.system.now();
  const fires = nextFires(triggers, { now, outstanding, revived: task.revived });
  await store.tasks.setNextFire(fires);
  return (
    fires.some((fire) => fire.nextFireAt !== null) ||
    triggers.some((trigger) => trigger.pausedAt !== null)
  );
}

function liveRunsOf(store: Store, taskId: TaskId): Promise<readonly Run[]> {
  return store.runs.list({ taskId, states: liveStates }, { limit: liveRunsMax });
}

/** Locks, checks the transition, does `work`, and reads the task again, in one transaction. */
function changed(
  store: Store,
  { id, event }: { readonly id: unknown; readonly event: TaskEvent },
  work: (store: Store, task: Task) => Promise<void>,
): Promise<TaskDetail> {
  return store.transaction(async (inside) => {
    const taskId = readTaskId(id);
    const task = await inside.tasks.lock(taskId);
    if (task === undefined) throw noTask(taskId);
    if (transition(taskTable, task.state, event) === undefined) {
      throw refusedTransition(`task ${taskId}`, { state: task.state, event });
    }
    await work(inside, task);
    return present(await inside.tasks.find(taskId), "a locked task");
  });
}

async function detailOf(store: Store, id: TaskId): Promise<TaskDetail> {
  const task = await store.tasks.find(id);
  if (task === undefined) throw noTask(id);
  return task;
}

function readTaskId(id: unknown): TaskId {
  return toId<TaskId>(id, "id");
}

function noTask(id: TaskId): NotFoundError {
  return new NotFoundError("ORR_NOT_FOUND_TASK", `no task has the id ${id}`, {
    details: { field: "id", value: id },
  });
}
