/** What the end of a run means for its task and for those that wait for it. */

import type { TaskId } from "../../kernel/ids.ts";
import { taskTable, type TaskState } from "../../model/state-machine.ts";
import { idOf, type Row, wordOf } from "../row.ts";
import { type Statement, statement } from "../statement.ts";

/** A task after one of its runs ended. */
export interface SettledTask {
  readonly id: TaskId;
  readonly state: TaskState;
}

const taskStates = Object.keys(taskTable) as TaskState[];

/**
 * Notes the outcome, moves adaptive triggers on, and ends tasks that have nothing left to do: no
 * coming fire time, no other live run. The tasks are locked and their ended runs are gone from the
 * queue, so that of two last runs the second sees it. $1 JSON, $2 now, $3 channel.
 */
export const settleTasks: Statement<SettledTask> = statement(
  "settle_tasks",
  `with ended as (
  select * from jsonb_to_recordset($1::jsonb) as ended (task_id bigint, trigger_id bigint,
    outcome {schema}.outcome_kind, error text, next_interval_ms double precision)
),
clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
verdict as materialized (
  select distinct on (task.id) task.id,
    case
      when task.state not in ('active', 'paused') then task.state
      when ended.outcome = 'permfailed' then 'disabled'
      when ended.next_interval_ms is not null
        -- Gathered by task: the index of due triggers might be searched for it instead.
        or (select bool_or(trigger.next_fire_at is not null or trigger.paused_at is not null)
          from {schema}.trigger where trigger.task_id = task.id)
        -- Not exists: it might be answered by a hash of the whole queue.
        or (select true from {schema}.run where run.task_id = task.id limit 1)
        or (task.state = 'paused'
          and exists (select from {schema}.trigger where trigger.task_id = task.id))
        then task.state
      when ended.outcome in ('eventful', 'uneventful') then 'completed'
      when ended.outcome = 'cancelled' then 'cancelled'
      else 'failed'
    end as state, ended.outcome, ended.error
  from ended
  -- Here and below the arrays find rows by their keys even if the tables were empty when this was
  -- planned; a join alone might read them from end to end.
  join {schema}.task on task.id = ended.task_id
    and task.id = any (array (select task_id from ended))
  -- Of several runs that ended at once the one that stops the task decides.
  order by task.id, ended.outcome = 'permfailed' desc, ended.outcome desc
),
moved_trigger as (
  update {schema}.trigger
  set interval_ms = ended.next_interval_ms,
    next_fire_at = case when verdict.state = 'active'
      then clock.now + ended.next_interval_ms * interval '1 millisecond' end
  from ended
  join verdict on verdict.id = ended.task_id
  cross join clock
  where trigger.id = ended.trigger_id and ended.next_interval_ms is not null
    and trigger.id = any (array (select trigger_id from ended))
),
moved_task as (
  update {schema}.task
  set last_outcome = verdict.outcome, state = verdict.state, updated_at = clock.now,
    state_reason = case when verdict.state = task.state then task.state_reason
      else verdict.error end,
    finished_at = case when verdict.state in ('active', 'paused') then null
      else coalesce(task.finished_at, clock.now) end
  from verdict, clock
  where task.id = verdict.id and task.id = any (array (select id from verdict))
  returning task.id, task.state
),
stopped_trigger as (
  update {schema}.trigger
  set next_fire_at = null
  where trigger.task_id = any (array (select id from verdict where state = 'disabled'))
    and trigger.next_fire_at is not null
)
select moved_task.id, moved_task.state
from moved_task, (select pg_notify($3, 'ended')) as hint`,
  (row: Row): SettledTask => ({ id: idOf(row, "id"), state: wordOf(row, "state", taskStates) }),
);

/**
 * Marks the edges to the completed tasks $1 and lets go the runs that wait for nothing else.
 * Counted down in the run's row, under its lock: two requirements that complete at the same time
 * each subtract their own. $2 now, $3 channel.
 */
export const satisfyDependents: Statement<TaskId> = statement(
  "satisfy_dependents",
  `with satisfied as (
  update {schema}.task_dependency
  set satisfied_at = coalesce($2::timestamptz, clock_timestamp())
  where requires_task_id = any ($1::bigint[]) and satisfied_at is null
  returning task_id
),
waiting as (
  -- In the order of ids, so that two completions with common dependents cannot deadlock.
  select run.id, (
      select count(*)::integer from satisfied where satisfied.task_id = run.task_id) as edge_count
  from {schema}.run
  where run.pending_count > 0
    and run.id = any (array (
      select of_task.id from {schema}.run as of_task
      where of_task.task_id = any (array (select task_id from satisfied))))
  order by run.id
  for no key update of run
),
counted_down as (
  update {schema}.run
  set pending_count = run.pending_count - waiting.edge_count,
    state = case when run.pending_count = waiting.edge_count and run.state = 'blocked'
      then 'queued'::{schema}.run_state else run.state end,
    ready_at = case when run.pending_count = waiting.edge_count and run.state = 'blocked'
      then greatest(run.due_at, coalesce($2::timestamptz, clock_timestamp()))
      else run.ready_at end
  from waiting
  where run.id = waiting.id and run.id = any (array (select id from waiting))
  returning run.task_id
)
select counted_down.task_id as id
from counted_down, (select pg_notify($3, 'queued')) as hint`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** Tasks that wait for one of $1, or for such a task, and are to be cancelled when it fails. */
export const listDependentsToCancel: Statement<TaskId> = statement(
  "list_dependents_to_cancel",
  `with recursive doomed (id) as (
  select task_id
  from {schema}.task_dependency
  where requires_task_id = any ($1::bigint[]) and satisfied_at is null and on_failure = 'cancel'
  union
  select edge.task_id
  from doomed
  cross join lateral (
    select task_id
    from {schema}.task_dependency
    where requires_task_id = doomed.id and satisfied_at is null and on_failure = 'cancel'
    -- Keeps it from becoming a join that reads the whole table at each step.
    offset 0
  ) as edge
)
select id
from {schema}.task
where id = any (array (select id from doomed)) and state in ('active', 'paused')
order by id`,
  (row: Row): TaskId => idOf(row, "id"),
);
