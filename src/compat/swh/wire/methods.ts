/**
 * The 34 methods: their paths, arguments and results. Those of the frontier stand in
 * `frontier-methods.ts`; what the `seed` dialect changes in `seed-methods.ts`.
 */

import type { Instant } from "../../../kernel/instant.ts";
import {
  type NewTask,
  type NewTaskRun,
  type NewTaskType,
  taskPolicies,
  type Task,
  type TaskPolicy,
  taskPriorities,
  type TaskPriority,
  type TaskRun,
  taskRunStatuses,
  type TaskRunStatus,
  type TaskStatus,
  taskStatuses,
  type TaskType,
} from "../records.ts";
import type { ArchivedIds, ArchivePage } from "../scheduler.ts";
import type { Integer, SwhJsonObject } from "../values.ts";
import { archivedIds, archivePage, archiveTime, archiveToken } from "./archive-kinds.ts";
import { type FrontierMethods, frontierMethods } from "./frontier-methods.ts";
import * as kinds from "./kinds.ts";
import { defaulted, type Method, method, optional, required } from "./method.ts";
import { currentRecords, type RecordKinds } from "./record-kinds.ts";

type Search<T> = T | readonly T[] | null;

/** Arguments of the four methods about waiting tasks. */
export interface ReadyGiven {
  readonly taskType: string;
  readonly timestamp: Instant | null;
  readonly numTasks: Integer | null;
}

interface NoteGiven {
  readonly metadata: SwhJsonObject | null;
  readonly timestamp: Instant | null;
}

/** Arguments of the search. */
export interface SearchGiven {
  readonly taskId: Search<Integer>;
  readonly taskType: Search<string>;
  readonly status: Search<TaskStatus>;
  readonly priority: Search<TaskPriority>;
  readonly policy: TaskPolicy | null;
  readonly before: Instant | null;
  readonly after: Instant | null;
  readonly limit: Integer | null;
}

/** Arguments of `setStatusTasks`. */
export interface SetStatusGiven {
  readonly taskIds: readonly Integer[];
  readonly status: TaskStatus;
  readonly nextRun: Instant | null;
  readonly exceptCompletedTasks: boolean;
}

/** Arguments of the archive's filter. */
export interface ArchiveGiven {
  readonly afterTs: string | Instant;
  readonly beforeTs: string | Instant;
  readonly limit: Integer;
  readonly pageToken: string | null;
}

/** Arguments of the end of a run. */
export interface EndGiven extends NoteGiven {
  readonly backendId: string;
  readonly status: TaskRunStatus;
}

/** The methods about tasks. */
export interface TaskMethods {
  readonly createTaskType: Method<{ readonly taskType: NewTaskType }, void>;
  readonly getTaskType: Method<{ readonly taskTypeName: string }, TaskType | null>;
  readonly getTaskTypes: Method<object, readonly TaskType[]>;
  readonly createTasks: Method<
    { readonly tasks: readonly NewTask[]; readonly policy: TaskPolicy },
    readonly Task[]
  >;
  readonly setStatusTasks: Method<SetStatusGiven, void>;
  readonly disableTasks: Method<{ readonly taskIds: readonly Integer[] }, void>;
  readonly searchTasks: Method<SearchGiven, readonly Task[]>;
  readonly getTasks: Method<{ readonly taskIds: readonly Integer[] }, readonly Task[]>;
  readonly peekReadyTasks: Method<ReadyGiven, readonly Task[]>;
  readonly grabReadyTasks: Method<ReadyGiven, readonly Task[]>;
  readonly peekReadyPriorityTasks: Method<ReadyGiven, readonly Task[]>;
  readonly grabReadyPriorityTasks: Method<ReadyGiven, readonly Task[]>;
  readonly scheduleTaskRun: Method<
    NoteGiven & { readonly taskId: Integer; readonly backendId: string },
    TaskRun
  >;
  readonly massScheduleTaskRuns: Method<{ readonly taskRuns: readonly NewTaskRun[] }, void>;
  readonly startTaskRun: Method<NoteGiven & { readonly backendId: string }, TaskRun | null>;
  readonly endTaskRun: Method<EndGiven, TaskRun | null>;
  readonly filterTaskToArchive: Method<ArchiveGiven, ArchivePage>;
  readonly deleteArchivedTasks: Method<{ readonly taskIds: readonly ArchivedIds[] }, void>;
  readonly getTaskRuns: Method<
    { readonly taskIds: readonly Integer[]; readonly limit: Integer | null },
    readonly TaskRun[]
  >;
}

