/** A length of time to the microsecond, for interfaces that need it exact; ours are in ms. */

import type { Brand } from "./brand.ts";

/** A length of time in whole microseconds, of either sign. */
export type Interval = Brand<bigint, "Interval">;

/** The parts of an interval; each may be negative or a fraction. */
export interface IntervalParts {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
  readonly microseconds?: number;
}

const microsPerSecond = 1_000_000;
const microsOf: readonly (readonly [keyof IntervalParts, number])[] = [
  ["days", 86_400 * microsPerSecond],
  ["hours", 3_600 * microsPerSecond],
  ["minutes", 60 * microsPerSecond],
  ["seconds", microsPerSecond],
  ["milliseconds", 1_000],
  ["microseconds", 1],
];

/** The interval of some parts; fractions of a microsecond are rounded to the nearest. */
export function intervalOf(parts: IntervalParts): Interval {
  let micros = 0n;
  let fraction = 0;
  for (const [name, unit] of microsOf) {
    const value = parts[name] ?? 0;
    const whole = Math.trunc(value);
    micros += BigInt(whole) * BigInt(unit);
    fraction += (value - whole) * unit;
  }
  return (micros + BigInt(Math.round(fraction))) as Interval;
}

/** Marks a count of microseconds as an interval. */
export function intervalFromMicros(micros: bigint): Interval {
  return micros as Interval;
}

/** Days, seconds and microseconds; only the days carry the sign. */
export interface NormalInterval {
  readonly days: number;
  /** 0 to 86,399. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly microseconds: number;
}

const microsPerDay = 86_400_000_000n;

/** The one form of an interval in days, seconds and microseconds. */
export function normalInterval(interval: Interval): NormalInterval {
  const rest = ((interval % microsPerDay) + microsPerDay) % microsPerDay;
  return {
    days: Number((interval - rest) / microsPerDay),
    seconds: Number(rest / 1_000_000n),
    microseconds: Number(rest % 1_000_000n),
  };
}
