/**
 * A cron expression compiled to bit masks: which times of day and which dates match. Both dialects
 * compile to this form; it knows nothing of zones. Days are bits 0 to 30 for the 1st to the 31st,
 * weekdays bits 0 to 6 for Monday to Sunday, and sets of up to sixty values two halves of thirty
 * bits, because bit operations work on 32.
 */

import { daysInMonth, firstDayOfMonth, isoWeekOfDay, weekdayOfDay } from "./calendar-date.ts";

/** A set of numbers 0 to 59. */
export interface SmallSet {
  /** Bits 0 to 29. */
  readonly low: number;
  /** 30 to 59, from bit 0. */
  readonly high: number;
}

/** The n-th weekday of a month. */
export interface NthWeekday {
  /** 1 to 5; 0 is the last. */
  readonly nth: number;
  /** 0 = Monday. */
  readonly weekday: number;
}

/** Which local readings match. */
export interface CronPattern {
  readonly seconds: SmallSet;
  readonly minutes: SmallSet;
  /** Bits 0 to 23. */
  readonly hours: number;
  readonly days: number;
  /** Whether the last day of the month is in the set, whichever it is. */
  readonly lastDay: boolean;
  readonly nthWeekdays: readonly NthWeekday[];
  /** Bits 1 to 12. */
  readonly months: number;
  readonly weekdays: number;
  /** Whether a date must satisfy both days and weekdays, or one of them. */
  readonly dayRule: "and" | "or";
  /** ISO weeks 1 to 53; absent means all. */
  readonly weeks?: SmallSet;
  /** By year, 0 or 1; absent means all from `yearMin` on. */
  readonly years?: Uint8Array;
  readonly yearMin: number;
  /** Whether the minute or the hour field starts with `*`, which the `daemon` policy asks. */
  readonly followsClock: boolean;
  /** Patterns whose date rules must match as well; absent but in intersections. */
  readonly also?: readonly CronPattern[];
}

/** The last year of cron. */
export const cronYearMax = 9999;

/** All days of a month. */
export const allDays = 0x7fff_ffff;
/** All weekdays. */
export const allWeekdays = 0x7f;
/** All months. */
export const allMonths = 0x1ffe;
const allHalf = 0x3fff_ffff;

/** The set of nothing. */
export const emptySet: SmallSet = { low: 0, high: 0 };

/** Whether every date matches, so that the calendar need not be asked. */
export function matchesEveryDay(pattern: CronPattern): boolean {
  const everyDay =
    pattern.dayRule === "and"
      ? pattern.days === allDays && pattern.weekdays === allWeekdays
      : pattern.days === allDays || pattern.weekdays === allWeekdays;
  return (
    everyDay &&
    pattern.months === allMonths &&
    pattern.weeks === undefined &&
    pattern.years === undefined &&
    (pattern.also ?? []).every(matchesEveryDay)
  );
}

/** Whether a year may hold a matching date. */
export function matchesYear(pattern: CronPattern, year: number): boolean {
  if (year < pattern.yearMin || year > cronYearMax) return false;
  if (pattern.years !== undefined && pattern.years[year] !== 1) return false;
  return pattern.also === undefined || pattern.also.every((other) => matchesYear(other, year));
}

/**
 * The matching days of a month, as a mask. The month is counted from the year 0; that it and its
 * year match has been asked before.
 */
export function matchingDays(pattern: CronPattern, monthNumber: number): number {
  const length = daysInMonth(monthNumber);
  let days = pattern.days;
  if (pattern.lastDay) days |= 1 << (length - 1);
  const { weekdays, dayRule, nthWeekdays, weeks } = pattern;
  const asksWeekday = dayRule === "or" || weekdays !== allWeekdays || nthWeekdays.length > 0;
  if (asksWeekday || weeks !== undefined) {
    const first = firstDayOfMonth(monthNumber);
    const month = { first, firstWeekday: weekdayOfDay(first), length };
    for (const nth of nthWeekdays) days |= dayOfNthWeekday(nth, month);
    const onWeekdays = daysOfWeekdays(weekdays, month);
    days = dayRule === "or" ? days | onWeekdays : days & onWeekdays;
    if (weeks !== undefined) days &= daysOfWeeks(weeks, month);
  }
  for (const other of pattern.also ?? []) days &= matchingDays(other, monthNumber);
  return days & (allDays >>> (31 - length));
}

