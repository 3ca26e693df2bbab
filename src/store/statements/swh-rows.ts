/** Rows of the Software Heritage scheduler's tables: their columns, and how they are read. */

import { type Interval, intervalFromMicros } from "../../kernel/interval.ts";
import {
  type SwhArchivedRun,
  type SwhIrregularEnd,
  swhRunStatuses,
  type SwhTask,
  swhTaskPolicies,
  swhTaskPriorities,
  type SwhTaskRun,
  swhTaskStatuses,
  type SwhTaskType,
  type WholeNumber,
} from "../../model/swh-task.ts";
import {
  idOf,
  instantOf,
  numberOf,
  optionalInstant,
  optionalNumber,
  optionalText,
  type Row,
  textOf,
  wordOf,
} from "../row.ts";

/** Whole microseconds of an interval as text; the driver's numbers would round them. */
function microsOf(column: string): string {
  return `trunc(extract(epoch from ${column}) * 1000000)::text`;
}

/** Columns of a type, of a table or alias `kind`. */
export const typeColumns: string = `kind.type, kind.description, kind.backend_name,
  ${microsOf("kind.default_interval")} as default_interval,
  ${microsOf("kind.min_interval")} as min_interval,
  ${microsOf("kind.max_interval")} as max_interval, kind.backoff_factor,
  kind.max_queue_length::text as max_queue_length, kind.num_retries::text as num_retries,
  ${microsOf("kind.retry_delay")} as retry_delay`;

/** Columns of a task, of `task` joined with its type as `kind`. */
export const taskColumns: string = `task.id, kind.type, task.arguments::text as arguments,
  task.next_run,
  task.status, task.policy, task.retries_left::text as retries_left,
  ${microsOf("task.current_interval")} as current_interval, task.priority`;

/** Columns of a run, of a table or alias `run`. */
export const runColumns: string = `run.id as run_id, run.task_id, run.backend_id, run.scheduled,
  run.started, run.ended, run.metadata::text as metadata, run.status as run_status`;

/** A type. */
export function decodeSwhTaskType(row: Row): SwhTaskType {
  return {
    type: textOf(row, "type"),
    description: textOf(row, "description"),
    backendName: textOf(row, "backend_name"),
    defaultInterval: optionalInterval(row, "default_interval"),
    minInterval: optionalInterval(row, "min_interval"),
    maxInterval: optionalInterval(row, "max_interval"),
    backoffFactor: optionalNumber(row, "backoff_factor"),
    maxQueueLength: optionalWhole(row, "max_queue_length"),
    numRetries: optionalWhole(row, "num_retries"),
    retryDelay: optionalInterval(row, "retry_delay"),
  };
}

/** A task. */
export function decodeSwhTask(row: Row): SwhTask {
  return {
    id: numberOf(row, "id"),
    type: textOf(row, "type"),
    argumentsJson: textOf(row, "arguments"),
    nextRun: instantOf(row, "next_run"),
    status: wordOf(row, "status", swhTaskStatuses),
    policy: wordOf(row, "policy", swhTaskPolicies),
    retriesLeft: wholeOf(textOf(row, "retries_left")),
    currentInterval: optionalInterval(row, "current_interval"),
    priority: row["priority"] === null ? null : wordOf(row, "priority", swhTaskPriorities),
  };
}

/** A run. */
export function decodeSwhTaskRun(row: Row): SwhTaskRun {
  return {
    id: idOf(row, "run_id"),
    task: numberOf(row, "task_id"),
    backendId: optionalText(row, "backend_id"),
    scheduled: optionalInstant(row, "scheduled"),
    started: optionalInstant(row, "started"),
    ended: optionalInstant(row, "ended"),
    metadataJson: optionalText(row, "metadata"),
    status: wordOf(row, "run_status", swhRunStatuses),
  };
}

/** A run with its task. */
export function decodeSwhArchivedRun(row: Row): SwhArchivedRun {
  return { task: decodeSwhTask(row), run: decodeSwhTaskRun(row) };
}

/** An irregular end. */
export function decodeSwhIrregularEnd(row: Row): SwhIrregularEnd {
  return {
    runId: numberOf(row, "run_id"),
    taskId: numberOf(row, "task_id"),
    runStatusBefore: wordOf(row, "run_status_before", swhRunStatuses),
    taskStatusBefore: wordOf(row, "task_status_before", swhTaskStatuses),
    status: wordOf(row, "status", swhRunStatuses),
    recordedAt: instantOf(row, "recorded_at"),
  };
}

/** A whole number of any size from its digits. */
function wholeOf(digits: string): WholeNumber {
  const near = Number(digits);
  return Number.isSafeInteger(near) ? near : BigInt(digits);
}

function optionalWhole(row: Row, column: string): WholeNumber | null {
  const digits = optionalText(row, column);
  return digits === null ? null : wholeOf(digits);
}

function optionalInterval(row: Row, column: string): Interval | null {
  const micros = optionalText(row, column);
  return micros === null ? null : intervalFromMicros(BigInt(micros));
}
