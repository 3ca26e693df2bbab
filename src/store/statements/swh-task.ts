/** Task types and tasks of the Software Heritage scheduler. */

import type { SwhTask, SwhTaskType } from "../../model/swh-task.ts";
import { command, type Statement, statement } from "../statement.ts";
import { decodeSwhTask, decodeSwhTaskType, taskColumns, typeColumns } from "./swh-rows.ts";

/** Stores a type unless its name is taken. $1 the type as JSON. */
export const createSwhTaskType: Statement<undefined> = command(
  "create_swh_task_type",
  `insert into {schema}.swh_task_type (type, description, backend_name, default_interval,
  min_interval, max_interval, backoff_factor, max_queue_length, num_retries, retry_delay)
select type, description, backend_name, default_interval, min_interval, max_interval,
  backoff_factor, max_queue_length, num_retries, retry_delay
from jsonb_to_record($1::jsonb) as item (type text, description text, backend_name text,
  default_interval interval, min_interval interval, max_interval interval,
  backoff_factor double precision, max_queue_length bigint, num_retries bigint,
  retry_delay interval)
on conflict (type) do nothing`,
);

/** One type; $1 its name. */
export const findSwhTaskType: Statement<SwhTaskType> = statement(
  "find_swh_task_type",
  `select ${typeColumns} from {schema}.swh_task_type as kind where kind.type = $1`,
  decodeSwhTaskType,
);

/** All types by name. */
export const listSwhTaskTypes: Statement<SwhTaskType> = statement(
  "list_swh_task_types",
  `select ${typeColumns} from {schema}.swh_task_type as kind order by kind.type collate "C"`,
  decodeSwhTaskType,
);

/** What makes a stored task the same as an item, save for next run. */
const equalsItem = `task.type_id = item.type_id
    and jsonb_hash_extended(task.arguments, 0) = item.digest
    and task.arguments = item.arguments
    and task.policy = item.policy
    and task.status = item.status
    and task.priority is not distinct from item.priority`;

/**
 * Stores the tasks that are not there yet; answers what is stored of all. Equal tasks of one call
 * do not see each other, so both are stored. An unknown type violates the type's not-null.
 * $1 tasks as a JSON array.
 */
export const createSwhTasks: Statement<SwhTask> = statement(
  "create_swh_tasks",
  `with item as materialized (
  select item.*, kind.id as type_id, kind.default_interval,
    coalesce(item.retries_left, kind.num_retries, 0) as retries,
    jsonb_hash_extended(item.arguments, 0) as digest
  from rows from (jsonb_to_recordset($1::jsonb) as (type text, arguments jsonb,
    next_run timestamptz, status {schema}.swh_task_status, policy {schema}.swh_task_policy,
    retries_left bigint, priority {schema}.swh_task_priority)) with ordinality
    as item (type, arguments, next_run, status, policy, retries_left, priority, place)
  left join {schema}.swh_task_type as kind on kind.type = item.type
),
equal as materialized (
  select item.place, task.*
  from item
  -- Lateral and fenced, so that each item is looked up, whatever the statistics say.
  cross join lateral (
    select task.* from {schema}.swh_task as task
    where ${equalsItem}
      and task.next_run = item.next_run
    offset 0
  ) as task
),
stored as (
  insert into {schema}.swh_task
    (type_id, arguments, next_run, status, policy, retries_left, current_interval, priority)
  select item.type_id, item.arguments, item.next_run, item.status, item.policy, item.retries,
    item.default_interval, item.priority
  from item
  where not exists (select from equal where equal.place = item.place)
    -- A recurring task has no twin at another time either.
    and (item.policy = 'oneshot'
      or not exists (select from {schema}.swh_task as task where ${equalsItem}))
  order by item.place
  returning *
)
select ${taskColumns}
from (
  select * from stored
  union all
  select distinct on (id) id, type_id, arguments, next_run, status, policy, retries_left,
    current_interval, priority
  from equal
) as task
join {schema}.swh_task_type as kind on kind.id = task.type_id
order by task.id`,
  decodeSwhTask,
);

