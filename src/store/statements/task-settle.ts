/** What the end of a run means for its task and for those that wait for it. */

import type { RunId, TaskId } from "../../kernel/ids.ts";
import { taskTable, type TaskState } from "../../model/state-machine.ts";
import { idOf, optionalId, type Row, wordOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { attemptColumns, cancelledAttemptValues } from "./attempt-columns.ts";
import { queuedHint } from "./run-queue.ts";

/** A task after something ended it, or one of its runs. */
export interface SettledTask {
  readonly id: TaskId;
  readonly state: TaskState;
  /** The graph that it is a node of. */
  readonly graphId: TaskId | null;
}

const taskStates = Object.keys(taskTable) as TaskState[];

function decodeSettled(row: Row): SettledTask {
  return {
    id: idOf(row, "id"),
    state: wordOf(row, "state", taskStates),
    graphId: optionalId(row, "graph_id"),
  };
}

/** The graph of a row `task`. */
const graphId = "case when task.node_name is not null then task.parent_id end as graph_id";

/** A task one of whose runs has ended. */
export interface TaskAfterRun extends SettledTask {
  /** The run whose result is to be kept beside the task, if somebody looks at it. */
  readonly followedRunId: RunId | null;
}

/**
 * What belongs to a row, out of parallel arrays: the place of its id, found by binary search. Joins
 * of a batch with itself or with what it has changed would compare each with each.
 */
const placeOfTrigger = "width_bucket(trigger.id, $7::bigint[])";
const placeOfTask = "width_bucket(task.id, kept.task_ids)";

/**
 * Notes the outcome, moves adaptive triggers on, and ends tasks that have nothing left to do: no
 * coming fire time, no other live run. Answers the tasks that have ended, and those at whose
 * results others look: nodes, and tasks that others require. The tasks are locked and their ended
 * runs are gone from the queue, so that of two last runs the second sees it. $1 tasks, then beside
 * them: $2 runs, $3 outcomes, $4 errors as a JSON array or null when there are none, $5 whether an
 * adaptive trigger of the task goes on. $6 now. $7 the triggers that go on, ascending, $8 their
 * intervals.
 */
export const settleTasks: Statement<TaskAfterRun> = statement(
  "settle_tasks",
  `with clock as materialized (
  select coalesce($6::timestamptz, clock_timestamp()) as now
),
deciding as (
  -- Of several runs that ended at once the one that stops the task decides.
  select distinct on (task_id) *
  from unnest($1::bigint[], $2::bigint[], $3::{schema}.outcome_kind[], $5::boolean[])
    with ordinality as ended (task_id, run_id, outcome, goes_on, place)
  order by task_id, outcome = 'permfailed' desc, outcome desc
),
verdict as materialized (
  select task.id, task.address,
    case
      when task.state not in ('active', 'paused') then task.state
      when deciding.outcome = 'permfailed' then 'disabled'
      -- Gathered by task: the index of due triggers might be searched for it instead.
      when (select bool_or(trigger.next_fire_at is not null or trigger.paused_at is not null
            -- Unless somebody has removed it meanwhile.
            or (deciding.goes_on and trigger.interval_ms is not null))
          from {schema}.trigger where trigger.task_id = task.id)
        -- Not exists: they might be answered by hashes of the whole tables.
        or (select true from {schema}.run where run.task_id = task.id limit 1)
        or (task.state = 'paused'
          and (select true from {schema}.trigger where trigger.task_id = task.id limit 1))
        then task.state
      when deciding.outcome in ('eventful', 'uneventful') then 'completed'
      when deciding.outcome = 'cancelled' then 'cancelled'
      else 'failed'
    end as state, deciding.outcome, deciding.run_id, deciding.place,
    task.node_name is not null or (select true from {schema}.task_dependency as edge
      where edge.requires_task_id = task.id limit 1) as is_followed
  from deciding
  -- The limit keeps it from becoming a join that reads the whole table.
  cross join lateral (
    select id, ctid as address, state, node_name
    from {schema}.task where task.id = deciding.task_id limit 1
  ) as task
),
judged as materialized (
  select array_agg(id order by id) as task_ids, array_agg(state order by id) as states
  from verdict
),
moved_trigger as (
  update {schema}.trigger
  set interval_ms = ($8::double precision[])[${placeOfTrigger}],
    next_fire_at = case when states[width_bucket(trigger.task_id, task_ids)] = 'active'
        and trigger.paused_at is null
      then clock.now + ($8::double precision[])[${placeOfTrigger}] * interval '1 millisecond' end
  from judged, clock
  where trigger.id = any ($7::bigint[])
),
moved_task as (
  update {schema}.task
  set last_outcome = verdict.outcome, state = verdict.state, updated_at = clock.now,
    state_reason = case when verdict.state = task.state then task.state_reason
      else $4::jsonb ->> (verdict.place - 1)::integer end,
    finished_at = case when verdict.state in ('active', 'paused') then null
      else coalesce(task.finished_at, clock.now) end
  from verdict, clock
  -- The rows are locked, so they stay where they are.
  where task.ctid = verdict.address
  returning task.id, task.state, ${graphId},
    case when verdict.is_followed then verdict.run_id end as followed_run_id
),
stopped_trigger as (
  update {schema}.trigger
  set next_fire_at = null
  where trigger.task_id = any (array (select id from verdict where state = 'disabled'))
    and trigger.next_fire_at is not null
)
select id, state, graph_id, followed_run_id
from moved_task
where state not in ('active', 'paused') or followed_run_id is not null`,
  (row: Row): TaskAfterRun => ({
    ...decodeSettled(row),
    followedRunId: optionalId(row, "followed_run_id"),
  }),
);

/**
 * Keeps what came of the ended runs $1 beside their tasks, which are settled: when the try began,
 * and the output of one that succeeded. It comes from the history, where the same transaction has
 * just put it: nothing older is looked at. $2 tasks, $3 now.
 */
export const keepResults: Statement<undefined> = command(
  "keep_results",
  `with kept as materialized (
  select array_agg(task_id order by task_id) as task_ids,
    array_agg(started_at order by task_id) as started_ats,
    array_agg(output order by task_id) as outputs
  from {schema}.attempt
  where attempt.run_id = any ($1::bigint[]) and attempt.final
    and attempt.finished_at >= coalesce($3::timestamptz, transaction_timestamp())
)
update {schema}.task
set started_at = kept.started_ats[${placeOfTask}],
  output = case when task.last_outcome in ('eventful', 'uneventful')
    then kept.outputs[${placeOfTask}] else task.output end
from kept
where task.id = any ($2::bigint[]) and kept.task_ids[${placeOfTask}] = task.id`,
);

/** How many edges of a run's task were satisfied; see `waiting`. */
const edgeCount = `(select edge_counts from waiting)[
      width_bucket(run.task_id, (select task_ids from waiting))]`;

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
counted as (
  select satisfied.task_id, count(*)::integer as edge_count
  from satisfied
  group by satisfied.task_id
),
-- As arrays, in which the count of a run is found by its place: a join would be quadratic.
waiting as materialized (
  select coalesce(array_agg(task_id order by task_id), '{}') as task_ids,
    coalesce(array_agg(edge_count order by task_id), '{}') as edge_counts
  from counted
),
held as materialized (
  -- In the order of ids, so that two completions with common dependents cannot deadlock.
  select run.id
  from {schema}.run
  where run.pending_count > 0
    and run.id = any (array (
      select of_task.id from {schema}.run as of_task
      where of_task.task_id = any ((select task_ids from waiting)::bigint[])))
  order by run.id
  for no key update of run
),
counted_down as (
  update {schema}.run
  set pending_count = run.pending_count - ${edgeCount},
    state = case when run.pending_count = ${edgeCount} and run.state = 'blocked'
      then 'queued'::{schema}.run_state else run.state end,
    ready_at = case when run.pending_count = ${edgeCount} and run.state = 'blocked'
      then greatest(run.due_at, coalesce($2::timestamptz, clock_timestamp()))
      else run.ready_at end
  where run.id = any (array (select id from held))
  returning run.task_id, run.ready_at
)
select counted_down.task_id as id
from counted_down, (${queuedHint("counted_down")}) as hint`,
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

/**
 * Stops the triggers of the locked tasks $1. A statement of its own, before those that look for
 * runs: it waits for a firing that is under way, whose runs only a later statement sees.
 */
export const stopTriggers: Statement<undefined> = command(
  "stop_triggers",
  `update {schema}.trigger
set next_fire_at = null
where task_id = any ($1::bigint[]) and next_fire_at is not null`,
);

/**
 * Ends those of the locked tasks $1 that have not ended as cancelled, and those of their runs that
 * nobody has started. Their triggers are stopped. $2 reason, $3 now, $4 channel, $5 the error of
 * the runs.
 */
export const cancelTasks: Statement<SettledTask> = statement(
  "cancel_tasks",
  `with clock as materialized (
  select coalesce($3::timestamptz, clock_timestamp()) as now
),
moved as (
  update {schema}.task
  set state = 'cancelled', state_reason = $2, updated_at = clock.now,
    finished_at = coalesce(task.finished_at, clock.now)
  from clock
  where task.id = any ($1::bigint[]) and task.state not in ('completed', 'cancelled')
  returning task.id, task.state, ${graphId}
),
gone as (
  delete from {schema}.run
  where run.state <> 'running'
    and run.id = any (array (
      select of_task.id from {schema}.run as of_task
      where of_task.task_id = any (array (select id from moved))))
  returning *
),
kept as (
  insert into {schema}.attempt (${attemptColumns})
  select ${cancelledAttemptValues("$5::jsonb")}
  from gone
  join {schema}.task_type on task_type.id = gone.type_id
  cross join clock
)
select moved.*
from moved, (select pg_notify($4, 'ended')) as hint`,
  decodeSettled,
);

/**
 * Asks the workers of the tasks $1 to stop. After their waiting runs have ended, so that one which
 * was claimed in between is found running. $2 reason, $3 now, $4 channel.
 */
export const requestCancelOfTasks: Statement<undefined> = command(
  "request_cancel_of_tasks",
  `with asked as (
  update {schema}.run
  set cancel_requested_at = coalesce(cancel_requested_at, $3::timestamptz, clock_timestamp()),
    cancel_reason = coalesce(cancel_reason, $2)
  where run.state = 'running'
    and run.id = any (array (
      select of_task.id from {schema}.run as of_task where of_task.task_id = any ($1::bigint[])))
  returning id
)
select pg_notify($4, 'cancel') from asked limit 1`,
);
