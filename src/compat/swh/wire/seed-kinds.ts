/** How the records of the interface travel in the `seed` dialect: tasks as plain maps. */

import type { Instant } from "../../../kernel/instant.ts";
import {
  type ListedOrigin,
  type Lister,
  type ListerUpdate,
  type NewListedOrigin,
  type NewTask,
  type NewTaskRun,
  type Task,
  type TaskArguments,
  taskPolicies,
  type TaskPolicy,
  taskPriorities,
  type TaskPriority,
  type TaskRun,
  taskRunStatuses,
  type TaskStatus,
  taskStatuses,
  type TaskType,
} from "../records.ts";
import type { Integer } from "../values.ts";
import * as kinds from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import {
  defaulted,
  type ListedOriginFields,
  type ListerFields,
  metricsModel,
  Model,
  optional,
  type ReadableModel,
  required,
  visitStatsModel,
} from "./models.ts";
import { plainMap } from "./plain-map.ts";
import {
  currentRecords,
  originPage,
  type RecordKinds,
  storedLister,
  storedOrigin,
  through,
} from "./record-kinds.ts";
import { isWireObject } from "./wire-value.ts";
import { wireName } from "./wire-name.ts";

type SeedLister = Omit<
  ListerFields,
  "lastListingFinishedAt" | "firstVisitsQueuePrefix" | "firstVisitsScheduledAt"
>;

/** The columns of listers that came later. */
const listingColumns = {
  lastListingFinishedAt: null,
  firstVisitsQueuePrefix: null,
  firstVisitsScheduledAt: null,
};

const seedListerModel = new Model<SeedLister>("Lister", {
  name: required(kinds.text),
  instanceName: required(kinds.text),
  id: optional(kinds.uuid),
  currentState: { kind: kinds.jsonObject, absent: () => ({}) },
  created: optional(kinds.time),
  updated: optional(kinds.time),
});

type SeedOrigin = Omit<ListedOriginFields, "isFork" | "forkedFromUrl">;

const seedOriginModel = new Model<SeedOrigin>("ListedOrigin", {
  listerId: required(kinds.uuid),
  url: required(kinds.text),
  visitType: required(kinds.text),
  extraLoaderArguments: { kind: kinds.jsonObject, absent: () => ({}) },
  lastUpdate: optional(kinds.time),
  enabled: defaulted(kinds.boolean, true),
  firstSeen: optional(kinds.time),
  lastSeen: optional(kinds.time),
});

/** The models of the `seed` dialect. */
export const seedModels: readonly ReadableModel[] = [
  seedListerModel,
  seedOriginModel,
  visitStatsModel,
  metricsModel,
];

/** The arguments of a task. */
const taskArguments = plainMap<TaskArguments>({
  args: { kind: kinds.list(kinds.json), absent: () => [] },
  kwargs: { kind: kinds.jsonObject, absent: () => ({}) },
});

const taskType = plainMap<TaskType>({
  type: required(kinds.text),
  description: required(kinds.text),
  backendName: required(kinds.text),
  defaultInterval: optional(kinds.interval),
  minInterval: optional(kinds.interval),
  maxInterval: optional(kinds.interval),
  backoffFactor: optional(kinds.real),
  maxQueueLength: { kind: kinds.nullable(kinds.integer), absent: () => 1000 },
  numRetries: optional(kinds.integer),
  retryDelay: optional(kinds.interval),
});

/** The keys of a task, to be put into one of two orders. */
const taskKeys = {
  type: required(kinds.text),
  arguments: required(taskArguments),
  nextRun: required(kinds.looseTime),
  policy: required(kinds.oneOf(taskPolicies)),
  status: required(kinds.oneOf(taskStatuses)),
  retriesLeft: required<Integer>(kinds.integer),
  priority: optional(kinds.oneOf(taskPriorities)),
  id: required(kinds.safeInteger),
  currentInterval: optional(kinds.interval),
};

