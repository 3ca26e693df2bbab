/**
 * The intersection of several series. Members of one kind are made one series first (cron in the
 * same zone, intervals), which decides exactly and at once whether they ever agree; what is left
 * is searched by letting each member leap to the candidate of the others.
 */

import type { Instant } from "../kernel/instant.ts";
import type { BuiltTrigger } from "./built-trigger.ts";
import { CalendarSeries } from "./calendar-series.ts";
import { CronSeries } from "./cron-series.ts";
import { intersectPatterns } from "./cron-intersect.ts";
import type { FireSeries, Occurrence } from "./firing.ts";
import { intersectIntervals, IntervalSeries, type Progression } from "./interval-series.ts";
import { clampInstant, floorSecondsOf, microsPerSecond } from "./seconds.ts";
import { type FireWindow, withWindow } from "./window.ts";

/**
 * Leaps without agreement after which a search ends without a result. Members that can agree do
 * so long before; twenty thousand leaps take some thirty milliseconds.
 */
const leapCountMax = 20_000;

/** Fires when all members do. */
export function intersectionOf(members: readonly BuiltTrigger[]): FireSeries {
  const merged = mergeAlike(members);
  if (merged === undefined) return emptySeries;
  const [first, ...others] = merged;
  if (first === undefined) return emptySeries;
  if (others.length === 0) return first;
  return {
    next: (after) => leapForward(merged, after),
    previous: (before) => leapBackward(merged, before),
    between: (from, to, limit) => commonBetween(merged, { from, to, limit }),
  };
}

const emptySeries: FireSeries = {
  next: () => undefined,
  previous: () => undefined,
  between: () => [],
};

/** A series and what limits it; two of a kind may be made one. */
interface Mergeable {
  readonly core: FireSeries;
  readonly window: FireWindow;
}

/** Fewer series with the same intersection; undefined when it is known to be empty. */
function mergeAlike(members: readonly BuiltTrigger[]): readonly FireSeries[] | undefined {
  let groups: readonly Mergeable[] = [];
  for (const member of members) {
    const rest: Mergeable[] = [];
    let merged: Mergeable = { core: member.core, window: member.window };
    for (const group of groups) {
      const core = mergeCores(group, merged);
      if (core === "never") return undefined;
      if (core === undefined) rest.push(group);
      else merged = { core, window: mergeWindows(group.window, merged.window) };
    }
    groups = [...rest, merged];
  }
  const onSeconds = groups.some(({ core }) => isOnSeconds(core));
  const series: FireSeries[] = [];
  for (const { core, window } of groups) {
    const useful = onSeconds && core instanceof IntervalSeries ? wholeSecondsOf(core) : core;
    if (useful === undefined) return undefined;
    series.push(withWindow(useful, window));
  }
  return series;
}

/** Cron and calendar triggers fire on whole seconds only. */
function isOnSeconds(core: FireSeries): boolean {
  return core instanceof CronSeries || core instanceof CalendarSeries;
}

/** The fires of an interval on whole seconds; undefined when it has none. */
function wholeSecondsOf(interval: IntervalSeries): IntervalSeries | undefined {
  const { every, anchorAt } = interval;
  if (anchorAt === undefined) return undefined;
  const seconds = {
    every: microsPerSecond,
    anchorAt: BigInt(floorSecondsOf(anchorAt)) * microsPerSecond,
  };
  return commonInterval({ every, anchorAt }, seconds);
}

/** The common progression as a series; undefined when there is none, or none before the end. */
function commonInterval(a: Progression, b: Progression): IntervalSeries | undefined {
  const common = intersectIntervals(a, b);
  if (common === undefined) return undefined;
  const anchorAt = clampInstant(common.anchorAt);
  return anchorAt === common.anchorAt ? new IntervalSeries(common.every, anchorAt) : undefined;
}

function mergeCores(a: Mergeable, b: Mergeable): FireSeries | "never" | undefined {
  if (a.core instanceof CronSeries && b.core instanceof CronSeries) {
    if (a.core.zone !== b.core.zone) return undefined;
    if (a.core.policy !== "match" || b.core.policy !== "match") return undefined;
    const pattern = intersectPatterns(a.core.search.pattern, b.core.search.pattern);
    return pattern === undefined ? "never" : new CronSeries(pattern, a.core.zone, "match");
  }
  if (a.core instanceof IntervalSeries && b.core instanceof IntervalSeries) {
    if (a.core.anchorAt === undefined || b.core.anchorAt === undefined) return undefined;
    const common = commonInterval(
      { every: a.core.every, anchorAt: a.core.anchorAt },
      { every: b.core.every, anchorAt: b.core.anchorAt },
    );
    return common ?? "never";
  }
  return undefined;
}

function mergeWindows(a: FireWindow, b: FireWindow): FireWindow {
  return {
    startAt: laterOf(a.startAt, b.startAt),
    endAt: earlierOf(a.endAt, b.endAt),
    jitterMs: 0,
    jitterSeed: 0,
  };
}

function laterOf(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

function earlierOf(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function leapForward(members: readonly FireSeries[], after: Instant): Instant | undefined {
  let asked = after;
  for (let leaps = 0; leaps < leapCountMax; leaps += 1) {
    let least: Instant | undefined;
    let most: Instant | undefined;
    for (const member of members) {
      const at = member.next(asked);
      if (at === undefined) return undefined;
      if (least === undefined || at < least) least = at;
      if (most === undefined || at > most) most = at;
    }
    if (most === undefined || most === least) return most;
    // The next common fire is not before the latest candidate, which itself may be it.
    asked = clampInstant(most - 1n);
  }
  return undefined;
}

function leapBackward(members: readonly FireSeries[], before: Instant): Instant | undefined {
  let asked = before;
  for (let leaps = 0; leaps < leapCountMax; leaps += 1) {
    let least: Instant | undefined;
    let most: Instant | undefined;
    for (const member of members) {
      const at = member.previous(asked);
      if (at === undefined) return undefined;
      if (least === undefined || at < least) least = at;
      if (most === undefined || at > most) most = at;
    }
    if (least === undefined || most === least) return least;
    asked = clampInstant(least + 1n);
  }
  return undefined;
}

function commonBetween(
  members: readonly FireSeries[],
  range: { readonly from: Instant; readonly to: Instant; readonly limit: number },
): readonly Occurrence[] {
  const occurrences: Occurrence[] = [];
  let at = leapForward(members, range.from);
  while (at !== undefined && at <= range.to && occurrences.length < range.limit) {
    occurrences.push(notedAt(members, at));
    at = leapForward(members, at);
  }
  return occurrences;
}

/** A common fire with the note of the first member that has one. */
function notedAt(members: readonly FireSeries[], at: Instant): Occurrence {
  for (const member of members) {
    const occurrence = member.between(clampInstant(at - 1n), at, 1)[0];
    if (occurrence?.note !== undefined) return occurrence;
  }
  return { at };
}
