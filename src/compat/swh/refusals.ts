/** What the database refuses, in words that say which argument is at fault. */

import { messageOf, StoreError } from "../../kernel/errors.ts";
import { type FaultName, SwhFault } from "./errors.ts";
import { sqlFaultName } from "./sql-states.ts";

/** Constraints of our tables: the reference's class for it, and what the caller did. */
const constraints: Readonly<Record<string, readonly [FaultName, string]>> = {
  swh_task_recurring_interval: [
    "CheckViolation",
    "a recurring task needs a type with a default interval",
  ],
  swh_task_next_run_years: ["CheckViolation", "a next run must lie in the years 1 to 9999"],
  swh_task_run_task_id_fkey: ["ForeignKeyViolation", "a run is of a task that exists"],
};

/** Waits for a call of the store; what the database refuses rejects with a fault of its name. */
export async function refusing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (thrown) {
    throw explained(thrown);
  }
}

function explained(thrown: unknown): unknown {
  if (!(thrown instanceof StoreError)) return thrown;
  const { constraint, sqlState } = thrown.details;
  const known = typeof constraint === "string" ? constraints[constraint] : undefined;
  if (known !== undefined) return new SwhFault(...known);
  const name = sqlFaultName(sqlState);
  return name === undefined ? thrown : new SwhFault(name, messageOf(thrown.cause ?? thrown));
}
