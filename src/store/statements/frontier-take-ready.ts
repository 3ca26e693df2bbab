/**
 * Taking from the head of a policy's queue, in one statement that is a transaction of its own:
 * chooses, locks, marks, and answers the listings.
 *
 * It sees places as they were when it began, and origins as they are when it locks them. Whoever
 * changes a place raises its origin's `place_version`; the versions are compared on the locked row,
 * and what has changed in between is dropped. So the places of what it takes are those it has seen,
 * and can be deleted by their physical address.
 *
 * It looks at no more than a window on the queue, which is a constant: without one the planner,
 * which cannot know how few rows the predicates leave out, may sort a million rows to take a
 * hundred. What the window does not show is left to the statements of `frontier-choose.ts`.
 */

import type { ListedOrigin } from "../../model/frontier.ts";
import type { VisitPolicy } from "../../policy/visit-selection.ts";
import { type Statement, statement } from "../statement.ts";
import { cooledDown, ofListers, ofOneLister, ofType, policySql } from "./frontier-choose.ts";
import { cooling, decodeListedOrigin, listingColumns, placeColumns } from "./frontier-rows.ts";

/** How many these statements may be asked for. */
export const readyCountMax = 1_000;

/** Places that they look at: so many that others may have locked all but what is wanted. */
const window = 5_000;

function headOfQueue(policy: VisitPolicy): string {
  const sql = policySql[policy];
  const ofWhom =
    policy === "first-visits-after-listing"
      ? `${ofOneLister} and place.last_scheduled_at is null`
      : ofListers;
  return `select place.ctid as address, ${placeColumns},
        place.last_update_at - place.last_successful_at as lag
      from {schema}.frontier as place
      where ${ofType}
        and ${ofWhom}
        and ${sql.places}
        and ${cooledDown("place")}
      order by ${sql.order}
      limit ${window}`;
}

function onOrigins(policy: VisitPolicy): string {
  return policy === "first-visits-after-listing"
    ? "origin.last_scheduled_at is null"
    : policySql[policy].origins;
}

/** The order again, of columns that the window shows: an expression would be sorted anew. */
function orderOf(policy: VisitPolicy): string {
  return policy === "already-visited-by-lag" ? "place.lag desc" : policySql[policy].order;
}

/** Moves the queue of the type on, for the policy that goes by positions. */
const movesQueue = `,
positioned as (
  insert into {schema}.visit_queue_position as queue (visit_type, position)
  select $1, coalesce(max(queue_position), 0)
  from chosen
  having count(*) > 0
  on conflict (visit_type) do update set position = greatest(queue.position, excluded.position)
)`;

function takeReadyOf(policy: VisitPolicy): Statement<ListedOrigin> {
  return statement(
    `take_ready_${policy.replaceAll("-", "_")}`,
    `with chosen as materialized (
  select *, row_number() over () as place
  from (
    select place.address, place.origin_id, place.lister_id, origin.queue_position,
      origin.is_shared
    from (
      ${headOfQueue(policy)}
    ) as place
    join {schema}.origin as seen on seen.id = place.origin_id
    join {schema}.origin on origin.id = seen.id
    where origin.place_version = seen.place_version
      and ${onOrigins(policy)}
      and ${cooledDown("origin")}
    order by ${orderOf(policy)}
    limit $7::bigint
    for no key update of origin skip locked
  ) as locked
),
marked as (
  update {schema}.origin
  set last_scheduled_at = greatest(last_scheduled_at, $8::timestamptz), has_stats = true,
    place_version = place_version + 1
  where id = any (array (select origin_id from chosen))
),
moved as (
  delete from {schema}.frontier where ctid = any (array (select address from chosen)) returning *
),
moved_with as (
  delete from {schema}.frontier
  where origin_id = any (array (select origin_id from chosen where is_shared))
    -- Those are deleted above.
    and ctid <> all (array (select address from chosen where is_shared))
  returning *
),
${cooling({
  from: "(select * from moved union all select * from moved_with) as place",
  origins: "array (select origin_id from chosen where is_shared)",
  at: "$8",
})}${policy === "without-last-update" ? movesQueue : ""}
select ${listingColumns}
from chosen
join {schema}.listing
  on listing.origin_id = chosen.origin_id and listing.lister_id = chosen.lister_id
join {schema}.lister on lister.id = listing.lister_id
join {schema}.visit_type on visit_type.id = listing.type_id
order by chosen.place`,
    decodeListedOrigin,
  );
}

/**
 * Each policy's. $1 visit type, $2 listers or null, $3 to $6 the limits of the cool-downs, $7 how
 * many, at most `readyCountMax`, $8 the time of the choice.
 */
export const takeReady: Readonly<Record<VisitPolicy, Statement<ListedOrigin>>> = {
  "oldest-scheduled-first": takeReadyOf("oldest-scheduled-first"),
  "never-visited-oldest-update-first": takeReadyOf("never-visited-oldest-update-first"),
  "already-visited-by-lag": takeReadyOf("already-visited-by-lag"),
  "without-last-update": takeReadyOf("without-last-update"),
  "stop-after-success": takeReadyOf("stop-after-success"),
  "first-visits-after-listing": takeReadyOf("first-visits-after-listing"),
};
