/**
 * The one table of routes: the server registers them, the client builds its addresses, and the
 * OpenAPI document lists them, all from here. Data only, so that a browser loads little: schemas
 * are named, and `schemas/registry.ts` has them.
 */

import type { ErrorCode } from "../kernel/error-codes.ts";
import type { TokenRole } from "../model/worker.ts";
import { frontierRoutes } from "./frontier-routes.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { graphRoutes } from "./graph-routes.ts";
import type { SchemaName, SchemaTypes } from "./wire.ts";

/** Below this path stand all routes of the table. */
export const apiPrefix = "/api/v1";

/** The longest that one request waits for a run; the client asks again. */
export const waitMsMax = 60_000;
/** How long a request waits that does not say how long. */
export const waitMsDefault = 30_000;

/** How much larger than other bodies one may be that holds a list. */
export const batchFactor = 8;

/** One route. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `apiPrefix`, with `{name}` for a parameter. */
  readonly path: string;
  /** Groups routes for readers. */
  readonly tag:
    | "task types"
    | "tasks"
    | "triggers"
    | "graphs"
    | "runs"
    | "frontier"
    | "system"
    | "tokens";
  readonly summary: string;
  /** The least role that a token must have. */
  readonly role: TokenRole;
  readonly params?: SchemaName;
  readonly query?: SchemaName;
  /** POST and PATCH only. A body that may be absent counts as `{}`. */
  readonly body?: SchemaName;
  /** Whether the body holds a list, and may be `batchFactor` times as large as others. */
  readonly takesBatch?: true;
  /** `events` is a stream of server-sent events that end with one called `end`. */
  readonly answers: "json" | "events" | "nothing";
  /** What is answered, or the data of each event. */
  readonly response?: SchemaName;
  readonly status: 200 | 201 | 204;
  /** Beyond those that every route may answer. */
  readonly errors: readonly ErrorCode[];
}

