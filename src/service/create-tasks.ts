/**
 * Stores tasks, all or none. Everything that can be checked without the database is checked
 * before the transaction begins, so that locks are held shortly.
 */

import { ConflictError, NotFoundError, StateError } from "../kernel/errors.ts";
import { fieldIn, invalidField, readList } from "../kernel/fields.ts";
import type { TaskId } from "../kernel/ids.ts";
import { addMillis, type Instant } from "../kernel/instant.ts";
import { assertNever, present } from "../kernel/assert.ts";
import { checkedArguments } from "./arguments.ts";
import { isBuiltInType } from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type {
  NewDependency,
  NewTask,
  OverridesRequest,
  PolicyOverrides,
  Task,
  TaskDetail,
} from "../model/task.ts";
import type { TaskType } from "../model/task-type.ts";
import { filledRetryPolicy } from "../policy/retry.ts";
import type { ServiceContext } from "./context.ts";
import { type CreationOrder, creationOrder, referencesOf } from "./creation-order.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";
import {
  readTaskRequest,
  requestCountMax,
  type Due,
  type RunRequest,
  type TaskReference,
  type TaskRequest,
} from "./read-requests.ts";
import { typeNamed } from "./task-types.ts";
import { newTrigger, type ReadTrigger, readTriggers } from "./triggers.ts";

/** Each further try needs another one who takes a key of the list at the same time. */
const keyTriesMax = 10;
/** Ended states from which a task does not come to succeed by itself. */
const unsuccessful: ReadonlySet<string> = new Set(["failed", "disabled", "cancelled"]);

/**
 * Stores a list of tasks; the answer is in its order. A key that exists changes nothing and
 * answers the task that has it.
 * @throws InvalidInputError `ORR_INPUT_*` with `details.field` such as `tasks[3].input.url`
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` `ORR_NOT_FOUND_TASK`
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 * @throws StateError `ORR_STATE_TRANSITION` when what is required has failed or was cancelled
 */
export async function createTasks(
  context: ServiceContext,
  requests: unknown,
): Promise<readonly TaskDetail[]> {
  const list = readList(requests, { field: "tasks", max: requestCountMax });
  return storeTasks(
    context,
    list.map((each, index) => readTaskRequest(each, fieldIn("tasks", index))),
  );
}

/** Stores one task; errors as `createTasks`, fields without the list's prefix. */
export async function createTask(context: ServiceContext, request: unknown): Promise<TaskDetail> {
  const [task] = await storeTasks(context, [readTaskRequest(request, "")]);
  return present(task, "the task just stored");
}

interface Plan {
  readonly requests: readonly TaskRequest[];
  readonly types: ReadonlyMap<string, TaskType>;
  readonly triggers: readonly (readonly ReadTrigger[])[];
  readonly order: CreationOrder;
}

/** Stores tasks that have been read, all or none, in their order; errors as `createTasks`. */
export async function storeTasks(
  context: ServiceContext,
  requests: readonly TaskRequest[],
): Promise<readonly TaskDetail[]> {
  if (requests.length === 0) return [];
  const plan: Plan = {
    requests,
    order: creationOrder(requests),
    triggers: requests.map((each) => readTriggers(each.triggers, fieldIn(each.field, "triggers"))),
    types: await typesOf(context.store, requests),
  };
  await checkInputs(context, requests);
  return await storedOnce(context.store, (store) => storePlan(store, plan));
}

/**
 * Stores something with keys that have been looked up in the same attempt; where somebody else took
 * one in between, all is undone and looked up again.
 */
export async function storedOnce<T>(store: Store, work: (store: Store) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.attempt(work);
    } catch (thrown) {
      const isTaken = thrown instanceof ConflictError && thrown.code === "ORR_CONFLICT_DUPLICATE";
      if (!isTaken || tries === keyTriesMax) throw thrown;
    }
  }
}

/**
 * Looks up the type of each request once.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE`
 */
