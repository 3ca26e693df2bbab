/** What a run's end means to whoever waits for its output. */

import { CancelledError, ExecutorError, type OrreryError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { errorOf } from "./error-record.ts";
import type { RunDetailRecord } from "./records.ts";

/** Whether the run has ended, well or not. */
export function hasEnded(run: RunDetailRecord): boolean {
  return run.state === "succeeded" || run.state === "failed" || run.state === "cancelled";
}

/**
 * The output of a run that has succeeded.
 * @throws CancelledError `ORR_CANCELLED_RUN` when it was cancelled
 * @throws OrreryError what the last attempt failed with, `details.runId` naming the run
 */
export function outputOf(run: RunDetailRecord): JsonValue {
  if (run.state === "succeeded") return run.output;
  throw failureOf(run);
}

function failureOf(run: RunDetailRecord): OrreryError {
  const details = { ...run.error?.details, runId: run.id };
  if (run.state === "cancelled") {
    const reason = run.error?.message ?? "on request";
    return new CancelledError("ORR_CANCELLED_RUN", `run ${run.id} was cancelled: ${reason}`, {
      details,
    });
  }
  if (run.error !== null) return errorOf(run.error.code, run.error.message, { details });
  return new ExecutorError("ORR_EXEC_FAILED", `run ${run.id} is ${run.state}`, { details });
}
