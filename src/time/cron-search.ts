/**
 * Searches a compiled pattern forward and backward over local readings, which are seconds counted
 * as if local time were UTC. Dates are searched by month, so a search that fails ends after the
 * 400 years in which the calendar repeats: a pattern without a date in them has none ever.
 */

import {
  cycleYears,
  dayOfDate,
  daySeconds,
  firstDayOfMonth,
  firstDayOfYear,
  packedDateOfDay,
} from "./calendar-date.ts";
import {
  cronYearMax,
  type CronPattern,
  hasValue,
  highestBit,
  lowestBit,
  matchesEveryDay,
  matchesYear,
  matchingDays,
  valueFrom,
  valueTo,
} from "./cron-pattern.ts";

/** A pattern with what every search asks of it. */
export interface CronSearch {
  readonly pattern: CronPattern;
  readonly everyDay: boolean;
  /** Day numbers outside these never match. */
  readonly dayMin: number;
  readonly dayMax: number;
  readonly minuteFirst: number;
  readonly minuteLast: number;
  readonly secondFirst: number;
  readonly secondLast: number;
  /** The first and last matching second of a day. */
  readonly timeFirst: number;
  readonly timeLast: number;
}

const dayMax = dayOfDate({ year: cronYearMax, month: 12, day: 31 });

/** Makes a pattern ready to be searched; each of its sets must hold a value. */
export function createCronSearch(pattern: CronPattern): CronSearch {
  const minuteFirst = valueFrom(pattern.minutes, 0);
  const minuteLast = valueTo(pattern.minutes, 59);
  const secondFirst = valueFrom(pattern.seconds, 0);
  const secondLast = valueTo(pattern.seconds, 59);
  return {
    pattern,
    everyDay: matchesEveryDay(pattern),
    dayMin: firstDayOfYear(pattern.yearMin),
    dayMax,
    minuteFirst,
    minuteLast,
    secondFirst,
    secondLast,
    timeFirst: lowestBit(pattern.hours) * 3600 + minuteFirst * 60 + secondFirst,
    timeLast: highestBit(pattern.hours) * 3600 + minuteLast * 60 + secondLast,
  };
}

/** The first matching reading that is not before `local`; Infinity when there is none. */
export function localFrom(search: CronSearch, local: number): number {
  const today = Math.floor(local / daySeconds);
  let day = dayFrom(search, today);
  if (day === today) {
    const time = timeFrom(search, local - today * daySeconds);
    if (time >= 0) return today * daySeconds + time;
    day = dayFrom(search, today + 1);
  }
  return day * daySeconds + search.timeFirst;
}

/** The last matching reading that is not after `local`; -Infinity when there is none. */
export function localTo(search: CronSearch, local: number): number {
  const today = Math.floor(local / daySeconds);
  let day = dayTo(search, today);
  if (day === today) {
    const time = timeTo(search, local - today * daySeconds);
    if (time >= 0) return today * daySeconds + time;
    day = dayTo(search, today - 1);
  }
  return day * daySeconds + search.timeLast;
}

/** The first matching second of the day that is not before `time`; -1 when there is none. */
export function timeFrom(search: CronSearch, time: number): number {
  const { hours, minutes, seconds } = search.pattern;
  const hour = (time / 3600) | 0;
  if (((hours >>> hour) & 1) === 1) {
    const rest = time - hour * 3600;
    const minute = (rest / 60) | 0;
    if (hasValue(minutes, minute)) {
      const second = valueFrom(seconds, rest - minute * 60);
      if (second >= 0) return hour * 3600 + minute * 60 + second;
    }
    const next = valueFrom(minutes, minute + 1);
    if (next >= 0) return hour * 3600 + next * 60 + search.secondFirst;
  }
  const later = hours & (-2 << hour);
  return later === 0 ? -1 : lowestBit(later) * 3600 + search.minuteFirst * 60 + search.secondFirst;
}

