/** What each route does: it calls one verb of the scheduler and answers its record. */

import type { LogRecord } from "../api/records.ts";
import {
  type CallOperationId,
  type EventOperationId,
  type RequestOf,
  type ResponseOf,
  waitMsDefault,
} from "../api/routes.ts";
import type { Frontier } from "../api/frontier.ts";
import { isAtRest } from "../api/graph-records.ts";
import { hasEnded } from "../api/run-result.ts";
import { occurrencePageOf } from "../api/occurrence-page.ts";
import type { Scheduler } from "../api/scheduler.ts";
import { OrreryError } from "../kernel/errors.ts";
import { attemptAt, parseAttemptPlace } from "../service/follow.ts";
import { parseLogPosition } from "../service/runs.ts";
import type { ServerEvent } from "./event-stream.ts";
import type { RunEventHub } from "./run-event-hub.ts";

/** What a request brings besides its path, query and body. */
export interface RequestContext {
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
  /** Where a client was that comes back to a stream. */
  readonly lastEventId: string | undefined;
}

/** Answers one route. */
export type CallOperation<Id extends CallOperationId> = (
  request: RequestOf<Id>,
  context: RequestContext,
) => Promise<ResponseOf<Id>>;

/** Begins a stream; rejects when there is nothing to stream. */
export type EventOperation<Id extends EventOperationId> = (
  request: RequestOf<Id>,
  context: RequestContext,
) => Promise<AsyncIterable<ServerEvent>>;

/** All operations by the names of the route table. */
export type Operations = {
  readonly [Id in CallOperationId]: CallOperation<Id>;
} & { readonly [Id in EventOperationId]: EventOperation<Id> };

/** Binds the routes to a scheduler. */
export function createOperations(scheduler: Scheduler, hub: RunEventHub): Operations {
  return {
    ...taskTypeOperations(scheduler),
    ...taskOperations(scheduler),
    ...triggerOperations(scheduler),
    ...graphOperations(scheduler),
    ...runOperations(scheduler),
    ...frontierOperations(scheduler.frontier),
    ...systemOperations(scheduler),
    // What cannot be followed is found out first: an answer says more than a broken stream.
    followRuns: async ({ query }, { signal, lastEventId }) => {
      if (query.after !== undefined) {
        const place = parseAttemptPlace(query.after);
        attemptAt(await scheduler.getRun(place.runId), place);
      }
      return hub.subscribe({ query, signal, lastEventId });
    },
    followLogs: async ({ params, query }, { signal, lastEventId }) => {
      if (query.after !== undefined) parseLogPosition(query.after);
      await scheduler.getRun(params.id);
      const after = linePlaceOf(lastEventId) ?? query.after;
      const options = { signal, ...(after === undefined ? {} : { after }) };
      return logEvents(scheduler.followLogs(params.id, options));
    },
  };
}

function taskTypeOperations(
  scheduler: Scheduler,
): Pick<Operations, "listTaskTypes" | "getTaskType" | "pauseTaskType" | "resumeTaskType"> {
  return {
    listTaskTypes: async () => ({ items: await scheduler.listTaskTypes(), nextCursor: null }),
    getTaskType: ({ params }) => scheduler.getTaskType(params.name),
    pauseTaskType: ({ params }) => scheduler.pauseTaskType(params.name),
    resumeTaskType: ({ params }) => scheduler.resumeTaskType(params.name),
  };
}

type TaskOperationId =
  | "createTask"
  | "createTasks"
  | "listTasks"
  | "getTask"
  | "cancelTask"
  | "pauseTask"
  | "resumeTask"
  | "retryTask";

function taskOperations(scheduler: Scheduler): Pick<Operations, TaskOperationId> {
  return {
    createTask: ({ body }) => scheduler.createTask(body),
    createTasks: async ({ body }) => ({ items: await scheduler.createTasks(body.tasks) }),
    listTasks: ({ query }) => scheduler.listTasks(query),
    getTask: ({ params }) => scheduler.getTask(params.id),
    cancelTask: ({ params, body }) => scheduler.cancelTask(params.id, body.reason),
    pauseTask: ({ params }) => scheduler.pauseTask(params.id),
    resumeTask: ({ params }) => scheduler.resumeTask(params.id),
    retryTask: ({ params }) => scheduler.retryTask(params.id),
  };
}

type TriggerOperationId =
  | "addTrigger"
  | "getTrigger"
  | "updateTrigger"
  | "pauseTrigger"
  | "resumeTrigger"
  | "removeTrigger"
  | "listOccurrences";

function triggerOperations(scheduler: Scheduler): Pick<Operations, TriggerOperationId> {
  return {
    addTrigger: ({ params, body }) => scheduler.addTrigger(params.taskId, body),
    getTrigger: ({ params }) => scheduler.getTrigger(params.id),
    updateTrigger: ({ params, body }) => scheduler.updateTrigger(params.id, body),
    pauseTrigger: ({ params }) => scheduler.pauseTrigger(params.id),
    resumeTrigger: ({ params }) => scheduler.resumeTrigger(params.id),
    removeTrigger: async ({ params }) => {
      await scheduler.removeTrigger(params.id);
      return undefined;
    },
    listOccurrences: async ({ params, query }) => {
      const items = await scheduler.listOccurrences(params.id, query);
      return occurrencePageOf(items, query.limit);
    },
  };
}

