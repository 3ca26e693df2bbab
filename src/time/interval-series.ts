/** Every so many microseconds of elapsed time; clock changes do not matter to it. */

import { type Instant, instantMax, instantMin } from "../kernel/instant.ts";
import type { FireSeries, Occurrence } from "./firing.ts";

/** An arithmetic progression of instants. */
export class IntervalSeries implements FireSeries {
  /** Microseconds, at least 1. */
  readonly every: bigint;
  /** The first fire; undefined when the phase follows the previous fire or the question. */
  readonly anchorAt: Instant | undefined;

  constructor(every: bigint, anchorAt: Instant | undefined) {
    this.every = every;
    this.anchorAt = anchorAt;
  }

  /** With `previous` the phase follows it, as a schedule that was shifted by hand expects. */
  next(after: Instant, previous?: Instant): Instant | undefined {
    const first = previous === undefined ? this.anchorAt : previous + this.every;
    if (first === undefined) return holdable(after + this.every);
    if (after < first) return holdable(first);
    return holdable(first + ((after - first) / this.every + 1n) * this.every);
  }

  previous(before: Instant): Instant | undefined {
    const anchorAt = this.anchorAt;
    if (anchorAt === undefined) return holdable(before - this.every);
    if (before <= anchorAt) return undefined;
    return holdable(anchorAt + ((before - 1n - anchorAt) / this.every) * this.every);
  }

  between(from: Instant, to: Instant, limit: number): readonly Occurrence[] {
    const occurrences: Occurrence[] = [];
    let at = this.next(from);
    while (at !== undefined && at <= to && occurrences.length < limit) {
      occurrences.push({ at });
      at = holdable(at + this.every);
    }
    return occurrences;
  }
}

/** Instants at equal distances, from the first on. */
export interface Progression {
  /** Microseconds, at least 1. */
  readonly every: bigint;
  readonly anchorAt: bigint;
}

/** The instants that two progressions have in common, again one; undefined when there is none. */
export function intersectIntervals(a: Progression, b: Progression): Progression | undefined {
  const { divisor, factor } = extendedGcd(a.every, b.every);
  const distance = b.anchorAt - a.anchorAt;
  if (distance % divisor !== 0n) return undefined;
  const every = (a.every / divisor) * b.every;
  // The Chinese remainder theorem: this many steps of `a` meet a step of `b`.
  const modulus = b.every / divisor;
  const steps = floorMod({ value: (distance / divisor) * factor, modulus });
  const common = a.anchorAt + steps * a.every;
  const later = a.anchorAt > b.anchorAt ? a.anchorAt : b.anchorAt;
  return { every, anchorAt: later + floorMod({ value: common - later, modulus: every }) };
}

/** The greatest common divisor, and a factor with `a * factor ≡ divisor (mod b)`. */
function extendedGcd(a: bigint, b: bigint): { readonly divisor: bigint; readonly factor: bigint } {
  let [rest, nextRest] = [a, b];
  let [factor, nextFactor] = [1n, 0n];
  while (nextRest !== 0n) {
    const quotient = rest / nextRest;
    [rest, nextRest] = [nextRest, rest - quotient * nextRest];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return { divisor: rest, factor };
}

function floorMod({
  value,
  modulus,
}: {
  readonly value: bigint;
  readonly modulus: bigint;
}): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function holdable(micros: bigint): Instant | undefined {
  return micros < instantMin || micros > instantMax ? undefined : (micros as Instant);
}