/** The last matching second of the day that is not after `time`; -1 when there is none. */
function timeTo(search: CronSearch, time: number): number {
  const { hours, minutes, seconds } = search.pattern;
  const hour = (time / 3600) | 0;
  if (((hours >>> hour) & 1) === 1) {
    const rest = time - hour * 3600;
    const minute = (rest / 60) | 0;
    if (hasValue(minutes, minute)) {
      const second = valueTo(seconds, rest - minute * 60);
      if (second >= 0) return hour * 3600 + minute * 60 + second;
    }
    const next = valueTo(minutes, minute - 1);
    if (next >= 0) return hour * 3600 + next * 60 + search.secondLast;
  }
  const earlier = hours & ((1 << hour) - 1);
  return earlier === 0
    ? -1
    : highestBit(earlier) * 3600 + search.minuteLast * 60 + search.secondLast;
}

/** The first matching day number that is not before `day`; Infinity when there is none. */
export function dayFrom(search: CronSearch, day: number): number {
  if (day > search.dayMax) return Infinity;
  const from = Math.max(day, search.dayMin);
  if (search.everyDay) return from;
  const { pattern } = search;
  const packed = packedDateOfDay(from);
  const month = packed >>> 5;
  const dayOfMonth = packed & 31;
  if (matchesMonth(pattern, month)) {
    const days = matchingDays(pattern, month) & (-1 << (dayOfMonth - 1));
    if (days !== 0) return from + lowestBit(days) - (dayOfMonth - 1);
  }
  return dayAfterMonth(pattern, month);
}

/** A month counted from the year 0. */
function matchesMonth(pattern: CronPattern, month: number): boolean {
  const year = (month / 12) | 0;
  return ((pattern.months >>> (month - year * 12 + 1)) & 1) === 1 && matchesYear(pattern, year);
}

function dayAfterMonth(pattern: CronPattern, month: number): number {
  const year = (month / 12) | 0;
  let later = pattern.months & (-2 << (month - year * 12 + 1));
  // Past the last year of the cycle the dates repeat; listed years may skip centuries.
  const cycle = hasListedYears(pattern) ? cronYearMax : year + cycleYears;
  const yearMax = Math.min(cycle, cronYearMax);
  for (let candidate = year; candidate <= yearMax; candidate += 1) {
    if (matchesYear(pattern, candidate)) {
      for (; later !== 0; later &= later - 1) {
        const next = candidate * 12 + lowestBit(later) - 1;
        const days = matchingDays(pattern, next);
        if (days !== 0) return firstDayOfMonth(next) + lowestBit(days);
      }
    }
    later = pattern.months;
  }
  return Infinity;
}

/** The last matching day number that is not after `day`; -Infinity when there is none. */
export function dayTo(search: CronSearch, day: number): number {
  if (day < search.dayMin) return -Infinity;
  const to = Math.min(day, search.dayMax);
  if (search.everyDay) return to;
  const { pattern } = search;
  const packed = packedDateOfDay(to);
  const month = packed >>> 5;
  const dayOfMonth = packed & 31;
  if (matchesMonth(pattern, month)) {
    const days = matchingDays(pattern, month) & ((2 << (dayOfMonth - 1)) - 1);
    if (days !== 0) return to + highestBit(days) - (dayOfMonth - 1);
  }
  return dayBeforeMonth(pattern, month);
}

function dayBeforeMonth(pattern: CronPattern, month: number): number {
  const year = (month / 12) | 0;
  let earlier = pattern.months & ((1 << (month - year * 12 + 1)) - 1);
  const cycle = hasListedYears(pattern) ? pattern.yearMin : year - cycleYears;
  const yearMin = Math.max(cycle, pattern.yearMin);
  for (let candidate = year; candidate >= yearMin; candidate -= 1) {
    if (matchesYear(pattern, candidate)) {
      while (earlier !== 0) {
        const last = highestBit(earlier);
        const next = candidate * 12 + last - 1;
        const days = matchingDays(pattern, next);
        if (days !== 0) return firstDayOfMonth(next) + highestBit(days);
        earlier &= ~(1 << last);
      }
    }
    earlier = pattern.months;
  }
  return -Infinity;
}

/** Whether years are chosen one by one, so that the calendar's cycle says nothing. */
function hasListedYears(pattern: CronPattern): boolean {
  return pattern.years !== undefined || (pattern.also ?? []).some(hasListedYears);
}
