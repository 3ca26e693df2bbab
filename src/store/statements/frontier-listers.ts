/** Listers and visit types. */

import type { Lister } from "../../model/frontier.ts";
import { numberOf, type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import { decodeLister, listerColumns } from "./frontier-rows.ts";

/**
 * A conjunction of filters, each of them null for none: $1 ids, $2 name, $3 instance name;
 * $4 whether only those whose first visits are to be scheduled.
 */
export const listListers: Statement<Lister> = statement(
  "list_listers",
  `select ${listerColumns}
from {schema}.lister
where ($1::uuid[] is null or uuid = any ($1))
  and ($2::text is null or name = $2)
  and ($3::text is null or instance_name = $3)
  and (not $4::boolean or (listing_finished_at is not null
    and first_visits_queue_prefix is not null and first_visits_scheduled_at is null))
order by created_at, id`,
  decodeLister,
);

/** Makes a lister unless its names are taken. $1 name, $2 instance name, $3 prefix, $4 now. */
export const createLister: Statement<Lister> = statement(
  "create_lister",
  `insert into {schema}.lister
  (name, instance_name, first_visits_queue_prefix, created_at, updated_at)
values ($1, $2, $3, coalesce($4::timestamptz, now()), coalesce($4::timestamptz, now()))
on conflict (name, instance_name) do nothing
returning ${listerColumns}`,
  decodeLister,
);

/**
 * Changes the lister $1 that was last changed at $2. $3 name, $4 instance name, $5 state,
 * $6 end of the listing, $7 prefix, $8 when first visits were scheduled, $9 now.
 */
export const updateLister: Statement<Lister> = statement(
  "update_lister",
  `update {schema}.lister
set name = $3, instance_name = $4, state = $5::jsonb, listing_finished_at = $6::timestamptz,
  first_visits_queue_prefix = $7, first_visits_scheduled_at = $8::timestamptz,
  -- Later than what was read, also when the clock stands still.
  updated_at = greatest(coalesce($9::timestamptz, now()), updated_at + interval '1 microsecond')
where uuid = $1::uuid and updated_at = $2::timestamptz
returning ${listerColumns}`,
  decodeLister,
);

/**
 * Notes what an import says of the lister $1, on top of whatever else has changed of it meanwhile:
 * $2 whether its listing has ended; $3 whether first visits are wanted, null for as it is, and $4
 * the prefix that says so unless it has one; $5 now. Nothing when all that is so already.
 */
export const noteListing: Statement<Lister> = statement(
  "note_listing",
  `update {schema}.lister
set listing_finished_at = case
    -- Not the start of the transaction: what was scheduled since then was scheduled before the end.
    when $2::boolean then coalesce($5::timestamptz, clock_timestamp())
    else listing_finished_at end,
  first_visits_queue_prefix = case when $3::boolean then coalesce(first_visits_queue_prefix, $4)
    when $3::boolean is null then first_visits_queue_prefix end,
  -- Later than what was read, also when the clock stands still.
  updated_at = greatest(coalesce($5::timestamptz, now()), updated_at + interval '1 microsecond')
where uuid = $1::uuid
  and ($2::boolean or $3::boolean = (first_visits_queue_prefix is null))
returning ${listerColumns}`,
  decodeLister,
);

/** A visit type with its number inside the database. */
export interface NumberedName {
  readonly id: number;
  readonly name: string;
}

/** Numbers of the visit types $1, as far as they are known. */
export const numberVisitTypes: Statement<NumberedName> = statement(
  "number_visit_types",
  `select id, name from {schema}.visit_type where name = any ($1::text[])`,
  (row: Row): NumberedName => ({ id: numberOf(row, "id"), name: textOf(row, "name") }),
);

/** Makes those of the visit types $1 that are missing. */
export const addVisitTypes: Statement<undefined> = command(
  "add_visit_types",
  `insert into {schema}.visit_type (name)
select name
from unnest($1::text[]) as given (name)
where not exists (select from {schema}.visit_type where visit_type.name = given.name)
order by name
on conflict do nothing`,
);
