/** Tasks of the Software Heritage scheduler: the port over its statements. */

import { present } from "../kernel/assert.ts";
import { type Interval, normalInterval } from "../kernel/interval.ts";
import type {
  NewSwhTask,
  NewSwhTaskRun,
  SwhReadyRequest,
  SwhTask,
  SwhTaskStore,
  SwhTaskType,
  WholeNumber,
} from "../model/swh-task.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import * as runs from "./statements/swh-run.ts";
import * as tasks from "./statements/swh-task.ts";

/** The store of a session. */
export function createSwhTaskStore(session: Session): SwhTaskStore {
  const now = (): string | null => session.nowParameter();
  return {
    createType: async (type) => {
      await session.query(tasks.createSwhTaskType, [typeJson(type)]);
    },
    findType: async (name) => await session.queryOne(tasks.findSwhTaskType, [name]),
    listTypes: async () => await session.query(tasks.listSwhTaskTypes),
    create: async (created) =>
      await session.query(tasks.createSwhTasks, [jsonArray(created.map(taskJson))]),
    setStatus: async ({ taskIds, status, nextRun, exceptCompleted }) => {
      const next = instantParameter(nextRun);
      const values = [digitsOf(taskIds), status, next, exceptCompleted, now()];
      await session.query(tasks.setSwhTaskStatus, values);
    },
    search: async (filter) =>
      await session.query(tasks.searchSwhTasks, [
        filter.taskIds === null ? null : digitsOf(filter.taskIds),
        filter.types,
        filter.statuses,
        filter.priorities,
        filter.policy,
        instantParameter(filter.before),
        instantParameter(filter.after),
        String(filter.limit),
      ]),
    ...readyMethods(session),
    ...runMethods(session),
  };
}

type ReadyMethods = Pick<SwhTaskStore, "peekReady" | "grabReady">;

function readyMethods(session: Session): ReadyMethods {
  const read = async (
    request: SwhReadyRequest,
    statement: typeof tasks.peekReadySwhTasks,
  ): Promise<readonly SwhTask[]> =>
    await session.query(statement, [
      request.type,
      instantParameter(request.timestamp),
      session.nowParameter(),
      String(request.limit),
    ]);
  return {
    peekReady: async (request) =>
      await read(
        request,
        request.hasPriority ? tasks.peekReadySwhPriorityTasks : tasks.peekReadySwhTasks,
      ),
    grabReady: async (request) =>
      await read(
        request,
        request.hasPriority ? tasks.grabReadySwhPriorityTasks : tasks.grabReadySwhTasks,
      ),
  };
}

type RunMethods = Omit<
  SwhTaskStore,
  keyof ReadyMethods | "createType" | "findType" | "listTypes" | "create" | "setStatus" | "search"
>;

function runMethods(session: Session): RunMethods {
  const now = (): string | null => session.nowParameter();
  return {
    scheduleRuns: async (scheduled) =>
      await session.query(runs.createSwhTaskRuns, [
        jsonArray(scheduled.map(runJson)),
        false,
        now(),
      ]),
    scheduleRun: async (run) => {
      const values = [jsonArray([runJson(run)]), true, now()];
      return present(await session.queryOne(runs.createSwhTaskRuns, values), "the scheduled run");
    },
    startRuns: async ({ backendId, metadataJson, timestamp }) => {
      const values = [backendId, metadataJson, instantParameter(timestamp), now()];
      return await session.queryOne(runs.startSwhTaskRuns, values);
    },
    endRuns: async ({ backendId, metadataJson, timestamp, status, widens }) =>
      await session.queryOne(runs.endSwhTaskRuns, [
        backendId,
        metadataJson,
        instantParameter(timestamp),
        now(),
        status,
        widens,
      ]),
    listRuns: async (taskIds, limit) =>
      await session.query(runs.listSwhTaskRuns, [digitsOf(taskIds), String(limit)]),
    listArchivable: async ({ from, until, taskIdMin, taskIdMax, limit }) =>
      await session.query(runs.listArchivableSwhRuns, [
        from,
        until,
        String(taskIdMin),
        taskIdMax === null ? null : String(taskIdMax),
        String(limit),
      ]),
    deleteArchived: async ({ taskIds, runIds }) => {
      await session.query(runs.deleteArchivedSwhTasks, [digitsOf(runIds), digitsOf(taskIds)]);
    },
    listIrregularEnds: async (limit) => await session.query(runs.listSwhIrregularEnds, [limit]),
  };
}

/** Whole numbers as digits: the driver has no form for those beyond safe integers. */
function digitsOf(numbers: readonly WholeNumber[]): readonly string[] {
  return numbers.map(String);
}

/** A JSON array of items that are JSON text already, and stay as they are. */
function jsonArray(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

/** A JSON object of members that are JSON text already; without those that are null. */
function jsonObject(members: Readonly<Record<string, string | null>>): string {
  const texts = Object.entries(members).flatMap(([key, text]) =>
    text === null ? [] : [`"${key}":${text}`],
  );
  return `{${texts.join(",")}}`;
}

function taskJson(task: NewSwhTask): string {
  return jsonObject({
    type: JSON.stringify(task.type),
    arguments: task.argumentsJson,
    next_run: JSON.stringify(instantParameter(task.nextRun)),
    status: JSON.stringify(task.status),
    policy: JSON.stringify(task.policy),
    retries_left: wholeJson(task.retriesLeft),
    priority: textJson(task.priority),
  });
}

function runJson(run: NewSwhTaskRun): string {
  return jsonObject({
    task_id: String(run.task),
    backend_id: textJson(run.backendId),
    scheduled: textJson(instantParameter(run.scheduled)),
    metadata: run.metadataJson,
  });
}

function typeJson(type: SwhTaskType): string {
  return jsonObject({
    type: JSON.stringify(type.type),
    description: JSON.stringify(type.description),
    backend_name: JSON.stringify(type.backendName),
    default_interval: intervalJson(type.defaultInterval),
    min_interval: intervalJson(type.minInterval),
    max_interval: intervalJson(type.maxInterval),
    backoff_factor: textJson(type.backoffFactor === null ? null : String(type.backoffFactor)),
    max_queue_length: wholeJson(type.maxQueueLength),
    num_retries: wholeJson(type.numRetries),
    retry_delay: intervalJson(type.retryDelay),
  });
}

function textJson(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text);
}

function wholeJson(value: WholeNumber | null): string | null {
  return value === null ? null : String(value);
}

/** As PostgreSQL reads it. Days stay days: multiples of an interval are taken part by part. */
function intervalJson(interval: Interval | null): string | null {
  if (interval === null) return null;
  const { days, seconds, microseconds } = normalInterval(interval);
  const fraction = String(microseconds).padStart(6, "0");
  return JSON.stringify(`${days} days ${seconds}.${fraction} seconds`);
}
