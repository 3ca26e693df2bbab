/** What listers have listed: pages of it. */

import type { ListedOrigin } from "../../model/frontier.ts";
import { type Row, textOf } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { decodeListedOrigin, listingColumns } from "./frontier-rows.ts";

/**
 * A page in the order of lister id and URL, which ends with a whole URL. $1 lister or null;
 * $2 whether enabled, null for both; $3 and $4 lister and URL of the last row of the page before,
 * or null; $5 rows at which it ends.
 */
export const listOrigins: Statement<ListedOrigin> = statement(
  "list_origins",
  `select *
from (
  select ${listingColumns}, lister.uuid as lister_order
  from {schema}.lister
  cross join lateral (
    select *
    from {schema}.listing
    where lister_id = lister.id
      and ($2::boolean is null or enabled = $2)
      -- Of the token's own lister what comes after its URL, found by the index.
      and url >= case when lister.uuid = $3::uuid then $4::text else '' end collate "C"
      and (lister.uuid, url) is distinct from ($3::uuid, $4::text)
    order by url
    fetch first ($5::bigint) rows with ties
  ) as listing
  join {schema}.visit_type on visit_type.id = listing.type_id
  where ($1::uuid is null or lister.uuid = $1)
    and ($3::uuid is null or lister.uuid >= $3)
  order by lister.uuid, listing.url
  fetch first ($5::bigint) rows with ties
) as page
order by lister_order, url, visit_type collate "C"`,
  decodeListedOrigin,
);

/** The same among the URLs $6. */
export const listOriginsOfUrls: Statement<ListedOrigin> = statement(
  "list_origins_of_urls",
  `select *
from (
  select ${listingColumns}, lister.uuid as lister_order
  from {schema}.origin
  join {schema}.listing on listing.origin_id = origin.id
  join {schema}.lister on lister.id = listing.lister_id
  join {schema}.visit_type on visit_type.id = listing.type_id
  where origin.url = any ($6::text[])
    and ($1::uuid is null or lister.uuid = $1)
    and ($2::boolean is null or listing.enabled = $2)
    and ($3::uuid is null or (lister.uuid, listing.url) > ($3, $4::text collate "C"))
  order by lister.uuid, listing.url
  fetch first ($5::bigint) rows with ties
) as page
order by lister_order, url, visit_type collate "C"`,
  decodeListedOrigin,
);

/** Visit types of what the lister $1 has listed: there is a count for each. */
export const listVisitTypesOfLister: Statement<string> = statement(
  "list_visit_types_of_lister",
  `select visit_type.name
from {schema}.lister
cross join lateral (
  select type_id from {schema}.frontier_count where lister_id = lister.id
  union
  select type_id from {schema}.frontier_count_change where id > 0 and lister_id = lister.id
) as counted
join {schema}.visit_type on visit_type.id = counted.type_id
where lister.uuid = $1::uuid
order by visit_type.name collate "C"`,
  (row: Row): string => textOf(row, "name"),
);
