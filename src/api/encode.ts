/** From the model's records to those that users see: instants become text, brands are dropped. */

import { InvalidInputError } from "../kernel/errors.ts";
import { formatInstant, formatOptional } from "../kernel/instant.ts";
import type { Occurrence } from "../model/firing.ts";
import type { Forecast } from "../model/forecast.ts";
import type { Attempt, LogLine, Progress, Run, RunDetail } from "../model/run.ts";
import type { EndedAttempt } from "../model/store.ts";
import type { SystemStatus } from "../model/system-status.ts";
import type { Task, TaskDependency, TaskDetail, TaskTrigger } from "../model/task.ts";
import type { TaskType } from "../model/task-type.ts";
import type { ApiToken, Worker } from "../model/worker.ts";
import { triggerFromSpec } from "../time/trigger.ts";
import type {
  AttemptRecord,
  ForecastRecord,
  LogRecord,
  OccurrenceRecord,
  ProgressRecord,
  RequirementRecord,
  RunDetailRecord,
  RunEventRecord,
  RunRecord,
  SystemRecord,
  TaskDetailRecord,
  TaskRecord,
  TaskTypeRecord,
  TokenRecord,
  TriggerRecord,
  WorkerRecord,
} from "./records.ts";

/** A task type as users see it. */
export function encodeTaskType(type: TaskType): TaskTypeRecord {
  return {
    name: type.name,
    description: type.description,
    executor: type.executor,
    interval: type.interval,
    retry: type.retry,
    timeoutMs: type.timeoutMs,
    graceMs: type.graceMs,
    limits: type.limits,
    retentionClass: type.retentionClass,
    inputSchema: type.inputSchema,
    pausedAt: formatOptional(type.pausedAt),
    createdAt: formatInstant(type.createdAt),
  };
}

/** A task of a list as users see it. */
export function encodeTask(task: Task): TaskRecord {
  return {
    id: task.id,
    type: task.typeName,
    name: task.name,
    key: task.key,
    parentId: task.parentId,
    rootId: task.rootId,
    input: task.input,
    priority: task.priority,
    concurrencyKey: task.concurrencyKey,
    overrides: task.overrides,
    state: task.state,
    stateReason: task.stateReason,
    lastOutcome: task.lastOutcome,
    createdAt: formatInstant(task.createdAt),
    updatedAt: formatInstant(task.updatedAt),
    finishedAt: formatOptional(task.finishedAt),
  };
}

/** A task with its triggers and requirements as users see it. */
export function encodeTaskDetail(task: TaskDetail): TaskDetailRecord {
  return {
    ...encodeTask(task),
    triggers: task.triggers.map(encodeTrigger),
    requires: task.requires.map(encodeRequirement),
  };
}

/** A trigger as users see it. */
export function encodeTrigger(trigger: TaskTrigger): TriggerRecord {
  const { misfireGraceMs, coalesce, maxInstances, overlap } = trigger.policy;
  return {
    id: trigger.id,
    taskId: trigger.taskId,
    spec: trigger.spec,
    description: describeTrigger(trigger),
    nextFireAt: formatOptional(trigger.nextFireAt),
    previousFireAt: formatOptional(trigger.previousFireAt),
    intervalMs: trigger.intervalMs,
    misfireGraceMs,
    coalesce,
    maxInstances,
    overlap,
    pausedAt: formatOptional(trigger.pausedAt),
  };
}

/** What was decided of a fire time as users see it. */
export function encodeOccurrence(occurrence: Occurrence): OccurrenceRecord {
  return {
    triggerId: occurrence.triggerId,
    fireAt: formatInstant(occurrence.fireAt),
    verdict: occurrence.verdict,
    reason: occurrence.reason,
    runId: occurrence.runId,
    decidedAt: formatInstant(occurrence.decidedAt),
  };
}

/** Only adaptive triggers have an interval; the others describe themselves. */
function describeTrigger({ spec, intervalMs }: TaskTrigger): string {
  if (intervalMs !== null)
    return `adaptive, at present ${Math.round(intervalMs)} ms after each run`;
  try {
    return triggerFromSpec(spec).describe();
  } catch (thrown) {
    // A rule of a later release, say, must not keep its task from being shown.
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    return `a rule that this release cannot read: ${thrown.message}`;
  }
}

function encodeRequirement(edge: TaskDependency): RequirementRecord {
  return {
    taskId: edge.requiresTaskId,
    reason: edge.reason,
    onFailure: edge.onFailure,
    satisfiedAt: formatOptional(edge.satisfiedAt),
  };
}