export async function typesOf(
  store: Store,
  requests: readonly RunRequest[],
): Promise<ReadonlyMap<string, TaskType>> {
  const types = new Map<string, TaskType>();
  for (const { typeName, field } of requests) {
    if (types.has(typeName)) continue;
    const place = fieldIn(field, "type");
    if (isBuiltInType(typeName)) {
      throw invalidField(place, {
        expected: "a type of yours, not a built-in one",
        value: typeName,
      });
    }
    types.set(typeName, await typeNamed(store, { name: typeName, field: place }));
  }
  return types;
}

/**
 * Checks inputs with the schemas that this process knows. They are stored as they came: the
 * worker makes the handler's params of them with its own schema.
 * @throws InvalidInputError `ORR_INPUT_ARGUMENTS`
 */
export async function checkInputs(
  { catalogue }: ServiceContext,
  requests: readonly RunRequest[],
): Promise<void> {
  for (const { typeName, input, field } of requests) {
    const definition = catalogue.find(typeName);
    // Most have none, and each wait costs as much as all else that is done with a request.
    if (definition?.schema === undefined) continue;
    await checkedArguments(definition, { input, field: fieldIn(field, "input") });
  }
}

/** The policies to be stored: what the request leaves out is the type's, as it is now. */
export function filledOverrides(
  { retry, ...rest }: OverridesRequest,
  type: TaskType,
): PolicyOverrides {
  return retry === undefined ? rest : { ...rest, retry: filledRetryPolicy(retry, type.retry) };
}

/** The earliest start on the database's clock; null means at once. */
export function dueInstant(due: Due, now: Instant): Instant | null {
  switch (due.kind) {
    case "at-once":
      return null;
    case "at":
      return due.at;
    case "after":
      return addMillis(now, due.delayMs);
    default:
      return assertNever(due);
  }
}

async function storePlan(store: Store, plan: Plan): Promise<readonly TaskDetail[]> {
  const idByKey = await store.tasks.findIdsByKey(keysOf(plan));
  // One whose key exists is not stored: what names it means the one that is there.
  const fresh = plan.order.positions.filter((position) => {
    const key = plan.requests[position]?.key ?? null;
    return key === null || !idByKey.has(key);
  });
  await reserveRoom(store, demandOf(typesToQueue(plan, fresh)));
  const reserved = await store.tasks.reserveIds(fresh.length);
  const ids = new Map(fresh.map((position, place) => [position, reserved[place]]));
  const known: Known = {
    plan,
    ids: new Map(
      plan.requests.map(({ key }, position) => [
        position,
        present(ids.get(position) ?? idByKey.get(key ?? ""), "the id of a request"),
      ]),
    ),
    idByKey,
    stored: await lockReferences(store, plan, idByKey),
    now: await store.system.now(),
  };
  const tasks: NewTask[] = [];
  const created = new Map<TaskId, NewTask>();
  for (const position of fresh) {
    const task = newTaskAt(position, known, created);
    created.set(task.id, task);
    tasks.push(task);
  }
  await store.tasks.create(tasks);
  return await answerOf(store, known);
}

async function answerOf(store: Store, { plan, ids }: Known): Promise<readonly TaskDetail[]> {
  const found = await store.tasks.findMany([...new Set(ids.values())]);
  const byId = new Map(found.map((task) => [task.id, task]));
  return plan.requests.map((_, position) =>
    present(byId.get(present(ids.get(position), "an id")), "a stored task"),
  );
}

/** The keys that the requests have or name. */
function keysOf({ requests }: Plan): readonly string[] {
  const keys = new Set<string>();
  for (const request of requests) {
    if (request.key !== null) keys.add(request.key);
    for (const each of referencesOf(request)) if (each.kind === "key") keys.add(each.key);
  }
  return [...keys];
}

/** The types of the requests that will queue a run, where their number has a limit. */
function typesToQueue(plan: Plan, fresh: readonly number[]): readonly TaskType[] {
  return fresh.flatMap((position) => {
    const request = present(plan.requests[position], "a request");
    return request.triggers.length > 0 ? [] : [typeOf(plan, request)];
  });
}

function typeOf(plan: Plan, request: TaskRequest): TaskType {
  return present(plan.types.get(request.typeName), `the type ${request.typeName}`);
}

