/**
 * How many runs a worker claims ahead of its free slots, so that a slot does not wait for the
 * database between two short runs. Pure. What is claimed and not started keeps others from it, so
 * it is never more than the slots are likely to start within a moment: long runs get none at all.
 */

/** Milliseconds of work that are claimed ahead. */
const horizonMs = 100;

/** Runs claimed ahead at most; a larger claim is hardly quicker for each run. */
const prefetchMax = 500;

/** The weight of the newest run in the mean. */
const newestWeight = 0.1;

/** No run counts as shorter: the clock is no finer. */
const durationMsMin = 0.01;

/** The mean duration after another run; `undefined` before the first. */
export function meanDurationMs(meanMs: number | undefined, durationMs: number): number {
  return meanMs === undefined ? durationMs : meanMs + newestWeight * (durationMs - meanMs);
}

/** Runs to claim ahead, for slots whose runs took `meanMs` lately; none while nothing is known. */
export function prefetchCount(slotCount: number, meanMs: number | undefined): number {
  if (meanMs === undefined) return 0;
  const count = Math.floor((slotCount * horizonMs) / Math.max(meanMs, durationMsMin));
  return Math.min(count, prefetchMax);
}
