/** When a failed run is tried again. */

import type { Rng } from "../kernel/rng.ts";

/** How often and how late a failed run is tried again. */
export interface RetryPolicy {
  /** Retries after the first try; 0 means that one failure is final. */
  readonly limit: number;
  /** Milliseconds before the first retry. */
  readonly delayMs: number;
  /** Each further delay is the one before times this; 1 keeps it constant. */
  readonly factor: number;
  /** No delay is longer, in milliseconds. */
  readonly delayMsMax: number;
  /** Part of the delay that is left to chance, 0 to 1: 0.2 gives 80 % to 120 % of it. */
  readonly jitter: number;
}

/** What a task type gets that names no retry policy. */
export const retryPolicyDefault: RetryPolicy = {
  limit: 3,
  delayMs: 1_000,
  factor: 4,
  delayMsMax: 3_600_000,
  jitter: 0.2,
};

/**
 * Milliseconds until the retry that follows the `failureCount`-th failure (counted from 1), or
 * `undefined` when the limit is reached.
 */
export function nextRetryDelayMs(
  policy: RetryPolicy,
  failureCount: number,
  rng: Rng,
): number | undefined {
  if (failureCount > policy.limit) return undefined;
  // Bounded before the product: nothing times infinity would be no number.
  const growth = Math.min(policy.factor ** (failureCount - 1), Number.MAX_VALUE);
  const planned = Math.min(policy.delayMs * growth, policy.delayMsMax);
  const spread = 1 + policy.jitter * (2 * rng.next() - 1);
  return Math.min(planned * spread, policy.delayMsMax);
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
