/** Months of runs of the Software Heritage scheduler: added ahead, taken out, dropped. */

import { numberOf, optionalText, type Row, textOf } from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";

/** Says for how many days runs are kept. $1 days, or null for ever. */
export const keepSwhRuns: Statement<undefined> = command(
  "keep_swh_runs",
  "update {schema}.installation set swh_run_keep_days = $1::integer where singleton",
);

/** Whether runs are not kept for ever. */
export const findSwhRunLimit: Statement<boolean> = statement(
  "find_swh_run_limit",
  "select swh_run_keep_days is not null as is_limited from {schema}.installation",
  (row: Row): boolean => row["is_limited"] === true,
);

/** Adds a month that is missing. $1 now. */
export const addSwhRunMonth: Statement<string | null> = statement(
  "add_swh_run_month",
  "select {schema}.add_swh_run_month(coalesce($1::timestamptz, clock_timestamp())) as part",
  (row: Row): string | null => optionalText(row, "part"),
);

/** Takes out the oldest month that is no longer kept. $1 now. */
export const takeOutSwhRunMonth: Statement<string | null> = statement(
  "take_out_swh_run_month",
  "select {schema}.take_out_swh_run_month(coalesce($1::timestamptz, clock_timestamp())) as part",
  (row: Row): string | null => optionalText(row, "part"),
);

/** Months that were taken out, also by a process that went no further. */
export const listTakenSwhRunMonths: Statement<string> = statement(
  "list_taken_swh_run_months",
  "select part from {schema}.list_taken_swh_run_months() as part",
  (row: Row): string => textOf(row, "part"),
);

/** A range of the tasks of a month. */
export interface PrunedSwhTasks {
  /** Null when there are no more. */
  readonly lastId: string | null;
  readonly deleted: number;
}

/** Deletes ended tasks of a month that was taken out. $1 month, $2 after which id, $3 how many. */
export const pruneSwhTasks: Statement<PrunedSwhTasks> = statement(
  "prune_swh_tasks",
  `select last_id::text as last_id, deleted
from {schema}.prune_swh_tasks($1, $2, $3)`,
  (row: Row): PrunedSwhTasks => ({
    lastId: optionalText(row, "last_id"),
    deleted: numberOf(row, "deleted"),
  }),
);
