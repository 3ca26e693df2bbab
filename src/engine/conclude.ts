/** From the outcome of an attempt to what becomes of its run. Pure. */

import { assertNever } from "../kernel/assert.ts";
import type { WorkerId } from "../kernel/ids.ts";
import type { Rng } from "../kernel/rng.ts";
import type { Outcome } from "../model/outcome.ts";
import type { ClaimedRun, FinishedRun, RequeuedRun } from "../model/run.ts";
import { visitOfRun } from "../model/visit-result.ts";
import { type Finding, type IntervalPolicy, nextIntervalMs } from "../policy/adaptive-interval.ts";
import { lostCountMax, nextRetryDelayMs, type RetryPolicy } from "../policy/retry.ts";

/** The end of an attempt, with the policies that decide what follows. */
export interface EndedAttempt {
  readonly run: ClaimedRun;
  readonly workerId: WorkerId;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Policies of the task type; the run's own win. */
  readonly retry: RetryPolicy;
  readonly interval: IntervalPolicy;
}

/** What becomes of the run. */
export type Conclusion =
  | { readonly kind: "finish"; readonly run: FinishedRun }
  | { readonly kind: "requeue"; readonly run: RequeuedRun };

/** Decides: retry, come back later, or end. */
export function conclude(ended: EndedAttempt, rng: Rng): Conclusion {
  const delayMs = delayUntilRetry(ended, rng);
  const { run, outcome, durationMs, workerId } = ended;
  const common = { id: run.id, fence: run.fence, outcome, durationMs };
  const visit = visitOfRun(run);
  if (delayMs !== undefined) return { kind: "requeue", run: { ...common, workerId, delayMs } };
  return {
    kind: "finish",
    run: {
      ...common,
      taskId: run.taskId,
      triggerId: run.triggerId,
      nextIntervalMs:
        run.intervalMs === null
          ? null
          : nextIntervalMs(ended.interval, {
              currentMs: run.intervalMs,
              finding: findingOf(outcome),
            }),
      ...(visit === undefined ? {} : { visit }),
    },
  };
}

/** Milliseconds until the run is tried again, or `undefined` when this was its end. */
function delayUntilRetry({ run, outcome, retry }: EndedAttempt, rng: Rng): number | undefined {
  switch (outcome.kind) {
    case "failed":
      return nextRetryDelayMs(run.overrides.retry ?? retry, run.failureCount + 1, rng);
    case "lost":
      return run.lostCount + 1 > lostCountMax ? undefined : 0;
    case "snoozed":
      return outcome.delayMs;
    case "eventful":
    case "uneventful":
    case "permfailed":
    case "cancelled":
      return undefined;
    default:
      return assertNever(outcome);
  }
}

function findingOf(outcome: Outcome): Finding {
  return outcome.kind === "eventful" || outcome.kind === "uneventful" ? outcome.kind : "unknown";
}
