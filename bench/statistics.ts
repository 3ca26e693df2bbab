/** Medians and spreads: single rounds on a shared machine differ by a third. */

/** The middle of several rounds and how far they lie apart. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Median, lowest and highest of at least one value. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? Number.NaN;
  return {
    median: (lower + upper) / 2,
    low: sorted[0] ?? Number.NaN,
    high: sorted.at(-1) ?? Number.NaN,
  };
}

/** Ratios of two measurements of the same round, summarised: what noise both shared cancels out. */
export function summariseRatios(values: readonly number[], bases: readonly number[]): Summary {
  return summarise(values.map((value, round) => value / (bases[round] ?? Number.NaN)));
}

/** The list, started elsewhere each round, so that no variant always follows the same one. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
