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
import type { ClaimBound } from "../../model/claim-request.ts";

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
  /** The type of each run where runs are counted, else each type once. */
  readonly typeIds: "type_id" | "distinct type_id";
}): string {
  const { worker, leaseMs, typeIds } = parameters;
  return `,
leased as (
  insert into {schema}.claim (fence, worker_id, type_ids, run_ids, claimed_at, expires_at)
  -- Arrays of their own: one aggregate over both would sort whole rows.
  select ruling.fence, ${worker}, array (select ${typeIds} from taken),
    array (select id from taken), ruling.now, ruling.now + ${leaseMs} * interval '1 millisecond'
  from ruling
  where exists (select from taken)
)`;
}

const probeColumns = `unnest($1::integer[], $2::smallint[], $3::integer[], $4::timestamptz[])
    with ordinality as wanted (type_id, level, run_limit, due_from, place)`;

const levelColumns = `unnest($9::smallint[], $10::integer[])
    with ordinality as level (level, run_limit, place)`;

/**
 * Takes the rows `picked` and puts the lease on them as one claim, which names these types: once
 * for each run where runs are counted, else once.
 */
function takePicked(typeIds: "type_id" | "distinct type_id"): string {
  return `,
taken as (
  update {schema}.run
  set state = 'running', attempt = run.attempt + 1, worker_id = $7, fence = ruling.fence,
    claimed_at = ruling.now
  from ruling
  -- An array, not a join: a join is planned as a hash over the whole table while statistics say
  -- that the table is empty.
  where run.id = any (array (select id from picked))
  returning ${claimedRunColumns}
)${leaseTaken({ worker: "$7", leaseMs: "$8", typeIds })}`;
}

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
)${takePicked("distinct type_id")}
select * from taken`,
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
  /** Whether there may be more: runs were left that this very claim made a key or type full for. */
  readonly isCut: boolean;
}

/** What belongs to a type, out of `values` beside its id in the ascending `ids`; else null. */
function ofType(id: string, arrays: { readonly ids: string; readonly values: string }): string {
  const { ids, values } = arrays;
  const place = `width_bucket(${id}, ${ids})`;
  return `case when ${ids}[${place}] = ${id} then ${values}[${place}] end`;
}

/** How many of the type `id` there are, by the arrays of the row that is joined. */
const countOfId = ofType("id", { ids: "type_ids", values: "run_counts" });
const pickMaxOfWanted = ofType("wanted.type_id", { ids: "ids", values: "pick_maxima" });
const keyMaxOfWanted = ofType("wanted.type_id", { ids: "ids", values: "key_maxima" });

/**
 * Claims runs of types that the transaction has locked, up to their limits. A statement of its own,
 * because its snapshot must be younger than the lock. $11: the locked types; $12: how many of the
 * runs start at once, while the others leave half of the limit free.
 *
 * A claim names the type of each of its runs, ended ones among them: that is an upper bound, which
 * costs nothing. Runs are looked up only of types of which it leaves less than half free, and of
 * those with limits for keys.
 */
export const claimLimited: Statement<LimitedClaim> = statement(
  "claim_limited",
  `with ${ruling},