const coreRoutes = {
  listTaskTypes: {
    method: "GET",
    path: "/task-types",
    tag: "task types",
    summary: "List all task types, in the order of names",
    role: "viewer",
    answers: "json",
    response: "TaskTypePage",
    status: 200,
    errors: [],
  },
  getTaskType: {
    method: "GET",
    path: "/task-types/{name}",
    tag: "task types",
    summary: "Read one task type",
    role: "viewer",
    params: "NameParams",
    answers: "json",
    response: "TaskTypeRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK_TYPE"],
  },
  pauseTaskType: {
    method: "POST",
    path: "/task-types/{name}/pause",
    tag: "task types",
    summary: "Claim none of its runs until it is resumed",
    role: "operator",
    params: "NameParams",
    body: "EmptyBody",
    answers: "json",
    response: "TaskTypeRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK_TYPE"],
  },
  resumeTaskType: {
    method: "POST",
    path: "/task-types/{name}/resume",
    tag: "task types",
    summary: "Claim its runs again",
    role: "operator",
    params: "NameParams",
    body: "EmptyBody",
    answers: "json",
    response: "TaskTypeRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK_TYPE"],
  },
  createTask: {
    method: "POST",
    path: "/tasks",
    tag: "tasks",
    summary: "Store a task; one whose key exists is answered unchanged",
    role: "operator",
    body: "CreateTaskRequest",
    answers: "json",
    response: "TaskDetailRecord",
    status: 200,
    errors: [
      "ORR_INPUT_ARGUMENTS",
      "ORR_INPUT_TRIGGER",
      "ORR_INPUT_ZONE",
      "ORR_NOT_FOUND_TASK_TYPE",
      "ORR_NOT_FOUND_TASK",
      "ORR_CONFLICT_QUEUE_FULL",
    ],
  },
  createTasks: {
    method: "POST",
    path: "/tasks/batch",
    tag: "tasks",
    summary: "Store many tasks, all or none",
    role: "operator",
    body: "CreateTasksBody",
    takesBatch: true,
    answers: "json",
    response: "CreatedTasksRecord",
    status: 200,
    errors: [
      "ORR_INPUT_ARGUMENTS",
      "ORR_INPUT_TRIGGER",
      "ORR_INPUT_ZONE",
      "ORR_INPUT_CYCLE",
      "ORR_NOT_FOUND_TASK_TYPE",
      "ORR_NOT_FOUND_TASK",
      "ORR_CONFLICT_QUEUE_FULL",
    ],
  },
  listTasks: {
    method: "GET",
    path: "/tasks",
    tag: "tasks",
    summary: "List tasks, newest first",
    role: "viewer",
    query: "ListTasksQuery",
    answers: "json",
    response: "TaskPage",
    status: 200,
    errors: ["ORR_INPUT_CURSOR"],
  },
  getTask: {
    method: "GET",
    path: "/tasks/{id}",
    tag: "tasks",
    summary: "Read a task with its triggers and requirements",
    role: "viewer",
    params: "IdParams",
    answers: "json",
    response: "TaskDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK"],
  },
  cancelTask: {
    method: "POST",
    path: "/tasks/{id}/cancel",
    tag: "tasks",
    summary: "End a task; its running runs are asked to stop",
    role: "operator",
    params: "IdParams",
    body: "ReasonBody",
    answers: "json",
    response: "TaskDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK", "ORR_STATE_TRANSITION"],
  },
  pauseTask: {
    method: "POST",
    path: "/tasks/{id}/pause",
    tag: "tasks",
    summary: "Fire and claim nothing of a task until it is resumed",
    role: "operator",
    params: "IdParams",
    body: "EmptyBody",
    answers: "json",
    response: "TaskDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK", "ORR_STATE_TRANSITION"],
  },
  resumeTask: {
    method: "POST",
    path: "/tasks/{id}/resume",
    tag: "tasks",
    summary: "Go on from now; fire times that passed are not caught up",
    role: "operator",
    params: "IdParams",
    body: "EmptyBody",
    answers: "json",
    response: "TaskDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK", "ORR_STATE_TRANSITION"],
  },
  retryTask: {
    method: "POST",
    path: "/tasks/{id}/retry",
    tag: "tasks",
    summary: "Run a task once more now, reviving it if it had ended",
    role: "operator",
    params: "IdParams",
    body: "EmptyBody",
    answers: "json",
    response: "TaskDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_TASK", "ORR_STATE_TRANSITION"],
  },
  enqueue: {
    method: "POST",
    path: "/runs",
    tag: "runs",
    summary: "Queue runs without tasks, all or none",
    role: "operator",
    body: "EnqueueBody",
    takesBatch: true,
    answers: "json",
    response: "EnqueuedRecord",
    status: 201,
    errors: ["ORR_INPUT_ARGUMENTS", "ORR_NOT_FOUND_TASK_TYPE", "ORR_CONFLICT_QUEUE_FULL"],
  },
  listRuns: {
    method: "GET",
    path: "/runs",
    tag: "runs",
    summary: "List runs, newest first",
    role: "viewer",
    query: "ListRunsQuery",
    answers: "json",
    response: "RunPage",
    status: 200,
    errors: ["ORR_INPUT_CURSOR"],
  },
  followRuns: {
    method: "GET",
    path: "/runs/events",
    tag: "runs",
    summary: "Follow attempts as they end, from now on or from where the client was",
    role: "viewer",
    query: "FollowRunsQuery",
    answers: "events",
    response: "RunEventRecord",
    status: 200,
    errors: ["ORR_INPUT_CURSOR", "ORR_NOT_FOUND_RUN"],
  },
  getRun: {
    method: "GET",
    path: "/runs/{id}",
    tag: "runs",
    summary: "Read a run with its attempts",
    role: "viewer",
    params: "IdParams",
    answers: "json",
    response: "RunDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_RUN"],
  },
  cancelRun: {
    method: "POST",
    path: "/runs/{id}/cancel",
    tag: "runs",
    summary: "End a run, or ask it to stop if it is running",
    role: "operator",
    params: "IdParams",
    body: "ReasonBody",
    answers: "json",
    response: "RunDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_RUN", "ORR_STATE_TRANSITION"],
  },
  retryRun: {
    method: "POST",
    path: "/runs/{id}/retry",
    tag: "runs",
    summary: "Queue an ended run's work again as a new run",
    role: "operator",
    params: "IdParams",
    body: "EmptyBody",
    answers: "json",
    response: "RunDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_RUN", "ORR_STATE_TRANSITION"],
  },
  waitForRun: {
    method: "GET",
    path: "/runs/{id}/wait",
    tag: "runs",
    summary: "Wait until a run has ended; answers it as it is when the time is up",
    role: "viewer",
    params: "IdParams",
    query: "WaitQuery",
    answers: "json",
    response: "RunDetailRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_RUN"],
  },
  listLogs: {
    method: "GET",
    path: "/runs/{id}/logs",
    tag: "runs",
    summary: "Read lines of a run's log, oldest first",
    role: "viewer",
    params: "IdParams",
    query: "ListLogsQuery",
    answers: "json",
    response: "LogPage",
    status: 200,
    errors: ["ORR_NOT_FOUND_RUN", "ORR_INPUT_CURSOR"],
  },
  followLogs: {
    method: "GET",
    path: "/runs/{id}/logs/stream",
    tag: "runs",
    summary: "Follow a run's log, from its first line or another, until the run has ended",
    role: "viewer",
    params: "IdParams",
    query: "FollowLogsQuery",
    answers: "events",
    response: "LogRecord",
    status: 200,
    errors: ["ORR_NOT_FOUND_RUN", "ORR_INPUT_CURSOR"],
  },
  getSystem: {
    method: "GET",
    path: "/system",
    tag: "system",
    summary: "Read state, workers and counts of the installation",
    role: "viewer",
    answers: "json",
    response: "SystemRecord",
    status: 200,
    errors: [],
  },
  getForecast: {
    method: "GET",
    path: "/forecast",
    tag: "system",
    summary: "Count and list what will run in the next hours",
    role: "viewer",
    query: "ForecastQuery",
    answers: "json",
    response: "ForecastRecord",
    status: 200,
    errors: [],
  },
  pauseSystem: {
    method: "POST",
    path: "/system/pause",
    tag: "system",
    summary: "Fire and claim nothing anywhere until resumed",
    role: "operator",
    body: "EmptyBody",
    answers: "json",
    response: "SystemRecord",
    status: 200,
    errors: [],
  },
  resumeSystem: {
    method: "POST",
    path: "/system/resume",
    tag: "system",
    summary: "Go on firing and claiming",
    role: "operator",
    body: "EmptyBody",
    answers: "json",
    response: "SystemRecord",
    status: 200,
    errors: [],
  },
  createToken: {
    method: "POST",
    path: "/tokens",
    tag: "tokens",
    summary: "Make an API token; its secret is shown this once",
    role: "admin",
    body: "CreateTokenRequest",
    answers: "json",
    response: "CreatedToken",
    status: 201,
    errors: [],
  },
  listTokens: {
    method: "GET",
    path: "/tokens",
    tag: "tokens",
    summary: "List API tokens, without secrets",
    role: "admin",
    answers: "json",
    response: "TokenPage",
    status: 200,
    errors: [],
  },
  revokeToken: {
    method: "DELETE",
    path: "/tokens/{id}",
    tag: "tokens",
    summary: "Make a token invalid at once",
    role: "admin",
    params: "IdParams",
    answers: "nothing",
    status: 204,
    errors: ["ORR_NOT_FOUND_TOKEN"],
  },
} as const;

