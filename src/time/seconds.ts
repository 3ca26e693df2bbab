/**
 * Between instants, which are bigint microseconds, and whole seconds as numbers, on which cron
 * arithmetic runs because it is some ten times as fast and exact for all years.
 */

import { assert } from "../kernel/assert.ts";
import { type Instant, instantMax, instantMin } from "../kernel/instant.ts";

/** The last second that an instant can hold, 9999-12-31T23:59:59Z. */
export const lastSecond = 253_402_300_799;
/** The first one, 0001-01-01T00:00:00Z. */
export const firstSecond = -62_135_596_800;

/** What an instant counts in a second. */
export const microsPerSecond = 1_000_000n;

/**
 * Below this size, in microseconds, a quotient by a million is far enough from the next whole
 * number to be floored exactly in floating point (until the year 2096).
 */
const exactMicros = 4e15;

/** Whole seconds since the epoch, rounded down. */
export function floorSecondsOf(instant: Instant): number {
  const micros = Number(instant);
  if (micros < exactMicros && micros > -exactMicros) return Math.floor(micros / 1e6);
  const rest = instant % microsPerSecond;
  return Number((instant - rest) / microsPerSecond) - (rest < 0n ? 1 : 0);
}

/** Whole seconds since the epoch, rounded up. */
export function ceilSecondsOf(instant: Instant): number {
  const floor = floorSecondsOf(instant);
  return instant % microsPerSecond === 0n ? floor : floor + 1;
}

/** The instant of a whole second that instants can hold. */
export function instantOfSeconds(seconds: number): Instant {
  assert(seconds >= firstSecond && seconds <= lastSecond, "a second lies in the years 1 to 9999");
  const micros = seconds * 1e6;
  if (Number.isSafeInteger(micros)) return BigInt(micros) as Instant;
  return (BigInt(seconds) * microsPerSecond) as Instant;
}

/** `instant` kept within the bounds that instants have. */
export function clampInstant(micros: bigint): Instant {
  if (micros < instantMin) return instantMin;
  return micros > instantMax ? instantMax : (micros as Instant);
}
