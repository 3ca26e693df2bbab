/**
 * The plain values that records of this interface hold: JSON data that keeps whole numbers and
 * fractions apart, whole numbers of any size, and intervals to the microsecond.
 */

import type { Brand } from "../../kernel/brand.ts";

/**
 * A whole number: a `number` while it is a safe integer, a `bigint` beyond. Both are taken for any
 * size; what the interface answers is always in this form.
 */
export type Integer = number | bigint;

/**
 * A fraction whose value is whole, such as `1.0`, which Python and PostgreSQL tell from `1`. Other
 * fractions are plain numbers: a `number` that is a safe integer is a whole number, any other a
 * fraction.
 */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** JSON data as the reference keeps it. Objects have their keys in the order of arrival. */
export type SwhJson =
  | null
  | boolean
  | string
  | number
  | bigint
  | Float
  | readonly SwhJson[]
  | SwhJsonObject;

/** A JSON object of such values. */
export interface SwhJsonObject {
  readonly [key: string]: SwhJson;
}

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
const microsOf: Readonly<Record<keyof IntervalParts, number>> = {
  days: 86_400 * microsPerSecond,
  hours: 3_600 * microsPerSecond,
  minutes: 60 * microsPerSecond,
  seconds: microsPerSecond,
  milliseconds: 1_000,
  microseconds: 1,
};

/** The interval of some parts; fractions of a microsecond are rounded to the nearest. */
export function intervalOf(parts: IntervalParts): Interval {
  let micros = 0n;
  let fraction = 0;
  for (const [name, unit] of Object.entries(microsOf)) {
    const value = Reflect.get(parts, name) as number | undefined;
    if (value === undefined) continue;
    const whole = Math.trunc(value);
    micros += BigInt(whole) * BigInt(unit);
    fraction += (value - whole) * unit;
  }
  return (micros + BigInt(Math.round(fraction))) as Interval;
}
