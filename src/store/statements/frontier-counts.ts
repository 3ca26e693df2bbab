/** Counts of the frontier: changes are noted, added up in the background, and kept on request. */

import type { FrontierCounts } from "../../model/frontier.ts";
import { numberOf, type Row } from "../row.ts";
import { type Statement, statement } from "../statement.ts";
import { countColumns, decodeFrontierCounts } from "./frontier-rows.ts";

/**
 * Keeps the counts as of now and answers them: what was added up, and what is still to be. $1
 * lister or null, $2 the time to note or null, $3 now.
 */
export const updateCounts: Statement<FrontierCounts> = statement(
  "update_counts",
  `with part as (
  select lister_id, type_id, known, enabled, never_visited, pending from {schema}.frontier_count
  -- All rows, by way of the keys: ours is a session without table scans.
  where lister_id >= 0
  union all
  select lister_id, type_id, known, enabled, never_visited, pending
  from {schema}.frontier_count_change
  where id >= 0
),
counted as (
  insert into {schema}.frontier_metrics as metrics
    (lister_id, type_id, counted_at, known, enabled, never_visited, pending)
  select lister_id, type_id, coalesce($2::timestamptz, $3, now()), sum(known), sum(enabled),
    sum(never_visited), sum(pending)
  from part
  where $1::uuid is null or lister_id = (select id from {schema}.lister where uuid = $1)
  group by lister_id, type_id
  -- Two calls wait for each other only one way.
  order by lister_id, type_id
  on conflict (lister_id, type_id) do update
  set counted_at = excluded.counted_at, known = excluded.known, enabled = excluded.enabled,
    never_visited = excluded.never_visited, pending = excluded.pending
  returning *
)
select ${countColumns}
from counted
join {schema}.lister on lister.id = counted.lister_id
join {schema}.visit_type on visit_type.id = counted.type_id
order by lister.id, visit_type.name collate "C"`,
  decodeFrontierCounts,
);

/** The counts that were kept. $1 lister or null, $2 visit type or null. */
export const listCounts: Statement<FrontierCounts> = statement(
  "list_counts",
  `select ${countColumns}
from {schema}.lister
join {schema}.frontier_metrics as counted on counted.lister_id = lister.id
join {schema}.visit_type on visit_type.id = counted.type_id
where ($1::uuid is null or lister.uuid = $1)
  and ($2::text is null or visit_type.name = $2)
order by lister.id, visit_type.name collate "C"`,
  decodeFrontierCounts,
);

/** Adds up at most $1 changes, the oldest first; answers how many. */
export const foldCounts: Statement<number> = statement(
  "fold_counts",
  `with oldest as materialized (
  select id from {schema}.frontier_count_change order by id limit $1 for update skip locked
),
taken as (
  delete from {schema}.frontier_count_change
  where id = any (array (select id from oldest))
  returning *
),
added as (
  insert into {schema}.frontier_count as total
    (lister_id, type_id, known, enabled, never_visited, pending)
  select lister_id, type_id, sum(known), sum(enabled), sum(never_visited), sum(pending)
  from taken
  group by lister_id, type_id
  order by lister_id, type_id
  on conflict (lister_id, type_id) do update
  set known = total.known + excluded.known, enabled = total.enabled + excluded.enabled,
    never_visited = total.never_visited + excluded.never_visited,
    pending = total.pending + excluded.pending
)
select count(*) as folded from taken`,
  (row: Row): number => numberOf(row, "folded"),
);
