/** Rows of runs and attempts, as records. */

import {
  logLevels,
  type Attempt,
  type ClaimedRun,
  type LogLine,
  type Run,
  type RunOverrides,
} from "../../model/run.ts";
import { outcomeKinds, type RunError } from "../../model/outcome.ts";
import { runTable, type RunState } from "../../model/state-machine.ts";
import { priorities, type Priority } from "../../policy/slot-shares.ts";
import { isErrorCode } from "../../kernel/error-codes.ts";
import { isRecord } from "../../kernel/json.ts";
import { present } from "../../kernel/assert.ts";
import {
  booleanOf,
  idOf,
  instantInText,
  instantOf,
  jsonOf,
  numberOf,
  optionalId,
  optionalInstant,
  optionalNumber,
  optionalText,
  type Row,
  textOf,
  wordOf,
} from "../row.ts";

const runStates = Object.keys(runTable) as RunState[];

/** The number under which a priority is stored; smaller runs first. */
export function levelOf(priority: Priority): number {
  return priorities.indexOf(priority) + 1;
}

/** The priority of a stored number. */
export function priorityOf(row: Row, column: string): Priority {
  return present(priorities[numberOf(row, column) - 1], column);
}

/** Overrides kept as JSON that we wrote; null means none. */
export function overridesOf(row: Row, column: string): RunOverrides {
  const value = jsonOf(row, column);
  return isRecord(value) ? value : {};
}

/** An error kept as JSON that we wrote. */
export function runErrorIn(row: Row, column: string): RunError | null {
  const value = jsonOf(row, column);
  if (!isRecord(value)) return null;
  const { code, message, details, stack } = value;
  return {
    code: isErrorCode(code) ? code : "ORR_EXEC_FAILED",
    message: typeof message === "string" ? message : "",
    details: isRecord(details) ? details : {},
    stack: typeof stack === "string" ? stack : null,
  };
}

/** A run, from the queue or from the history. */
export function decodeRun(row: Row): Run {
  const progressAt = optionalInstant(row, "progress_at");
  const outcome = row["outcome"] === null ? null : wordOf(row, "outcome", outcomeKinds);
  return {
    id: idOf(row, "id"),
    taskId: optionalId(row, "task_id"),
    triggerId: optionalId(row, "trigger_id"),
    typeId: idOf(row, "type_id"),
    typeName: textOf(row, "type_name"),
    state: wordOf(row, "state", runStates),
    input: jsonOf(row, "input"),
    priority: priorityOf(row, "priority"),
    concurrencyKey: optionalText(row, "concurrency_key"),
    fireAt: optionalInstant(row, "fire_at"),
    dueAt: instantOf(row, "due_at"),
    createdAt: instantOf(row, "created_at"),
    attempt: numberOf(row, "attempt"),
    failureCount: numberOf(row, "failure_count"),
    lostCount: numberOf(row, "lost_count"),
    workerId: optionalId(row, "worker_id"),
    fence: row["fence"] === 0 ? null : optionalId(row, "fence"),
    claimedAt: optionalInstant(row, "claimed_at"),
    leaseExpiresAt: optionalInstant(row, "lease_expires_at"),
    cancelRequestedAt: optionalInstant(row, "cancel_requested_at"),
    pendingCount: numberOf(row, "pending_count"),
    outcome,
    output: jsonOf(row, "output"),
    error: runErrorIn(row, "error"),
    finishedAt: optionalInstant(row, "finished_at"),
    progress:
      progressAt === null
        ? null
        : {
            fraction: optionalNumber(row, "progress_fraction"),
            message: optionalText(row, "progress_message"),
            updatedAt: progressAt,
          },
  };
}

/** What `claimedRunColumns` leave out of a run that has nothing special. */
const ordinary: Row = {
  task_id: null,
  trigger_id: null,
  overrides: null,
  attempt: 1,
  failure_count: 0,
  lost_count: 0,
  fire_at: null,
  interval_ms: null,
  is_missed: false,
};

/** What a run that has something special has of it, by the names that its columns have. */
function specialOf(row: Row): Row {
  const values = jsonOf(row, "special");
  return Array.isArray(values)
    ? {
        task_id: values[0],
        trigger_id: values[1],
        overrides: values[2],
        attempt: values[3],
        failure_count: values[4],
        lost_count: values[5],
        fire_at: values[6],
        interval_ms: values[7],
        is_missed: values[8],
      }
    : ordinary;
}

/** A run as a worker gets it. */
export function decodeClaimedRun(row: Row): ClaimedRun {
  const rest = specialOf(row);
  return {
    id: idOf(row, "id"),
    taskId: optionalId(rest, "task_id"),
    triggerId: optionalId(rest, "trigger_id"),
    typeId: idOf(row, "type_id"),
    priority: priorityOf(row, "priority"),
    input: jsonOf(row, "input"),
    overrides: overridesOf(rest, "overrides"),
    attempt: numberOf(rest, "attempt"),
    failureCount: numberOf(rest, "failure_count"),
    lostCount: numberOf(rest, "lost_count"),
    fireAt: rest["fire_at"] === null ? null : instantInText(rest, "fire_at"),
    dueAt: instantOf(row, "due_at"),
    fence: idOf(row, "fence"),
    intervalMs: optionalNumber(rest, "interval_ms"),
    isMissed: booleanOf(rest, "is_missed"),
  };
}

/** A try of a run. */
export function decodeAttempt(row: Row): Attempt {
  return {
    runId: idOf(row, "run_id"),
    attempt: numberOf(row, "attempt"),
    outcome: wordOf(row, "outcome", outcomeKinds),
    workerId: optionalId(row, "worker_id"),
    fence: optionalId(row, "fence"),
    startedAt: instantOf(row, "started_at"),
    finishedAt: instantOf(row, "finished_at"),
    output: jsonOf(row, "output"),
    error: runErrorIn(row, "error"),
  };
}

/** A line of a log. */
export function decodeLogLine(row: Row): LogLine {
  const data = jsonOf(row, "data");
  return {
    runId: idOf(row, "run_id"),
    attempt: numberOf(row, "attempt"),
    seq: numberOf(row, "seq"),
    at: instantOf(row, "at"),
    level: wordOf(row, "level", logLevels),
    message: textOf(row, "message"),
    data: isRecord(data) ? data : null,
  };
}

/**
 * The columns of `decodeClaimedRun`, of a table or alias `run`. Most runs are first tries of their
 * own, and each column costs the server and the driver something: what those do not have is one,
 * in the order of `specialOf`. Names beside the values would take the server twice the time.
 */
export const claimedRunColumns = `run.id, run.type_id, run.priority, run.input, run.due_at,
  run.fence,
  case when run.attempt + run.failure_count + run.lost_count > 1 or num_nonnulls(run.task_id,
      run.trigger_id, run.overrides, run.fire_at, run.interval_ms, run.start_by) > 0
  then json_build_array(run.task_id, run.trigger_id, run.overrides, run.attempt, run.failure_count,
    run.lost_count, run.fire_at::text, run.interval_ms,
    run.attempt = 1 and coalesce(run.start_by < run.claimed_at, false))
  end as special`;
