/** Storing tasks with their triggers, edges and first runs. */

import type { TaskId } from "../../kernel/ids.ts";
import { idOf, numberOf, type Row } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { insertedColumns, insertedValues, newTriggerColumns } from "./trigger-columns.ts";

/**
 * Holds the tasks $1 as they are until the transaction ends, so that none completes between the
 * look at its state and the edge to it.
 */
export const holdRequiredTasks: Statement<TaskId> = statement(
  "hold_required_tasks",
  `select id from {schema}.task where id = any ($1::bigint[]) order by id for share`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** Where in the list a task was stored. */
export interface StoredTask {
  readonly place: number;
  readonly id: TaskId;
}

function decodeStoredTask(row: Row): StoredTask {
  return { place: numberOf(row, "place"), id: idOf(row, "id") };
}

/**
 * Stores tasks; a key that exists is passed over. A task without triggers gets its run, blocked
 * while it requires tasks that have not completed. $1 tasks as a JSON array, $2 now, $3 channel.
 */
export const createTasks: Statement<StoredTask> = statement(
  "create_tasks",
  `with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
item as materialized (
  select nextval('{schema}.task_id') as id, item.*
  from rows from (jsonb_to_recordset($1::jsonb) as (type_id integer, name text, key text,
    parent_id bigint, input jsonb, priority smallint, concurrency_key text, overrides jsonb,
    due_at timestamptz, triggers jsonb, requires jsonb)) with ordinality
    as item (type_id, name, key, parent_id, input, priority, concurrency_key, overrides, due_at,
      triggers, requires, place)
),
stored as (
  insert into {schema}.task (id, type_id, name, key, parent_id, root_id, input, priority,
    concurrency_key, overrides, created_at, updated_at)
  select item.id, item.type_id, item.name, item.key, item.parent_id,
    coalesce(parent.root_id, item.id), coalesce(item.input, 'null'), item.priority,
    item.concurrency_key, item.overrides, clock.now, clock.now
  from item
  cross join clock
  left join lateral (
    select task.root_id from {schema}.task where task.id = item.parent_id limit 1
  ) as parent on true
  order by item.place
  on conflict (key) do nothing
  returning id
),
fresh as (
  select item.* from item join stored on stored.id = item.id
),
triggers as (
  insert into {schema}.trigger (task_id, ${insertedColumns})
  select fresh.id, ${insertedValues({ from: "wanted", now: "clock.now" })}
  from fresh
  cross join clock
  cross join lateral jsonb_to_recordset(fresh.triggers) as wanted (${newTriggerColumns})
),
edge as materialized (
  select fresh.id as task_id, wanted.*,
    case when required.state = 'completed' then clock.now end as satisfied_at
  from fresh
  cross join clock
  cross join lateral jsonb_to_recordset(fresh.requires)
    as wanted (requires_task_id bigint, reason {schema}.dependency_reason,
      on_failure {schema}.requirement_failure)
  cross join lateral (
    select task.state from {schema}.task where task.id = wanted.requires_task_id limit 1
  ) as required
),
edges as (
  insert into {schema}.task_dependency (task_id, requires_task_id, reason, on_failure, satisfied_at)
  select task_id, requires_task_id, reason, on_failure, satisfied_at from edge
),
first_run as (
  select fresh.*, coalesce(fresh.due_at, clock.now) as run_due_at, clock.now as created_at,
    (select count(*) from edge where edge.task_id = fresh.id and edge.satisfied_at is null)
      as pending_count
  from fresh
  cross join clock
  where jsonb_array_length(fresh.triggers) = 0
),
runs as (
  insert into {schema}.run (task_id, type_id, state, priority, pending_count, due_at, ready_at,
    created_at, input, overrides, concurrency_key)
  select id, type_id,
    case when pending_count > 0 then 'blocked'::{schema}.run_state else 'queued' end, priority,
    pending_count, run_due_at, case when pending_count > 0 then 'infinity' else run_due_at end,
    created_at, coalesce(input, 'null'), nullif(overrides, '{}'), concurrency_key
  from first_run
  order by place
)
select fresh.place, fresh.id
from fresh, (select pg_notify($3, 'queued')) as hint, (
  select case when exists (select from fresh where jsonb_array_length(fresh.triggers) > 0)
    then pg_notify($3, 'fire') end) as fire_hint
order by fresh.place`,
  decodeStoredTask,
);

/** Puts a new run of task $1 on the queue. $2 now, $3 channel. */
export const createTaskRun: Statement<{ readonly id: number }> = statement(
  "create_task_run",
  `with stored as (
  insert into {schema}.run (task_id, type_id, state, priority, due_at, ready_at, created_at, input,
    overrides, concurrency_key)
  select id, type_id, 'queued', priority, clock.now, clock.now, clock.now, input,
    nullif(overrides, '{}'), concurrency_key
  from {schema}.task, (select coalesce($2::timestamptz, clock_timestamp()) as now) as clock
  where id = $1
  returning id
)
select stored.id from stored, (select pg_notify($3, 'queued')) as hint`,
  (row: Row) => ({ id: numberOf(row, "id") }),
);
