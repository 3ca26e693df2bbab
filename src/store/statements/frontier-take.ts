/**
 * What surrounds a choice: promotion before it, marks after it, and the positions of queues.
 *
 * Marking is a statement of its own, and not part of the choice: it must see what was committed
 * until the origins were locked, for instance a second lister's place that was added meanwhile.
 */

import type { ListedOrigin, QueuePosition } from "../../model/frontier.ts";
import { instantOf, numberOf, type Row } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import type { Promotion } from "../../model/frontier.ts";
import {
  cooling,
  decodeListedOrigin,
  decodeQueuePosition,
  listingColumns,
  placeColumns,
} from "./frontier-rows.ts";

/**
 * Moves places whose cool-down is over to the frontier, a batch of them. $1 visit type, $2 until
 * when or null for now, $3 rows at most, $4 now.
 */
export const promotePlaces: Statement<Promotion> = statement(
  "promote_places",
  `with clock as materialized (
  select coalesce($4::timestamptz, clock_timestamp()) as now
),
due as materialized (
  select place.origin_id, place.lister_id
  from {schema}.frontier_cooling as place
  join {schema}.origin on origin.id = place.origin_id
  where place.type_id = (select id from {schema}.visit_type where name = $1)
    and place.eligible_at < (select least($2::timestamptz, now) from clock)
  order by place.eligible_at
  limit $3
  for no key update of origin skip locked
),
moved as (
  delete from {schema}.frontier_cooling as place
  using due
  where place.origin_id = due.origin_id and place.lister_id = due.lister_id
    -- Tested again: it may have been marked until its origin was locked.
    and place.eligible_at < (select least($2::timestamptz, now) from clock)
  returning place.*
),
entered as (
  insert into {schema}.frontier (${placeColumns})
  select ${placeColumns} from moved
  returning 1
),
touched as (
  update {schema}.origin
  set place_version = place_version + 1
  where id = any (array (select origin_id from moved))
)
select clock.now, (select count(*) from entered) as promoted from clock`,
  (row: Row): Promotion => ({ now: instantOf(row, "now"), promoted: numberOf(row, "promoted") }),
);

/** How many places of type $1 and listers $2 are ready; counts no further than $3. */
export const countReady: Statement<number> = statement(
  "count_ready",
  `select count(*) as ready
from (
  select
  from {schema}.frontier as place
  where place.type_id = (select id from {schema}.visit_type where name = $1)
    and place.lister_id = any (array (
      select id from {schema}.lister where uuid = any ($2::uuid[])))
  limit $3
) as place`,
  (row: Row): number => numberOf(row, "ready"),
);

/** Listings of the places $1 (origins), $2 (listers beside them), in order; $3 enabled or not. */
const listingsOfPlaces = `select ${listingColumns}
from unnest($1::bigint[], $2::integer[]) with ordinality as picked (origin_id, lister_id, place)
join {schema}.listing
  on listing.origin_id = picked.origin_id and listing.lister_id = picked.lister_id
join {schema}.lister on lister.id = listing.lister_id
join {schema}.visit_type on visit_type.id = listing.type_id
-- Tested again: a lister may have changed it until its origin was locked.
where listing.enabled = $3::boolean
order by picked.place`;

/** The listings of some places; parameters as above. */
export const readPlaces: Statement<ListedOrigin> = statement(
  "read_places",
  listingsOfPlaces,
  decodeListedOrigin,
);

/**
 * Marks origins that the transaction has locked as scheduled, lets all their places cool down, and
 * answers the listings of the chosen ones. $1 to $3 as above, $4 the time of the choice, $5 the
 * visit type whose queue has moved on, or null.
 */
export const markVisits: Statement<ListedOrigin> = statement(
  "mark_visits",
  `with marked as (
  update {schema}.origin
  set last_scheduled_at = greatest(last_scheduled_at, $4::timestamptz), has_stats = true,
    place_version = place_version + 1
  where id = any ($1::bigint[])
),
moved as (
  delete from {schema}.frontier where origin_id = any ($1::bigint[]) returning *
),
${cooling({ from: "moved", origins: "$1::bigint[]", at: "$4" })},
positioned as (
  insert into {schema}.visit_queue_position as queue (visit_type, position)
  select $5, coalesce(max(origin.queue_position), 0)
  from {schema}.origin
  where $5::text is not null and origin.id = any ($1::bigint[])
  having count(*) > 0
  on conflict (visit_type) do update set position = greatest(queue.position, excluded.position)
)
${listingsOfPlaces}`,
  decodeListedOrigin,
);

/** Positions of all queues, by visit type. */
export const listQueuePositions: Statement<QueuePosition> = statement(
  "list_queue_positions",
  `select visit_type, position::text as position
from {schema}.visit_queue_position
order by visit_type collate "C"`,
  decodeQueuePosition,
);

/** Sets the position of the queue $1 to $2. */
export const setQueuePosition: Statement<undefined> = command(
  "set_queue_position",
  `insert into {schema}.visit_queue_position (visit_type, position)
values ($1, $2)
on conflict (visit_type) do update set position = excluded.position`,
);
