/** Durations of stepped mode: seconds, fractions allowed, as in the engine that it replaces. */

import { readNumber } from "../kernel/fields.ts";

/** A thousand years: more is a mistake. */
const secondsMax = 1_000 * 366 * 86_400;

/**
 * Reads a duration; absent and null are none. A negative one is over before it began.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readSeconds(value: unknown, field: string): number | null {
  if (value === undefined || value === null) return null;
  return readNumber(value, { field, min: -secondsMax, max: secondsMax });
}
