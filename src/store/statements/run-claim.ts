/**
 * Claiming: from queued to running, under a lease and a fencing token.
 *
 * Each probe walks the ready index for one type and one priority, from a lower bound that the
 * worker remembers, so that neither future runs nor the dead entries of past ones are stepped over.
 * The token is one sequence value for the statement. A process may draw it and then be slow, while
 * another claims and returns the same run under a larger one; `fence < ruling.fence` is therefore
 * part of the condition, and PostgreSQL tests it again on the row version that it locks.
 * The lease is the claim's row: every running run is in exactly one claim with the same token.
 */

import type { TaskTypeId } from "../../kernel/ids.ts";
import { booleanOf, idOf, instantOf, numberOf, type Row } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { claimedRunColumns, decodeClaimedRun } from "./run-rows.ts";
import type { ClaimedRun } from "../../model/run.ts";
import type { ClaimBound } from "../../model/store.ts";

/**
 * $1 to $4: type, level, limit and lower bound of each probe; $5 now; $6 limit; $7 worker; $8 the
 * lease in milliseconds; $9 and $10: levels in the order of service, and the limit of each.
 */
const ruling = `ruling as materialized (
  select nextval('{schema}.run_fence') as fence, coalesce($5::timestamptz, clock_timestamp()) as now
  where not exists (select from {schema}.installation where singleton and paused_at is not null)
)`;

/**
 * Puts a lease on the rows `taken` as one claim, under the token of `ruling`. The parameters are
 * those of the worker and of the milliseconds of the lease.
 */
export function leaseTaken(parameters: {
  readonly worker: `$${number}`;
  readonly leaseMs: `$${number}`;
}): string {
  const { worker, leaseMs } = parameters;
  return `,
leased as (
  insert into {schema}.claim (fence, worker_id, type_ids, run_ids, claimed_at, expires_at)
  -- Arrays of their own: one aggregate over both would sort whole rows.
  select ruling.fence, ${worker}, array (select distinct type_id from taken),
    array (select id from taken), ruling.now, ruling.now + ${leaseMs} * interval '1 millisecond'
  from ruling
  where exists (select from taken)
)`;
}

const probeColumns = `unnest($1::integer[], $2::smallint[], $3::integer[], $4::timestamptz[])
    with ordinality as wanted (type_id, level, run_limit, due_from, place)`;

const levelColumns = `unnest($9::smallint[], $10::integer[])
    with ordinality as level (level, run_limit, place)`;

/** Takes the rows `picked` and puts the lease on them as one claim. */
const takePicked = `,
taken as (
  update {schema}.run
  set state = 'running', attempt = run.attempt + 1, worker_id = $7, fence = ruling.fence,
    claimed_at = ruling.now
  from ruling
  -- An array, not a join: a join is planned as a hash over the whole table while statistics say
  -- that the table is empty.
  where run.id = any (array (select id from picked))
  returning run.*
)${leaseTaken({ worker: "$7", leaseMs: "$8" })}`;

/** Claims runs of types without limits, in one statement. */
export const claimUnlimited: Statement<ClaimedRun> = statement(
  "claim_unlimited",
  `with ${ruling},
probe as (
  select wanted.*
  from ${probeColumns}
  join {schema}.task_type on task_type.id = wanted.type_id
  where task_type.paused_at is null
    and task_type.running_max is null and task_type.running_per_key_max is null
),
picked as materialized (
  select of_level.id
  from ruling
  cross join (select * from ${levelColumns} order by place) as level
  cross join lateral (
    select ready.id
    from (select * from probe where probe.level = level.level order by place) as probe
    cross join lateral (
      select run.id
      from {schema}.run
      where run.state = 'queued' and run.type_id = probe.type_id and run.priority = probe.level
        and run.ready_at >= probe.due_from and run.ready_at <= ruling.now
        and run.fence < ruling.fence
      order by run.ready_at, run.id + 0
      limit probe.run_limit
      for update skip locked
    ) as ready
    limit level.run_limit
  ) as of_level
  limit $6
)${takePicked}
select ${claimedRunColumns} from taken as run`,
  decodeClaimedRun,
);

/**
 * Those of the types $1, at the levels $2 beside them and from the lower bounds $3 on, that have
 * limits and a run that is due. Looked up before any lock is taken: who has nothing to claim must
 * not keep the type from those who have. $4 now.
 */
export const listWaitingTypes: Statement<TaskTypeId> = statement(
  "list_waiting_types",
  `select distinct wanted.type_id as id
from (select coalesce($4::timestamptz, clock_timestamp()) as now
  where not exists (
    select from {schema}.installation where singleton and paused_at is not null)) as clock
cross join unnest($1::integer[], $2::smallint[], $3::timestamptz[])
  as wanted (type_id, level, due_from)
join {schema}.task_type on task_type.id = wanted.type_id
cross join lateral (
  select
  from {schema}.run
  where run.state = 'queued' and run.type_id = wanted.type_id and run.priority = wanted.level
    and run.ready_at >= wanted.due_from and run.ready_at <= clock.now
  -- Ordered, so that it is the ready index that is walked, also on statistics of an empty table.
  order by run.ready_at
  limit 1
) as waiting
where task_type.paused_at is null
  and (task_type.running_max is not null or task_type.running_per_key_max is not null)`,
  (row: Row): TaskTypeId => idOf(row, "id"),
);

/**
 * Takes the rows of types that have limits, for the transaction: whoever counts claimed runs
 * of a type holds its row, so no two processes count at once. A type that another process holds is
 * passed over, never waited for.
 */
