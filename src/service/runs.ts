/** Use cases of runs. */

import { NotFoundError } from "../kernel/errors.ts";
import { ifPresent, invalidField, readNumber, readText } from "../kernel/fields.ts";
import { toId, type RunId, type TaskId } from "../kernel/ids.ts";
import type { LogLine, Run, RunDetail, RunFilter } from "../model/run.ts";
import { refusedTransition, runTable, type RunState } from "../model/state-machine.ts";
import type { LogPosition, Store } from "../model/store.ts";
import { taskTypeNameLettersMax } from "../model/task-name.ts";
import type { ServiceContext } from "./context.ts";
import { cutPage, pageLimitMax, readPage, type ListPage, type PageFields } from "./page.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";
import { typeNamed } from "./task-types.ts";
import { readReason, readWords, settleCancelledRun } from "./tasks.ts";

/** Lines of a log page, unless the caller says otherwise. */
export const logLimitDefault = 200;
/** A run that changes hands while it is cancelled is tried this often. */
const cancelTriesMax = 5;
/** The largest attempt and line number that a log position can name. */
const positionMax = 2_147_483_647;

const runStates: readonly RunState[] = [
  "blocked",
  "queued",
  "paused",
  "running",
  "succeeded",
  "failed",
  "cancelled",
];

/** Which runs to list; every field is checked. */
export interface ListRunsFields extends PageFields {
  readonly type?: unknown;
  readonly state?: unknown;
  readonly taskId?: unknown;
}

/** Which log lines to list; every field is checked. */
export interface ListLogsFields {
  readonly after?: unknown;
  readonly limit?: unknown;
}

/** @throws NotFoundError `ORR_NOT_FOUND_RUN` */
export function getRun({ store }: ServiceContext, id: unknown): Promise<RunDetail> {
  return runOf(store, toId<RunId>(id, "id"));
}

/** Whether a run has ended: it takes no further event. */
export function isEnded(run: Run): boolean {
  return Object.keys(runTable[run.state]).length === 0;
}

/**
 * A page of runs, newest first.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CURSOR`
 */
export async function listRuns(
  { store }: ServiceContext,
  fields: ListRunsFields,
): Promise<ListPage<Run>> {
  const page = readPage(fields);
  const typeName = ifPresent(fields.type, (value) =>
    readText(value, { field: "type", max: taskTypeNameLettersMax }),
  );
  const states = ifPresent(fields.state, (value) => readWords(value, runStates));
  const taskId = ifPresent(fields.taskId, (value) => toId<TaskId>(value, "taskId"));
  const filter: RunFilter = {
    ...(typeName === undefined ? {} : { typeName }),
    ...(states === undefined ? {} : { states }),
    ...(taskId === undefined ? {} : { taskId }),
  };
  return cutPage(page, (each) => store.runs.list(filter, each));
}

/**
 * Ends a waiting run, asks a running one to stop: then the answer still says `running`. A task that
 * has nothing else left to do is cancelled with its run.
 * @throws NotFoundError `ORR_NOT_FOUND_RUN`
 * @throws StateError `ORR_STATE_TRANSITION` when it has ended
 */
export async function cancelRun(
  { store }: ServiceContext,
  request: { readonly id: unknown; readonly reason?: unknown },
): Promise<RunDetail> {
  const id = toId<RunId>(request.id, "id");
  const reason = readReason(request.reason);
  return store.transaction(async (inside) => {
    const { taskId, triggerId } = await runOf(inside, id);
    // The task before its run, as everybody takes them.
    if (taskId !== null) await inside.tasks.lock(taskId);
    const idle = await cancelWherever(inside, { id, reason });
    if (idle && taskId !== null) {
      await settleCancelledRun(inside, { taskId, triggerId, reason });
    }
    return runOf(inside, id);
  });
}

/** Answers whether the run was idle and has ended; otherwise its worker was asked to stop it. */
async function cancelWherever(
  store: Store,
  { id, reason }: { readonly id: RunId; readonly reason: string },
): Promise<boolean> {
  for (let tries = 0; tries < cancelTriesMax; tries += 1) {
    if (await store.runs.cancelIdle(id, reason)) return true;
    if (await store.runs.requestCancel(id, reason)) return false;
    const run = await runOf(store, id);
    // Not idle, then not running: it ended, or it went back to the queue in between.
    if (isEnded(run)) throw refusedTransition(`run ${id}`, { state: run.state, event: "cancel" });
  }
  throw refusedTransition(`run ${id}`, { state: "changing hands", event: "cancel" });
}

/**
 * Queues the work of an ended run again, as a new run without task.
 * @throws NotFoundError `ORR_NOT_FOUND_RUN`
 * @throws StateError `ORR_STATE_TRANSITION` when it has not ended
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export function retryRun({ store }: ServiceContext, id: unknown): Promise<RunDetail> {
  return store.transaction(async (inside) => {
    const run = await runOf(inside, toId<RunId>(id, "id"));
    const refusal = refusedTransition(`run ${run.id}`, { state: run.state, event: "retry" });
    if (!isEnded(run)) throw refusal;
    const type = await typeNamed(inside, { name: run.typeName, field: "type" });
    await reserveRoom(inside, demandOf([type]));
    const copy = await inside.runs.copyEnded(run.id);
    if (copy === undefined) throw refusal;
    return runOf(inside, copy);
  });
}

/**
 * Lines of a run's log, oldest first.
 * @throws NotFoundError `ORR_NOT_FOUND_RUN`
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CURSOR`
 */
export async function listLogs(
  { store }: ServiceContext,
  request: { readonly id: unknown; readonly fields: ListLogsFields },
): Promise<readonly LogLine[]> {
  const id = toId<RunId>(request.id, "id");
  const after = ifPresent(request.fields.after, parseLogPosition) ?? { attempt: 0, seq: 0 };
  const limit = ifPresent(request.fields.limit, (value) =>
    readNumber(value, { field: "limit", min: 1, max: pageLimitMax, whole: true }),
  );
  const lines = await store.history.listLog(id, after, limit ?? logLimitDefault);
  // An unknown run and a run without lines look the same until the run itself is asked for.
  if (lines.length === 0) await runOf(store, id);
  return lines;
}

/** Reads `attempt.seq`. @throws InvalidInputError `ORR_INPUT_CURSOR` */
export function parseLogPosition(value: unknown): LogPosition {
  const match = typeof value === "string" ? /^(\d{1,10})\.(\d{1,10})$/.exec(value) : null;
  const attempt = Number(match?.[1]);
  const seq = Number(match?.[2]);
  if (attempt <= positionMax && seq <= positionMax) return { attempt, seq };
  const expected = "attempt.seq of a line, such as 1.42";
  throw invalidField("after", { expected, value, code: "ORR_INPUT_CURSOR" });
}

async function runOf(store: Store, id: RunId): Promise<RunDetail> {
  const run = await store.runs.find(id);
  if (run !== undefined) return run;
  throw new NotFoundError("ORR_NOT_FOUND_RUN", `no run has the id ${id}`, {
    details: { field: "id", value: id },
  });
}