/** The stored tasks that the requests name, locked so that their states stay until the end. */
async function lockReferences(
  store: Store,
  plan: Plan,
  idByKey: ReadonlyMap<string, TaskId>,
): Promise<ReadonlyMap<TaskId, Task>> {
  const wanted = new Map<TaskId, TaskReference>();
  for (const reference of plan.requests.flatMap(referencesOf)) {
    const isOwn = reference.kind === "key" && plan.order.positionByKey.has(reference.key);
    const id = reference.kind === "id" ? reference.id : idByKey.get(reference.key);
    if (id === undefined && !isOwn) throw noSuchTask(reference);
    if (id !== undefined && !wanted.has(id)) wanted.set(id, reference);
  }
  const locked = await store.tasks.lockMany([...wanted.keys()]);
  const byId = new Map(locked.map((task) => [task.id, task]));
  for (const [id, reference] of wanted) if (!byId.has(id)) throw noSuchTask(reference);
  return byId;
}

function noSuchTask(reference: TaskReference): NotFoundError {
  const value = reference.kind === "id" ? reference.id : reference.key;
  const what = reference.kind === "id" ? "id" : "key";
  return new NotFoundError(
    "ORR_NOT_FOUND_TASK",
    `${reference.field}: no task has the ${what} ${JSON.stringify(value)}`,
    { details: { field: reference.field, value } },
  );
}

interface Known {
  readonly plan: Plan;
  /** By position: reserved, or that of the task that has the key already. */
  readonly ids: ReadonlyMap<number, TaskId>;
  readonly idByKey: ReadonlyMap<string, TaskId>;
  /** Tasks that were there before and that the requests name. */
  readonly stored: ReadonlyMap<TaskId, Task>;
  readonly now: Instant;
}

/** `created` holds the tasks of earlier positions of the order. */
function newTaskAt(position: number, known: Known, created: ReadonlyMap<TaskId, NewTask>): NewTask {
  const { plan, now } = known;
  const request = present(plan.requests[position], "a request");
  const type = typeOf(plan, request);
  const triggers = present(plan.triggers[position], "the triggers of a request");
  const id = present(known.ids.get(position), "the id of a request");
  const parentId = request.parent === undefined ? null : idOf(request.parent, known);
  return {
    id,
    typeId: type.id,
    name: request.name ?? type.name,
    key: request.key,
    parentId,
    rootId: parentId === null ? id : rootOf(parentId, known, created),
    input: request.input,
    priority: request.priority,
    concurrencyKey: request.concurrencyKey,
    overrides: filledOverrides(request.overrides, type),
    graph: null,
    triggers: triggers.map((each) => newTrigger(each, { now, interval: type.interval })),
    requires: dependenciesOf(request, known),
    dueAt: dueInstant(request.due, now),
  };
}

function rootOf(parentId: TaskId, known: Known, created: ReadonlyMap<TaskId, NewTask>): TaskId {
  const parent = created.get(parentId) ?? known.stored.get(parentId);
  return present(parent, "a parent that is stored before its child").rootId;
}

function dependenciesOf(request: TaskRequest, known: Known): readonly NewDependency[] {
  const seen = new Set<TaskId>();
  return request.requires.map(({ task, onFailure }) => {
    const id = idOf(task, known);
    if (seen.has(id)) {
      throw invalidField(task.field, {
        expected: "a task that is not required already",
        value: id,
      });
    }
    seen.add(id);
    const state = known.stored.get(id)?.state;
    // It would wait for ever: the rule to cancel it has nothing left to follow.
    if (onFailure === "cancel" && state !== undefined && unsuccessful.has(state))
      throw deadRequirement(task, { id, state });
    return { requiresTaskId: id, reason: "requires", onFailure };
  });
}

function deadRequirement(
  { field }: TaskReference,
  { id, state }: { readonly id: TaskId; readonly state: string },
): StateError {
  return new StateError(
    "ORR_STATE_TRANSITION",
    `${field}: task ${id} is ${state}: what requires it is cancelled already`,
    { details: { field, value: id, state } },
  );
}

function idOf(reference: TaskReference, { plan, ids, idByKey }: Known): TaskId {
  if (reference.kind === "id") return reference.id;
  const position = plan.order.positionByKey.get(reference.key);
  const id = position === undefined ? idByKey.get(reference.key) : ids.get(position);
  return present(id, "the id of a key");
}
