/** The way into the queue, and looking at it: enqueue, find, list, count. */

import type { RunId } from "../../kernel/ids.ts";
import type { Attempt, ClaimedRun, Run } from "../../model/run.ts";
import type { RunCount } from "../../model/store.ts";
import { idOf, idsOf, numberOf, optionalNumber, type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { leaseTaken } from "./run-claim.ts";
import {
  claimedRunColumns,
  decodeAttempt,
  decodeClaimedRun,
  decodeRun,
  levelOf,
} from "./run-rows.ts";

function decodeId(row: Row): RunId {
  return idOf(row, "id");
}

/**
 * Tells all processes on the channel, a parameter, that the runs `of` have come into the queue, as
 * far as they are for anybody to see, and from when on: workers need not look for them from the
 * beginning.
 */
export function queuedHint(of: string, channel = "$3"): string {
  const readyFrom = "min(ready_at) filter (where ready_at < 'infinity')";
  const micros = `(extract(epoch from ${readyFrom}) * 1000000)::bigint`;
  return `select case when ${readyFrom} is not null
      then pg_notify(${channel}, 'queued ' || ${micros}) end
    from ${of}`;
}

/**
 * The runs, out of parallel parameters: $1 the inputs as one JSON array, which is faster than
 * arrays or COPY, and beside them, each null where all of it would be: $2 the place of the type
 * among those of the statement, $3 levels, $4 instants, $5 overrides as a JSON array, $6 keys.
 * Objects with all of it as members would take the database a tenth longer.
 */
const items = `select item.input, item.place, coalesce(($2::integer[])[place], 1) as type,
    coalesce(($3::smallint[])[place], ${levelOf("normal")}) as priority,
    ($4::timestamptz[])[place] as due_at, nullif($5::jsonb -> (place - 1)::integer, 'null')
    as overrides, ($6::text[])[place] as concurrency_key
  from jsonb_array_elements($1::jsonb) with ordinality as item (input, place)`;

/**
 * Queues runs; `types` makes the row `typed.ids`, in which they name their type by its place. The
 * answer is one row: reading hundreds takes the driver longer than making what is queued.
 */
function queueing(types: string): string {
  return `with typed as materialized (
  ${types}
),
item as (
  ${items}
),
stored as (
  insert into {schema}.run (type_id, state, priority, due_at, ready_at, created_at, input,
    overrides, concurrency_key)
  select typed.ids[item.type], 'queued', item.priority, coalesce(item.due_at, clock.now),
    coalesce(item.due_at, clock.now), clock.now, item.input, item.overrides, item.concurrency_key
  from typed, (select coalesce($7::timestamptz, clock_timestamp()) as now) as clock, item
  order by item.place
  returning id, ready_at
)
select (select json_agg(id order by id) from stored) as ids,
  (${queuedHint("stored", "$9")}) as hint`;
}

function decodeIds(row: Row): readonly RunId[] {
  return idsOf(row, "ids");
}

/**
 * Queues runs without tasks and hints once. $1 to $6 the runs; $7 now; $8 types; $9 channel. Ids
 * come in the order of the runs.
 */
export const enqueueRuns: Statement<readonly RunId[]> = statement(
  "enqueue_runs",
  queueing("select $8::integer[] as ids"),
  decodeIds,
);

/** The same with types by name: nothing at all if one of them is unknown or has a queue limit. */
export const enqueueUnlimited: Statement<readonly RunId[]> = statement(
  "enqueue_unlimited",
  queueing(`select array_agg(task_type.id order by given.place) as ids
  from unnest($8::text[]) with ordinality as given (name, place)
  join {schema}.task_type on task_type.name = given.name and task_type.unfinished_max is null
  having count(*) = cardinality($8::text[])`),
  decodeIds,
);

/**
 * Queues runs and claims them at once: nothing at all if one of the types is unknown, is paused or
 * has a limit, or if everything is paused. $1 to $6 the runs, $7 now and $8 types as above; $9
 * worker; $10 the lease in milliseconds. Nobody is told: there is nothing to be had.
 */
export const enqueueClaimed: Statement<ClaimedRun> = statement(
  "enqueue_claimed",
  `with typed as materialized (
  select array_agg(task_type.id order by given.place) as ids
  from unnest($8::text[]) with ordinality as given (name, place)
  join {schema}.task_type on task_type.name = given.name and task_type.paused_at is null
    and task_type.unfinished_max is null and task_type.running_max is null
    and task_type.running_per_key_max is null
  where not exists (select from {schema}.installation where singleton and paused_at is not null)
  having count(*) = cardinality($8::text[])
),
ruling as materialized (
  select nextval('{schema}.run_fence') as fence, coalesce($7::timestamptz, clock_timestamp()) as now
  from typed
),
item as (
  ${items}
),
taken as (
  insert into {schema}.run (type_id, state, priority, due_at, ready_at, created_at, input,
    overrides, concurrency_key, attempt, worker_id, fence, claimed_at)
  select typed.ids[item.type], 'running', item.priority, now, now, now, item.input,
    item.overrides, item.concurrency_key, 1, $9, fence, now
  from typed, ruling, item
  order by item.place
  returning ${claimedRunColumns}
)${leaseTaken({ worker: "$9", leaseMs: "$10", typeIds: "distinct type_id" })}
select * from taken order by id`,
  decodeClaimedRun,
);

/** Tells all processes; $1 channel, $2 hint. */
export const notify: Statement<undefined> = command("notify", "select pg_notify($1, $2)");

const liveColumns = `run.id, run.task_id, run.trigger_id, run.type_id, task_type.name as type_name,
  run.state, run.input, run.priority, run.concurrency_key, run.fire_at, run.due_at, run.created_at,
  run.attempt, run.failure_count, run.lost_count, run.worker_id, run.fence, run.claimed_at,
  claim.expires_at as lease_expires_at, run.cancel_requested_at, run.pending_count,
  null::{schema}.outcome_kind as outcome, null::jsonb as output, null::jsonb as error,
  null::timestamptz as finished_at, run_progress.fraction as progress_fraction,
  run_progress.message as progress_message, run_progress.updated_at as progress_at`;

const besideRun = `join {schema}.task_type on task_type.id = run.type_id
  left join {schema}.claim on claim.fence = run.fence and run.state = 'running'
  left join {schema}.run_progress on run_progress.run_id = run.id`;

const liveTables = `{schema}.run
  ${besideRun}`;

const endedColumns = `attempt.run_id as id, attempt.task_id, attempt.trigger_id, attempt.type_id,
  task_type.name as type_name, attempt.state, attempt.input, attempt.priority,
  attempt.concurrency_key, attempt.fire_at, attempt.due_at, attempt.created_at, attempt.attempt,
  attempt.failure_count, attempt.lost_count, attempt.worker_id, attempt.fence, attempt.claimed_at,
  null::timestamptz as lease_expires_at, null::timestamptz as cancel_requested_at,
  0 as pending_count, attempt.outcome, attempt.output, attempt.error, attempt.finished_at,
  null::double precision as progress_fraction, null as progress_message,
  null::timestamptz as progress_at`;

const endedTables = `{schema}.attempt
  join {schema}.task_type on task_type.id = attempt.type_id`;

/** A run, live or ended. $1 id. */
export const findRun: Statement<Run> = statement(
  "find_run",
  // Looked up first, or the table might be read in the order of types.
  `select ${liveColumns}
from (select * from {schema}.run where id = $1 limit 1) as run
  ${besideRun}
union all
select ${endedColumns} from ${endedTables} where attempt.run_id = $1 and attempt.final
limit 1`,
  decodeRun,
);

/** The tries of a run that have ended, oldest first. $1 id. */
export const listAttempts: Statement<Attempt> = statement(
  "list_attempts",
  `select run_id, attempt, outcome, worker_id, fence, started_at, finished_at, output, error
from {schema}.attempt
where run_id = $1
order by attempt, finished_at
limit 1000`,
  decodeAttempt,
);

/**
 * Runs by descending id. $1 before this id or null, $2 limit, $3 type or null, $4 states or null,
 * $5 task or null.
 */
export const listRuns: Statement<Run> = statement(
  "list_runs",
  `(
  select ${liveColumns} from ${liveTables}
  where ($1::bigint is null or run.id < $1)
    and ($3::text is null or task_type.name = $3)
    and ($4::text[] is null or run.state = any ($4::{schema}.run_state[]))
    and ($5::bigint is null or run.task_id = $5)
  order by run.id desc
  limit $2
)
union all
(
  select ${endedColumns} from ${endedTables}
  where attempt.final and ($1::bigint is null or attempt.run_id < $1)
    and ($3::text is null or task_type.name = $3)
    and ($4::text[] is null or attempt.state = any ($4::{schema}.run_state[]))
    and ($5::bigint is null or attempt.task_id = $5)
  order by attempt.run_id desc
  limit $2
)
order by id desc
limit $2`,
  decodeRun,
);

/** Live runs of a task, newest first. $1 task. */
export const listLiveRunsOfTask: Statement<RunId> = statement(
  "list_live_runs_of_task",
  // Materialised, or the key might be walked backwards in search of the task.
  `with live as materialized (
  select id from {schema}.run where task_id = $1
)
select id from live order by id desc limit 1000`,
  decodeId,
);

/** Queues the work of an ended run again. $1 id, $2 now, $3 channel. */
export const copyEndedRun: Statement<RunId> = statement(
  "copy_ended_run",
  `with stored as (
  insert into {schema}.run (type_id, state, priority, due_at, ready_at, created_at, input,
    overrides, concurrency_key)
  select attempt.type_id, 'queued', attempt.priority, clock.now, clock.now, clock.now,
    attempt.input, attempt.overrides, attempt.concurrency_key
  from {schema}.attempt, (select coalesce($2::timestamptz, clock_timestamp()) as now) as clock
  where attempt.run_id = $1 and attempt.final
  returning id, ready_at
)
select stored.id from stored, (${queuedHint("stored")}) as hint`,
  decodeId,
);

/**
 * Keeps what running handlers say; only under the current token. $1 JSON, $2 now. The runs are held
 * and those that are being ended passed over: waiting for them could deadlock with their ending,
 * and a run that is gone would make the whole statement fail.
 */
export const recordProgress: Statement<undefined> = command(
  "record_progress",
  `with said as materialized (
  select * from jsonb_to_recordset($1::jsonb) as said (id bigint, fence bigint,
    fraction double precision, message text)
),
held as materialized (
  select run.id, run.fence
  from {schema}.run
  where run.id = any (array (select said.id from said)) and run.state = 'running'
  for key share skip locked
)
insert into {schema}.run_progress (run_id, fraction, message, updated_at)
select held.id, said.fraction, said.message, coalesce($2::timestamptz, clock_timestamp())
from said
join held on held.id = said.id and held.fence = said.fence
on conflict (run_id) do update
set fraction = excluded.fraction, message = excluded.message, updated_at = excluded.updated_at`,
);

/** Milliseconds until the next queued run of types $1 becomes due. $2 now. */
export const findNextDueMs: Statement<number | null> = statement(
  "find_next_due_ms",
  `select extract(epoch from
  min(next.ready_at) - coalesce($2::timestamptz, clock_timestamp()))::double precision * 1000
  as due_ms
from unnest($1::integer[]) as wanted (type_id)
cross join unnest(array[1, 2, 3]::smallint[]) as level (priority)
cross join lateral (
  select run.ready_at
  from {schema}.run
  where run.type_id = wanted.type_id and run.priority = level.priority
    and run.ready_at > (select coalesce($2::timestamptz, clock_timestamp()))
    and run.ready_at < 'infinity'
  order by run.ready_at
  limit 1
) as next`,
  (row: Row): number | null => optionalNumber(row, "due_ms"),
);

/** Live runs by type and state; $1 now. A full scan: for people and metrics, not for the path. */
export const countRuns: Statement<RunCount> = statement(
  "count_runs",
  `select task_type.name as type_name, run.state, count(*) as run_count,
  coalesce(max(extract(epoch from clock.now - run.ready_at)) filter (
    where run.state = 'queued' and run.ready_at <= clock.now), 0)::double precision * 1000 as lag_ms
from {schema}.run
join {schema}.task_type on task_type.id = run.type_id
cross join (select coalesce($1::timestamptz, clock_timestamp()) as now) as clock
group by task_type.name, run.state
order by task_type.name, run.state`,
  (row: Row): RunCount => ({
    typeName: textOf(row, "type_name"),
    state: textOf(row, "state"),
    count: numberOf(row, "run_count"),
    lagMs: numberOf(row, "lag_ms"),
  }),
);

/** Unfinished runs of a type, counted in the index up to its bound and one more. $1 types. */
export const countUnfinished: Statement<{ readonly typeId: number; readonly count: number }> =
  statement(
    "count_unfinished",
    `select task_type.id as type_id, unfinished.run_count
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
where task_type.id = any ($1::integer[]) and task_type.unfinished_max is not null`,
    (row: Row) => ({ typeId: numberOf(row, "type_id"), count: numberOf(row, "run_count") }),
  );
