/** What the database refuses, in words that say which argument is at fault. */

import { StoreError } from "../../kernel/errors.ts";
import { type FaultName, SwhFault } from "./errors.ts";

/** Constraints of our tables: the reference's class for it, and what the caller did. */
const constraints: Readonly<Record<string, readonly [FaultName, string]>> = {
  swh_task_recurring_interval: [
    "CheckViolation",
    "a recurring task needs a type with a default interval",
  ],
  swh_task_next_run_years: ["CheckViolation", "a next run must lie in the years 1 to 9999"],
  swh_task_run_task_id_fkey: ["ForeignKeyViolation", "a run is of a task that exists"],
};

/** Waits for a call of the store; rejects with a fault where the caller can do better. */
export async function refusing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (thrown) {
    throw explained(thrown);
  }
}

function explained(thrown: unknown): unknown {
  if (!(thrown instanceof StoreError)) return thrown;
  const { constraint } = thrown.details;
  const known = typeof constraint === "string" ? constraints[constraint] : undefined;
  return known === undefined ? thrown : new SwhFault(...known);
}

/** Whether the database missed a value that must be there. */
export function isMissingValue(thrown: unknown): boolean {
  return thrown instanceof StoreError && thrown.details["sqlState"] === "23502";
}
