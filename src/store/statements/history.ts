/** Logs, the tail of the history, and its partitions. */

import type { TaskId } from "../../kernel/ids.ts";
import type { LogLine } from "../../model/run.ts";
import type { EndedAttempt } from "../../model/store.ts";
import { booleanOf, idOf, numberOf, optionalId, optionalText, type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { decodeAttempt, decodeLogLine } from "./run-rows.ts";

/** Appends lines. $1 lines as JSON, $2 now, $3 channel. */
export const appendLog: Statement<undefined> = command(
  "append_log",
  `with kept as (
  insert into {schema}.run_log (run_id, attempt, seq, at, level, message, data, retention_class)
  select line.run_id, line.attempt, line.seq,
    coalesce($2::timestamptz, clock_timestamp()) - line.age_ms * interval '1 millisecond',
    line.level, line.message, nullif(line.data, 'null'), task_type.retention_class
  from jsonb_to_recordset($1::jsonb) as line (run_id bigint, type_id integer, attempt integer,
    seq integer, age_ms double precision, level {schema}.log_level, message text, data jsonb)
  join {schema}.task_type on task_type.id = line.type_id
  returning run_id
)
select pg_notify($3, 'log') from (select from kept limit 1) as any_line`,
);

/** Lines of run $1 after attempt $2, number $3; $4 limit. */
export const listLog: Statement<LogLine> = statement(
  "list_log",
  `select run_id, attempt, seq, at, level, message, data
from {schema}.run_log
where run_id = $1 and (attempt, seq) > ($2, $3)
order by attempt, seq
limit $4`,
  decodeLogLine,
);

/** Attempts that ended at or after $1, oldest first. $2 limit. */
export const listEndedSince: Statement<EndedAttempt> = statement(
  "list_ended_since",
  `select attempt.run_id, attempt.attempt, attempt.outcome, attempt.worker_id, attempt.fence,
  attempt.started_at, attempt.finished_at, attempt.output, attempt.error, attempt.final,
  attempt.task_id, task_type.name as type_name, node.graph_id, node.node_name
from {schema}.attempt
join {schema}.task_type on task_type.id = attempt.type_id
left join lateral (
  -- One by one: a join would read the whole table where many attempts have ended.
  select task.parent_id as graph_id, task.node_name
  from {schema}.task
  where task.id = attempt.task_id and task.node_name is not null
  limit 1
) as node on true
where attempt.finished_at >= $1
order by attempt.finished_at, attempt.run_id, attempt.attempt
limit $2`,
  (row: Row): EndedAttempt => ({
    ...decodeAttempt(row),
    typeName: textOf(row, "type_name"),
    taskId: optionalId(row, "task_id"),
    graphId: optionalId(row, "graph_id"),
    nodeName: optionalText(row, "node_name"),
    final: booleanOf(row, "final"),
  }),
);

/** A table that is partitioned by day. */
export interface DayTable {
  readonly parent: string;
  readonly keyColumn: string;
  readonly keepDays: number;
}

/** The tables partitioned by day, with the days that each keeps. */
export const listDayTables: Statement<DayTable> = statement(
  "list_day_tables",
  `select 'attempt_' || name as parent, 'finished_at' as key_column, keep_days
from {schema}.retention_class
union all
select 'run_log_' || name, 'at', keep_days from {schema}.retention_class
union all
select 'occurrence', 'fire_at', max(keep_days) from {schema}.retention_class
order by parent`,
  (row: Row): DayTable => ({
    parent: textOf(row, "parent"),
    keyColumn: textOf(row, "key_column"),
    keepDays: numberOf(row, "keep_days"),
  }),
);

/** Whoever waits for a table does not hold up those who run. */
export const limitLockWait: Statement<undefined> = command(
  "limit_lock_wait",
  "select set_config('lock_timeout', '2s', true)",
);

/** Adds the day that is $4 days from today. $1 parent, $2 key column, $3 now. */
export const addDay: Statement<string> = statement(
  "add_day",
  `select {schema}.add_day_partition($1, $2,
  (coalesce($3::timestamptz, clock_timestamp()) at time zone 'UTC')::date + $4::integer) as part`,
  (row: Row): string => (row["part"] === null ? "" : textOf(row, "part")),
);

/** Adds days whose rows stand in the default partition, a few at a time. $1 parent, $2 key. */
export const addStrayDays: Statement<string> = statement(
  "add_stray_days",
  `select {schema}.add_day_partition($1, $2, day) as part
from {schema}.list_stray_days($1, $2) as day`,
  (row: Row): string => (row["part"] === null ? "" : textOf(row, "part")),
);

/** Days that are no longer kept. $1 parent, $2 days to keep, $3 now. */
export const listOldDays: Statement<string> = statement(
  "list_old_days",
  `select part
from {schema}.old_day_partitions($1,
  (coalesce($3::timestamptz, clock_timestamp()) at time zone 'UTC')::date - $2::integer) as part
order by part
limit 50`,
  (row: Row): string => textOf(row, "part"),
);

/** Drops a day. $1 partition. */
export const dropDay: Statement<undefined> = command(
  "drop_day",
  "select {schema}.drop_day_partition($1)",
);

/**
 * Takes the tops of trees of tasks that have all ended, the top long enough ago, and that no live
 * task requires. $1 now, $2 limit of trees.
 */
export const lockOldTrees: Statement<TaskId> = statement(
  "lock_old_trees",
  `with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
)
select task.id
from {schema}.task
join {schema}.task_type on task_type.id = task.type_id
join {schema}.retention_class on retention_class.name = task_type.retention_class
where task.parent_id is null
  and task.finished_at < (select now from clock)
    - make_interval(hours => retention_class.keep_days * 24)
  -- Members without their top, so that the index of members serves.
  and not exists (select from {schema}.task as member
    where member.root_id = task.id and member.root_id <> member.id and member.finished_at is null)
  and not exists (select from {schema}.task_dependency as edge
    join {schema}.task as waiting on waiting.id = edge.task_id
    where edge.requires_task_id = task.id and waiting.finished_at is null)
  and not exists (select from {schema}.task as member
    join {schema}.task_dependency as edge on edge.requires_task_id = member.id
    join {schema}.task as waiting on waiting.id = edge.task_id
    where member.root_id = task.id and member.root_id <> member.id
      and waiting.finished_at is null)
order by task.finished_at
limit $2
for update of task skip locked`,
  (row: Row): TaskId => idOf(row, "id"),
);

/**
 * Takes the tasks below the tops $1, so that none is revived any more. Passes over those that are
 * held: waiting while holding the tops could deadlock with who adds to a tree.
 */
export const lockMembers: Statement<TaskId> = statement(
  "lock_members",
  `select id
from {schema}.task
where root_id = any ($1::bigint[]) and root_id <> id
order by id
for update skip locked`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** Deletes those of the trees $1 all of whose members have ended and are among the locked $2. */
export const deleteTrees: Statement<number> = statement(
  "delete_trees",
  `with gone as (
  delete from {schema}.task
  where id = any ($1::bigint[])
    and not exists (select from {schema}.task as member
      where member.root_id = task.id and member.root_id <> member.id
        and (member.finished_at is null or member.id <> all ($2::bigint[])))
  returning id
)
select count(*) as task_count from gone`,
  (row: Row): number => numberOf(row, "task_count"),
);
