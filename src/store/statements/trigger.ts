/** Firing: from due triggers to occurrences and runs. */

import type { RunId, TaskId, TaskTypeId, TriggerId } from "../../kernel/ids.ts";
import type { Instant } from "../../kernel/instant.ts";
import type { DueTrigger } from "../../model/firing.ts";
import { outcomeKinds, type OutcomeKind } from "../../model/outcome.ts";
import {
  booleanOf,
  idOf,
  instantOf,
  numberOf,
  optionalInstant,
  optionalNumber,
  type Row,
  wordOf,
} from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { queuedHint } from "./run-queue.ts";
import { decodeTrigger, triggerColumns } from "./task-rows.ts";

/** A locked trigger that is due, and whether the queue of its type is bounded. */
export interface LockedTrigger extends Omit<DueTrigger, "queueRoom"> {
  readonly isBounded: boolean;
}

/** What was due: how many were found and fired, and one of those that are to be decided on. */
export interface TakenTrigger {
  readonly found: number;
  readonly fired: number;
  readonly undecided: LockedTrigger | null;
}

/**
 * Locks due triggers, passing over those that another process is firing, and fires those about
 * which there is nothing to decide: adaptive ones none of whose runs is live, of types whose queue
 * takes any number. Answers the others one by one, and at least one row. Triggers of tasks that are
 * not active have no next fire time. An occurrence that is already there gets no second run,
 * and its trigger goes on after its interval. $1 now, $2 limit, $3 channel.
 */
