/** All use cases, bound to one set of ports. */

import type { RunId } from "../kernel/ids.ts";
import type { GraphAccess, RunResults, TaskGraph } from "../model/graph.ts";
import type { Forecast } from "../model/forecast.ts";
import type { FrontierCounts, Lister, VisitStats } from "../model/frontier.ts";
import type { LogLine, Run, RunDetail } from "../model/run.ts";
import type { CallerClient, EndedAttempt } from "../model/store.ts";
import type { SystemStatus } from "../model/system-status.ts";
import type { Occurrence } from "../model/firing.ts";
import type { Task, TaskDetail, TaskTrigger } from "../model/task.ts";
import type { TaskType } from "../model/task-type.ts";
import type { ApiToken } from "../model/worker.ts";
import type { ServiceContext } from "./context.ts";
import {
  addTrigger,
  getTrigger,
  listOccurrences,
  type ListOccurrencesFields,
  pauseTrigger,
  removeTrigger,
  resumeTrigger,
  updateTrigger,
} from "./trigger-changes.ts";
import { addGraphNodes, addNodesOfRun } from "./add-nodes.ts";
import { createTask, createTasks } from "./create-tasks.ts";
import { enqueue } from "./enqueue.ts";
import { getForecast, type ForecastFields } from "./forecast.ts";
import {
  followLogs,
  followRuns,
  waitForRun,
  type FollowLogsFields,
  type FollowRunsFields,
  type WaitFields,
} from "./follow.ts";
import { getGraph, getGraphResults, waitForGraph } from "./graphs.ts";
import {
  countOrigins,
  getVisitStats,
  importOrigins,
  listListers,
  nextVisits,
  type OriginsImported,
  peekVisits,
  reportVisits,
  type VisitsChosen,
} from "./frontier.ts";
import type { ListPage } from "./page.ts";
import {
  cancelRun,
  getRun,
  listLogs,
  listRuns,
  retryRun,
  type ListLogsFields,
  type ListRunsFields,
} from "./runs.ts";
import { type AppliedSchedule, applySchedules } from "./schedules.ts";
import { submitGraph } from "./submit-graph.ts";
import { undoGraph } from "./undo-graph.ts";
import type { VisitsReported } from "./visit-reports.ts";
import { getSystem, setSystemPaused } from "./system.ts";
import {
  cancelTask,
  getTask,
  listTasks,
  pauseTask,
  resumeTask,
  retryTask,
  type ListTasksFields,
} from "./tasks.ts";
import {
  getTaskType,
  listTaskTypes,
  registerTaskTypes,
  setTaskTypePaused,
  type Registration,
} from "./task-types.ts";
import {
  createToken,
  findTokenBySecret,
  listTokens,
  revokeToken,
  type NewToken,
} from "./tokens.ts";

/**
 * One function per verb. Arguments of type `unknown` come from outside and are checked here, with
 * `InvalidInputError` naming the field; further errors are at each verb's definition.
 */
export interface Service {
  registerTaskTypes(registration: Registration): Promise<readonly TaskType[]>;
  listTaskTypes(): Promise<readonly TaskType[]>;
  getTaskType(name: unknown): Promise<TaskType>;
  pauseTaskType(name: unknown): Promise<TaskType>;
  resumeTaskType(name: unknown): Promise<TaskType>;

  createTasks(requests: unknown): Promise<readonly TaskDetail[]>;
  createTask(request: unknown): Promise<TaskDetail>;
  applySchedules(requests: unknown): Promise<readonly AppliedSchedule[]>;
  enqueue(requests: unknown): Promise<readonly RunId[]>;
  getTask(id: unknown): Promise<TaskDetail>;
  listTasks(fields: ListTasksFields): Promise<ListPage<Task>>;
  cancelTask(request: { readonly id: unknown; readonly reason?: unknown }): Promise<TaskDetail>;
  pauseTask(id: unknown): Promise<TaskDetail>;
  resumeTask(id: unknown): Promise<TaskDetail>;
  retryTask(id: unknown): Promise<TaskDetail>;

  submitGraph(request: unknown): Promise<TaskGraph>;
  getGraph(id: unknown): Promise<TaskGraph>;
  getGraphResults(request: { readonly id: unknown; readonly nodes?: unknown }): Promise<RunResults>;
  addGraphNodes(request: { readonly id: unknown; readonly addition: unknown }): Promise<TaskGraph>;
  undoGraph(id: unknown): Promise<TaskGraph>;
  waitForGraph(id: unknown, fields: WaitFields): Promise<TaskGraph>;
  /** What running work may ask; see `GraphAccess`. */
  readonly graphAccess: GraphAccess;