/** A run of a list as users see it. */
export function encodeRun(run: Run): RunRecord {
  return {
    id: run.id,
    type: run.typeName,
    taskId: run.taskId,
    triggerId: run.triggerId,
    state: run.state,
    outcome: run.outcome,
    input: run.input,
    output: run.output,
    error: run.error,
    priority: run.priority,
    concurrencyKey: run.concurrencyKey,
    fireAt: formatOptional(run.fireAt),
    dueAt: formatInstant(run.dueAt),
    createdAt: formatInstant(run.createdAt),
    claimedAt: formatOptional(run.claimedAt),
    leaseExpiresAt: formatOptional(run.leaseExpiresAt),
    finishedAt: formatOptional(run.finishedAt),
    attempt: run.attempt,
    failureCount: run.failureCount,
    lostCount: run.lostCount,
    workerId: run.workerId,
    fence: run.fence,
    cancelRequestedAt: formatOptional(run.cancelRequestedAt),
    pendingCount: run.pendingCount,
    progress: encodeProgress(run.progress),
  };
}

/** How far a run says it has come, as users see it. */
export function encodeProgress(progress: Progress | null): ProgressRecord | null {
  return progress && { ...progress, updatedAt: formatInstant(progress.updatedAt) };
}

/** A run with its attempts as users see it. */
export function encodeRunDetail(run: RunDetail): RunDetailRecord {
  return { ...encodeRun(run), attempts: run.attempts.map(encodeAttempt) };
}

function encodeAttempt(attempt: Attempt): AttemptRecord {
  return {
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    workerId: attempt.workerId,
    fence: attempt.fence,
    startedAt: formatInstant(attempt.startedAt),
    finishedAt: formatInstant(attempt.finishedAt),
    output: attempt.output,
    error: attempt.error,
  };
}

/** The end of an attempt as the event stream tells it. */
export function encodeRunEvent(attempt: EndedAttempt): RunEventRecord {
  return {
    ...encodeAttempt(attempt),
    runId: attempt.runId,
    type: attempt.typeName,
    taskId: attempt.taskId,
    graphId: attempt.graphId,
    node: attempt.nodeName,
    final: attempt.final,
  };
}

/** A line of a run's log as users see it. */
export function encodeLogLine(line: LogLine): LogRecord {
  return {
    runId: line.runId,
    attempt: line.attempt,
    seq: line.seq,
    at: formatInstant(line.at),
    level: line.level,
    message: line.message,
    data: line.data,
  };
}

/** A worker process as users see it. */
export function encodeWorker(worker: Worker): WorkerRecord {
  return {
    id: worker.id,
    host: worker.host,
    pid: worker.pid,
    version: worker.version,
    state: worker.state,
    slotCount: worker.slotCount,
    runningCount: worker.runningCount,
    startedAt: formatInstant(worker.startedAt),
    heartbeatAt: formatInstant(worker.heartbeatAt),
    expiresAt: formatInstant(worker.expiresAt),
  };
}

/** The installation as users see it. */
export function encodeSystem(status: SystemStatus): SystemRecord {
  return {
    version: status.version,
    now: formatInstant(status.now),
    pausedAt: formatOptional(status.pausedAt),
    nextFireAt: formatOptional(status.nextFireAt),
    taskTypeCount: status.taskTypeCount,
    workers: status.workers.map(encodeWorker),
    counts: status.counts.map(({ typeName, state, count, lagMs }) => ({
      type: typeName,
      state,
      count,
      lagMs,
    })),
    database: status.database,
  };
}

/** A forecast as users see it. */
export function encodeForecast(forecast: Forecast): ForecastRecord {
  const { count, busyMs, complete, unreadableCount, truncated } = forecast;
  return {
    now: formatInstant(forecast.now),
    from: formatInstant(forecast.from),
    to: formatInstant(forecast.to),
    pausedAt: formatOptional(forecast.pausedAt),
    count,
    busyMs,
    complete,
    unreadableCount,
    hours: forecast.hours.map((hour) => ({ ...hour, at: formatInstant(hour.at) })),
    types: forecast.types.map(({ typeName, pausedAt, ...type }) => ({
      type: typeName,
      ...type,
      pausedAt: formatOptional(pausedAt),
    })),
    occurrences: forecast.occurrences.map(({ typeName, at, ...occurrence }) => ({
      at: formatInstant(at),
      type: typeName,
      ...occurrence,
    })),
    truncated,
  };
}

/** An API token, which never holds its secret, as users see it. */
export function encodeToken(token: ApiToken): TokenRecord {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: formatInstant(token.createdAt),
    expiresAt: formatOptional(token.expiresAt),
    lastUsedAt: formatOptional(token.lastUsedAt),
    revokedAt: formatOptional(token.revokedAt),
  };
}
