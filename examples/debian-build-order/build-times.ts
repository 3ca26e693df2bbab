/**
 * How long builds take, by chance: most some minutes, a few many hours, as in life. The same seed
 * gives the same times.
 */

import { createRng } from "orrery/graph";

const minuteMs = 60_000;
/** Half of the builds are shorter. */
const medianMs = 2 * minuteMs;
/** How far the logarithms of the times spread. */
const spread = 1.2;
/** Nothing takes more than two days. */
const longestMs = 48 * 60 * minuteMs;

/** Whole milliseconds for each package, drawn from a log-normal distribution in their order. */
export function buildTimes(packages: Iterable<string>, seed: number): ReadonlyMap<string, number> {
  const rng = createRng(seed);
  const times = new Map<string, number>();
  for (const name of packages) {
    // A normal number out of two uniform ones, by Box and Muller; the first must not be 0.
    const normal = Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
    times.set(name, Math.round(Math.min(medianMs * Math.exp(spread * normal), longestMs)));
  }
  return times;
}
