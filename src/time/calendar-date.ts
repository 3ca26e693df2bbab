/**
 * The proleptic Gregorian calendar on plain integers. A day number counts days since 1970-01-01,
 * which was a Thursday; weekdays are 0 = Monday to 6 = Sunday, as ISO 8601 orders them. Clock
 * changes and zones are left to others.
 */

/** Seconds in a calendar day without clock change. */
export const daySeconds = 86_400;
/** Days in the 400 years after which the calendar, weekdays and ISO weeks included, repeats. */
export const cycleDays = 146_097;
/** Years in that cycle. */
export const cycleYears = 400;

/** A date of the calendar. */
export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Bit 0 to 11 set for the months with 31 days. */
const longMonths = 0b1010_1101_0101;
/** Days between 0000-03-01, where the arithmetic begins, and 1970-01-01. */
const daysToEpoch = 719_468;

/** Whether the year has a February 29. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Months counted from January of the year 0: one number where a year and a month would be two. */
export function monthNumberOf(date: Omit<CalendarDate, "day">): number {
  return date.year * 12 + date.month - 1;
}

/** 28 to 31. */
export function daysInMonth(monthNumber: number): number {
  const year = Math.floor(monthNumber / 12);
  const month = monthNumber - year * 12;
  if (month === 1) return isLeapYear(year) ? 29 : 28;
  return (longMonths >> month) & 1 ? 31 : 30;
}

/** Day number of the first of a month. */
export function firstDayOfMonth(monthNumber: number): number {
  // Years are counted from March, so that the leap day is the last day of its year.
  const sinceMarch = monthNumber - 2;
  const year = Math.floor(sinceMarch / 12);
  const cycle = Math.floor(year / cycleYears);
  const yearOfCycle = year - cycle * cycleYears;
  const dayOfYear = ((153 * (sinceMarch - year * 12) + 2) / 5) | 0;
  const leapDays = ((yearOfCycle / 4) | 0) - ((yearOfCycle / 100) | 0);
  return cycle * cycleDays + yearOfCycle * 365 + leapDays + dayOfYear - daysToEpoch;
}

/** Day number of January 1. */
export function firstDayOfYear(year: number): number {
  return firstDayOfMonth(year * 12);
}

/** Day number of a date. */
export function dayOfDate(date: CalendarDate): number {
  return firstDayOfMonth(monthNumberOf(date)) + date.day - 1;
}

/** Month number and day of the month of a day number, packed as `month * 32 + day`. */
export function packedDateOfDay(dayNumber: number): number {
  const shifted = dayNumber + daysToEpoch;
  const cycle = Math.floor(shifted / cycleDays);
  const dayOfCycle = shifted - cycle * cycleDays;
  const leapless =
    dayOfCycle -
    ((dayOfCycle / 1460) | 0) +
    ((dayOfCycle / 36_524) | 0) -
    ((dayOfCycle / 146_096) | 0);
  const yearOfCycle = (leapless / 365) | 0;
  const leapDays = ((yearOfCycle / 4) | 0) - ((yearOfCycle / 100) | 0);
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + leapDays);
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0;
  const day = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1;
  const monthNumber = (yearOfCycle + cycle * cycleYears) * 12 + monthFromMarch + 2;
  return monthNumber * 32 + day;
}

/** The date of a day number. */
export function dateOfDay(dayNumber: number): CalendarDate {
  const packed = packedDateOfDay(dayNumber);
  const monthNumber = packed >> 5;
  const year = Math.floor(monthNumber / 12);
  return { year, month: monthNumber - year * 12 + 1, day: packed & 31 };
}

/** The year of a day number. */
export function yearOfDay(dayNumber: number): number {
  return Math.floor((packedDateOfDay(dayNumber) >> 5) / 12);
}

/** 0 = Monday to 6 = Sunday. */
export function weekdayOfDay(dayNumber: number): number {
  const shifted = dayNumber + 3;
  return shifted - 7 * Math.floor(shifted / 7);
}

/** The ISO 8601 week, 1 to 53: a week belongs to the year that its Thursday is in. */
export function isoWeekOfDay(dayNumber: number): number {
  const thursday = dayNumber - weekdayOfDay(dayNumber) + 3;
  return 1 + Math.floor((thursday - firstDayOfYear(yearOfDay(thursday))) / 7);
}
