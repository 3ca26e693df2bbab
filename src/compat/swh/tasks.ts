/** The half of the interface that is about tasks, over the store. */

import type {
  SwhReadyRequest,
  SwhTask,
  SwhTaskRun,
  SwhTaskStore,
  WholeNumber,
} from "../../model/swh-task.ts";
import { filterToArchive } from "./archive.ts";
import { SwhFault } from "./errors.ts";
import type { NewTask, NewTaskType, Task, TaskPolicy, TaskRun, TaskType } from "./records.ts";
import { refusing } from "./refusals.ts";
import type { RowLimits } from "./row-limits.ts";
import type { ReadyOptions, RunNote, SwhTaskScheduler, TaskSearch } from "./scheduler.ts";
import { objectText, readArguments, readStoredObject } from "./stored-json.ts";
import { writeJson } from "./wire/json-write.ts";

/** How the local scheduler does what the reference leaves open. */
export interface TaskRules {
  /**
   * What becomes of a recurring task's interval. `shrink`: every successful run divides it by the
   * type's factor, as the reference does. `adapt`: uneventful runs multiply it instead, as the
   * reference's first design did.
   */
  readonly intervalRule: "shrink" | "adapt";
  readonly limits: RowLimits;
}

/** Makes it. */
export function createTaskScheduler(store: SwhTaskStore, rules: TaskRules): SwhTaskScheduler {
  return {
    createTaskType: async (taskType) => await refusing(store.createType(completeType(taskType))),
    getTaskType: async (taskTypeName) => (await refusing(store.findType(taskTypeName))) ?? null,
    getTaskTypes: async () => await store.listTypes(),
    createTasks: async (tasks, policy = "recurring") => await createTasks(store, tasks, policy),
    setStatusTasks: async (taskIds, options = {}) => {
      const { status = "disabled", nextRun = null, exceptCompletedTasks = false } = options;
      if (taskIds.length === 0) return;
      const change = { taskIds, status, nextRun, exceptCompleted: exceptCompletedTasks };
      await refusing(store.setStatus(change));
    },
    disableTasks: async (taskIds) => {
      if (taskIds.length === 0) return;
      const change = { status: "disabled", nextRun: null, exceptCompleted: false } as const;
      await refusing(store.setStatus({ taskIds, ...change }));
    },
    searchTasks: async (search = {}) => await searchTasks(store, search, rules),
    getTasks: async (taskIds) =>
      taskIds.length === 0 ? [] : await searchTasks(store, { taskId: taskIds }, rules),
    ...readyMethods(store, rules),
    ...runMethods(store, rules),
  };
}

function completeType(taskType: NewTaskType): TaskType {
  return {
    defaultInterval: null,
    minInterval: null,
    maxInterval: null,
    backoffFactor: null,
    maxQueueLength: 1000,
    numRetries: null,
    retryDelay: null,
    ...taskType,
  };
}

async function createTasks(
  store: SwhTaskStore,
  tasks: readonly NewTask[],
  policy: TaskPolicy,
): Promise<readonly Task[]> {
  if (tasks.length === 0) return [];
  const created = tasks.map((task) => ({
    type: task.type,
    argumentsJson: writeJson({ args: [], kwargs: {}, ...task.arguments }),
    nextRun: task.nextRun,
    status: task.status ?? "next_run_not_scheduled",
    policy: task.policy ?? policy,
    retriesLeft: task.retriesLeft ?? null,
    priority: task.priority ?? null,
  }));
  try {
    return (await refusing(store.create(created))).map(taskOf);
  } catch (thrown) {
    const isMissing = thrown instanceof SwhFault && thrown.fault === "NotNullViolation";
    if (isMissing) await refuseUnknownType(store, tasks);
    throw thrown;
  }
}

/** The database says only that some value is missing: it is the type's number. */
async function refuseUnknownType(store: SwhTaskStore, tasks: readonly NewTask[]): Promise<void> {
  const known = new Set((await store.listTypes()).map(({ type }) => type));
  const unknown = tasks.find(({ type }) => !known.has(type));
  if (unknown === undefined) return;
  const shown = JSON.stringify(unknown.type.slice(0, 200));
  throw new SwhFault("NotNullViolation", `there is no task type ${shown}`, { field: "type" });
}

async function searchTasks(
  store: SwhTaskStore,
  search: TaskSearch,
  { limits }: TaskRules,
): Promise<readonly Task[]> {
  const { policy, before = null, after = null } = search;
  const found = await refusing(
    store.search({
      taskIds: filterOf(search.taskId),
      types: filterOf(search.taskType),
      statuses: filterOf(search.status),
      priorities: filterOf(search.priority),
      policy: policy === undefined || isNothing(policy) ? null : policy,
      before,
      after,
      limit: limits.orAll(search.limit, "limit"),
    }),
  );
  return limits.all(found, "limit").map(taskOf);
}