/** How a month lies in the calendar. */
interface MonthPlace {
  /** Day number of its first day. */
  readonly first: number;
  readonly firstWeekday: number;
  readonly length: number;
}

/** The weekday set written seven days apart over the month. */
function daysOfWeekdays(weekdays: number, { firstWeekday }: MonthPlace): number {
  const week = ((weekdays >>> firstWeekday) | (weekdays << (7 - firstWeekday))) & allWeekdays;
  return week | (week << 7) | (week << 14) | (week << 21) | (week << 28);
}

function dayOfNthWeekday({ nth, weekday }: NthWeekday, month: MonthPlace): number {
  const { firstWeekday, length } = month;
  const first = (weekday - firstWeekday + 7) % 7;
  const last = first + 7 * Math.floor((length - 1 - first) / 7);
  const day = nth === 0 ? last : first + 7 * (nth - 1);
  return day < length ? 1 << day : 0;
}

function daysOfWeeks(weeks: SmallSet, month: MonthPlace): number {
  let days = 0;
  let day = 0;
  while (day < month.length) {
    // From here to Sunday, or to the end of the month, it is the same week.
    const next = day === 0 ? 7 - month.firstWeekday : day + 7;
    if (hasValue(weeks, isoWeekOfDay(month.first + day))) {
      const untilNext = next >= 31 ? allDays : (1 << next) - 1;
      days |= untilNext & ~((1 << day) - 1);
    }
    day = next;
  }
  return days;
}

/** Whether a set holds a value. */
export function hasValue(set: SmallSet, value: number): boolean {
  return value < 30 ? ((set.low >>> value) & 1) === 1 : ((set.high >>> (value - 30)) & 1) === 1;
}

/** The smallest value of a set that is not below `from`, 0 to 60; -1 when there is none. */
export function valueFrom(set: SmallSet, from: number): number {
  if (from < 30) {
    const low = set.low & (-1 << from);
    if (low !== 0) return lowestBit(low);
    return set.high === 0 ? -1 : 30 + lowestBit(set.high);
  }
  const high = from < 60 ? set.high & (-1 << (from - 30)) : 0;
  return high === 0 ? -1 : 30 + lowestBit(high);
}

/** The largest value of a set that is not above `to`, -1 to 59; -1 when there is none. */
export function valueTo(set: SmallSet, to: number): number {
  if (to >= 30) {
    const high = set.high & ((2 << (to - 30)) - 1);
    if (high !== 0) return 30 + highestBit(high);
    return set.low === 0 ? -1 : highestBit(set.low);
  }
  const low = to >= 0 ? set.low & ((2 << to) - 1) : 0;
  return low === 0 ? -1 : highestBit(low);
}

/** The position of the lowest bit set; `bits` must not be 0. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** The position of the highest bit set; `bits` must not be 0. */
export function highestBit(bits: number): number {
  return 31 - Math.clz32(bits);
}

/** Values from `first` to `last`, inclusive, each `step` after the one before. */
export interface ValueRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** The values of the range together with those of `set`. */
export function withRange(set: SmallSet, range: ValueRange): SmallSet {
  let { low, high } = set;
  if (range.step === 1) {
    return { low: low | maskOf(range, 0), high: high | maskOf(range, 30) };
  }
  for (let value = range.first; value <= range.last; value += range.step) {
    if (value < 30) low |= 1 << value;
    else high |= 1 << (value - 30);
  }
  return { low, high };
}

/** The half of thirty values from `base` on that lie in a range without steps. */
function maskOf(range: ValueRange, base: number): number {
  const first = range.first - base;
  const last = range.last - base;
  if (last < 0 || first > 29) return 0;
  const upTo = last >= 29 ? allHalf : (2 << last) - 1;
  return first <= 0 ? upTo : upTo & ~((1 << first) - 1);
}

/** Values 0 to 31 of a set as one mask. */
export function lowMask(set: SmallSet): number {
  return set.low | (set.high << 30);
}
