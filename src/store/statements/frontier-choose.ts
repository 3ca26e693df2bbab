/**
 * Choosing what to visit next: each selection policy along each path, as one statement.
 *
 * A choice reads places in the order of the policy, with the predicate on their copies, and locks
 * the origins of those that it takes. What another transaction has locked is passed over. What one
 * has changed since this statement began is tested again by the predicate on the origin's own row,
 * as it is then; and who has been marked meanwhile is dropped, because its `last_scheduled_at` is
 * no longer the copied one.
 *
 * The plans must not depend on estimates, which cannot know how few rows a predicate leaves out:
 * these statements run with sorts and bitmaps switched off, so that wherever an index has the order
 * it is walked. See `planSettings`.
 *
 * Parameters: $1 visit type, $2 listers or null, $3 to $6 the limits of the cool-downs, $7 how many
 * or null; for first visits when the listing was finished, or null; and where the path looks at a
 * window how many of each part to look at, or null.
 */

import type { SelectionPath, VisitPolicy } from "../../policy/visit-selection.ts";
import { numberOf, type Row } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { placeColumns } from "./frontier-rows.ts";

/** An origin as one lister lists it. */
export interface PlaceKey {
  readonly originId: number;
  readonly listerNumber: number;
}

/** The settings under which these statements are planned. */
export const planSettings = { enable_sort: "off", enable_bitmapscan: "off" } as const;

/** What a policy means to the database; `place` is the table or alias with the copies. */
export interface PolicySql {
  /** On the copies: what the policy's index says as well. */
  readonly places: string;
  /** On the origin's row, for what may have changed. */
  readonly origins: string;
  readonly order: string;
}

/** All policies. */
export const policySql: Readonly<Record<VisitPolicy, PolicySql>> = {
  "oldest-scheduled-first": {
    places: "true",
    origins: "true",
    order: "place.last_scheduled_at nulls first",
  },
  "never-visited-oldest-update-first": {
    places: "not place.has_snapshot and place.last_update_at is not null",
    origins: "origin.last_snapshot is null",
    order: "place.last_update_at",
  },
  "already-visited-by-lag": {
    places: "place.has_snapshot and place.last_update_at > place.last_successful_at",
    origins:
      "origin.last_snapshot is not null and place.last_update_at > origin.last_successful_at",
    order: "(place.last_update_at - place.last_successful_at) desc",
  },
  "without-last-update": {
    places: "place.last_update_at is null",
    origins: "true",
    order: "place.queue_position nulls first, place.first_seen_at",
  },
  "stop-after-success": {
    places: "place.last_visit_status is distinct from 'successful'",
    origins: "origin.last_visit_status is distinct from 'successful'",
    order: "place.last_update_at, place.first_seen_at",
  },
  "first-visits-after-listing": {
    places: "true",
    origins: "(origin.last_scheduled_at is null or origin.last_scheduled_at < $8::timestamptz)",
    order: "place.last_scheduled_at nulls first",
  },
};

/** The four cool-downs of a row; $3 to $6 are their limits. */
export function cooledDown(row: "place" | "origin"): string {
  const { scheduled, visited, status } = {
    scheduled: `${row}.last_scheduled_at`,
    visited: `${row}.last_visit_at`,
    status: `${row}.last_visit_status`,
  };
  return `($3::timestamptz is null or ${scheduled} is null or ${scheduled} < $3)
    and ($4::timestamptz is null or ${scheduled} is null
      or ${scheduled} < greatest($4, ${visited}))
    and ($5::timestamptz is null or ${status} is distinct from 'failed' or ${visited} < $5)
    and ($6::timestamptz is null or ${status} is distinct from 'not_found' or ${visited} < $6)`;
}

/** Places of the visit type $1. */
export const ofType: string =
  "place.type_id = (select id from {schema}.visit_type where name = $1)";

const numberedListers = "array (select id from {schema}.lister where uuid = any ($2::uuid[]))";

/** Places of the listers $2, or of all. */
export const ofListers: string = `($2::uuid[] is null
    or place.lister_id = any (${numberedListers}))`;

/** The queue of first visits is each lister's own; only one may be asked for. */
export const ofOneLister: string =
  "place.lister_id = (select id from {schema}.lister where uuid = ($2::uuid[])[1])";

/** What is not enabled has no place: its copies are made here. */
const disabledPlaces = `(
    select listing.origin_id, listing.lister_id, listing.type_id, listing.first_seen_at,
      listing.last_update_at, seen.last_successful_at, seen.last_visit_at, seen.last_scheduled_at,
      seen.queue_position, seen.last_visit_status, seen.last_snapshot is not null as has_snapshot
    from {schema}.listing
    join {schema}.origin as seen on seen.id = listing.origin_id
    where not listing.enabled
  )`;

