/** The queue of a visit type. */

import { numberOf, type Row } from "../row.ts";
import { type Statement, statement } from "../statement.ts";

/** Unfinished runs of the type $1, counted in the index, no further than $2. */
export const countVisitQueue: Statement<number> = statement(
  "count_visit_queue",
  `select count(*) as run_count
from (
  select from {schema}.run
  where run.type_id = $1::integer
  -- In the order of the ready index, so that it is read.
  order by run.priority, run.ready_at
  limit $2::bigint
) as bounded`,
  (row: Row): number => numberOf(row, "run_count"),
);
