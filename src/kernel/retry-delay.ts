/** How long to wait before what failed is tried again; who retries what is decided above. */

import { type Fields, fieldIn, ifPresent, readNumber } from "./fields.ts";
import type { Rng } from "./rng.ts";

/** How the delays before retries grow. */
export interface RetryDelays {
  /** Milliseconds before the first retry. */
  readonly delayMs: number;
  /** Each further delay is the one before times this; 1 keeps it constant. */
  readonly factor: number;
  /** No delay is longer, in milliseconds. */
  readonly delayMsMax: number;
  /** Part of the delay that is left to chance, 0 to 1: 0.2 gives 80 % to 120 % of it. */
  readonly jitter: number;
}

/** What is not said otherwise. */
export const retryDelaysDefault: RetryDelays = {
  delayMs: 1_000,
  factor: 4,
  delayMsMax: 3_600_000,
  jitter: 0.2,
};

/** The fields that `readRetryDelays` reads. */
export const retryDelayFields: readonly string[] = Object.keys(retryDelaysDefault);

/** A larger factor leaves the bounds in one step anyway. */
const factorMax = 1_000;

/** Milliseconds until the retry that follows the `failureCount`-th failure, counted from 1. */
export function retryDelayMs(delays: RetryDelays, failureCount: number, rng: Rng): number {
  // Bounded before the product: nothing times infinity would be no number.
  const growth = Math.min(delays.factor ** (failureCount - 1), Number.MAX_VALUE);
  const planned = Math.min(delays.delayMs * growth, delays.delayMsMax);
  const spread = 1 + delays.jitter * (2 * rng.next() - 1);
  return Math.min(planned * spread, delays.delayMsMax);
}

/**
 * Reads delays that somebody wrote; parts that are missing are filled in, and a missing
 * `delayMsMax` is at least the `delayMs` that is given. No delay exceeds `msMax`.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readRetryDelays(
  given: Fields,
  { field, msMax }: { readonly field: string; readonly msMax: number },
): RetryDelays {
  const part = (key: string, range: { readonly min: number; readonly max: number }) => {
    // A bound may be lifted by null; the other parts may only be left out.
    const value = key === "delayMsMax" ? (given[key] ?? undefined) : given[key];
    return ifPresent(value, (each) => readNumber(each, { field: fieldIn(field, key), ...range }));
  };
  const preset = retryDelaysDefault;
  const delayMsMax = part("delayMsMax", { min: 0, max: msMax });
  const delayMs = part("delayMs", { min: 0, max: delayMsMax ?? msMax });
  return {
    delayMs: delayMs ?? Math.min(preset.delayMs, delayMsMax ?? msMax),
    factor: part("factor", { min: 1, max: factorMax }) ?? preset.factor,
    delayMsMax: delayMsMax ?? Math.max(preset.delayMsMax, delayMs ?? 0),
    jitter: part("jitter", { min: 0, max: 1 }) ?? preset.jitter,
  };
}
