/** What is going to run: next fire times, runs due later, and how long runs took lately. */

import type {
  ForecastTrigger,
  LearnedDuration,
  OutstandingTrigger,
  WaitingCount,
  WaitingRun,
} from "../../model/forecast.ts";
import { idOf, instantOf, numberOf, optionalId, optionalNumber, type Row, textOf } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { specOf } from "./task-rows.ts";

/**
 * Triggers that fire up to $1, in the order of fire time and id, after the fire time $2 and id $3
 * (null begins). $4 type name or null, $5 task id or null, $6 limit.
 */
export const listForecastTriggers: Statement<ForecastTrigger> = statement(
  "list_forecast_triggers",
  `select trigger.id, trigger.task_id, task_type.name as type_name, trigger.spec,
  trigger.next_fire_at, trigger.interval_ms
from {schema}.trigger
-- The limit keeps it from becoming a join that reads all tasks.
cross join lateral (
  select task.type_id from {schema}.task where task.id = trigger.task_id limit 1
) as task
join {schema}.task_type on task_type.id = task.type_id
where trigger.next_fire_at <= $1
  -- The first bound is what the index is entered by, the second what tells equal times apart.
  and trigger.next_fire_at >= coalesce($2::timestamptz, '-infinity')
  and ($2::timestamptz is null
    or (trigger.next_fire_at, trigger.id) > ($2::timestamptz, $3::bigint))
  and ($4::text is null or task_type.name = $4)
  and ($5::bigint is null or trigger.task_id = $5)
order by trigger.next_fire_at, trigger.id
limit $6`,
  (row: Row): ForecastTrigger => ({
    id: idOf(row, "id"),
    taskId: idOf(row, "task_id"),
    typeName: textOf(row, "type_name"),
    spec: specOf(row),
    nextFireAt: instantOf(row, "next_fire_at"),
    intervalMs: optionalNumber(row, "interval_ms"),
  }),
);

/**
 * Adaptive triggers that wait for the end of their run. Walks the live runs of tasks, which are
 * few beside the triggers. $1 type name or null, $2 task id or null, $3 limit.
 */
export const listOutstandingTriggers: Statement<OutstandingTrigger> = statement(
  "list_outstanding_triggers",
  `select distinct on (trigger.id) trigger.id, trigger.task_id, task_type.name as type_name,
  trigger.interval_ms,
  case when run.state = 'running' then run.claimed_at else run.ready_at end as begins_at
from {schema}.run
join {schema}.trigger on trigger.id = run.trigger_id
join {schema}.task_type on task_type.id = run.type_id
where run.task_id is not null
  and run.interval_ms is not null
  and run.state in ('queued', 'running')
  and trigger.next_fire_at is null
  and trigger.interval_ms is not null
  and ($1::text is null or task_type.name = $1)
  and ($2::bigint is null or run.task_id = $2)
order by trigger.id, run.id desc
limit $3`,
  (row: Row): OutstandingTrigger => ({
    id: idOf(row, "id"),
    taskId: idOf(row, "task_id"),
    typeName: textOf(row, "type_name"),
    intervalMs: numberOf(row, "interval_ms"),
    beginsAt: instantOf(row, "begins_at"),
  }),
);

/** Queued runs due after $1, up to $2. $3 type name or null, $4 task id or null, $5 limit. */
const waitingRuns = `from {schema}.task_type
cross join generate_series(1, 3) as level
-- One walk of the ready index for each type and priority.
cross join lateral (
  select run.id, run.task_id, run.trigger_id, run.ready_at
  from {schema}.run
  where run.type_id = task_type.id and run.priority = level and run.state = 'queued'
    and run.ready_at > $1 and run.ready_at <= $2
    and ($4::bigint is null or run.task_id = $4)
  order by run.ready_at, run.id + 0
  limit $5
) as waiting
where ($3::text is null or task_type.name = $3)`;

/** The first of them, in order. Parameters as above. */
export const listWaitingRuns: Statement<WaitingRun> = statement(
  "list_waiting_runs",
  `select waiting.id, waiting.task_id, waiting.trigger_id, waiting.ready_at,
  task_type.name as type_name
${waitingRuns}
order by waiting.ready_at, waiting.id
limit $5`,
  (row: Row): WaitingRun => ({
    id: idOf(row, "id"),
    taskId: optionalId(row, "task_id"),
    triggerId: optionalId(row, "trigger_id"),
    typeName: textOf(row, "type_name"),
    dueAt: instantOf(row, "ready_at"),
  }),
);

/** How many of them each hour has, of at most $5 in all. Parameters as above. */
export const countWaitingRuns: Statement<WaitingCount> = statement(
  "count_waiting_runs",
  `select type_name, hour, count(*) as run_count
from (
  select task_type.name as type_name,
    floor(extract(epoch from waiting.ready_at) / 3600)::bigint as hour
  ${waitingRuns}
  limit $5
) as bounded
group by type_name, hour`,
  (row: Row): WaitingCount => ({
    typeName: textOf(row, "type_name"),
    hour: numberOf(row, "hour"),
    count: numberOf(row, "run_count"),
  }),
);

/** Attempts that say how long work takes: those that came to an end by themselves. */
const telling = "attempt.outcome in ('eventful', 'uneventful', 'failed', 'permfailed')";
const durationMs = `extract(epoch from attempt.finished_at - attempt.started_at)::double precision
    * 1000 as duration_ms`;

function decodeDuration(row: Row): LearnedDuration {
  return { typeName: textOf(row, "type_name"), durationMs: numberOf(row, "duration_ms") };
}

/**
 * The median duration of attempts that ended at or after $2, for those of the types named $1 that
 * are among them. Reads at most $3 attempts of each retention class, from the index by time.
 */
export const learnDurations: Statement<LearnedDuration> = statement(
  "learn_durations",
  `select task_type.name as type_name,
  percentile_cont(0.5) within group (order by recent.duration_ms) as duration_ms
from {schema}.retention_class
cross join lateral (
  select attempt.type_id, ${durationMs}
  from {schema}.attempt
  where attempt.retention_class = retention_class.name and attempt.finished_at >= $2
    and ${telling}
  limit $3
) as recent
join {schema}.task_type on task_type.id = recent.type_id
where task_type.name = any ($1::text[])
group by task_type.name`,
  decodeDuration,
);

/**
 * The same for types that run too rarely to be met there: the last $3 attempts of each of their
 * $2 newest tasks. $1 names.
 */
export const learnDurationsOfTasks: Statement<LearnedDuration> = statement(
  "learn_durations_of_tasks",
  `select task_type.name as type_name,
  percentile_cont(0.5) within group (order by past.duration_ms) as duration_ms
from {schema}.task_type
cross join lateral (
  select task.id from {schema}.task where task.type_id = task_type.id
  order by task.id desc
  limit $2
) as task
cross join lateral (
  select ${durationMs}
  from {schema}.attempt
  where attempt.task_id = task.id and ${telling}
  order by attempt.run_id desc
  limit $3
) as past
where task_type.name = any ($1::text[])
group by task_type.name`,
  decodeDuration,
);
