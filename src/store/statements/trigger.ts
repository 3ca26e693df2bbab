/** Firing: from due triggers to occurrences and runs. */

import type { TaskTypeId } from "../../kernel/ids.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { DueTrigger } from "../../model/firing.ts";
import { idOf, instantOf, numberOf, optionalInstant, optionalNumber, type Row } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { specOf } from "./task-rows.ts";

/**
 * Locks due triggers, passing over those that another process is firing. Triggers of tasks that are
 * not active have no next fire time. $1 now, $2 limit.
 */
export const lockDueTriggers: Statement<DueTrigger> = statement(
  "lock_due_triggers",
  `with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
),
due as materialized (
  select trigger.*
  from {schema}.trigger
  where trigger.next_fire_at <= (select now from clock)
    and not exists (select from {schema}.installation where singleton and paused_at is not null)
  order by trigger.next_fire_at
  limit $2
  for no key update skip locked
)
select due.id, due.task_id, task.type_id, due.spec, due.next_fire_at, due.previous_fire_at,
  due.interval_ms, clock.now, live.run_count as live_run_count,
  task_type.unfinished_max - unfinished.run_count as queue_room
from due
cross join clock
-- The limit keeps it from becoming a join that reads all tasks, however many are thought to be due.
cross join lateral (
  select task.type_id from {schema}.task where task.id = due.task_id limit 1
) as task
join {schema}.task_type on task_type.id = task.type_id
cross join lateral (
  select count(*) as run_count
  from {schema}.run
  where run.task_id = due.task_id and run.trigger_id = due.id
) as live
cross join lateral (
  select count(*) as run_count
  from (
    select from {schema}.run
    where run.type_id = task_type.id
    -- In the order of the ready index, so that it is read, and no further than the bound.
    order by run.priority, run.ready_at
    limit coalesce(task_type.unfinished_max, 0)::bigint + 1
  ) as bounded
) as unfinished
order by due.next_fire_at, due.id`,
  (row: Row): DueTrigger => ({
    id: idOf(row, "id"),
    taskId: idOf(row, "task_id"),
    typeId: idOf(row, "type_id"),
    spec: specOf(row),
    nextFireAt: instantOf(row, "next_fire_at"),
    previousFireAt: optionalInstant(row, "previous_fire_at"),
    intervalMs: optionalNumber(row, "interval_ms"),
    liveRunCount: numberOf(row, "live_run_count"),
    queueRoom: optionalNumber(row, "queue_room"),
    now: instantOf(row, "now"),
  }),
);

/** Unfinished runs that the queues of the types $1 still take; counted under their lock. */
export const listQueueRooms: Statement<QueueRoom> = statement(
  "list_queue_rooms",
  `select task_type.id as type_id, task_type.unfinished_max - unfinished.run_count as queue_room
from {schema}.task_type
cross join lateral (
  select count(*) as run_count
  from (
    select from {schema}.run
    where run.type_id = task_type.id
    -- In the order of the ready index, so that it is read, and no further than the bound.
    order by run.priority, run.ready_at
    limit coalesce(task_type.unfinished_max, 0)::bigint + 1
  ) as bounded
) as unfinished
where task_type.id = any ($1::integer[])`,
  (row: Row): QueueRoom => ({
    typeId: idOf(row, "type_id"),
    queueRoom: optionalNumber(row, "queue_room"),
  }),
);

/** How many more unfinished runs a type's queue takes; null means no bound. */
export interface QueueRoom {
  readonly typeId: TaskTypeId;
  readonly queueRoom: number | null;
}

/**
 * Keeps what was decided. An occurrence that is already there is left alone and gets no second run.
 * $1 decisions as JSON, $2 now, $3 channel.
 */
export const recordFirings: Statement<{ readonly fired: number }> = statement(
  "record_firings",
  `with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
decision as materialized (
  select * from jsonb_to_recordset($1::jsonb) as decision (trigger_id bigint,
    next_fire_at timestamptz, occurrences jsonb)
),
decided as materialized (
  select decision.trigger_id, one.fire_at, one.verdict, one.reason
  from decision
  cross join lateral jsonb_to_recordset(decision.occurrences)
    as one (fire_at timestamptz, verdict {schema}.occurrence_verdict, reason text)
),
kept as (
  insert into {schema}.occurrence (trigger_id, fire_at, verdict, reason, run_id, decided_at)
  select trigger_id, fire_at, verdict, reason,
    case when verdict = 'fired' then nextval('{schema}.run_id') end, clock.now
  from decided, clock
  order by fire_at, trigger_id
  on conflict (trigger_id, fire_at) do nothing
  returning trigger_id, fire_at, run_id
),
fired as (
  insert into {schema}.run (id, task_id, trigger_id, type_id, state, priority, due_at, ready_at,
    created_at, fire_at, interval_ms, input, overrides, concurrency_key)
  select kept.run_id, task.id, trigger.id, task.type_id, 'queued', task.priority, kept.fire_at,
    kept.fire_at, clock.now, kept.fire_at, trigger.interval_ms, task.input,
    nullif(task.overrides, '{}'), task.concurrency_key
  from kept
  cross join clock
  -- Limits, so that neither becomes a join that reads the whole table.
  cross join lateral (
    select id, task_id, interval_ms from {schema}.trigger where id = kept.trigger_id limit 1
  ) as trigger
  cross join lateral (
    select id, type_id, priority, input, overrides, concurrency_key
    from {schema}.task where id = trigger.task_id limit 1
  ) as task
  where kept.run_id is not null
  returning id
),
moved as (
  update {schema}.trigger
  set next_fire_at = decision.next_fire_at,
    previous_fire_at = coalesce(
      (select max(decided.fire_at) from decided where decided.trigger_id = trigger.id),
      trigger.previous_fire_at)
  from decision
  -- The array finds them by the key even if the table was empty when this was planned.
  where trigger.id = decision.trigger_id
    and trigger.id = any (array (select trigger_id from decision))
)
select count(*) as fired, (select pg_notify($3, 'queued')) as hint from fired`,
  (row: Row) => ({ fired: numberOf(row, "fired") }),
);

/** The earliest next fire time of all triggers. */
export const findNextFireAt: Statement<Instant | null> = statement(
  "find_next_fire_at",
  `select min(next_fire_at) as next_fire_at from {schema}.trigger where next_fire_at is not null`,
  (row: Row): Instant | null => optionalInstant(row, "next_fire_at"),
);

/** Milliseconds until the earliest next fire time, negative when it has passed. $1 now. */
export const findNextFireMs: Statement<number | null> = statement(
  "find_next_fire_ms",
  `select extract(epoch from
  min(next_fire_at) - coalesce($1::timestamptz, clock_timestamp()))::double precision * 1000
  as fire_ms
from {schema}.trigger
where next_fire_at is not null`,
  (row: Row): number | null => optionalNumber(row, "fire_ms"),
);