type AllMethods = TaskMethods & FrontierMethods;

/** All methods. */
export type SwhMethods = { readonly [Name in keyof AllMethods]: AllMethods[Name] };

const ids = kinds.list(kinds.integer);

/** The methods of a dialect with such records. */
export function methodsOf(records: RecordKinds): SwhMethods {
  return {
    ...typeMethods(records),
    ...taskMethods(records),
    ...readyMethods(records),
    ...runMethods(records),
    ...archiveMethods,
    ...frontierMethods(records),
  };
}

type TypeMethods = Pick<TaskMethods, "createTaskType" | "getTaskType" | "getTaskTypes">;

function typeMethods(records: RecordKinds): TypeMethods {
  return {
    createTaskType: method({
      path: "task_type/create",
      takes: { taskType: required(records.newTaskType) },
      result: kinds.nothing,
      invoke: (scheduler, { taskType }) => scheduler.createTaskType(taskType),
    }),
    getTaskType: method({
      path: "task_type/get",
      takes: { taskTypeName: required(kinds.text) },
      result: kinds.nullable(records.taskType),
      invoke: (scheduler, { taskTypeName }) => scheduler.getTaskType(taskTypeName),
    }),
    getTaskTypes: method({
      path: "task_type/get_all",
      takes: {},
      result: kinds.list(records.taskType),
      invoke: (scheduler) => scheduler.getTaskTypes(),
    }),
  };
}

function taskMethods(
  records: RecordKinds,
): Pick<
  TaskMethods,
  "createTasks" | "setStatusTasks" | "disableTasks" | "searchTasks" | "getTasks"
> {
  const status = kinds.oneOf(taskStatuses);
  const priority = kinds.oneOf(taskPriorities);
  return {
    createTasks: method({
      path: "task/create",
      takes: {
        tasks: required(kinds.list(records.newTask)),
        policy: defaulted(kinds.oneOf(taskPolicies), "recurring"),
      },
      result: kinds.list(records.task),
      invoke: (scheduler, { tasks, policy }) => scheduler.createTasks(tasks, policy),
    }),
    setStatusTasks: method({
      path: "task/set_status",
      takes: {
        taskIds: required(ids),
        status: defaulted(status, "disabled"),
        nextRun: optional(kinds.looseTime),
        exceptCompletedTasks: defaulted(kinds.boolean, false),
      },
      result: kinds.nothing,
      invoke: (scheduler, { taskIds, ...options }) => scheduler.setStatusTasks(taskIds, options),
    }),
    disableTasks: method({
      path: "task/disable",
      takes: { taskIds: required(ids) },
      result: kinds.nothing,
      invoke: (scheduler, { taskIds }) => scheduler.disableTasks(taskIds),
    }),
    searchTasks: method({
      path: "task/search",
      takes: {
        taskId: optional(kinds.oneOrMany(kinds.integer)),
        taskType: optional(kinds.oneOrMany(kinds.text)),
        status: optional(kinds.unlessEmpty(kinds.oneOrMany(status))),
        priority: optional(kinds.unlessEmpty(kinds.oneOrMany(priority))),
        policy: optional(kinds.unlessEmpty(kinds.oneOf(taskPolicies))),
        before: optional(kinds.looseTime),
        after: optional(kinds.looseTime),
        limit: optional(kinds.integer),
      },
      result: kinds.list(records.foundTask),
      invoke: (scheduler, search) => scheduler.searchTasks(search),
    }),
    getTasks: method({
      path: "task/get",
      takes: { taskIds: required(ids) },
      result: kinds.list(records.task),
      invoke: (scheduler, { taskIds }) => scheduler.getTasks(taskIds),
    }),
  };
}

