/**
 * Stores tasks, all or none. Everything that can be checked without the database is checked
 * before the transaction begins, so that locks are held shortly.
 */

import { NotFoundError, StateError } from "../kernel/errors.ts";
import { fieldIn, invalidField, readList } from "../kernel/fields.ts";
import type { TaskId } from "../kernel/ids.ts";
import { addMillis, type Instant } from "../kernel/instant.ts";
import { assertNever, present } from "../kernel/assert.ts";
import { checkedArguments } from "./arguments.ts";
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
  return context.store.transaction((store) => storePlan(store, plan));
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
    await checkedArguments(catalogue.find(typeName), { input, field: fieldIn(field, "input") });
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
  await reserveRoom(store, demandOf(await typesToQueue(store, plan)));
  const stored = await lockReferences(store, plan);
  const now = await store.system.now();
  const tasks = new Map<number, TaskDetail>();
  for (const layer of plan.order.layers) {
    const known = { plan, stored, tasks, now };
    const created = await store.tasks.create(layer.map((each) => newTaskAt(each, known)));
    for (const [index, position] of layer.entries()) {
      tasks.set(position, present(created[index], "a created task").task);
    }
  }
  return plan.requests.map((_, position) => present(tasks.get(position), "a created task"));
}

/** The types of the requests that will queue a run: no trigger, and no task with their key yet. */
async function typesToQueue(store: Store, plan: Plan): Promise<readonly TaskType[]> {
  const types: TaskType[] = [];
  for (const request of plan.requests) {
    const type = typeOf(plan, request);
    if (request.triggers.length > 0 || type.limits.unfinishedMax === null) continue;
    const exists = request.key !== null && (await store.tasks.findByKey(request.key)) !== undefined;
    if (!exists) types.push(type);
  }
  return types;
}

function typeOf(plan: Plan, request: TaskRequest): TaskType {
  return present(plan.types.get(request.typeName), `the type ${request.typeName}`);
}

/** Stored tasks that the requests name, locked so that their states stay until the end. */
interface StoredTasks {
  readonly byId: ReadonlyMap<TaskId, Task>;
  readonly idByKey: ReadonlyMap<string, TaskId>;
}

async function lockReferences(store: Store, plan: Plan): Promise<StoredTasks> {
  const references = plan.requests
    .flatMap(referencesOf)
    .filter((each) => each.kind === "id" || !plan.order.positionByKey.has(each.key));
  const idByKey = new Map<string, TaskId>();
  const wanted = new Map<TaskId, TaskReference>();
  for (const reference of references) {
    const id =
      reference.kind === "id" ? reference.id : await idOfKey(store, { reference, idByKey });
    if (!wanted.has(id)) wanted.set(id, reference);
  }
  const byId = new Map<TaskId, Task>();
  // In the order of ids, so that two requests cannot wait for each other.
  for (const id of [...wanted.keys()].toSorted((left, right) => left - right)) {
    const task = await store.tasks.lock(id);
    if (task === undefined) throw noSuchTask(present(wanted.get(id), "a wanted reference"));
    byId.set(id, task);
  }
  return { byId, idByKey };
}

async function idOfKey(
  store: Store,
  search: {
    readonly reference: TaskReference & { readonly kind: "key" };
    readonly idByKey: Map<string, TaskId>;
  },
): Promise<TaskId> {
  const { reference, idByKey } = search;
  const known = idByKey.get(reference.key);
  if (known !== undefined) return known;
  const task = await store.tasks.findByKey(reference.key);
  if (task === undefined) throw noSuchTask(reference);
  idByKey.set(reference.key, task.id);
  return task.id;
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
  readonly stored: StoredTasks;
  /** Created so far, by position. */
  readonly tasks: ReadonlyMap<number, TaskDetail>;
  readonly now: Instant;
}

function newTaskAt(position: number, known: Known): NewTask {
  const { plan, now } = known;
  const request = present(plan.requests[position], "a request");
  const type = typeOf(plan, request);
  const triggers = present(plan.triggers[position], "the triggers of a request");
  return {
    typeId: type.id,
    name: request.name ?? type.name,
    key: request.key,
    parentId: request.parent === undefined ? null : resolved(request.parent, known).id,
    input: request.input,
    priority: request.priority,
    concurrencyKey: request.concurrencyKey,
    overrides: filledOverrides(request.overrides, type),
    triggers: triggers.map((each) => newTrigger(each, { now, interval: type.interval })),
    requires: dependenciesOf(request, known),
    dueAt: dueInstant(request.due, now),
  };
}

function dependenciesOf(request: TaskRequest, known: Known): readonly NewDependency[] {
  const seen = new Set<TaskId>();
  return request.requires.map(({ task, onFailure }) => {
    const { id, state } = resolved(task, known);
    if (seen.has(id)) {
      throw invalidField(task.field, {
        expected: "a task that is not required already",
        value: id,
      });
    }
    seen.add(id);
    // It would wait for ever: the rule to cancel it has nothing left to follow.
    if (onFailure === "cancel" && unsuccessful.has(state))
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

function resolved(reference: TaskReference, { plan, stored, tasks }: Known): Task {
  if (reference.kind === "id") return present(stored.byId.get(reference.id), "a locked task");
  const position = plan.order.positionByKey.get(reference.key);
  if (position !== undefined) return present(tasks.get(position), "a task of an earlier layer");
  const id = present(stored.idByKey.get(reference.key), "the id of a key");
  return present(stored.byId.get(id), "a locked task");
}