export const takeDueTriggers: Statement<TakenTrigger> = statement(
  "take_due_triggers",
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
),
bounded as materialized (
  select coalesce(array_agg(id), '{}') as type_ids
  -- All types, by way of the key: ours is a session without table scans.
  from {schema}.task_type where id >= 1 and unfinished_max is not null
),
placed as materialized (
  select due.*, task.type_id, task.priority, task.input, task.overrides, task.concurrency_key,
    case when due.interval_ms is not null and task.type_id <> all (bounded.type_ids)
        and (select true from {schema}.run
          where run.task_id = due.task_id and run.trigger_id = due.id limit 1) is null
      then nextval('{schema}.run_id') end as run_id
  from due
  cross join bounded
  -- The limit keeps it from becoming a join that reads all tasks.
  cross join lateral (
    select type_id, priority, input, overrides, concurrency_key
    from {schema}.task where task.id = due.task_id limit 1
  ) as task
),
kept as (
  insert into {schema}.occurrence (trigger_id, fire_at, verdict, run_id, decided_at)
  select placed.id, placed.next_fire_at, 'fired', placed.run_id, clock.now
  from placed, clock
  where placed.run_id is not null
  on conflict (trigger_id, fire_at) do nothing
  returning run_id, trigger_id
),
kept_runs as materialized (
  select array_agg(run_id order by run_id) as run_ids,
    array_agg(trigger_id order by trigger_id) as trigger_ids
  from kept
),
fired as (
  insert into {schema}.run (id, task_id, trigger_id, type_id, state, priority, due_at, ready_at,
    created_at, fire_at, start_by, interval_ms, input, overrides, concurrency_key)
  select placed.run_id, placed.task_id, placed.id, placed.type_id, 'queued', placed.priority,
    placed.next_fire_at, placed.next_fire_at, clock.now, placed.next_fire_at,
    placed.next_fire_at + placed.misfire_grace_ms * interval '1 millisecond', placed.interval_ms,
    placed.input, nullif(placed.overrides, '{}'), placed.concurrency_key
  from kept_runs, clock, placed
  where run_ids[width_bucket(placed.run_id, run_ids)] = placed.run_id
  returning ready_at
),
moved as (
  update {schema}.trigger
  -- What has fired waits for the end of its run. One that was set back has none to wait for.
  set previous_fire_at = next_fire_at,
    next_fire_at = case
      when trigger_ids[width_bucket(trigger.id, trigger_ids)] = trigger.id then null
      else clock.now + trigger.interval_ms * interval '1 millisecond' end
  from kept_runs, clock
  where trigger.id = any (array (select id from placed where run_id is not null))
)
select taken.found, taken.fired, (${queuedHint("fired")}) as hint, undecided.*
from (select (select count(*) from due) as found, (select count(*) from fired) as fired) as taken
left join lateral (
  select ${triggerColumns("placed")}, placed.type_id, clock.now,
    placed.type_id = any (bounded.type_ids) as is_bounded, live.run_count as live_run_count,
    live.waiting_count as waiting_run_count
  from placed
  cross join clock
  cross join bounded
  cross join lateral (
    select count(*) as run_count, count(*) filter (where pending_count > 0) as waiting_count
    from {schema}.run
    where run.task_id = placed.task_id and run.trigger_id = placed.id
  ) as live
  where placed.run_id is null
) as undecided on true
order by undecided.next_fire_at, undecided.id`,
  (row: Row): TakenTrigger => ({
    found: numberOf(row, "found"),
    fired: numberOf(row, "fired"),
    undecided: row["id"] === null ? null : decodeLocked(row),
  }),
);

function decodeLocked(row: Row): LockedTrigger {
  return {
    ...decodeTrigger(row),
    typeId: idOf(row, "type_id"),
    nextFireAt: instantOf(row, "next_fire_at"),
    liveRunCount: numberOf(row, "live_run_count"),
    waitingRunCount: numberOf(row, "waiting_run_count"),
    isBounded: booleanOf(row, "is_bounded"),
    now: instantOf(row, "now"),
  };
}

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
    next_fire_at timestamptz, previous_fire_at timestamptz, occurrences jsonb)
),
decided as materialized (
  select decision.trigger_id, one.*,
    case when one.verdict = 'fired' then nextval('{schema}.run_id') end as run_id
  from decision
  cross join lateral jsonb_to_recordset(decision.occurrences)
    as one (fire_at timestamptz, verdict {schema}.occurrence_verdict, reason text, waits boolean)
),
kept as (
  insert into {schema}.occurrence (trigger_id, fire_at, verdict, reason, run_id, decided_at)
  select trigger_id, fire_at, verdict, reason, run_id, clock.now
  from decided, clock
  order by fire_at, trigger_id
  on conflict (trigger_id, fire_at) do nothing
  returning run_id
),
kept_runs as materialized (
  select array_agg(run_id order by run_id) as run_ids from kept where run_id is not null
),
fired as (
  insert into {schema}.run (id, task_id, trigger_id, type_id, state, priority, pending_count,
    due_at, ready_at, created_at, fire_at, start_by, interval_ms, input, overrides, concurrency_key)
  select decided.run_id, task.id, decided.trigger_id, task.type_id,
    case when decided.waits then 'blocked'::{schema}.run_state else 'queued' end, task.priority,
    decided.waits::integer, decided.fire_at,
    case when decided.waits then 'infinity' else decided.fire_at end, clock.now, decided.fire_at,
    decided.fire_at + trigger.misfire_grace_ms * interval '1 millisecond', trigger.interval_ms,
    task.input, nullif(task.overrides, '{}'), task.concurrency_key
  from kept_runs
  join decided on run_ids[width_bucket(decided.run_id, run_ids)] = decided.run_id
  cross join clock
  -- Limits, so that neither becomes a join that reads the whole table.
  cross join lateral (
    select task_id, interval_ms, misfire_grace_ms
    from {schema}.trigger where id = decided.trigger_id limit 1
  ) as trigger
  cross join lateral (
    select id, type_id, priority, input, overrides, concurrency_key
    from {schema}.task where id = trigger.task_id limit 1
  ) as task
  returning id, ready_at
),
moving as materialized (
  select array_agg(trigger_id order by trigger_id) as trigger_ids,
    array_agg(next_fire_at order by trigger_id) as next_fire_ats,
    array_agg(previous_fire_at order by trigger_id) as previous_fire_ats
  from decision
),
moved as (
  update {schema}.trigger
  set next_fire_at = next_fire_ats[width_bucket(trigger.id, trigger_ids)],
    previous_fire_at = previous_fire_ats[width_bucket(trigger.id, trigger_ids)]
  from moving
  where trigger.id = any ((select trigger_ids from moving)::bigint[])
)
select count(*) as fired, (${queuedHint("fired")}) as hint from fired`,
  (row: Row) => ({ fired: numberOf(row, "fired") }),
);