function readyMethods(
  records: RecordKinds,
): Pick<
  TaskMethods,
  "peekReadyTasks" | "grabReadyTasks" | "peekReadyPriorityTasks" | "grabReadyPriorityTasks"
> {
  const takes = {
    taskType: required(kinds.text),
    timestamp: optional(kinds.looseTime),
    numTasks: optional(kinds.integer),
  };
  const result = kinds.list(records.foundTask);
  return {
    peekReadyTasks: method({
      path: "task/peek_ready",
      takes,
      result,
      invoke: (scheduler, { taskType, ...options }) => scheduler.peekReadyTasks(taskType, options),
    }),
    grabReadyTasks: method({
      path: "task/grab_ready",
      takes,
      result,
      invoke: (scheduler, { taskType, ...options }) => scheduler.grabReadyTasks(taskType, options),
    }),
    peekReadyPriorityTasks: method({
      path: "task/peek_ready_with_priority",
      takes,
      result,
      invoke: (scheduler, { taskType, ...options }) =>
        scheduler.peekReadyPriorityTasks(taskType, options),
    }),
    grabReadyPriorityTasks: method({
      path: "task/grab_ready_with_priority",
      takes,
      result,
      invoke: (scheduler, { taskType, ...options }) =>
        scheduler.grabReadyPriorityTasks(taskType, options),
    }),
  };
}

function runMethods(
  records: RecordKinds,
): Pick<
  TaskMethods,
  "scheduleTaskRun" | "massScheduleTaskRuns" | "startTaskRun" | "endTaskRun" | "getTaskRuns"
> {
  const note = { metadata: optional(kinds.jsonObject), timestamp: optional(kinds.looseTime) };
  return {
    scheduleTaskRun: method({
      path: "task_run/schedule_one",
      takes: { taskId: required(kinds.integer), backendId: required(kinds.text), ...note },
      result: records.taskRun,
      invoke: (scheduler, { taskId, backendId, ...given }) =>
        scheduler.scheduleTaskRun(taskId, backendId, given),
    }),
    massScheduleTaskRuns: method({
      path: "task_run/schedule",
      takes: { taskRuns: required(kinds.list(records.newTaskRun)) },
      result: kinds.nothing,
      invoke: (scheduler, { taskRuns }) => scheduler.massScheduleTaskRuns(taskRuns),
    }),
    startTaskRun: method({
      path: "task_run/start",
      takes: { backendId: required(kinds.text), ...note },
      result: records.markedRun,
      invoke: (scheduler, { backendId, ...given }) => scheduler.startTaskRun(backendId, given),
    }),
    endTaskRun: method({
      path: "task_run/end",
      takes: {
        backendId: required(kinds.text),
        status: required(kinds.oneOf(taskRunStatuses)),
        ...note,
      },
      result: records.markedRun,
      invoke: (scheduler, { backendId, status, ...given }) =>
        scheduler.endTaskRun(backendId, status, given),
    }),
    getTaskRuns: method({
      path: "task_run/get",
      takes: { taskIds: required(ids), limit: optional(kinds.integer) },
      result: kinds.list(records.taskRun),
      invoke: (scheduler, { taskIds, limit }) => scheduler.getTaskRuns(taskIds, limit),
    }),
  };
}

const archiveMethods: Pick<TaskMethods, "filterTaskToArchive" | "deleteArchivedTasks"> = {
  filterTaskToArchive: method({
    path: "task/filter_for_archive",
    takes: {
      afterTs: required(archiveTime),
      beforeTs: required(archiveTime),
      limit: defaulted<Integer>(kinds.integer, 10),
      pageToken: optional(archiveToken),
    },
    result: archivePage,
    invoke: (scheduler, filter) => scheduler.filterTaskToArchive(filter),
  }),
  deleteArchivedTasks: method({
    path: "task/delete_archived",
    takes: { taskIds: required(kinds.list(archivedIds)) },
    result: kinds.nothing,
    invoke: (scheduler, { taskIds }) => scheduler.deleteArchivedTasks(taskIds),
  }),
};

/** The methods of the `current` dialect. */
export const currentMethods: SwhMethods = methodsOf(currentRecords);
