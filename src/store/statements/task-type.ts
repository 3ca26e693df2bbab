/** Task types and retention classes. */

import type { TaskTypeId } from "../../kernel/ids.ts";
import type { TaskType } from "../../model/task-type.ts";
import { idOf, type Row } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { decodeTaskType } from "./task-rows.ts";

const columns = `id, name, description, executor, interval_default_ms, interval_min_ms,
  interval_max_ms, interval_factor, retry, timeout_ms, grace_ms, running_max, running_per_key_max,
  unfinished_max, retention_class, input_schema, paused_at, created_at`;

/**
 * Creates or updates types by name, in the order of names, so that two processes that start
 * together cannot deadlock. What did not change is not written. $1 settings as JSON, $2 now.
 */
export const registerTaskTypes: Statement<undefined> = command(
  "register_task_types",
  `insert into {schema}.task_type as present (name, description, executor, interval_default_ms,
  interval_min_ms, interval_max_ms, interval_factor, retry, timeout_ms, grace_ms, running_max,
  running_per_key_max, unfinished_max, retention_class, input_schema, created_at)
select name, description, executor, interval_default_ms, interval_min_ms, interval_max_ms,
  interval_factor, retry, timeout_ms, grace_ms, running_max, running_per_key_max, unfinished_max,
  retention_class, nullif(input_schema, 'null'), coalesce($2::timestamptz, clock_timestamp())
from jsonb_to_recordset($1::jsonb) as wanted (name text, description text,
  executor {schema}.executor_kind, interval_default_ms double precision,
  interval_min_ms double precision, interval_max_ms double precision,
  interval_factor double precision, retry jsonb, timeout_ms double precision,
  grace_ms double precision, running_max integer, running_per_key_max integer,
  unfinished_max integer, retention_class text, input_schema jsonb)
order by name
on conflict (name) do update
set description = excluded.description, executor = excluded.executor,
  interval_default_ms = excluded.interval_default_ms, interval_min_ms = excluded.interval_min_ms,
  interval_max_ms = excluded.interval_max_ms, interval_factor = excluded.interval_factor,
  retry = excluded.retry, timeout_ms = excluded.timeout_ms, grace_ms = excluded.grace_ms,
  running_max = excluded.running_max, running_per_key_max = excluded.running_per_key_max,
  unfinished_max = excluded.unfinished_max, retention_class = excluded.retention_class,
  input_schema = excluded.input_schema
where (present.description, present.executor, present.interval_default_ms, present.interval_min_ms,
    present.interval_max_ms, present.interval_factor, present.retry, present.timeout_ms,
    present.grace_ms, present.running_max, present.running_per_key_max, present.unfinished_max,
    present.retention_class, present.input_schema)
  is distinct from (excluded.description, excluded.executor, excluded.interval_default_ms,
    excluded.interval_min_ms, excluded.interval_max_ms, excluded.interval_factor, excluded.retry,
    excluded.timeout_ms, excluded.grace_ms, excluded.running_max, excluded.running_per_key_max,
    excluded.unfinished_max, excluded.retention_class, excluded.input_schema)`,
);

/** All types by name. */
export const listTaskTypes: Statement<TaskType> = statement(
  "list_task_types",
  `select ${columns} from {schema}.task_type order by name`,
  decodeTaskType,
);

/** A type by name. $1 name. */
export const findTaskType: Statement<TaskType> = statement(
  "find_task_type",
  `select ${columns} from {schema}.task_type where name = $1`,
  decodeTaskType,
);

/** Pauses or resumes a type. $1 name, $2 whether paused, $3 now, $4 channel. */
export const setTaskTypePaused: Statement<TaskType> = statement(
  "set_task_type_paused",
  `with changed as (
  update {schema}.task_type
  set paused_at = case when $2 then coalesce(paused_at, $3::timestamptz, clock_timestamp()) end
  where name = $1
  returning *
)
select ${columns}, pg_notify($4, 'settings') from changed`,
  decodeTaskType,
);

/** Takes the rows of types until the transaction ends, in the order of ids. $1 ids. */
export const lockTaskTypes: Statement<TaskTypeId> = statement(
  "lock_task_types",
  `select id from {schema}.task_type where id = any ($1::integer[]) order by id for no key update`,
  (row: Row): TaskTypeId => idOf(row, "id"),
);

/** Keeps a retention class; answers whether it is new. $1 name, $2 days. */
export const putRetentionClass: Statement<{ readonly isNew: boolean }> = statement(
  "put_retention_class",
  `insert into {schema}.retention_class as present (name, keep_days)
values ($1, $2)
on conflict (name) do update set keep_days = excluded.keep_days
returning xmax = 0 as is_new`,
  (row: Row) => ({ isNew: row["is_new"] === true }),
);

/** Adds the partitions of a new class. $1 name. */
export const addRetentionClass: Statement<undefined> = command(
  "add_retention_class",
  `select {schema}.add_retention_class($1)`,
);
