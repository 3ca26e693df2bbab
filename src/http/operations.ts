/** What each route does: it calls one verb of the scheduler and answers its record. */

import type { LogRecord } from "../api/records.ts";
import {
  type CallOperationId,
  type EventOperationId,
  type RequestOf,
  type ResponseOf,
  waitMsDefault,
} from "../api/routes.ts";
import { isAtRest } from "../api/graph-records.ts";
import { hasEnded } from "../api/run-result.ts";
import type { Scheduler } from "../api/scheduler.ts";
import { OrreryError } from "../kernel/errors.ts";
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
    ...graphOperations(scheduler),
    ...runOperations(scheduler),
    ...systemOperations(scheduler),
    followRuns: async ({ query }, { signal, lastEventId }) =>
      hub.subscribe({ query, signal, lastEventId }),
    followLogs: async ({ params }, { signal, lastEventId }) => {
      // Asked for first, so that an unknown run is a 404 and not a broken stream.
      await scheduler.getRun(params.id);
      return logEvents(scheduler.followLogs(params.id, { signal }), lastEventId);
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

type GraphOperationId = "submitGraph" | "getGraph" | "addGraphNodes" | "undoGraph" | "waitForGraph";

function graphOperations(scheduler: Scheduler): Pick<Operations, GraphOperationId> {
  return {
    submitGraph: ({ body }) => scheduler.submitGraph(body),
    getGraph: ({ params }) => scheduler.getGraph(params.id),
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

/** The lines after a place, each with its own place as id. */
async function* logEvents(
  lines: AsyncIterable<LogRecord>,
  lastEventId: string | undefined,
): AsyncGenerator<ServerEvent, void, undefined> {
  const seen = /^(\d{1,10})\.(\d{1,10})$/.exec(lastEventId ?? "");
  const attempt = Number(seen?.[1] ?? 0);
  const seq = Number(seen?.[2] ?? 0);
  for await (const line of lines) {
    const isNew = line.attempt > attempt || (line.attempt === attempt && line.seq > seq);
    if (isNew) yield { id: positionOf(line), data: line };
  }
}
