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

/** Bit 1 to 12 set for the months with 31 days. */
const longMonths = 0b1_0101_1010_1010;

/** Whether the year has a February 29. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** 28 to 31; `month` is 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return (longMonths >> month) & 1 ? 31 : 30;
}

/** Day number of a date. */
export function dayOfDate(year: number, month: number, day: number): number {
  // Years are counted from March, so that the leap day is the last day of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(shifted / cycleYears);
  const yearOfCycle = shifted - cycle * cycleYears;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = (((153 * monthFromMarch + 2) / 5) | 0) + day - 1;
  const leapDays = ((yearOfCycle / 4) | 0) - ((yearOfCycle / 100) | 0);
  // 719,468 days lie between 0000-03-01 and 1970-01-01.
  return cycle * cycleDays + yearOfCycle * 365 + leapDays + dayOfYear - 719_468;
}

/** The date of a day number, packed as `year * 512 + month * 32 + day` to spare an allocation. */
export function packedDateOfDay(dayNumber: number): number {
  const shifted = dayNumber + 719_468;
  const cycle = Math.floor(shifted / cycleDays);
  const dayOfCycle = shifted - cycle * cycleDays;
  const yearOfCycle =
    ((dayOfCycle -
      ((dayOfCycle / 1460) | 0) +
      ((dayOfCycle / 36_524) | 0) -
      ((dayOfCycle / 146_096) | 0)) /
      365) |
    0;
  const leapDays = ((yearOfCycle / 4) | 0) - ((yearOfCycle / 100) | 0);
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + leapDays);
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0;
  const day = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfCycle + cycle * cycleYears + (month <= 2 ? 1 : 0);
  return year * 512 + month * 32 + day;
}

/** The date of a day number. */
export function dateOfDay(dayNumber: number): CalendarDate {
  const packed = packedDateOfDay(dayNumber);
  return { year: Math.floor(packed / 512), month: (packed >> 5) & 15, day: packed & 31 };
}

/** The year of a day number. */
export function yearOfDay(dayNumber: number): number {
  return Math.floor(packedDateOfDay(dayNumber) / 512);
}

/** 0 = Monday to 6 = Sunday. */
export function weekdayOfDay(dayNumber: number): number {
  const shifted = dayNumber + 3;
  return shifted - 7 * Math.floor(shifted / 7);
}

/** The ISO 8601 week, 1 to 53: a week belongs to the year that its Thursday is in. */
export function isoWeekOfDay(dayNumber: number): number {
  const thursday = dayNumber - weekdayOfDay(dayNumber) + 3;
  return 1 + Math.floor((thursday - dayOfDate(yearOfDay(thursday), 1, 1)) / 7);
}
