/** Rows of the frontier: their columns, and how they are read. */

import type {
  FrontierCounts,
  ListedOrigin,
  Lister,
  QueuePosition,
  VisitStats,
} from "../../model/frontier.ts";
import { InvariantError } from "../../kernel/errors.ts";
import { visitStatuses } from "../../policy/visit-cooldown.ts";
import {
  booleanOf,
  instantOf,
  numberOf,
  optionalInstant,
  optionalText,
  optionalWholeNumber,
  type Row,
  textOf,
  wholeNumberOf,
  wordOf,
} from "../row.ts";

/** Columns of a lister, of a table or alias `lister`. */
export const listerColumns = `lister.uuid, lister.name, lister.instance_name,
  lister.state::text as state, lister.created_at, lister.updated_at, lister.listing_finished_at,
  lister.first_visits_queue_prefix, lister.first_visits_scheduled_at`;

/** Columns of `listing`, joined with its `lister` and its `visit_type`. */
export const listingColumns = `lister.uuid, listing.url, visit_type.name as visit_type,
  listing.loader_arguments::text as loader_arguments, listing.last_update_at, listing.is_fork,
  listing.forked_from_url, listing.enabled, listing.first_seen_at, listing.last_seen_at`;

/** Columns of an origin's visits, of `origin` joined with its `visit_type`. */
export const statsColumns = `origin.url, visit_type.name as visit_type, origin.last_successful_at,
  origin.last_visit_at, origin.last_visit_status, origin.last_scheduled_at, origin.last_snapshot,
  origin.queue_position::text as queue_position, origin.position_offset::text as position_offset,
  origin.successive_visits::text as successive_visits`;

/** Columns of `counted`, joined with its `lister` and its `visit_type`. */
export const countColumns = `lister.uuid, visit_type.name as visit_type, counted.counted_at,
  counted.known, counted.enabled, counted.never_visited, counted.pending`;

/** What a place copies from its origin, in the order of the table, after its own four columns. */
export const copiedColumns = [
  "last_update_at",
  "last_successful_at",
  "last_visit_at",
  "last_scheduled_at",
  "queue_position",
  "last_visit_status",
  "has_snapshot",
] as const;

/** All columns of a place; one that is cooling has `eligible_at` besides. */
export const placeColumns: string = [
  "origin_id",
  "lister_id",
  "type_id",
  "first_seen_at",
  ...copiedColumns,
].join(", ");

/**
 * What marking origins as scheduled does to places that leave the queue and to those that are
 * cooling already, as two parts of a statement: the rows `from`, the `origins` as an array, and
 * the time `at` of the choice, each in SQL.
 */
export function cooling(of: {
  readonly from: string;
  readonly origins: string;
  readonly at: string;
}): string {
  const scheduled = `greatest(last_scheduled_at, ${of.at})`;
  const eligible = `{schema}.visit_eligible_at(${scheduled}, last_visit_at, last_visit_status)`;
  return `cooled as (
  insert into {schema}.frontier_cooling (${placeColumns}, eligible_at)
  select ${placeColumns.replace("last_scheduled_at", scheduled)}, ${eligible}
  from ${of.from}
),
cooled_on as (
  update {schema}.frontier_cooling
  set last_scheduled_at = ${scheduled}, eligible_at = ${eligible}
  where origin_id = any (${of.origins})
)`;
}

/** A lister. */
export function decodeLister(row: Row): Lister {
  return {
    id: textOf(row, "uuid"),
    name: textOf(row, "name"),
    instanceName: textOf(row, "instance_name"),
    stateJson: textOf(row, "state"),
    createdAt: instantOf(row, "created_at"),
    updatedAt: instantOf(row, "updated_at"),
    listingFinishedAt: optionalInstant(row, "listing_finished_at"),
    firstVisitsQueuePrefix: optionalText(row, "first_visits_queue_prefix"),
    firstVisitsScheduledAt: optionalInstant(row, "first_visits_scheduled_at"),
  };
}

/** A listed origin. */
export function decodeListedOrigin(row: Row): ListedOrigin {
  return {
    listerId: textOf(row, "uuid"),
    url: textOf(row, "url"),
    visitType: textOf(row, "visit_type"),
    loaderArgumentsJson: textOf(row, "loader_arguments"),
    lastUpdateAt: optionalInstant(row, "last_update_at"),
    isFork: row["is_fork"] === null ? null : booleanOf(row, "is_fork"),
    forkedFromUrl: optionalText(row, "forked_from_url"),
    enabled: booleanOf(row, "enabled"),
    firstSeenAt: instantOf(row, "first_seen_at"),
    lastSeenAt: instantOf(row, "last_seen_at"),
  };
}

/** What is known of an origin's visits. */
export function decodeVisitStats(row: Row): VisitStats {
  const status = row["last_visit_status"];
  return {
    url: textOf(row, "url"),
    visitType: textOf(row, "visit_type"),
    lastSuccessfulAt: optionalInstant(row, "last_successful_at"),
    lastVisitAt: optionalInstant(row, "last_visit_at"),
    lastVisitStatus: status === null ? null : wordOf(row, "last_visit_status", visitStatuses),
    lastScheduledAt: optionalInstant(row, "last_scheduled_at"),
    lastSnapshot: optionalBytes(row, "last_snapshot"),
    queuePosition: optionalWholeNumber(row, "queue_position"),
    positionOffset: wholeNumberOf(row, "position_offset"),
    successiveVisits: wholeNumberOf(row, "successive_visits"),
  };
}

function optionalBytes(row: Row, column: string): Uint8Array | null {
  const value = row[column];
  if (value === null) return null;
  // A copy: the driver's buffer is a window on a larger one.
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  throw new InvariantError("ORR_BUG_INVARIANT", `column ${column} should be bytes`);
}

/** Counts of one lister and visit type. */
export function decodeFrontierCounts(row: Row): FrontierCounts {
  return {
    listerId: textOf(row, "uuid"),
    visitType: textOf(row, "visit_type"),
    countedAt: instantOf(row, "counted_at"),
    known: numberOf(row, "known"),
    enabled: numberOf(row, "enabled"),
    neverVisited: numberOf(row, "never_visited"),
    withPendingChanges: numberOf(row, "pending"),
  };
}

/** A position of a queue. */
export function decodeQueuePosition(row: Row): QueuePosition {
  return { visitType: textOf(row, "visit_type"), position: wholeNumberOf(row, "position") };
}
