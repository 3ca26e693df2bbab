/** When a failed run is tried again. */

import { retryDelayMs, type RetryDelays, retryDelaysDefault } from "../kernel/retry-delay.ts";
import type { Rng } from "../kernel/rng.ts";

/** How often and how late a failed run is tried again. */
export interface RetryPolicy extends RetryDelays {
  /** Retries after the first try; 0 means that one failure is final. */
  readonly limit: number;
}

/** What a task type gets that names no retry policy. */
export const retryPolicyDefault: RetryPolicy = { limit: 3, ...retryDelaysDefault };

/**
 * Milliseconds until the retry that follows the `failureCount`-th failure (counted from 1), or
 * `undefined` when the limit is reached.
 */
export function nextRetryDelayMs(
  policy: RetryPolicy,
  failureCount: number,
  rng: Rng,
): number | undefined {
  return failureCount > policy.limit ? undefined : retryDelayMs(policy, failureCount, rng);
}

/** A run whose worker died is taken up again this often; then it is taken to be the cause. */
export const lostCountMax = 10;

/**
 * The whole policy of which `given` says a part: the rest is `base`'s, except that a bound that is
 * given shortens a delay that is not, and a delay that is given lengthens a bound that is not.
 */
export function filledRetryPolicy(given: Partial<RetryPolicy>, base: RetryPolicy): RetryPolicy {
  const delayMsMax = given.delayMsMax ?? Math.max(base.delayMsMax, given.delayMs ?? 0);
  const delayMs = given.delayMs ?? Math.min(base.delayMs, delayMsMax);
  return { ...base, ...given, delayMs, delayMsMax };
}
