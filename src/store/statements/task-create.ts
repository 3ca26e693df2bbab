/** Storing tasks with their triggers, edges and first runs. */

import type { TaskId } from "../../kernel/ids.ts";
import { idOf, numberOf, type Row } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { queuedHint } from "./run-queue.ts";
import { insertedColumns, insertedValues, newTriggerColumns } from "./trigger-columns.ts";

/** Takes ids for $1 tasks. */
export const reserveTaskIds: Statement<TaskId> = statement(
  "reserve_task_ids",
  `select nextval('{schema}.task_id') as id from generate_series(1, $1::integer)`,
  (row: Row): TaskId => idOf(row, "id"),
);

/**
 * Holds the tasks $1 as they are until the transaction ends, so that none completes between the
 * look at its state and the edge to it.
 */
export const holdRequiredTasks: Statement<TaskId> = statement(
  "hold_required_tasks",
  `select id from {schema}.task where id = any ($1::bigint[]) order by id for share`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** The state of a required task; without a row for one of the same statement: it is pending. */
const requiredState = `(
    select task.state from {schema}.task where task.id = wanted.requires_task_id limit 1
  )`;

/**
 * Stores tasks under ids that were reserved. References among them are checked at the end of the
 * statement, so that their order does not matter. A task without triggers gets its run, blocked
 * while it requires tasks that have not completed; the root of a graph gets none. Nothing is looked
 * up by a join of the list with itself: that would be quadratic. $1 tasks as a JSON array, $2 now,
 * $3 channel.
 */
export const createTasks: Statement<undefined> = command(
  "create_tasks",
  `with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
item as materialized (
  select item.*, pending.edge_count as pending_count,
    case when item.node_name is null or item.undoes_id is null then coalesce(item.input, 'null')
      else (
        select jsonb_build_object('node', done.node_name, 'input', done.input, 'output',
          coalesce(done.output, 'null'))
        from {schema}.task as done where done.id = item.undoes_id limit 1)
    end as stored_input
  from rows from (jsonb_to_recordset($1::jsonb) as (id bigint, type_id integer, name text,
    key text, parent_id bigint, root_id bigint, input jsonb, priority smallint,
    concurrency_key text, overrides jsonb, is_root boolean, node_name text, undo_type_id integer,
    undoes_id bigint, due_at timestamptz, triggers jsonb, requires jsonb)) with ordinality
    as item (id, type_id, name, key, parent_id, root_id, input, priority, concurrency_key,
      overrides, is_root, node_name, undo_type_id, undoes_id, due_at, triggers, requires, place)
  cross join lateral (
    select count(*) filter (where ${requiredState} is distinct from 'completed') as edge_count
    from jsonb_to_recordset(item.requires) as wanted (requires_task_id bigint)
  ) as pending
),
stored as (
  insert into {schema}.task (id, type_id, name, key, parent_id, root_id, input, priority,
    concurrency_key, overrides, node_name, undo_type_id, undoes_id, created_at, updated_at)
  select id, type_id, name, key, parent_id, root_id, stored_input, priority, concurrency_key,
    overrides, node_name, undo_type_id, undoes_id, clock.now, clock.now
  from item
  cross join clock
  order by place
),
triggers as (
  insert into {schema}.trigger (task_id, ${insertedColumns})
  select item.id, ${insertedValues({ from: "wanted", now: "clock.now" })}
  from item
  cross join clock
  cross join lateral jsonb_to_recordset(item.triggers) as wanted (${newTriggerColumns})
),
edges as (
  insert into {schema}.task_dependency (task_id, requires_task_id, reason, on_failure, satisfied_at)
  select item.id, wanted.requires_task_id, wanted.reason, wanted.on_failure,
    case when ${requiredState} = 'completed' then clock.now end
  from item
  cross join clock
  cross join lateral jsonb_to_recordset(item.requires)
    as wanted (requires_task_id bigint, reason {schema}.dependency_reason,
      on_failure {schema}.requirement_failure)
),
runs as (
  insert into {schema}.run (task_id, type_id, state, priority, pending_count, due_at, ready_at,
    created_at, input, overrides, concurrency_key)
  select item.id, item.type_id,
    case when item.pending_count > 0 then 'blocked'::{schema}.run_state else 'queued' end,
    item.priority, item.pending_count, coalesce(item.due_at, clock.now),
    case when item.pending_count > 0 then 'infinity' else coalesce(item.due_at, clock.now) end,
    clock.now, item.stored_input, nullif(item.overrides, '{}'), item.concurrency_key
  from item
  cross join clock
  where jsonb_array_length(item.triggers) = 0 and not item.is_root
  order by item.place
  returning ready_at
)
select (${queuedHint("runs")}) as hint, (
  select case when exists (select from item where jsonb_array_length(triggers) > 0)
    then pg_notify($3, 'fire') end) as fire_hint`,
);

/** Queues a new run of task $1; that of a node waits for what it requires. $2 now, $3 channel. */
export const createTaskRun: Statement<{ readonly id: number }> = statement(
  "create_task_run",
  `with pending as materialized (
  select count(*) as edge_count
  from {schema}.task_dependency
  where task_id = $1 and reason = 'graph' and satisfied_at is null
),
stored as (
  insert into {schema}.run (task_id, type_id, state, pending_count, priority, due_at, ready_at,
    created_at, input, overrides, concurrency_key)
  select id, type_id,
    case when edge_count > 0 then 'blocked'::{schema}.run_state else 'queued' end, edge_count,
    priority, clock.now, case when edge_count > 0 then 'infinity' else clock.now end, clock.now,
    input, nullif(overrides, '{}'), concurrency_key
  from {schema}.task, pending, (
    select coalesce($2::timestamptz, clock_timestamp()) as now) as clock
  where id = $1
  returning id, ready_at
)
select stored.id from stored, (${queuedHint("stored")}) as hint`,
  (row: Row) => ({ id: numberOf(row, "id") }),
);