/** One value or a list of them; whatever Python takes for false asks for nothing. */
function filterOf<T extends WholeNumber | string>(
  given: T | readonly T[] | null | undefined,
): readonly T[] | null {
  if (given === null || given === undefined) return null;
  const values = typeof given === "object" ? given : [given].filter((value) => !isNothing(value));
  return values.length === 0 ? null : values;
}

function isNothing(value: WholeNumber | string | null): boolean {
  return value === null || value === "" || value === 0 || value === 0n;
}

type ReadyMethods = Pick<
  SwhTaskScheduler,
  "peekReadyTasks" | "grabReadyTasks" | "peekReadyPriorityTasks" | "grabReadyPriorityTasks"
>;

function readyMethods(store: SwhTaskStore, { limits }: TaskRules): ReadyMethods {
  const peek = async (request: SwhReadyRequest): Promise<readonly Task[]> =>
    limits.all(await refusing(store.peekReady(request)), "num_tasks").map(taskOf);
  // What is left over is still waiting: whoever grabs all asks again until there is nothing.
  const grab = async (request: SwhReadyRequest): Promise<readonly Task[]> => {
    const { rowCountMax } = limits;
    const limit = request.limit > rowCountMax ? rowCountMax : request.limit;
    return (await refusing(store.grabReady({ ...request, limit }))).map(taskOf);
  };
  const requestOf = (
    type: string,
    hasPriority: boolean,
    { timestamp = null, numTasks = null }: ReadyOptions = {},
  ): SwhReadyRequest => {
    const limit =
      numTasks === null ? limits.rowCountMax + 1 : limits.exactly(numTasks, "num_tasks");
    return { type, hasPriority, timestamp, limit };
  };
  return {
    peekReadyTasks: async (type, options) => await peek(requestOf(type, false, options)),
    grabReadyTasks: async (type, options) => await grab(requestOf(type, false, options)),
    peekReadyPriorityTasks: async (type, options) => await peek(requestOf(type, true, options)),
    grabReadyPriorityTasks: async (type, options) => await grab(requestOf(type, true, options)),
  };
}

type RunMethods = Pick<
  SwhTaskScheduler,
  | "scheduleTaskRun"
  | "massScheduleTaskRuns"
  | "startTaskRun"
  | "endTaskRun"
  | "getTaskRuns"
  | "filterTaskToArchive"
  | "deleteArchivedTasks"
>;

function runMethods(store: SwhTaskStore, { intervalRule, limits }: TaskRules): RunMethods {
  return {
    scheduleTaskRun: async (task, backendId, { metadata, timestamp = null }: RunNote = {}) => {
      const metadataJson = objectText(metadata ?? {});
      const run = { task, backendId, scheduled: timestamp, metadataJson };
      return runOf(await refusing(store.scheduleRun(run)));
    },
    massScheduleTaskRuns: async (taskRuns) => {
      if (taskRuns.length === 0) return;
      const noted = taskRuns.map(({ task, backendId, scheduled = null, metadata }) => {
        return { task, backendId, scheduled, metadataJson: objectText(metadata) };
      });
      await refusing(store.scheduleRuns(noted));
    },
    startTaskRun: async (backendId, { metadata, timestamp = null }: RunNote = {}) => {
      const note = { backendId, timestamp, metadataJson: objectText(metadata) };
      const run = await refusing(store.startRuns(note));
      return run === undefined ? null : runOf(run);
    },
    endTaskRun: async (backendId, status, { metadata, timestamp = null }: RunNote = {}) => {
      const note = { backendId, timestamp, metadataJson: objectText(metadata) };
      const end = { ...note, status, widens: intervalRule === "adapt" };
      const run = await refusing(store.endRuns(end));
      return run === undefined ? null : runOf(run);
    },
    getTaskRuns: async (taskIds, limit) => {
      if (taskIds.length === 0) return [];
      const found = await refusing(store.listRuns(taskIds, limits.orAll(limit, "limit")));
      return limits.all(found, "limit").map(runOf);
    },
    filterTaskToArchive: async (filter) => await filterToArchive(store, filter, limits),
    deleteArchivedTasks: async (archived) => {
      if (archived.length === 0) return;
      const taskIds = archived.map(({ taskId }) => taskId);
      const runIds = archived.map(({ taskRunId }) => taskRunId);
      await refusing(store.deleteArchived({ taskIds, runIds }));
    },
  };
}

function taskOf({ argumentsJson, ...task }: SwhTask): Task {
  return { ...task, arguments: readArguments(argumentsJson) };
}

/** A run as the interface has it. */
export function runOf({ metadataJson, ...run }: SwhTaskRun): TaskRun {
  const metadata = metadataJson === null ? null : readStoredObject(metadataJson);
  return { ...run, metadata };
}
