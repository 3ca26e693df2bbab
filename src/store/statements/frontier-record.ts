/**
 * Recording what a lister has seen. Most of it was there and has not changed what a place copies:
 * then only the listing is written, without touching an index, and no origin is locked.
 */

import {
  booleanOf,
  instantOf,
  numberOf,
  optionalNumber,
  optionalText,
  type Row,
  textOf,
} from "../row.ts";
import type { Instant } from "../../kernel/instant.ts";
import { command, type Statement, statement } from "../statement.ts";

/** What is stored of an item that came. */
export interface SurveyedListing {
  /** Null when there is no such lister. */
  readonly listerNumber: number | null;
  /** Null when nothing of that visit type was ever listed or visited. */
  readonly typeNumber: number | null;
  /** Null when the lister has not listed it yet. */
  readonly originId: number | null;
  /** Where the listing stands until somebody writes to it; null as above. */
  readonly address: string | null;
  /** Whether the copies of its place stay as they are. */
  readonly isSame: boolean;
}

/**
 * Looks up items, in order. $1 and $2 listers and visit types, each once; $3 URLs, and beside them
 * $4 and $5 places in those lists, from 1; $6 whether enabled, $7 last updates.
 */
export const surveyListings: Statement<SurveyedListing> = statement(
  "survey_listings",
  `with lister_numbers as materialized (
  select array_agg(lister.id order by given.place) as ids
  from unnest($1::uuid[]) with ordinality as given (uuid, place)
  left join {schema}.lister on lister.uuid = given.uuid
),
type_numbers as materialized (
  select array_agg(visit_type.id order by given.place) as ids
  from unnest($2::text[]) with ordinality as given (name, place)
  left join {schema}.visit_type on visit_type.name = given.name
)
select item.lister_id, item.type_id, listing.origin_id, listing.ctid::text as address, coalesce(
    listing.enabled = item.enabled
    and listing.last_update_at is not distinct from item.last_update_at, false) as is_same
from (
  select given.url, (select ids from lister_numbers)[given.lister_place] as lister_id,
    (select ids from type_numbers)[given.type_place] as type_id, given.enabled,
    given.last_update_at, given.place
  from unnest($3::text[], $4::integer[], $5::integer[], $6::boolean[], $7::timestamptz[])
    with ordinality
    as given (url, lister_place, type_place, enabled, last_update_at, place)
  offset 0
) as item
left join {schema}.listing on listing.lister_id = item.lister_id and listing.url = item.url
  and listing.type_id = item.type_id
order by item.place`,
  (row: Row): SurveyedListing => ({
    listerNumber: optionalNumber(row, "lister_id"),
    typeNumber: optionalNumber(row, "type_id"),
    originId: optionalNumber(row, "origin_id"),
    address: optionalText(row, "address"),
    isSame: booleanOf(row, "is_same"),
  }),
);

/** An origin that the transaction has locked. */
export interface TouchedOrigin {
  readonly id: number;
  /** Where it stands for the rest of the transaction. */
  readonly address: string;
  readonly url: string;
  readonly typeNumber: number;
}

/**
 * Adds or locks origins, in one pass in the order of URL and type. $1 URLs, and beside them $2
 * visit types and $3 whether somebody lists it that has not before.
 */
export const touchOrigins: Statement<TouchedOrigin> = statement(
  "touch_origins",
  `insert into {schema}.origin as origin (url, type_id, place_version, is_shared)
select url collate "C" as url, type_id, count(*) filter (where adds_place),
  count(*) filter (where adds_place) > 1
from unnest($1::text[], $2::integer[], $3::boolean[]) as item (url, type_id, adds_place)
group by 1, 2
order by 1, 2
on conflict (url, type_id) do update
set place_version = origin.place_version + 1,
  -- What was there may have a place already.
  is_shared = origin.is_shared or excluded.place_version > 0
returning id, ctid::text as address, url, type_id`,
  (row: Row): TouchedOrigin => ({
    id: numberOf(row, "id"),
    address: textOf(row, "address"),
    url: textOf(row, "url"),
    typeNumber: numberOf(row, "type_id"),
  }),
);

/** When a listing was seen. */
export interface SeenListing {
  /** Of its item in the batch, from 0. */
  readonly place: number;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
}

/** Where the places of items are that change there, or that go. */
function placed(table: PlaceTable, now: "enabled" | "disabled"): string {
  const changes =
    now === "enabled"
      ? "item.enabled and item.last_update_at is distinct from item.old_update_at"
      : "not item.enabled";
  return placesOf(table, `item.is_locked and item.was_enabled and ${changes}`);
}

/** The tables of places: those to choose from, and those that cool down. */
type PlaceTable = "frontier" | "frontier_cooling";

