/** Reading tasks and moving them from state to state. */

import type { TaskId } from "../../kernel/ids.ts";
import type { Task, TaskDependency, TaskTrigger } from "../../model/task.ts";
import { idOf, numberOf, type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import {
  decodeDependency,
  decodeTask,
  decodeTrigger,
  taskColumns,
  triggerColumns,
} from "./task-rows.ts";

const taskTables = `{schema}.task join {schema}.task_type on task_type.id = task.type_id`;

function decodeId(row: Row): TaskId {
  return idOf(row, "id");
}

/** Tasks by id. $1 ids. */
export const findTasks: Statement<Task> = statement(
  "find_tasks",
  `select ${taskColumns} from ${taskTables} where task.id = any ($1::bigint[])`,
  decodeTask,
);

/** The ids behind keys. $1 keys. */
export const findIdsByKey: Statement<{ readonly id: TaskId; readonly key: string }> = statement(
  "find_ids_by_key",
  `select id, key from {schema}.task where key = any ($1::text[])`,
  (row: Row) => ({ id: idOf(row, "id"), key: textOf(row, "key") }),
);

/**
 * Takes the rows of the graphs whose nodes the tasks $1 are, in the order of ids: before those of
 * the nodes, as everybody does, so that the end of a graph is seen by exactly one.
 */
export const lockGraphsOfTasks: Statement<TaskId> = statement(
  "lock_graphs_of_tasks",
  `select id
from {schema}.task
where id = any (array (
  -- No condition: it could let the index of all nodes be read instead.
  select case when node_name is not null then parent_id end
  from {schema}.task where id = any ($1::bigint[])))
order by id
for no key update`,
  decodeId,
);

/** Tasks, their rows locked until the transaction ends, in the order of ids. $1 ids. */
export const lockTasks: Statement<Task> = statement(
  "lock_tasks",
  // Apart from the types: a join of the two might read all tasks in the order of ids.
  `with locked as materialized (
  select *
  from {schema}.task
  where id = any ($1::bigint[])
  order by id
  for no key update
)
select ${taskColumns}
from locked as task
join {schema}.task_type on task_type.id = task.type_id
order by task.id`,
  decodeTask,
);

/** Triggers of the tasks $1. */
export const listTriggers: Statement<TaskTrigger> = statement(
  "list_triggers",
  `select ${triggerColumns("trigger")}
from {schema}.trigger
where task_id = any ($1::bigint[])
order by id`,
  decodeTrigger,
);

/** What the tasks $1 require. */
export const listDependencies: Statement<TaskDependency> = statement(
  "list_dependencies",
  `select task_id, requires_task_id, reason, on_failure, satisfied_at
from {schema}.task_dependency
where task_id = any ($1::bigint[])
order by task_id, requires_task_id`,
  decodeDependency,
);

/** Tasks by descending id. $1 before, $2 limit, $3 to $7 filters, null for none. */
export const listTasks: Statement<Task> = statement(
  "list_tasks",
  `select ${taskColumns} from ${taskTables}
where ($1::bigint is null or task.id < $1)
  and ($3::text is null or task_type.name = $3)
  and ($4::text[] is null or task.state = any ($4::{schema}.task_state[]))
  and ($5::bigint is null or task.root_id = $5)
  and ($6::bigint is null or task.parent_id = $6)
  and ($7::text is null or task.key = $7)
order by task.id desc
limit $2`,
  decodeTask,
);

/**
 * Moves a task to a state and stops its triggers unless that state is active: a trigger without
 * next fire time is invisible to firing, also to a process that is about to lock it.
 * $1 id, $2 state, $3 reason, $4 now.
 */
export const moveTask: Statement<undefined> = command(
  "move_task",
  `with moved as (
  update {schema}.task
  set state = $2::{schema}.task_state, state_reason = $3,
    updated_at = coalesce($4::timestamptz, clock_timestamp()),
    -- One that is revived has not started; a result that it has goes with its start.
    started_at = case
      when $2::{schema}.task_state <> 'active' or finished_at is null
        or last_outcome in ('eventful', 'uneventful') then started_at
    end,
    finished_at = case when $2::{schema}.task_state in ('active', 'paused') then null
      else coalesce($4::timestamptz, clock_timestamp()) end
  where id = $1
  returning id, state
)
update {schema}.trigger
set next_fire_at = null
where task_id = any (array (select id from moved where state <> 'active'))
  and next_fire_at is not null`,
);

/** Holds back the waiting runs of a task, or lets them go. $1 task. */
export const pauseTaskRuns: Statement<undefined> = command(
  "pause_task_runs",
  `update {schema}.run
set state = 'paused', ready_at = 'infinity'
where task_id = $1 and state in ('queued', 'blocked')`,
);

/** Lets the paused runs of a task go on waiting for what they waited for. $1 task, $2 channel. */
export const resumeTaskRuns: Statement<undefined> = command(
  "resume_task_runs",
  `with resumed as (
  update {schema}.run
  set state = case when pending_count > 0 then 'blocked'::{schema}.run_state else 'queued' end,
    ready_at = case when pending_count > 0 then 'infinity' else due_at end
  where task_id = $1 and state = 'paused'
  returning id
)
select pg_notify($2, 'queued') from resumed limit 1`,
);

/** Sets next fire times. $1 triggers, $2 instants beside them, $3 channel. */
export const setNextFire: Statement<undefined> = command(
  "set_next_fire",
  `with moved as (
  update {schema}.trigger
  set next_fire_at = wanted.next_fire_at
  from unnest($1::bigint[], $2::timestamptz[]) as wanted (id, next_fire_at)
  where trigger.id = wanted.id
  returning trigger.id
)
select pg_notify($3, 'fire') from moved limit 1`,
);

/** Takes the rows of those of the tasks $1 that have not ended, in the order of ids. */
export const lockLiveTasks: Statement<TaskId> = statement(
  "lock_live_tasks",
  `select id
from {schema}.task
where id = any ($1::bigint[]) and state in ('active', 'paused')
order by id
for no key update`,
  decodeId,
);

/**
 * Takes the rows of the tasks $1, some of whose runs end, and of the graphs that they are nodes of,
 * in the order of ids: the root of a graph comes before its nodes. Answers how many.
 */
export const lockEndingTasks: Statement<number> = statement(
  "lock_ending_tasks",
  `select count(*) as task_count
from (
  select
  from {schema}.task
  where task.id = any (array (
    select unnest(
      array[member.id, case when member.node_name is not null then member.parent_id end])
    from {schema}.task as member
    where member.id = any ($1::bigint[])))
  order by task.id
  for no key update
) as locked`,
  (row: Row): number => numberOf(row, "task_count"),
);
