/** Waiting for what processes and the database do: by looking again, up to a deadline. */

import { onTestFailed } from "vitest";

import { delay, systemClock } from "../../src/kernel/clock.ts";
import { createRng, randomSeed, type Rng } from "../../src/kernel/rng.ts";

/** How long to look, and for what. */
export interface UntilOptions {
  /** Completes "waited for ..." where the deadline passes. */
  readonly what: string;
  /** Milliseconds. @defaultValue 30 000 */
  readonly withinMs?: number;
  /** Milliseconds between looks. @defaultValue 20 */
  readonly everyMs?: number;
}

/** Looks until the probe answers something other than false or undefined, and answers that. */
export async function until<T>(
  probe: () => T | false | undefined | Promise<T | false | undefined>,
  options: UntilOptions,
): Promise<T> {
  const { what, withinMs = 30_000, everyMs = 20 } = options;
  const deadlineMs = systemClock.monotonicMs() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== false && found !== undefined) return found;
    if (systemClock.monotonicMs() > deadlineMs) {
      throw new Error(`waited ${withinMs} ms for ${what}`);
    }
    await delay(systemClock, everyMs);
  }
}

/** Rejects when the promise has not settled by the deadline. */
export async function within<T>(promise: Promise<T>, options: UntilOptions): Promise<T> {
  const { what, withinMs = 30_000 } = options;
  const calledOff = new AbortController();
  const late = delay(systemClock, withinMs, calledOff.signal).then(
    (): never => {
      throw new Error(`waited ${withinMs} ms for ${what}`);
    },
    // Called off: the promise has settled, so nobody looks at this one any more.
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    calledOff.abort();
  }
}

/** Chance for the test that runs: from `ORRERY_CHAOS_SEED`, or fresh and told when it fails. */
export function seededChance(): Rng {
  const given = Number.parseInt(process.env["ORRERY_CHAOS_SEED"] ?? "", 10);
  const rng = createRng(Number.isNaN(given) ? randomSeed() : given);
  onTestFailed(() => {
    console.error(`the faults followed ORRERY_CHAOS_SEED=${rng.seed}`);
  });
  return rng;
}
