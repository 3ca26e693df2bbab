import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cycleDays,
  dateOfDay,
  dayOfDate,
  daysInMonth,
  isoWeekOfDay,
  weekdayOfDay,
} from "./calendar-date.ts";

/** Days of the years 1 to 9999. */
const anyDay = fc.integer({ min: dayOfDate(1, 1, 1), max: dayOfDate(9999, 12, 31) });

describe("the calendar on integers", () => {
  it("agrees with the runtime's Date on dates and weekdays", () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const date = new Date(day * 86_400_000);
        expect(dateOfDay(day)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        expect(weekdayOfDay(day)).toBe((date.getUTCDay() + 6) % 7);
      }),
    );
  });

  it("finds the day of the date that it gave", () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const date = dateOfDay(day);
        expect(dayOfDate(date.year, date.month, date.day)).toBe(day);
        expect(date.day).toBeLessThanOrEqual(daysInMonth(date.year, date.month));
      }),
    );
  });

  it("gives a week to the year of its Thursday", () => {
    expect(isoWeekOfDay(dayOfDate(2021, 1, 3))).toBe(53);
    expect(isoWeekOfDay(dayOfDate(2021, 1, 4))).toBe(1);
    expect(isoWeekOfDay(dayOfDate(2019, 12, 30))).toBe(1);
    expect(isoWeekOfDay(dayOfDate(2020, 12, 31))).toBe(53);
    expect(isoWeekOfDay(dayOfDate(2018, 12, 30))).toBe(52);
  });

  it("repeats weekdays and ISO weeks after 400 years", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: cycleDays }), (day) => {
        expect(weekdayOfDay(day + cycleDays)).toBe(weekdayOfDay(day));
        expect(isoWeekOfDay(day + cycleDays)).toBe(isoWeekOfDay(day));
      }),
    );
  });
});
