/** Runs of the Software Heritage scheduler's tasks, and their archive. */

import type { SwhArchivedRun, SwhIrregularEnd, SwhTaskRun } from "../../model/swh-task.ts";
import { command, type Statement, statement } from "../statement.ts";
import {
  decodeSwhArchivedRun,
  decodeSwhIrregularEnd,
  decodeSwhTaskRun,
  runColumns,
  taskColumns,
} from "./swh-rows.ts";

/**
 * Stores runs. $1 runs as a JSON array; $2 whether those without a time are scheduled now; $3 now.
 */
export const createSwhTaskRuns: Statement<SwhTaskRun> = statement(
  "create_swh_task_runs",
  `with run as (
  insert into {schema}.swh_task_run (task_id, backend_id, scheduled, metadata, recorded_at)
  select item.task_id, item.backend_id,
    case when $2::boolean then coalesce(item.scheduled, $3::timestamptz, clock_timestamp())
      else item.scheduled
    end,
    item.metadata, coalesce($3::timestamptz, clock_timestamp())
  from rows from (jsonb_to_recordset($1::jsonb) as (task_id bigint, backend_id text,
    scheduled timestamptz, metadata jsonb)) with ordinality
    as item (task_id, backend_id, scheduled, metadata, place)
  order by item.place
  returning *
)
select ${runColumns} from run order by run.id`,
  decodeSwhTaskRun,
);

/** Marks runs as started. $1 backend id, $2 metadata or null, $3 time or null, $4 now. */
export const startSwhTaskRuns: Statement<SwhTaskRun> = statement(
  "start_swh_task_runs",
  `with run as (
  update {schema}.swh_task_run
  set status = 'started',
    started = clock.now,
    metadata = coalesce(metadata, '{}') || coalesce($2::jsonb, '{}')
  from (select coalesce($3::timestamptz, $4, clock_timestamp()) as now) as clock
  where backend_id = $1
  returning swh_task_run.*
)
select ${runColumns} from run order by run.id limit 1`,
  decodeSwhTaskRun,
);

/**
 * Ends runs, in the order of their ids, and moves their tasks on unless the status is no end.
 * $1 backend id, $2 metadata or null, $3 time or null, $4 now, $5 status, $6 whether uneventful
 * runs widen the interval.
 */
export const endSwhTaskRuns: Statement<SwhTaskRun> = statement(
  "end_swh_task_runs",
  `with old as materialized (
  select id, status from {schema}.swh_task_run where backend_id = $1 for update
),
run as (
  update {schema}.swh_task_run
  set status = $5::{schema}.swh_run_status,
    ended = clock.now,
    metadata = coalesce(metadata, '{}') || coalesce($2::jsonb, '{}')
  from old, (select coalesce($3::timestamptz, $4, clock_timestamp()) as now) as clock
  where swh_task_run.id = any (array (select id from old))
    and swh_task_run.id = old.id
  returning swh_task_run.*, old.status as status_before
),
settled as materialized (
  select run.*,
    {schema}.swh_settle_task(run.task_id, run.status, run.ended, $6) as task_status_before
  from (select * from run order by id) as run
  where run.status not in ('scheduled', 'started')
),
irregular as (
  insert into {schema}.swh_irregular_end (run_id, task_id, run_status_before, task_status_before,
    status, recorded_at)
  select id, task_id, status_before, task_status_before, status,
    coalesce($4::timestamptz, clock_timestamp())
  from settled
  where status_before not in ('scheduled', 'started')
    or task_status_before in ('disabled', 'completed')
)
select ${runColumns}
from run
-- Joined, so that every run is settled before the first is answered.
left join settled on settled.id = run.id
order by run.id
limit 1`,
  decodeSwhTaskRun,
);

/** Runs of some tasks. $1 task ids, $2 rows at most. */
export const listSwhTaskRuns: Statement<SwhTaskRun> = statement(
  "list_swh_task_runs",
  `with run as materialized (
  select * from {schema}.swh_task_run where task_id = any ($1::bigint[])
)
select ${runColumns} from run order by run.id limit $2`,
  decodeSwhTaskRun,
);

/**
 * Runs to be archived. $1 from and $2 until, as text that the database reads; $3 and $4 first and
 * last task id, the last one null for all; $5 rows at most.
 */
export const listArchivableSwhRuns: Statement<SwhArchivedRun> = statement(
  "list_archivable_swh_runs",
  `select ${taskColumns}, ${runColumns}
from {schema}.swh_task_run as run
join {schema}.swh_task as task on task.id = run.task_id
join {schema}.swh_task_type as kind on kind.id = task.type_id
where run.task_id >= $3::bigint
  and ($4::bigint is null or run.task_id <= $4)
  and (task.status = 'disabled' or (task.policy = 'oneshot' and task.status = 'completed'))
  and coalesce(run.started, run.scheduled) >= $1::timestamptz
  and coalesce(run.started, run.scheduled) < $2::timestamptz
order by run.task_id, run.started nulls last, run.id
limit $5`,
  decodeSwhArchivedRun,
);

/** Deletes runs $1, and of the tasks $2 those that have no other run. */
export const deleteArchivedSwhTasks: Statement<undefined> = command(
  "delete_archived_swh_tasks",
  `with deleted as (
  delete from {schema}.swh_task_run where id = any ($1::bigint[])
)
delete from {schema}.swh_task
where id = any ($2::bigint[])
  -- The statement still sees the runs that it deletes.
  and (
    select run.id from {schema}.swh_task_run as run
    where run.task_id = swh_task.id and run.id <> all ($1::bigint[])
    limit 1
  ) is null`,
);

/** What ended against the rules that nobody enforces, the latest first. $1 rows at most. */
export const listSwhIrregularEnds: Statement<SwhIrregularEnd> = statement(
  "list_swh_irregular_ends",
  `select run_id, task_id, run_status_before, task_status_before, status, recorded_at
from {schema}.swh_irregular_end
order by id desc
limit $1`,
  decodeSwhIrregularEnd,
);