held as materialized (
  select fence, type_ids, run_ids,
    -- A claim without limits names each type once.
    case when cardinality(type_ids) = cardinality(run_ids) then 1
      else cardinality(run_ids) end as weight
  from {schema}.claim
  -- All claims, by way of the key: there are few, and ours is a session without table scans.
  where fence >= 1 and type_ids && $11::integer[]
),
most as materialized (
  select array_agg(type_id order by type_id) as type_ids,
    array_agg(run_count order by type_id) as run_counts
  from (
    select named.type_id, sum(held.weight)::bigint as run_count
    from held
    cross join lateral unnest(held.type_ids) as named (type_id)
    group by named.type_id
  ) as of_type
),
bounded as materialized (
  select *, running_per_key_max is not null or least_free < (running_max + 1) / 2 as is_tight
  from (
    select id, running_max, running_per_key_max,
      running_max - coalesce(${countOfId}, 0) as least_free
    from {schema}.task_type
    cross join most
    where id = any ($11::integer[])
  ) as type
),
tight as materialized (
  select array (select id from bounded where is_tight) as type_ids
),
claimed as materialized (
  select run.type_id, run.concurrency_key, count(*) as run_count
  from tight
  join held on held.type_ids && tight.type_ids
  cross join lateral unnest(held.run_ids) as one (run_id)
  cross join lateral (
    select run.type_id, run.concurrency_key
    from {schema}.run
    where run.id = one.run_id and run.fence = held.fence and run.state = 'running'
    limit 1
  ) as run
  where run.type_id = any (tight.type_ids)
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
limited as materialized (
  select id, is_tight, free_count, running_per_key_max,
    case when running_per_key_max is null then free_count - (running_max + 1) / 2
      else 0 end as wait_count
  from (
    select bounded.*, case when is_tight
      then running_max - coalesce(${countOfId}, 0)
      else least_free end as free_count
    from bounded
    cross join counted
  ) as type
),
type as materialized (
  select array_agg(id order by id) as ids, array_agg(running_per_key_max order by id) as key_maxima,
    -- What may be picked at most: more would stand in the way of other types.
    array_agg(greatest(least(free_count, $12), wait_count) order by id) as pick_maxima
  from limited
),
room as materialized (
  select wanted.*, ${pickMaxOfWanted} as pick_max,
    ${keyMaxOfWanted} as running_per_key_max
  from ${probeColumns}
  cross join type
),
probe as materialized (
  select room.*,
    case when running_per_key_max is not null then array (
      select claimed_key.concurrency_key
      from claimed_key
      where claimed_key.type_id = room.type_id
        and claimed_key.run_count >= room.running_per_key_max) end as full_keys
  from room
  where pick_max > 0
),
candidate as materialized (
  select of_level.*
  from ruling
  cross join (select * from ${levelColumns} order by place) as level
  cross join lateral (
    select ready.*
    from (select * from probe where probe.level = level.level order by place) as probe
    cross join lateral (
      select run.id, run.type_id, run.concurrency_key
      from {schema}.run
      where run.state = 'queued' and run.type_id = probe.type_id and run.priority = probe.level
        and run.ready_at >= probe.due_from and run.ready_at <= ruling.now
        and run.fence < ruling.fence
        and (run.concurrency_key is null or probe.full_keys is null
          or run.concurrency_key <> all (probe.full_keys))
      order by run.ready_at, run.id + 0
      limit least(probe.run_limit, probe.pick_max)
      for update skip locked
    ) as ready
    limit level.run_limit
  ) as of_level
  limit $6
),
found as materialized (
  select array_agg(type_id order by type_id) as type_ids,
    array_agg(run_count order by type_id) as run_counts, sum(run_count) as run_count
  from (select type_id, count(*) as run_count from candidate group by type_id) as of_type
),
-- Types of which not all candidates may fit: only theirs are numbered, which costs a sort.
crowd as materialized (
  select limited.*, found_count > free_count
      or (found_count = free_count and not is_tight) as is_cut
  from (
    select limited.*, ${countOfId} as found_count,
      found.run_count > $12 as is_ahead
    from limited
    cross join found
  ) as limited
  where running_per_key_max is not null or found_count >= free_count
    or (is_ahead and found_count > wait_count)
),
numbered as materialized (
  select candidate.*, crowd.free_count, crowd.wait_count, crowd.running_per_key_max
  from (select *, row_number() over () as place from candidate) as candidate
  join crowd on crowd.id = candidate.type_id
  where exists (select from crowd)
),
above_key as materialized (
  select keyed.id
  from (
    select *, row_number() over (partition by type_id, concurrency_key order by place) as key_place
    from numbered
    where running_per_key_max is not null and concurrency_key is not null
  ) as keyed
  left join claimed_key using (type_id, concurrency_key)
  where coalesce(claimed_key.run_count, 0) + keyed.key_place > keyed.running_per_key_max
),
picked as materialized (
  select id
  from candidate
  where type_id <> all (array (select id from crowd))
  union all
  select id
  from (
    select *, row_number() over (partition by type_id order by place) as type_place
    from numbered
    where id <> all (array (select id from above_key))
  ) as fitting
  where (free_count is null or type_place <= free_count)
    and (place <= $12 or type_place <= wait_count)
)${takePicked("type_id")}
select taken.*,
  -- What was not counted may have more.
  exists (select from above_key) or exists (select from crowd where is_cut) as is_cut
from taken`,
  (row: Row): LimitedClaim => ({
    run: decodeClaimedRun(row),
    isCut: booleanOf(row, "is_cut"),
  }),
);