/** The places of the type that a policy takes, in part of what there is. */
function placesOf(
  sql: PolicySql,
  { from, more }: { readonly from: string; readonly more: string },
): string {
  return `select ${placeColumns}
    from ${from} as place
    where ${ofType}
      and ${more}
      and ${sql.places}
      and ${cooledDown("place")}`;
}

/** A window on the head of such a part. */
function headOf(policy: VisitPolicy, places: string): string {
  const window = policy === "first-visits-after-listing" ? "$9" : "$8";
  return `(
    ${places}
    order by ${policySql[policy].order}
    limit ${window}::bigint
  )`;
}

const frontier = "{schema}.frontier";
const cooling = "{schema}.frontier_cooling";

/** Parts that an index has in order: what was never scheduled, and what was before the listing. */
const firstVisitParts = [
  `${ofOneLister} and place.last_scheduled_at is null`,
  `${ofOneLister} and place.last_scheduled_at < $8::timestamptz`,
];

function source(policy: VisitPolicy, path: SelectionPath): string {
  const sql = policySql[policy];
  const isFirst = policy === "first-visits-after-listing";
  if (path === "disabled") {
    return placesOf(sql, { from: disabledPlaces, more: isFirst ? ofOneLister : ofListers });
  }
  if (path === "lister") {
    // Fenced, so that the listers' own index is taken, and the order made afterwards.
    return `${placesOf(sql, {
      from: frontier,
      more: `place.lister_id = any (${numberedListers})`,
    })}
    offset 0`;
  }
  if (path === "ready" && !isFirst) return placesOf(sql, { from: frontier, more: ofListers });
  const tables = path === "ready" ? [frontier] : [frontier, cooling];
  return tables
    .flatMap((table) =>
      (isFirst ? firstVisitParts : [ofListers]).map((part) =>
        headOf(policy, placesOf(sql, { from: table, more: part })),
      ),
    )
    .join("\n    union all\n    ");
}

/** Whether the path looks at no more than a window, which may turn out too small. */
export function hasWindow(policy: VisitPolicy, path: SelectionPath): boolean {
  return path === "all" || (path === "ready" && policy === "first-visits-after-listing");
}

/** The statements of one policy and path. */
export interface Choice {
  /** Locks the origins of what it answers; only inside a transaction. */
  readonly take: Statement<PlaceKey>;
  readonly peek: Statement<PlaceKey>;
}

function choice(policy: VisitPolicy, path: SelectionPath): Choice {
  const { origins, order } = policySql[policy];
  const name = `visits_${policy.replaceAll("-", "_")}_${path}`;
  const places = `(
  ${source(policy, path)}
) as place`;
  const decode = (row: Row): PlaceKey => ({
    originId: numberOf(row, "origin_id"),
    listerNumber: numberOf(row, "lister_id"),
  });
  return {
    take: statement(
      `take_${name}`,
      `select place.origin_id, place.lister_id
from ${places}
join {schema}.origin on origin.id = place.origin_id
where origin.last_scheduled_at is not distinct from place.last_scheduled_at
  and ${origins}
  and ${cooledDown("origin")}
order by ${order}
limit $7::bigint
for no key update of origin skip locked`,
      decode,
    ),
    peek: statement(
      `peek_${name}`,
      `select place.origin_id, place.lister_id
from ${places}
where ${policy === "first-visits-after-listing" ? firstVisitPeek : "true"}
order by ${order}
limit $7::bigint`,
      decode,
    ),
  };
}

/** The parts say the same where there are parts. */
const firstVisitPeek =
  "(place.last_scheduled_at is null or place.last_scheduled_at < $8::timestamptz)";

function choicesOf(policy: VisitPolicy): Readonly<Record<SelectionPath, Choice>> {
  return {
    ready: choice(policy, "ready"),
    lister: choice(policy, "lister"),
    all: choice(policy, "all"),
    disabled: choice(policy, "disabled"),
  };
}

/** Every policy along every path. */
export const choices: Readonly<Record<VisitPolicy, Readonly<Record<SelectionPath, Choice>>>> = {
  "oldest-scheduled-first": choicesOf("oldest-scheduled-first"),
  "never-visited-oldest-update-first": choicesOf("never-visited-oldest-update-first"),
  "already-visited-by-lag": choicesOf("already-visited-by-lag"),
  "without-last-update": choicesOf("without-last-update"),
  "stop-after-success": choicesOf("stop-after-success"),
  "first-visits-after-listing": choicesOf("first-visits-after-listing"),
};