/** Parts of a statement that write the updates of places where `placesIn` says that they stand. */
function updatedPlaces(placesIn: (table: PlaceTable) => string): string {
  const updating = (table: PlaceTable): string => `
  update {schema}.${table} as place
  set last_update_at = placed.last_update_at
  from (${placesIn(table)}) as placed
  where place.ctid = placed.address
`;
  return `updated as (${updating("frontier")}),
updated_cooling as (${updating("frontier_cooling")})`;
}

/** Where the places stand of the items that a condition holds for. */
function placesOf(table: PlaceTable, condition: string): string {
  // Each looked up by itself: plans made on an empty queue would read it from end to end.
  return `
    select place.address, item.last_update_at
    from item
    cross join lateral (
      select ctid as address
      from {schema}.${table}
      where origin_id = item.origin_id and lister_id = item.lister_id
      offset 0
    ) as place
    where ${condition}
  `;
}

/**
 * Writes items: listings, and for those whose origin the transaction has locked their places and
 * the change of the counts. An item whose listing somebody else writes to at the same time, or has
 * written to since it was looked up, is not answered; then nothing may be kept. $1 items as a JSON
 * array, $2 now.
 */
export const recordListings: Statement<SeenListing> = statement(
  "record_listings",
  `with clock as materialized (
  select coalesce($2::timestamptz, now()) as now
),
item as materialized (
  select item.*, item.origin_address is not null as is_locked,
    old.origin_id is not null as was_listed,
    case when item.origin_address is null then item.listing_address else old.ctid end as address,
    coalesce(old.enabled, false) as was_enabled, old.last_update_at as old_update_at,
    coalesce(old.first_seen_at, clock.now) as first_seen_at, clock.now,
    origin.last_successful_at, origin.last_visit_at, origin.last_scheduled_at,
    origin.queue_position, origin.last_visit_status,
    origin.last_snapshot is not null as has_snapshot,
    coalesce({schema}.visit_eligible_at(origin.last_scheduled_at, origin.last_visit_at,
      origin.last_visit_status) >= clock.now, false) as cools
  from clock
  cross join jsonb_to_recordset($1::jsonb) as item (origin_id bigint, lister_id integer,
    type_id integer, url text, loader_arguments jsonb, last_update_at timestamptz, is_fork boolean,
    forked_from_url text, enabled boolean, listing_address tid, origin_address tid, place integer)
  -- By a number that is null for most of them, so that those are not looked up.
  left join {schema}.listing as old on old.lister_id = item.lister_id
    and old.origin_id = case when item.origin_address is not null then item.origin_id end
  left join {schema}.origin on origin.ctid = item.origin_address
),
stored as (
  update {schema}.listing
  set enabled = item.enabled, is_fork = item.is_fork, last_update_at = item.last_update_at,
    last_seen_at = item.now, loader_arguments = item.loader_arguments,
    forked_from_url = item.forked_from_url
  from (
    select * from item
    where address is not null
    -- Two calls that list the same wait for each other only one way.
    order by lister_id, url collate "C", type_id
  ) as item
  where listing.ctid = item.address
    -- Something else may stand there by now.
    and listing.origin_id = item.origin_id and listing.lister_id = item.lister_id
    and (item.is_locked or (listing.enabled = item.enabled
      and listing.last_update_at is not distinct from item.last_update_at))
  returning item.place, listing.first_seen_at, listing.last_seen_at
),
-- Whoever else would add the same waits for the origin.
added as (
  insert into {schema}.listing (origin_id, lister_id, type_id, enabled, is_fork, last_update_at,
    first_seen_at, last_seen_at, url, loader_arguments, forked_from_url)
  select origin_id, lister_id, type_id, enabled, is_fork, last_update_at, now, now, url,
    loader_arguments, forked_from_url
  from item
  where address is null
),
entered as (
  insert into {schema}.frontier (origin_id, lister_id, type_id, first_seen_at, last_update_at,
    last_successful_at, last_visit_at, last_scheduled_at, queue_position, last_visit_status,
    has_snapshot)
  select origin_id, lister_id, type_id, first_seen_at, last_update_at, last_successful_at,
    last_visit_at, last_scheduled_at, queue_position, last_visit_status, has_snapshot
  from item
  where is_locked and enabled and not was_enabled and not cools
),
cooled as (
  insert into {schema}.frontier_cooling (origin_id, lister_id, type_id, first_seen_at,
    last_update_at, last_successful_at, last_visit_at, last_scheduled_at, queue_position,
    last_visit_status, has_snapshot, eligible_at)
  select origin_id, lister_id, type_id, first_seen_at, last_update_at, last_successful_at,
    last_visit_at, last_scheduled_at, queue_position, last_visit_status, has_snapshot,
    {schema}.visit_eligible_at(last_scheduled_at, last_visit_at, last_visit_status)
  from item
  where is_locked and enabled and not was_enabled and cools
),
${updatedPlaces((table) => placed(table, "enabled"))},
gone as (
  delete from {schema}.frontier
  where ctid = any (array (select address from (${placed("frontier", "disabled")}) as placed))
),
gone_cooling as (
  delete from {schema}.frontier_cooling
  where ctid = any (array (
    select address from (${placed("frontier_cooling", "disabled")}) as placed))
),
change as (
  select lister_id, type_id, (not was_listed)::integer as known,
    enabled::integer - was_enabled::integer as enabled,
    (enabled and not has_snapshot)::integer - (was_enabled and not has_snapshot)::integer
      as never_visited,
    (enabled and coalesce(last_update_at > last_successful_at, false))::integer
      - (was_enabled and coalesce(old_update_at > last_successful_at, false))::integer as pending
  from item
  where is_locked
),
noted as (
  insert into {schema}.frontier_count_change
    (lister_id, type_id, known, enabled, never_visited, pending)
  select lister_id, type_id, sum(known), sum(enabled), sum(never_visited), sum(pending)
  from change
  where (known, enabled, never_visited, pending) <> (0, 0, 0, 0)
  group by lister_id, type_id
)
select place, first_seen_at, last_seen_at from stored
union all
select place, now, now from item where address is null`,
  (row: Row): SeenListing => ({
    place: numberOf(row, "place"),
    firstSeenAt: instantOf(row, "first_seen_at"),
    lastSeenAt: instantOf(row, "last_seen_at"),
  }),
);

