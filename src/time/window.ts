/** Start, end and jitter, put around any series in the same way. */

import { createRng } from "../kernel/rng.ts";
import type { Instant } from "../kernel/instant.ts";
import { collectBetween, type FireSeries, type Occurrence } from "./firing.ts";
import { clampInstant } from "./seconds.ts";

/** A window with its instants read. */
export interface FireWindow {
  /** Inclusive. */
  readonly startAt: Instant | undefined;
  /** Inclusive. */
  readonly endAt: Instant | undefined;
  /** 0 for none. */
  readonly jitterMs: number;
  readonly jitterSeed: number;
}

/** The series within its window; the series itself when the window leaves it as it is. */
export function withWindow(series: FireSeries, window: FireWindow): FireSeries {
  const { startAt, endAt } = window;
  const bounded =
    startAt === undefined && endAt === undefined ? series : boundedSeries(series, window);
  return window.jitterMs === 0 ? bounded : jitteredSeries(bounded, window);
}

function boundedSeries(series: FireSeries, { startAt, endAt }: FireWindow): FireSeries {
  const startBefore = startAt === undefined ? undefined : clampInstant(startAt - 1n);
  const endAfter = endAt === undefined ? undefined : clampInstant(endAt + 1n);
  const lift = (after: Instant): Instant =>
    startBefore !== undefined && after < startBefore ? startBefore : after;
  return {
    next: (after, previous) => {
      const at = series.next(lift(after), previous);
      return at !== undefined && endAt !== undefined && at > endAt ? undefined : at;
    },
    previous: (before) => {
      const from = endAfter !== undefined && before > endAfter ? endAfter : before;
      const at = series.previous(from);
      return at !== undefined && startAt !== undefined && at < startAt ? undefined : at;
    },
    between: (from, to, limit) =>
      series.between(lift(from), endAt !== undefined && to > endAt ? endAt : to, limit),
  };
}

/**
 * Delays each fire by a random part of the jitter that depends on the seed and the fire alone, so
 * that every process computes the same. The delay stays below the distance to the next fire.
 */
function jitteredSeries(series: FireSeries, window: FireWindow): FireSeries {
  const jitterMicros = Math.round(window.jitterMs * 1000);
  const delayed = (at: Instant): Instant => {
    const next = series.next(at);
    let room = next === undefined ? jitterMicros : Math.min(jitterMicros, Number(next - at));
    // The end is inclusive, the next fire is not.
    if (window.endAt !== undefined) room = Math.min(room, Number(window.endAt - at) + 1);
    const delay = Math.floor(fractionOf(at, window.jitterSeed) * room);
    return clampInstant(at + BigInt(delay));
  };
  const next = (after: Instant): Instant | undefined => {
    // The fire before the question may have been delayed past it.
    const earlier = series.previous(clampInstant(after + 1n));
    const late = earlier === undefined ? undefined : delayed(earlier);
    if (late !== undefined && late > after) return late;
    // The last fire carries its delay, so the phase must not follow it.
    const following = series.next(after);
    return following === undefined ? undefined : delayed(following);
  };
  const previous = (before: Instant): Instant | undefined => {
    const nearest = series.previous(before);
    if (nearest === undefined) return undefined;
    const late = delayed(nearest);
    if (late < before) return late;
    const earlier = series.previous(nearest);
    return earlier === undefined ? undefined : delayed(earlier);
  };
  return {
    next,
    previous,
    between: (from, to, limit): readonly Occurrence[] =>
      collectBetween({ next }, { from, to }, limit),
  };
}

/** A fraction in [0, 1) that the seed and the instant determine. */
function fractionOf(at: Instant, seed: number): number {
  const low = Number(BigInt.asIntN(32, at));
  const high = Number(BigInt.asIntN(32, at >> 32n));
  // Odd multipliers spread neighbouring instants and seeds over all 32 bits.
  const mixed = Math.imul(low, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca77);
  return createRng(mixed ^ Math.imul(seed, 0xc2b2_ae3d)).next();
}