type GraphOperationId =
  | "submitGraph"
  | "getGraph"
  | "getGraphResults"
  | "addGraphNodes"
  | "undoGraph"
  | "waitForGraph";

function graphOperations(scheduler: Scheduler): Pick<Operations, GraphOperationId> {
  return {
    submitGraph: ({ body }) => scheduler.submitGraph(body),
    getGraph: ({ params }) => scheduler.getGraph(params.id),
    getGraphResults: async ({ params, query }) => ({
      results: await scheduler.getGraphResults(params.id, query),
    }),
    addGraphNodes: ({ params, body: { nodes, ...options } }) =>
      scheduler.addGraphNodes(params.id, nodes, options),
    undoGraph: ({ params }) => scheduler.undoGraph(params.id),
    waitForGraph: ({ params, query }, { signal }) =>
      untilTimeIsUp({
        look: () => scheduler.getGraph(params.id),
        isOver: isAtRest,
        wait: (timeoutMs) => scheduler.waitForGraph(params.id, { timeoutMs, signal }),
        ...query,
        signal,
      }),
  };
}

type RunOperationId =
  | "enqueue"
  | "listRuns"
  | "getRun"
  | "cancelRun"
  | "retryRun"
  | "waitForRun"
  | "listLogs";

function runOperations(scheduler: Scheduler): Pick<Operations, RunOperationId> {
  return {
    enqueue: async ({ body }) => ({ ids: await scheduler.enqueue(body.runs) }),
    listRuns: ({ query }) => scheduler.listRuns(query),
    getRun: ({ params }) => scheduler.getRun(params.id),
    cancelRun: ({ params, body }) => scheduler.cancelRun(params.id, body.reason),
    retryRun: ({ params }) => scheduler.retryRun(params.id),
    waitForRun: ({ params, query }, { signal }) =>
      untilTimeIsUp({
        look: () => scheduler.getRun(params.id),
        isOver: hasEnded,
        wait: (timeoutMs) => scheduler.waitForRun(params.id, { timeoutMs, signal }),
        ...query,
        signal,
      }),
    listLogs: async ({ params, query }) => {
      const items = await scheduler.listLogs(params.id, query);
      const last = items.at(-1);
      return { items, nextAfter: last === undefined ? (query.after ?? null) : positionOf(last) };
    },
  };
}

type FrontierOperationId =
  | "listListers"
  | "importOrigins"
  | "nextVisits"
  | "peekVisits"
  | "reportVisits"
  | "getVisitStats"
  | "countOrigins";

function frontierOperations(frontier: Frontier): Pick<Operations, FrontierOperationId> {
  return {
    listListers: async () => ({ items: await frontier.listListers(), nextCursor: null }),
    importOrigins: ({ body }) => frontier.importOrigins(body),
    nextVisits: ({ body }) => frontier.nextVisits(body),
    peekVisits: ({ body }) => frontier.peekVisits(body),
    reportVisits: ({ body }) => frontier.reportVisits(body.visits),
    getVisitStats: async ({ body }) => ({ items: await frontier.getVisitStats(body.origins) }),
    countOrigins: async ({ query }) => ({ items: await frontier.countOrigins(query) }),
  };
}

type SystemOperationId =
  | "getSystem"
  | "getForecast"
  | "pauseSystem"
  | "resumeSystem"
  | "createToken"
  | "listTokens"
  | "revokeToken";

function systemOperations(scheduler: Scheduler): Pick<Operations, SystemOperationId> {
  return {
    getSystem: () => scheduler.getSystem(),
    getForecast: ({ query }) => scheduler.getForecast(query),
    pauseSystem: () => scheduler.pause(),
    resumeSystem: () => scheduler.resume(),
    createToken: ({ body }) => scheduler.createToken(body),
    listTokens: async () => ({ items: await scheduler.listTokens(), nextCursor: null }),
    revokeToken: async ({ params }) => {
      await scheduler.revokeToken(params.id);
      return undefined;
    },
  };
}

/** Waits; when the time is up, or the server stops, the record is answered as it is. */
async function untilTimeIsUp<Answer>(request: {
  readonly look: () => Promise<Answer>;
  readonly isOver: (answer: Answer) => boolean;
  readonly wait: (timeoutMs: number) => Promise<Answer>;
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}): Promise<Answer> {
  const { look, isOver, wait, timeoutMs = waitMsDefault, signal } = request;
  const answer = await look();
  if (isOver(answer)) return answer;
  try {
    return await wait(timeoutMs);
  } catch (error) {
    const timeUp = error instanceof OrreryError && error.code === "ORR_TIMEOUT_WAIT";
    if (timeUp || signal.aborted) return look();
    throw error;
  }
}

/** The place of a line, as `after` and `Last-Event-ID` name it. */
function positionOf(line: LogRecord): string {
  return `${line.attempt}.${line.seq}`;
}

/** The place that a client comes back with; what is no place of ours counts as none. */
function linePlaceOf(lastEventId: string | undefined): string | undefined {
  return /^\d{1,9}\.\d{1,9}$/.test(lastEventId ?? "") ? lastEventId : undefined;
}

/** Lines, each with its place as id. */
async function* logEvents(
  lines: AsyncIterable<LogRecord>,
): AsyncGenerator<ServerEvent, void, undefined> {
  for await (const line of lines) yield { id: positionOf(line), data: line };
}
