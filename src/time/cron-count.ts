/**
 * Counts the fires of cron hour by hour without listing them: one search finds the first fire of
 * an hour, the others of that hour are bits of the pattern, and whole hours of the same day need no
 * search at all. A month of a minutely rule is 720 additions in place of 43,200 occurrences.
 */

import { daySeconds } from "./calendar-date.ts";
import type { CronWalk } from "./cron-enumerate.ts";
import { hasValue, type SmallSet } from "./cron-pattern.ts";
import { type CronSearch, dayFrom } from "./cron-search.ts";
import { lastSecond } from "./seconds.ts";
import type { ZonePiece } from "./zone-table.ts";

/** Seconds of an hour. */
export const hourSeconds = 3600;

/** Whole seconds later than `from`, not later than `to`. */
interface SecondRange {
  readonly from: number;
  readonly to: number;
}

/** Tells `add` of each hour, counted since the epoch, that holds fires, in order. */
export function countCron(
  walk: CronWalk,
  range: SecondRange,
  add: (hour: number, count: number) => void,
): void {
  const day = dayTally(walk.search);
  const to = Math.min(range.to, lastSecond);
  let after = range.from;
  for (;;) {
    const second = walk.nextSecond(after);
    if (second > to) return;
    const piece = walk.zone.pieceAt(second);
    const hour = Math.floor(second / hourSeconds);
    // Within a piece local readings are a constant away, so that they can be counted.
    const end = Math.min((hour + 1) * hourSeconds - 1, piece.end - 1, to);
    // The fire found first may be one shifted to before the readings that count.
    const start = Math.max(second + 1, walk.firstSecondOf(piece));
    const others = countReadings(day, { from: start + piece.offset, to: end + piece.offset });
    add(hour, 1 + others);
    const limit = Math.min(piece.end - 1, to);
    after =
      end + 1 < walk.firstSecondOf(piece) ? end : addWholeHours(day, { piece, end, limit }, add);
  }
}

/**
 * Adds the hours that follow `end` on the same local day, as far as they are whole: of each, all
 * or nothing matches, so that nothing is searched. Answers the last second that was counted.
 */
function addWholeHours(
  { search, hourCount }: DayTally,
  stretch: { readonly piece: ZonePiece; readonly end: number; readonly limit: number },
  add: (hour: number, count: number) => void,
): number {
  const { piece, limit } = stretch;
  const local = stretch.end + 1 + piece.offset;
  // Hours of UTC are hours of the zone only where its offset is a number of hours.
  if (local % hourSeconds !== 0 || piece.offset % hourSeconds !== 0) return stretch.end;
  let { end } = stretch;
  let hour = (end + 1) / hourSeconds;
  const midnight = Math.floor(local / daySeconds) * daySeconds;
  const hours = search.pattern.hours;
  // Midnight begins a day that may not match.
  const first = (local - midnight) / hourSeconds || 24;
  for (let place = first; place < 24 && end + hourSeconds <= limit; place += 1) {
    if (((hours >>> place) & 1) === 1) add(hour, hourCount);
    hour += 1;
    end += hourSeconds;
  }
  return end;
}

/** A search with the sizes of its sets. */
interface DayTally {
  readonly search: CronSearch;
  readonly secondCount: number;
  /** Matching times of a matching hour. */
  readonly hourCount: number;
}

function dayTally(search: CronSearch): DayTally {
  const secondCount = countUpTo(search.pattern.seconds, 59);
  return { search, secondCount, hourCount: secondCount * countUpTo(search.pattern.minutes, 59) };
}

/** Matching local readings of a stretch of at most an hour, both ends included. */
function countReadings(tally: DayTally, { from, to }: SecondRange): number {
  if (from > to) return 0;
  const first = Math.floor(from / daySeconds);
  const last = Math.floor(to / daySeconds);
  if (first === last) return countOfDay(tally, { day: first, from, to });
  // Zones with offsets of half an hour have hours of UTC with a midnight inside.
  return (
    countOfDay(tally, { day: first, from, to: last * daySeconds - 1 }) +
    countOfDay(tally, { day: last, from: last * daySeconds, to })
  );
}

function countOfDay(tally: DayTally, range: SecondRange & { readonly day: number }): number {
  const { day } = range;
  if (dayFrom(tally.search, day) !== day) return 0;
  const midnight = day * daySeconds;
  return countTimes(tally, range.to - midnight) - countTimes(tally, range.from - midnight - 1);
}

/** Matching times of the day that are not after `time`, which is from -1. */
function countTimes({ search, secondCount, hourCount }: DayTally, time: number): number {
  if (time < 0) return 0;
  const { hours, minutes, seconds } = search.pattern;
  const hour = (time / hourSeconds) | 0;
  const before = bitCount(hours & ((1 << hour) - 1)) * hourCount;
  if (((hours >>> hour) & 1) === 0) return before;
  const rest = time - hour * hourSeconds;
  const minute = (rest / 60) | 0;
  const whole = before + countUpTo(minutes, minute - 1) * secondCount;
  return hasValue(minutes, minute) ? whole + countUpTo(seconds, rest - minute * 60) : whole;
}

/** Values of a set that are not above `last`, which is -1 to 59. */
function countUpTo(set: SmallSet, last: number): number {
  if (last < 0) return 0;
  if (last < 30) return bitCount(set.low & ((2 << last) - 1));
  return bitCount(set.low) + bitCount(set.high & ((2 << (last - 30)) - 1));
}

/** Bits set: added up in pairs, in fours, in bytes, then all bytes by one multiplication. */
function bitCount(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