  getTrigger(id: unknown): Promise<TaskTrigger>;
  addTrigger(request: {
    readonly taskId: unknown;
    readonly trigger: unknown;
  }): Promise<TaskTrigger>;
  updateTrigger(request: { readonly id: unknown; readonly change: unknown }): Promise<TaskTrigger>;
  pauseTrigger(id: unknown): Promise<TaskTrigger>;
  resumeTrigger(id: unknown): Promise<TaskTrigger>;
  removeTrigger(id: unknown): Promise<void>;
  listOccurrences(id: unknown, fields: ListOccurrencesFields): Promise<readonly Occurrence[]>;

  getRun(id: unknown): Promise<RunDetail>;
  listRuns(fields: ListRunsFields): Promise<ListPage<Run>>;
  cancelRun(request: { readonly id: unknown; readonly reason?: unknown }): Promise<RunDetail>;
  retryRun(id: unknown): Promise<RunDetail>;
  listLogs(id: unknown, fields: ListLogsFields): Promise<readonly LogLine[]>;
  waitForRun(id: unknown, fields: WaitFields): Promise<RunDetail>;
  followRuns(fields: FollowRunsFields): AsyncIterable<EndedAttempt>;
  followLogs(id: unknown, fields: FollowLogsFields): AsyncIterable<LogLine>;

  getSystem(): Promise<SystemStatus>;
  getForecast(fields: ForecastFields): Promise<Forecast>;
  pause(): Promise<SystemStatus>;
  resume(): Promise<SystemStatus>;

  listListers(): Promise<readonly Lister[]>;
  importOrigins(request: unknown): Promise<OriginsImported>;
  nextVisits(request: unknown): Promise<VisitsChosen>;
  peekVisits(request: unknown): Promise<VisitsChosen>;
  reportVisits(visits: unknown): Promise<VisitsReported>;
  getVisitStats(origins: unknown): Promise<readonly VisitStats[]>;
  countOrigins(request: unknown): Promise<readonly FrontierCounts[]>;

  createToken(request: unknown): Promise<NewToken>;
  listTokens(): Promise<readonly ApiToken[]>;
  revokeToken(id: unknown): Promise<void>;
  findTokenBySecret(secret: string): Promise<ApiToken | undefined>;

  /** The same use cases inside a transaction that the caller has begun on a `pg` client. */
  within(client: CallerClient): Service;
}

/** Binds the use cases to a store, a clock and a catalogue. */
export function createService(context: ServiceContext): Service {
  return {
    ...taskTypeVerbs(context),
    ...taskVerbs(context),
    ...graphVerbs(context),
    ...triggerVerbs(context),
    ...runVerbs(context),
    ...frontierVerbs(context),
    ...systemVerbs(context),
    within: (client) =>
      // What the caller may still roll back starts nowhere.
      createService({ ...context, store: context.store.within(client), reserveSlots: undefined }),
  };
}

type TaskTypeVerbs = Pick<
  Service,
  "registerTaskTypes" | "listTaskTypes" | "getTaskType" | "pauseTaskType" | "resumeTaskType"
>;

function taskTypeVerbs(context: ServiceContext): TaskTypeVerbs {
  return {
    registerTaskTypes: (registration) => registerTaskTypes(context, registration),
    listTaskTypes: () => listTaskTypes(context),
    getTaskType: async (name) => getTaskType(context, name),
    pauseTaskType: async (name) => setTaskTypePaused(context, { name, paused: true }),
    resumeTaskType: async (name) => setTaskTypePaused(context, { name, paused: false }),
  };
}

type TaskVerbs = Pick<
  Service,
  | "createTasks"
  | "createTask"
  | "applySchedules"
  | "enqueue"
  | "getTask"
  | "listTasks"
  | "cancelTask"
  | "pauseTask"
  | "resumeTask"
  | "retryTask"
>;