export const lockLimitedTypes: Statement<TaskTypeId> = statement(
  "lock_limited_types",
  `select id
from {schema}.task_type
where id = any ($1::integer[]) and paused_at is null
  and (running_max is not null or running_per_key_max is not null)
order by id
for no key update skip locked`,
  (row: Row): TaskTypeId => idOf(row, "id"),
);

/**
 * Of the types $1, at the levels $2 and from the lower bounds $3 beside them, those that have
 * queued runs which are due before the bound, and when the first of them is.
 */
export const listOverlooked: Statement<ClaimBound> = statement(
  "list_overlooked",
  `select bound.type_id, bound.level, overlooked.ready_at
from unnest($1::integer[], $2::smallint[], $3::timestamptz[]) as bound (type_id, level, due_from)
cross join lateral (
  select run.ready_at
  from {schema}.run
  where run.state = 'queued' and run.type_id = bound.type_id and run.priority = bound.level
    and run.ready_at < bound.due_from
  order by run.ready_at
  limit 1
) as overlooked`,
  (row: Row): ClaimBound => ({
    typeId: idOf(row, "type_id"),
    level: numberOf(row, "level"),
    dueFrom: instantOf(row, "ready_at"),
  }),
);

/** A run of a type with limits. */
export interface LimitedClaim {
  readonly run: ClaimedRun;
  /** Runs ahead of others had to be left: their key or type became full by this very claim. */
  readonly isCut: boolean;
}

/** The count of a probe's type, found by its place: the ids are in order. */
const placeOfType = "width_bucket(wanted.type_id, type_ids)";

/**
 * Claims runs of types that the transaction has locked, up to their limits. A statement of its own,
 * because its snapshot must be younger than the lock. $11: the locked types.
 */
export const claimLimited: Statement<LimitedClaim> = statement(
  "claim_limited",
  `with ${ruling},
claimed as materialized (
  select run.type_id, run.concurrency_key, count(*) as run_count
  from {schema}.claim
  cross join lateral unnest(claim.run_ids) as held (run_id)
  cross join lateral (
    select run.type_id, run.concurrency_key
    from {schema}.run
    where run.id = held.run_id and run.fence = claim.fence and run.state = 'running'
    limit 1
  ) as run
  -- All claims, by way of the key: there are few, and ours is a session without table scans.
  where claim.fence >= 1 and claim.type_ids && $11::integer[]
    and run.type_id = any ($11::integer[])
  group by run.type_id, run.concurrency_key
),
claimed_key as materialized (
  select * from claimed where concurrency_key is not null
),
counted as materialized (
  select array_agg(type_id order by type_id) as type_ids,
    array_agg(run_count order by type_id) as run_counts
  from (
    select type_id, sum(run_count)::bigint as run_count from claimed group by type_id
  ) as of_type
),
room as materialized (
  select wanted.*, type.running_per_key_max,
    type.running_max - case when type_ids[${placeOfType}] = wanted.type_id
      then run_counts[${placeOfType}] else 0 end as free_count,
    case when type.running_per_key_max is not null then array (
      select claimed_key.concurrency_key
      from claimed_key
      where claimed_key.type_id = wanted.type_id
        and claimed_key.run_count >= type.running_per_key_max) end as full_keys
  from ${probeColumns}
  cross join counted
  -- Looked up one by one: a join would compare each probe with each type.
  cross join lateral (
    select running_max, running_per_key_max
    from {schema}.task_type where task_type.id = wanted.type_id limit 1
  ) as type
  where wanted.type_id = any ($11::integer[])
),
probe as (
  select * from room where free_count is null or free_count > 0
),
candidate as materialized (
  select of_level.*
  from ruling
  cross join (select * from ${levelColumns} order by place) as level
  cross join lateral (
    select ready.*, probe.place, probe.free_count, probe.running_per_key_max
    from (select * from probe where probe.level = level.level order by place) as probe
    cross join lateral (
      select run.id, run.type_id, run.concurrency_key, run.ready_at
      from {schema}.run
      where run.state = 'queued' and run.type_id = probe.type_id and run.priority = probe.level
        and run.ready_at >= probe.due_from and run.ready_at <= ruling.now
        and run.fence < ruling.fence
        and (run.concurrency_key is null or probe.full_keys is null
          or run.concurrency_key <> all (probe.full_keys))
      order by run.ready_at, run.id + 0
      limit least(probe.run_limit, probe.free_count)
      for update skip locked
    ) as ready
    limit level.run_limit
  ) as of_level
  limit $6
),
fitting_key as (
  select candidate.*, row_number() over (
      partition by candidate.type_id, candidate.concurrency_key
      order by candidate.place, candidate.ready_at, candidate.id) as key_place,
    coalesce(claimed_key.run_count, 0) as key_count
  from candidate
  left join claimed_key using (type_id, concurrency_key)
),
fitting_type as (
  select *, row_number() over (partition by type_id order by place, ready_at, id) as type_place
  from fitting_key
  where concurrency_key is null or running_per_key_max is null
    or key_count + key_place <= running_per_key_max
),
picked as materialized (
  select id from fitting_type where free_count is null or type_place <= free_count
)${takePicked}
select ${claimedRunColumns},
  (select count(*) from candidate) > (select count(*) from picked) as is_cut
from taken as run`,
  (row: Row): LimitedClaim => ({
    run: decodeClaimedRun(row),
    isCut: booleanOf(row, "is_cut"),
  }),
);