/** The routes by operation id. */
export const routes: typeof coreRoutes &
  typeof triggerRoutes &
  typeof graphRoutes &
  typeof frontierRoutes = {
  ...coreRoutes,
  ...triggerRoutes,
  ...graphRoutes,
  ...frontierRoutes,
};

/** The name of a route. */
export type OperationId = keyof typeof routes;

/** The route behind a name. */
export type RouteOf<Id extends OperationId> = (typeof routes)[Id];

/** The routes that answer a stream of events. */
export type EventOperationId = {
  [Id in OperationId]: RouteOf<Id>["answers"] extends "events" ? Id : never;
}[OperationId];

/** The routes that answer once. */
export type CallOperationId = Exclude<OperationId, EventOperationId>;

/** The type behind a part of a route; absent parts need not be given. */
type PartOf<Id extends OperationId, Part extends "params" | "query" | "body"> =
  RouteOf<Id> extends { readonly [P in Part]: infer Name extends SchemaName }
    ? { readonly [P in Part]: SchemaTypes[Name] }
    : unknown;

/** All that a request of a route says. */
export type RequestOf<Id extends OperationId> = PartOf<Id, "params"> &
  PartOf<Id, "query"> &
  PartOf<Id, "body">;

/** What a route answers, or the data of each of its events. */
export type ResponseOf<Id extends OperationId> =
  RouteOf<Id> extends { readonly response: infer Name extends SchemaName }
    ? SchemaTypes[Name]
    : undefined;

/** What any request may say; for code that treats all routes alike. */
export interface AnyRequest {
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
}

/** The table with every row in the general form; here the compiler checks each row's form. */
export const routeTable: Readonly<Record<OperationId, Route>> = routes;

/** All routes with their names, in the order of the table. */
export function listRoutes(): readonly (readonly [OperationId, Route])[] {
  // The keys of the table are its names: the compiler only knows them as strings.
  return Object.entries(routeTable) as [OperationId, Route][];
}

/** What a route may answer instead, with the codes that all routes of its kind share. */
export function errorsOf(route: Route): readonly ErrorCode[] {
  const takesInput = [route.params, route.query, route.body].some((part) => part !== undefined);
  return [
    ...(takesInput ? (["ORR_INPUT_INVALID", "ORR_INPUT_TOO_LARGE"] as const) : []),
    ...(route.body === undefined ? [] : (["ORR_INPUT_JSON", "ORR_INPUT_MEDIA_TYPE"] as const)),
    ...route.errors,
    "ORR_ACCESS_UNAUTHENTICATED",
    "ORR_ACCESS_FORBIDDEN",
    "ORR_STORE_UNAVAILABLE",
  ];
}