/**
 * Disables all listings of origins that the transaction has locked; answers how many. $1 URLs and
 * $2 visit types beside them.
 */
export const disableListings: Statement<number> = statement(
  "disable_listings",
  `with wanted as materialized (
  select origin.id, origin.last_successful_at, origin.last_snapshot is not null as has_snapshot
  from unnest($1::text[], $2::text[]) as item (url, visit_type)
  join {schema}.visit_type on visit_type.name = item.visit_type
  join {schema}.origin on origin.url = item.url and origin.type_id = visit_type.id
),
enabled as materialized (
  select listing.origin_id, listing.lister_id, listing.type_id, listing.last_update_at,
    wanted.last_successful_at, wanted.has_snapshot
  from wanted
  join {schema}.listing on listing.origin_id = wanted.id
  where listing.enabled
  -- As those are locked that list them again.
  order by listing.lister_id, listing.url, listing.type_id
  for no key update of listing
),
disabled as (
  update {schema}.listing
  set enabled = false
  from enabled
  where listing.origin_id = enabled.origin_id and listing.lister_id = enabled.lister_id
),
gone as (
  delete from {schema}.frontier where origin_id = any (array (select id from wanted))
),
gone_cooling as (
  delete from {schema}.frontier_cooling where origin_id = any (array (select id from wanted))
),
noted as (
  insert into {schema}.frontier_count_change
    (lister_id, type_id, known, enabled, never_visited, pending)
  select lister_id, type_id, 0, -count(*), -count(*) filter (where not has_snapshot),
    -count(*) filter (where last_update_at > last_successful_at)
  from enabled
  group by lister_id, type_id
)
select count(*) as disabled from enabled`,
  (row: Row): number => numberOf(row, "disabled"),
);

/**
 * Notes when origins that the transaction has locked were updated, in the listings that know of
 * none or an earlier one, in their places and in the counts; nothing else of a listing is written.
 * $1 URLs, and beside them $2 visit types and $3 updates.
 */
export const noteUpdates: Statement<undefined> = command(
  "note_updates",
  `with named as materialized (
  select origin.id, origin.last_successful_at, item.last_update_at
  from unnest($1::text[], $2::text[], $3::timestamptz[]) as item (url, visit_type, last_update_at)
  join {schema}.visit_type on visit_type.name = item.visit_type
  join {schema}.origin on origin.url = item.url and origin.type_id = visit_type.id
),
item as materialized (
  select listing.origin_id, listing.lister_id, listing.type_id, listing.enabled,
    listing.last_update_at as old_update_at, named.last_update_at, named.last_successful_at
  from named
  join {schema}.listing on listing.origin_id = named.id
  where listing.last_update_at is null or listing.last_update_at < named.last_update_at
  -- As those are locked that list them again.
  order by listing.lister_id, listing.url, listing.type_id
  for no key update of listing
),
stored as (
  update {schema}.listing
  set last_update_at = item.last_update_at
  from item
  where listing.origin_id = item.origin_id and listing.lister_id = item.lister_id
),
${updatedPlaces((table) => placesOf(table, "item.enabled"))}
insert into {schema}.frontier_count_change
  (lister_id, type_id, known, enabled, never_visited, pending)
select lister_id, type_id, 0, 0, 0, count(*)
from item
where enabled and last_update_at > last_successful_at
  and coalesce(old_update_at <= last_successful_at, true)
group by lister_id, type_id`,
);