// The arrows are async where a check may throw at once: every verb rejects, none throws.
function taskVerbs(context: ServiceContext): TaskVerbs {
  return {
    createTasks: (requests) => createTasks(context, requests),
    createTask: (request) => createTask(context, request),
    applySchedules: (requests) => applySchedules(context, requests),
    enqueue: (requests) => enqueue(context, requests),
    getTask: async (id) => getTask(context, id),
    listTasks: (fields) => listTasks(context, fields),
    cancelTask: async (request) => cancelTask(context, request),
    pauseTask: async (id) => pauseTask(context, id),
    resumeTask: async (id) => resumeTask(context, id),
    retryTask: async (id) => retryTask(context, id),
  };
}

type GraphVerbs = Pick<
  Service,
  | "submitGraph"
  | "getGraph"
  | "getGraphResults"
  | "addGraphNodes"
  | "undoGraph"
  | "waitForGraph"
  | "graphAccess"
>;

function graphVerbs(context: ServiceContext): GraphVerbs {
  return {
    submitGraph: (request) => submitGraph(context, request),
    getGraph: (id) => getGraph(context, id),
    getGraphResults: (request) => getGraphResults(context, request),
    addGraphNodes: (request) => addGraphNodes(context, request),
    undoGraph: (id) => undoGraph(context, id),
    waitForGraph: (id, fields) => waitForGraph(context, { id, fields }),
    graphAccess: {
      findResults: (taskId) => context.store.graphs.listResults(taskId),
      addNodes: (run, addition) => addNodesOfRun(context, run, addition),
    },
  };
}

type TriggerVerbs = Pick<
  Service,
  | "getTrigger"
  | "addTrigger"
  | "updateTrigger"
  | "pauseTrigger"
  | "resumeTrigger"
  | "removeTrigger"
  | "listOccurrences"
>;

function triggerVerbs(context: ServiceContext): TriggerVerbs {
  return {
    getTrigger: (id) => getTrigger(context, id),
    addTrigger: (request) => addTrigger(context, request),
    updateTrigger: (request) => updateTrigger(context, request),
    pauseTrigger: (id) => pauseTrigger(context, id),
    resumeTrigger: (id) => resumeTrigger(context, id),
    removeTrigger: (id) => removeTrigger(context, id),
    listOccurrences: (id, fields) => listOccurrences(context, { id, fields }),
  };
}

type RunVerbs = Pick<
  Service,
  | "getRun"
  | "listRuns"
  | "cancelRun"
  | "retryRun"
  | "listLogs"
  | "waitForRun"
  | "followRuns"
  | "followLogs"
>;

function runVerbs(context: ServiceContext): RunVerbs {
  return {
    getRun: async (id) => getRun(context, id),
    listRuns: (fields) => listRuns(context, fields),
    cancelRun: (request) => cancelRun(context, request),
    retryRun: async (id) => retryRun(context, id),
    listLogs: (id, fields) => listLogs(context, { id, fields }),
    waitForRun: (id, fields) => waitForRun(context, { id, fields }),
    followRuns: (fields) => followRuns(context, fields),
    followLogs: (id, fields) => followLogs(context, { id, fields }),
  };
}

type FrontierVerbs = Pick<
  Service,
  | "listListers"
  | "importOrigins"
  | "nextVisits"
  | "peekVisits"
  | "reportVisits"
  | "getVisitStats"
  | "countOrigins"
>;

function frontierVerbs(context: ServiceContext): FrontierVerbs {
  return {
    listListers: () => listListers(context),
    importOrigins: (request) => importOrigins(context, request),
    nextVisits: (request) => nextVisits(context, request),
    peekVisits: (request) => peekVisits(context, request),
    reportVisits: (visits) => reportVisits(context, visits),
    getVisitStats: (origins) => getVisitStats(context, origins),
    countOrigins: (request) => countOrigins(context, request),
  };
}

type SystemVerbs = Pick<
  Service,
  | "getSystem"
  | "getForecast"
  | "pause"
  | "resume"
  | "createToken"
  | "listTokens"
  | "revokeToken"
  | "findTokenBySecret"
>;

function systemVerbs(context: ServiceContext): SystemVerbs {
  return {
    getSystem: () => getSystem(context),
    getForecast: (fields) => getForecast(context, fields),
    pause: () => setSystemPaused(context, true),
    resume: () => setSystemPaused(context, false),
    createToken: (request) => createToken(context, request),
    listTokens: () => listTokens(context),
    revokeToken: (id) => revokeToken(context, id),
    findTokenBySecret: (secret) => findTokenBySecret(context, secret),
  };
}
