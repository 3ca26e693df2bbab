/** What is known of visits: merged into origins, and from there copied to their places. */

import type { VisitStats } from "../../model/frontier.ts";
import { type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { decodeVisitStats, placeColumns, statsColumns } from "./frontier-rows.ts";

/**
 * Merges stats into origins, which are added or locked in one pass in the order of URL and type;
 * answers their addresses. Null keeps what is stored; what is of an unknown visit type is left out.
 * $1 stats as a JSON array.
 */
export const mergeStats: Statement<string> = statement(
  "merge_stats",
  `insert into {schema}.origin as origin (url, type_id, has_stats, last_successful_at,
  last_visit_at, last_visit_status, last_scheduled_at, last_snapshot, queue_position,
  position_offset, successive_visits)
select url, visit_type.id, true, last_successful_at, last_visit_at, last_visit_status,
  last_scheduled_at, last_snapshot, queue_position, position_offset, successive_visits
from jsonb_to_recordset($1::jsonb) as item (url text, visit_type text,
  last_successful_at timestamptz, last_visit_at timestamptz,
  last_visit_status {schema}.visit_status, last_scheduled_at timestamptz, last_snapshot bytea,
  queue_position bigint, position_offset integer, successive_visits integer)
join {schema}.visit_type on visit_type.name = item.visit_type
order by url collate "C", visit_type.id
on conflict (url, type_id) do update
set has_stats = true, place_version = origin.place_version + 1,
  last_successful_at = coalesce(excluded.last_successful_at, origin.last_successful_at),
  last_visit_at = coalesce(excluded.last_visit_at, origin.last_visit_at),
  last_visit_status = coalesce(excluded.last_visit_status, origin.last_visit_status),
  last_scheduled_at = coalesce(excluded.last_scheduled_at, origin.last_scheduled_at),
  last_snapshot = coalesce(excluded.last_snapshot, origin.last_snapshot),
  queue_position = coalesce(excluded.queue_position, origin.queue_position),
  position_offset = excluded.position_offset,
  successive_visits = excluded.successive_visits
returning ctid::text as address`,
  (row: Row): string => textOf(row, "address"),
);

/** Columns of a place, and its address, with what its origin says now. */
const placeNow = `place.address, place.origin_id, place.lister_id, place.type_id,
    place.first_seen_at, place.last_update_at, origin.last_successful_at, origin.last_visit_at,
    origin.last_scheduled_at, origin.queue_position, origin.last_visit_status,
    origin.last_snapshot is not null as has_snapshot,
    place.last_successful_at as old_successful_at, place.has_snapshot as had_snapshot,
    {schema}.visit_eligible_at(origin.last_scheduled_at, origin.last_visit_at,
      origin.last_visit_status) as eligible_at`;

/** Looked up one by one: plans made on an empty queue would read it from end to end. */
function placesIn(table: "frontier" | "frontier_cooling"): string {
  return `cross join lateral (
    select place.ctid as address, place.*
    from {schema}.${table} as place
    where place.origin_id = origin.id
    offset 0
  ) as place`;
}

/** Sets the copies of a place from `now_known`. */
const setCopies = `last_successful_at = now_known.last_successful_at,
    last_visit_at = now_known.last_visit_at, last_scheduled_at = now_known.last_scheduled_at,
    queue_position = now_known.queue_position, last_visit_status = now_known.last_visit_status,
    has_snapshot = now_known.has_snapshot`;

/** Whether one of them differs. */
const copiesDiffer = `(place.last_successful_at, place.last_visit_at, place.last_scheduled_at,
    place.queue_position, place.last_visit_status, place.has_snapshot)
      is distinct from (now_known.last_successful_at, now_known.last_visit_at,
    now_known.last_scheduled_at, now_known.queue_position, now_known.last_visit_status,
    now_known.has_snapshot)`;

/** Nobody else moves the places of an origin that we have locked. */
const samePlace = "place.ctid = now_known.address";

/**
 * Copies what the origins at the addresses $1, where the transaction has written them, say now to
 * their places; those that have to cool down leave the frontier. Notes the change of the counts.
 * $2 now.
 */
export const spreadStats: Statement<undefined> = command(
  "spread_stats",
  `with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
ready as materialized (
  select ${placeNow}, clock.now
  from clock
  cross join {schema}.origin
  ${placesIn("frontier")}
  where origin.ctid = any ($1::tid[])
),
cooling as materialized (
  select ${placeNow}
  from {schema}.origin
  ${placesIn("frontier_cooling")}
  where origin.ctid = any ($1::tid[])
),
stayed as (
  update {schema}.frontier as place
  set ${setCopies}
  from ready as now_known
  where ${samePlace}
    and now_known.eligible_at < now_known.now
    and ${copiesDiffer}
),
gone as (
  delete from {schema}.frontier
  where ctid = any (array (select address from ready where eligible_at >= now))
),
cooled as (
  insert into {schema}.frontier_cooling (${placeColumns}, eligible_at)
  select ${placeColumns}, eligible_at
  from ready
  where eligible_at >= now
),
cooled_on as (
  update {schema}.frontier_cooling as place
  set ${setCopies}, eligible_at = now_known.eligible_at
  from cooling as now_known
  where ${samePlace}
    and ${copiesDiffer}
),
change as (
  select lister_id, type_id, had_snapshot::integer - has_snapshot::integer as never_visited,
    coalesce(last_update_at > last_successful_at, false)::integer
      - coalesce(last_update_at > old_successful_at, false)::integer as pending
  from (
    select lister_id, type_id, last_update_at, last_successful_at, has_snapshot,
      old_successful_at, had_snapshot
    from ready
    union all
    select lister_id, type_id, last_update_at, last_successful_at, has_snapshot,
      old_successful_at, had_snapshot
    from cooling
  ) as place
)
insert into {schema}.frontier_count_change
  (lister_id, type_id, known, enabled, never_visited, pending)
select lister_id, type_id, 0, 0, sum(never_visited), sum(pending)
from change
where (never_visited, pending) <> (0, 0)
group by lister_id, type_id`,
);

/** What is known of the visits of the URLs $1 of the visit types $2 beside them. */
export const listStats: Statement<VisitStats> = statement(
  "list_stats",
  `select ${statsColumns}
from unnest($1::text[], $2::text[]) as wanted (url, visit_type)
join {schema}.visit_type on visit_type.name = wanted.visit_type
join {schema}.origin on origin.url = wanted.url and origin.type_id = visit_type.id
where origin.has_stats`,
  decodeVisitStats,
);