/**
 * Lets go as many runs that wait for another one of their trigger as may start, in the order of
 * their fire times; those of a paused task stay paused. Whoever calls it holds the triggers, so
 * that no run comes or goes in between. $1 triggers, $2 now, $3 channel.
 */
export const releaseWaitingRuns: Statement<{ readonly released: number }> = statement(
  "release_waiting_runs",
  `with released as (
  update {schema}.run
  set pending_count = 0,
    state = case when run.state = 'blocked' then 'queued'::{schema}.run_state else run.state end,
    ready_at = case when run.state = 'blocked'
      then greatest(run.due_at, coalesce($2::timestamptz, clock_timestamp()))
      else run.ready_at end
  where run.id = any (array (
    select waiting.id
    from {schema}.trigger
    cross join lateral (
      select count(*) as run_count
      from {schema}.run as other
      where other.task_id = trigger.task_id and other.trigger_id = trigger.id
        and other.pending_count = 0
    ) as under_way
    cross join lateral (
      select other.id
      from {schema}.run as other
      where other.task_id = trigger.task_id and other.trigger_id = trigger.id
        and other.pending_count > 0
      order by other.fire_at, other.id
      limit greatest(trigger.max_instances - under_way.run_count, 0)
    ) as waiting
    where trigger.id = any ($1::bigint[])))
  returning run.id
)
select count(*) as released,
  (select pg_notify($3, 'queued') where exists (select from released)) as hint
from released`,
  (row: Row) => ({ released: numberOf(row, "released") }),
);

/**
 * Takes those of the triggers $1 whose runs may wait for each other, in the order of ids, so that
 * nobody fires them meanwhile.
 */
export const lockQueueingTriggers: Statement<TriggerId> = statement(
  "lock_queueing_triggers",
  `select id
from {schema}.trigger
where id = any ($1::bigint[])
  and (overlap in ('queue-one', 'queue-all', 'cancel-running') or coalesce_rule = 'all')
order by id
for no key update`,
  (row: Row): TriggerId => idOf(row, "id"),
);

/** The triggers that fired the runs $1. */
export const listTriggersOfRuns: Statement<TriggerId> = statement(
  "list_triggers_of_runs",
  `select distinct trigger_id as id
from {schema}.run
where id = any ($1::bigint[]) and trigger_id is not null`,
  (row: Row): TriggerId => idOf(row, "id"),
);

/** Runs of a trigger that have not ended, oldest first. $1 task, $2 trigger, $3 limit. */
export const listOldestRuns: Statement<RunId> = statement(
  "list_oldest_runs",
  `select id
from {schema}.run
where task_id = $1 and trigger_id = $2
order by fire_at, id
limit $3`,
  (row: Row): RunId => idOf(row, "id"),
);

/** A task with nothing left to do, and how its last run ended. */
export interface IdleTask {
  readonly id: TaskId;
  readonly lastOutcome: OutcomeKind | null;
}

/** Those of the locked tasks $1 that have no coming fire time and no run. */
export const listIdleTasks: Statement<IdleTask> = statement(
  "list_idle_tasks",
  `select task.id, task.last_outcome
from {schema}.task
where task.id = any ($1::bigint[]) and task.state = 'active'
  -- Gathered by task: the index of due triggers might be searched for it instead.
  and (select bool_or(trigger.next_fire_at is not null or trigger.paused_at is not null)
    from {schema}.trigger where trigger.task_id = task.id) is not true
  and (select true from {schema}.run where run.task_id = task.id limit 1) is null
order by task.id`,
  (row: Row): IdleTask => ({
    id: idOf(row, "id"),
    lastOutcome: row["last_outcome"] === null ? null : wordOf(row, "last_outcome", outcomeKinds),
  }),
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