const foundTask = plainMap<Task>({
  id: taskKeys.id,
  type: taskKeys.type,
  arguments: taskKeys.arguments,
  nextRun: taskKeys.nextRun,
  currentInterval: taskKeys.currentInterval,
  status: taskKeys.status,
  policy: taskKeys.policy,
  retriesLeft: taskKeys.retriesLeft,
  priority: taskKeys.priority,
});

/** What a task to be created says; null for what it leaves to the call and to its type. */
interface CreatedTask {
  readonly type: string;
  readonly arguments: Partial<TaskArguments>;
  readonly nextRun: Instant;
  readonly policy: TaskPolicy | null;
  readonly status: TaskStatus | null;
  readonly retriesLeft: Integer | null;
  readonly priority: TaskPriority | null;
}

const createdTask = plainMap<CreatedTask>({
  type: taskKeys.type,
  arguments: taskKeys.arguments,
  nextRun: taskKeys.nextRun,
  policy: optional(kinds.oneOf(taskPolicies)),
  status: optional(kinds.oneOf(taskStatuses)),
  retriesLeft: optional(kinds.integer),
  priority: taskKeys.priority,
});

const newTask: Kind<NewTask> = through(createdTask, {
  read: ({ policy, status, ...task }) => ({
    ...task,
    ...(policy === null ? {} : { policy }),
    ...(status === null ? {} : { status }),
  }),
  write: (task) => ({
    ...task,
    policy: task.policy ?? null,
    // The original server takes a default for what is left out, and stores what is null as it is.
    status: task.status ?? "next_run_not_scheduled",
    retriesLeft: task.retriesLeft ?? null,
    priority: task.priority ?? null,
  }),
});

const runKeys = {
  id: required(kinds.safeInteger),
  task: required(kinds.safeInteger),
  backendId: optional(kinds.text),
  scheduled: optional(kinds.looseTime),
  started: optional(kinds.looseTime),
  ended: optional(kinds.looseTime),
  metadata: optional(kinds.jsonObject),
  status: required(kinds.oneOf(taskRunStatuses)),
};

const taskRun = plainMap<TaskRun>(runKeys);

/** A run that is not there is a row of nulls. */
const markedRun: Kind<TaskRun | null> = {
  decode: (value, place) => {
    const isNone = isWireObject(value) && value["id"] === null;
    return isNone ? null : taskRun.decode(value, place);
  },
  encode: (run) => {
    if (run !== null) return taskRun.encode(run);
    return Object.fromEntries(Object.keys(runKeys).map((key) => [wireName(key), null]));
  },
};

/** As much of a run as is noted; a run without its task is refused by the database. */
const newTaskRun: Kind<NewTaskRun> = plainMap<Required<NewTaskRun>>({
  task: required<Integer>(kinds.integer),
  backendId: optional(kinds.text),
  scheduled: optional(kinds.looseTime),
  metadata: optional(kinds.jsonObject),
});

const lister: Kind<Lister> = through(seedListerModel.kind, {
  read: (fields, place) => storedLister({ ...fields, ...listingColumns }, place),
  write: (stored) => stored,
});

const listerUpdate: Kind<ListerUpdate> = through(seedListerModel.kind, {
  read: (fields) => ({ ...fields, ...listingColumns }),
  write: (update) => seedListerModel.complete(update),
});

const listedOrigin: Kind<ListedOrigin> = through(seedOriginModel.kind, {
  read: (fields, place) => storedOrigin({ ...fields, isFork: null, forkedFromUrl: null }, place),
  write: (origin) => origin,
});

const newListedOrigin: Kind<NewListedOrigin> = through(seedOriginModel.kind, {
  read: (origin) => origin,
  write: (origin) => seedOriginModel.complete(origin),
});

/** The records of the `seed` dialect. */
export const seedRecords: RecordKinds = {
  ...currentRecords,
  newTaskType: taskType,
  taskType,
  newTask,
  task: plainMap<Task>(taskKeys),
  foundTask,
  newTaskRun,
  taskRun,
  markedRun,
  listerUpdate,
  lister,
  newListedOrigin,
  listedOrigin,
  originPage: originPage(listedOrigin, { total: false }),
};