/**
 * Sets status and perhaps next run. $1 ids, $2 status, $3 next run or null, $4 whether those that
 * have completed or are not due are left alone, $5 now.
 */
export const setSwhTaskStatus: Statement<undefined> = command(
  "set_swh_task_status",
  `update {schema}.swh_task
set status = $2::{schema}.swh_task_status, next_run = coalesce($3::timestamptz, next_run)
where id = any ($1::bigint[])
  and (not $4::boolean or (status <> 'completed'
    and next_run < (select coalesce($5::timestamptz, clock_timestamp()))))`,
);

/**
 * A conjunction of filters, each of them null for none: $1 ids, $2 types, $3 statuses,
 * $4 priorities, $5 policy, $6 latest next run, $7 earliest next run; $8 rows at most.
 */
export const searchSwhTasks: Statement<SwhTask> = statement(
  "search_swh_tasks",
  `select ${taskColumns}
from {schema}.swh_task as task
join {schema}.swh_task_type as kind on kind.id = task.type_id
where ($1::bigint[] is null or task.id = any ($1))
  and ($2::text[] is null or kind.type = any ($2))
  and ($3::{schema}.swh_task_status[] is null or task.status = any ($3))
  and ($4::{schema}.swh_task_priority[] is null or task.priority = any ($4))
  and ($5::{schema}.swh_task_policy is null or task.policy = $5)
  and ($6::timestamptz is null or task.next_run <= $6)
  and ($7::timestamptz is null or task.next_run >= $7)
order by task.id
limit $8`,
  decodeSwhTask,
);

/** Columns of the waiting tasks of type $1 due at $2 or else $3 (now), at most $4, in order. */
function ready(columns: string, priority: "is null" | "is not null"): string {
  return `select ${columns}
  from {schema}.swh_task as task
  where task.type_id = (select id from {schema}.swh_task_type where type = $1)
    and task.status = 'next_run_not_scheduled'
    and task.priority ${priority}
    and task.next_run <= (select coalesce($2::timestamptz, $3, clock_timestamp()))
  order by task.next_run, task.id
  limit $4`;
}

function peek(name: string, priority: "is null" | "is not null"): Statement<SwhTask> {
  return statement(
    name,
    `select ${taskColumns}
from (${ready("task.*", priority)}) as task
join {schema}.swh_task_type as kind on kind.id = task.type_id
order by task.next_run, task.id`,
    decodeSwhTask,
  );
}

/** Rows that another call has taken and not committed yet are passed over. */
function grab(name: string, priority: "is null" | "is not null"): Statement<SwhTask> {
  return statement(
    name,
    `with chosen as materialized (
  ${ready("task.id", priority)}
  for no key update skip locked
),
task as (
  update {schema}.swh_task
  set status = 'next_run_scheduled'
  where id = any (array (select id from chosen))
  returning swh_task.*
)
select ${taskColumns}
from task
join {schema}.swh_task_type as kind on kind.id = task.type_id
order by task.next_run, task.id`,
    decodeSwhTask,
  );
}

/** Due tasks without priority. $1 type, $2 latest next run or null, $3 now, $4 rows at most. */
export const peekReadySwhTasks: Statement<SwhTask> = peek("peek_ready_swh_tasks", "is null");

/** Due tasks with any priority; parameters as above. */
export const peekReadySwhPriorityTasks: Statement<SwhTask> = peek(
  "peek_ready_swh_priority_tasks",
  "is not null",
);

/** Marks due tasks without priority as scheduled and answers them; parameters as above. */
export const grabReadySwhTasks: Statement<SwhTask> = grab("grab_ready_swh_tasks", "is null");

/** Marks due tasks with any priority as scheduled and answers them; parameters as above. */
export const grabReadySwhPriorityTasks: Statement<SwhTask> = grab(
  "grab_ready_swh_priority_tasks",
  "is not null",
);
