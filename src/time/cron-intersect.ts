/** The intersection of two cron patterns, again a pattern. */

import type { CronPattern, SmallSet } from "./cron-pattern.ts";

/** What both patterns match; undefined when the two share no time of day or no month. */
export function intersectPatterns(a: CronPattern, b: CronPattern): CronPattern | undefined {
  const seconds = intersectSets(a.seconds, b.seconds);
  const minutes = intersectSets(a.minutes, b.minutes);
  const hours = a.hours & b.hours;
  const months = a.months & b.months;
  if (isEmpty(seconds) || isEmpty(minutes) || hours === 0 || months === 0) return undefined;
  return {
    ...a,
    seconds,
    minutes,
    hours,
    months,
    yearMin: Math.max(a.yearMin, b.yearMin),
    followsClock: a.followsClock && b.followsClock,
    // Dates of the two rules have no common form; both are asked.
    also: [...(a.also ?? []), b],
  };
}

function intersectSets(a: SmallSet, b: SmallSet): SmallSet {
  return { low: a.low & b.low, high: a.high & b.high };
}

function isEmpty(set: SmallSet): boolean {
  return set.low === 0 && set.high === 0;
}
