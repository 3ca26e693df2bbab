/**
 * The way out of `running`: ended, back to the queue, released. Every statement carries the fencing
 * tokens and changes nothing where one is no longer its row's. Ids and tokens are checked as pairs,
 * each token at the place of its id: `fence = any (tokens)` would take the token of another run.
 */

import type { FencingToken, RunId, WorkerId } from "../../kernel/ids.ts";
import type { ClaimedRun } from "../../model/run.ts";
import type { CancelRequest } from "../../model/store.ts";
import { idOf, idsOf, type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { attemptColumns, cancelledAttemptValues } from "./attempt-columns.ts";
import { queuedHint } from "./run-queue.ts";
import { claimedRunColumns, decodeClaimedRun } from "./run-rows.ts";

function decodeId(row: Row): RunId {
  return idOf(row, "id");
}

function decodeIds(row: Row): readonly RunId[] {
  return idsOf(row, "ids");
}

/**
 * The tasks of the runs, held as they are until the transaction ends: a pause that is being made
 * either waits and then finds the run queued, or is waited for and then seen.
 */
const pausedTasks = `held_task as materialized (
  select task.id, task.state
  from {schema}.task
  where task.id = any (array (
    select run.task_id from {schema}.run where run.id = any ($1::bigint[])))
  order by task.id
  for share
)`;
/** Whether the run belongs to a task that is paused: it then waits without being seen. */
const taskIsPaused = `exists (
      select from held_task where held_task.id = run.task_id and held_task.state = 'paused')`;
const pausedOrQueued = `case when ${taskIsPaused}
      then 'paused'::{schema}.run_state else 'queued' end`;

/**
 * What belongs to the row, out of parallel parameters: ids are sorted, so the place of one is found
 * by binary search. A join would be planned on estimates that fit no batch.
 */
const placeOfId = "width_bucket(run.id, $1::bigint[])";
const fenceOfId = `($2::bigint[])[${placeOfId}]`;
const outcomeOfId = `($4::{schema}.outcome_kind[])[${placeOfId}]`;
// A run that is to be cancelled comes back at once: its next worker is told, and ends it.
const delayOfId = `case when run.cancel_requested_at is null
      then ($6::double precision[])[${placeOfId}] else 0 end * interval '1 millisecond'`;

/**
 * The retention classes of the types of the runs `from`, and how to find that of one: as above.
 */
function retentionClasses(from: string): string {
  return `classed as materialized (
  select array_agg(id order by id) as type_ids,
    array_agg(retention_class order by id) as retention_classes
  from {schema}.task_type
  where id = any (array (select distinct type_id from ${from}))
)`;
}
function retentionClassOf(typeId: string): string {
  return `retention_classes[width_bucket(${typeId}, classed.type_ids)]`;
}

/**
 * Ends claimed runs: the row leaves the queue and enters the history in one statement.
 * $1 ids ascending, $2 their tokens, $3 now, then beside the ids: $4 outcomes, $5 durations in
 * milliseconds, $6 outputs and $7 errors as JSON arrays, or null when there are none. $8 channel:
 * somebody may wait for the end, or listen.
 */
export const finishRuns: Statement<readonly RunId[]> = statement(
  "finish_runs",
  `with gone as (
  delete from {schema}.run
  where id = any ($1::bigint[]) and fence = ${fenceOfId} and state = 'running'
  returning id, attempt, type_id, task_id, trigger_id, priority, failure_count, lost_count, fire_at,
    due_at, created_at, claimed_at, worker_id, fence, concurrency_key, input, overrides,
    ${placeOfId} as place, coalesce($3::timestamptz, clock_timestamp()) as ended_at
),
ending as (
  select gone.*, ($4::{schema}.outcome_kind[])[place] as outcome,
    ($5::double precision[])[place] * interval '1 millisecond' as duration
  from gone
),
${retentionClasses("gone")},
kept as (
  insert into {schema}.attempt (${attemptColumns})
  select ending.id, ending.attempt, true, ending.type_id, ending.task_id, ending.trigger_id,
    case
      when ending.outcome in ('eventful', 'uneventful') then 'succeeded'::{schema}.run_state
      when ending.outcome = 'cancelled' then 'cancelled'
      else 'failed'
    end,
    ending.outcome, ending.priority, ending.failure_count + (ending.outcome = 'failed')::integer,
    ending.lost_count + (ending.outcome = 'lost')::integer, ending.fire_at, ending.due_at,
    ending.created_at, ending.claimed_at,
    greatest(ending.ended_at - ending.duration, ending.claimed_at), ending.ended_at,
    ending.worker_id, ending.fence, ending.concurrency_key, ending.input, ending.overrides,
    nullif($6::jsonb -> (place - 1), 'null'), nullif($7::jsonb -> (place - 1), 'null'),
    ${retentionClassOf("ending.type_id")}
  from ending
  cross join classed
)
-- One row of all ids: many would take the driver longer than the reports.
select ended.ids
from (select json_agg(id) as ids from gone having count(*) > 0) as ended,
  (select pg_notify($8, 'ended')) as hint`,
  decodeIds,
);

/**
 * Puts claimed runs back, each with its try in the history; a paused task's run waits paused.
 * Parameters as in `finishRuns`, and $6 delays in milliseconds, $7 errors, $8 the worker, $9
 * channel: whoever listens is told of each try.
 */
export const requeueRuns: Statement<RunId> = statement(
  "requeue_runs",
  `with ${pausedTasks},
back as (
  update {schema}.run
  set state = ${pausedOrQueued},
    due_at = coalesce($3::timestamptz, clock_timestamp()) + ${delayOfId},
    ready_at = case when ${taskIsPaused} then 'infinity'
      else coalesce($3::timestamptz, clock_timestamp()) + ${delayOfId} end,
    failure_count = failure_count + (${outcomeOfId} = 'failed')::integer,
    lost_count = lost_count + (${outcomeOfId} = 'lost')::integer,
    worker_id = null
  where id = any ($1::bigint[]) and fence = ${fenceOfId} and state = 'running'
  returning run.*, ${placeOfId} as place, ${outcomeOfId} as outcome,
    coalesce($3::timestamptz, clock_timestamp()) as ended_at
),
${retentionClasses("back")},
kept as (
  insert into {schema}.attempt (${attemptColumns})
  select back.id, back.attempt, false, back.type_id, back.task_id, back.trigger_id, null,
    back.outcome, back.priority, back.failure_count, back.lost_count, back.fire_at, back.due_at,
    back.created_at, back.claimed_at,
    greatest(back.ended_at - ($5::double precision[])[place] * interval '1 millisecond',
      back.claimed_at),
    back.ended_at, ($8::bigint[])[place], back.fence, back.concurrency_key, null, null, null,
    nullif($7::jsonb -> (place - 1), 'null'), ${retentionClassOf("back.type_id")}
  from back
  cross join classed
)
select back.id
from back, (select pg_notify($9, 'ended'), (${queuedHint("back", "$9")})) as hints`,
  decodeId,
);

/**
 * Gives back, as if unclaimed, what was not started. $1 ids ascending, $2 their tokens, $3 channel.
 */
export const releaseRuns: Statement<RunId> = statement(
  "release_runs",
  `with ${pausedTasks},
released as (
  update {schema}.run
  set state = ${pausedOrQueued},
    ready_at = case when ${taskIsPaused} then 'infinity' else ready_at end,
    attempt = attempt - 1, worker_id = null
  where id = any ($1::bigint[]) and fence = ${fenceOfId} and state = 'running'
  returning id, ready_at
)
select released.id from released, (${queuedHint("released")}) as hint`,
  decodeId,
);

/** Those of the runs $1, ascending, that the history has under their tokens $2. */
export const listEndedUnder: Statement<RunId> = statement(
  "list_ended_under",
  `select run_id as id
from {schema}.attempt
where run_id = any ($1::bigint[])
  and fence = ($2::bigint[])[width_bucket(attempt.run_id, $1::bigint[])]`,
  decodeId,
);

/** Extends the leases $2 of worker $1 that have not expired. $3 now, $4 milliseconds. */
export const renewClaims: Statement<FencingToken> = statement(
  "renew_claims",
  `update {schema}.claim
set expires_at = coalesce($3::timestamptz, clock_timestamp()) + $4 * interval '1 millisecond'
where fence = any ($2::bigint[]) and worker_id = $1
  and expires_at > coalesce($3::timestamptz, clock_timestamp())
returning fence`,
  (row: Row): FencingToken => idOf(row, "fence"),
);

/**
 * Forgets the claims $1, ascending, but none that still holds a run: without its claim nobody would
 * ever reap it. One that is kept by this runs out by itself. $2 beside them how many of their runs
 * are known to be over: only where that is not all they are looked up, since hardly one is there.
 */
export const dropClaims: Statement<undefined> = command(
  "drop_claims",
  `delete from {schema}.claim
where fence = any ($1::bigint[])
  and (cardinality(run_ids) = ($2::integer[])[width_bucket(fence, $1::bigint[])] or not exists (
    select
    from unnest(claim.run_ids) as held (run_id)
    cross join lateral (
      select from {schema}.run
      where run.id = held.run_id and run.fence = claim.fence and run.state = 'running'
      limit 1
    ) as run
    limit 1))`,
);

/** Locks claims whose lease has run out, passing over those that another process reaps. */
export const lockExpiredClaims: Statement<LockedClaim> = statement(
  "lock_expired_claims",
  `select fence, worker_id
from {schema}.claim
-- The start of the statement will do: a claim that has expired stays so.
where expires_at <= (select coalesce($1::timestamptz, clock_timestamp()))
order by expires_at
limit $2
for update skip locked`,
  (row: Row): LockedClaim => ({ fence: idOf(row, "fence"), workerId: idOf(row, "worker_id") }),
);

/** A claim that is being reaped. */
export interface LockedClaim {
  readonly fence: FencingToken;
  readonly workerId: WorkerId;
}

/** The runs that are still held under the claims $1. */
export const listRunsOfClaims: Statement<ClaimedRun> = statement(
  "list_runs_of_claims",
  `select ${claimedRunColumns}
from {schema}.claim
cross join lateral unnest(claim.run_ids) as held (run_id)
cross join lateral (
  select *
  from {schema}.run
  where run.id = held.run_id and run.fence = claim.fence and run.state = 'running'
  limit 1
) as run
where claim.fence = any ($1::bigint[])`,
  decodeClaimedRun,
);

/** Those of the runs $1 that somebody asked to cancel. */
export const listCancelRequests: Statement<CancelRequest> = statement(
  "list_cancel_requests",
  `select id, fence, coalesce(cancel_reason, 'cancelled') as reason
from {schema}.run
where id = any ($1::bigint[]) and state = 'running' and cancel_requested_at is not null`,
  (row: Row): CancelRequest => ({
    id: idOf(row, "id"),
    fence: idOf(row, "fence"),
    reason: textOf(row, "reason"),
  }),
);

/** Asks the worker of a running run to stop it. $1 id, $2 reason, $3 now, $4 channel. */
export const requestCancel: Statement<RunId> = statement(
  "request_cancel",
  `with asked as (
  update {schema}.run
  set cancel_requested_at = coalesce(cancel_requested_at, $3::timestamptz, clock_timestamp()),
    cancel_reason = coalesce(cancel_reason, $2)
  where id = $1 and state = 'running'
  returning id
)
select asked.id, pg_notify($4, 'cancel') from asked`,
  decodeId,
);

/** Ends a run that nobody holds as cancelled. $1 id, $2 the error as JSON, $3 now, $4 channel. */
export const cancelIdleRun: Statement<RunId> = statement(
  "cancel_idle_run",
  `with gone as (
  delete from {schema}.run where id = $1 and state <> 'running' returning *
),
kept as (
  insert into {schema}.attempt (${attemptColumns})
  select ${cancelledAttemptValues("$2::jsonb")}
  from gone
  join {schema}.task_type on task_type.id = gone.type_id
  cross join (select coalesce($3::timestamptz, clock_timestamp()) as now) as clock
)
select gone.id from gone, (select pg_notify($4, 'ended')) as hint`,
  decodeId,
);
