/**
 * How often a trigger fires in each hour: what a forecast over many triggers needs. Cron and
 * intervals are counted by arithmetic; what is left is listed and counted.
 */

import { assert } from "../kernel/assert.ts";
import type { Instant } from "../kernel/instant.ts";
import { BuiltTrigger } from "./built-trigger.ts";
import { countCron, hourSeconds } from "./cron-count.ts";
import { CronSeries } from "./cron-series.ts";
import type { FireSeries, Trigger } from "./firing.ts";
import { IntervalSeries } from "./interval-series.ts";
import { clampInstant, floorSecondsOf } from "./seconds.ts";
import { type FireWindow, withWindow } from "./window.ts";

/** Microseconds of an hour. */
const hourMicros = 3_600_000_000;
/** The longest range, in hours: somewhat more than a year. */
const hourCountMax = 10_000;
/** Occurrences listed at one time where a series cannot be counted. */
const listedMax = 10_000;

/** Instants later than `from`, not later than `to`. */
export interface FireRange {
  readonly from: Instant;
  readonly to: Instant;
}

/** The hour of an instant, in whole hours of UTC since the epoch. */
export function hourOf(instant: Instant): number {
  return Math.floor(floorSecondsOf(instant) / hourSeconds);
}

/**
 * The fires of each hour of UTC, as many as `between` would list: the first count is of the hour
 * that holds `from`, the last of the one that holds `to`. At most 10,000 hours.
 */
export function countByHour(trigger: Trigger, range: FireRange): Uint32Array {
  const firstHour = hourOf(range.from);
  const hourCount = Math.max(hourOf(range.to) - firstHour + 1, 1);
  assert(hourCount <= hourCountMax, "a count covers at most 10,000 hours");
  const tally: Tally = { firstHour, range, counts: new Uint32Array(hourCount) };
  if (!(trigger instanceof BuiltTrigger)) return listFires(trigger, tally);
  const { core, window } = trigger;
  if (window.jitterMs === 0) return countSeries(core, { ...tally, range: clipped(range, window) });
  // Without an anchor the delayed fires are no shifted copy of the others.
  if (!(core instanceof CronSeries) && !isAnchored(core)) return listFires(trigger, tally);
  const counts = countSeries(core, { ...tally, range: clipped(range, window) });
  const fireCount = counts.reduce((sum, count) => sum + count, 0);
  if (fireCount > 2 * hourCount) return withDelays(trigger, tally);
  return listFires(trigger, { ...tally, counts: counts.fill(0) });
}

/** The counts so far, and what is still to be counted. */
interface Tally {
  readonly firstHour: number;
  readonly range: FireRange;
  readonly counts: Uint32Array;
}

function isAnchored(core: FireSeries): boolean {
  return core instanceof IntervalSeries && core.anchorAt !== undefined;
}

function clipped({ from, to }: FireRange, { startAt, endAt }: FireWindow): FireRange {
  const before = startAt === undefined ? from : clampInstant(startAt - 1n);
  return {
    from: before > from ? before : from,
    to: endAt !== undefined && endAt < to ? endAt : to,
  };
}

function countSeries(series: FireSeries, tally: Tally): Uint32Array {
  const { range, firstHour, counts } = tally;
  if (range.from >= range.to) return counts;
  if (series instanceof CronSeries) {
    const seconds = { from: floorSecondsOf(range.from), to: floorSecondsOf(range.to) };
    countCron(series, seconds, (hour, count) => {
      counts[hour - firstHour] = (counts[hour - firstHour] ?? 0) + count;
    });
    return counts;
  }
  return series instanceof IntervalSeries ? countInterval(series, tally) : listFires(series, tally);
}

/** Instants of the range count from its first hour, so that numbers hold them exactly. */
function countInterval(series: IntervalSeries, tally: Tally): Uint32Array {
  const { range, firstHour, counts } = tally;
  const next = series.next(range.from);
  if (next === undefined || next > range.to) return counts;
  const zero = BigInt(firstHour) * BigInt(hourMicros);
  const first = Number(next - zero);
  const last = Number(range.to - zero);
  const every = Number(series.every);
  let counted = 0;
  for (let hour = Math.floor(first / hourMicros); hour < counts.length;) {
    const end = Math.min((hour + 1) * hourMicros - 1, last);
    const upTo = Math.floor((end - first) / every) + 1;
    counts[hour] = (counts[hour] ?? 0) + upTo - counted;
    counted = upTo;
    const following = first + counted * every;
    if (following > last) break;
    hour = Math.floor(following / hourMicros);
  }
  return counts;
}

function listFires(series: FireSeries, { range, firstHour, counts }: Tally): Uint32Array {
  let { from } = range;
  for (;;) {
    const occurrences = series.between(from, range.to, listedMax);
    for (const { at } of occurrences) {
      const index = hourOf(at) - firstHour;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    const last = occurrences.at(-1);
    if (last === undefined || occurrences.length < listedMax) return counts;
    from = last.at;
  }
}

/**
 * Moves the fires that jitter carries over the end of an hour. A delay never reaches the next
 * fire, so it is one at most: the last before that end.
 */
function withDelays(trigger: BuiltTrigger, { firstHour, range, counts }: Tally): Uint32Array {
  const plain = withWindow(trigger.core, { ...trigger.window, jitterMs: 0 });
  const carriedOver = (end: Instant): number => {
    const late = trigger.next(end);
    const next = plain.next(end);
    return late !== undefined && (next === undefined || late < next) ? 1 : 0;
  };
  let carried = carriedOver(range.from);
  for (let index = 0; index < counts.length; index += 1) {
    const end = BigInt(firstHour + index + 1) * BigInt(hourMicros) - 1n;
    const over = carriedOver(end < range.to ? clampInstant(end) : range.to);
    counts[index] = (counts[index] ?? 0) + carried - over;
    carried = over;
  }
  return counts;
}
