import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cycleDays,
  dateOfDay,
  dayOfDate,
  daysInMonth,
  isoWeekOfDay,
  monthNumberOf,
  weekdayOfDay,
} from "./calendar-date.ts";

/** Days of the years 1 to 9999. */
const anyDay = fc.integer({
  min: dayOfDate({ year: 1, month: 1, day: 1 }),
  max: dayOfDate({ year: 9999, month: 12, day: 31 }),
});

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
        expect(dayOfDate(date)).toBe(day);
        expect(date.day).toBeLessThanOrEqual(daysInMonth(monthNumberOf(date)));
      }),
    );
  });

  it("gives a week to the year of its Thursday", () => {
    expect(isoWeekOfDay(dayOfDate({ year: 2021, month: 1, day: 3 }))).toBe(53);
    expect(isoWeekOfDay(dayOfDate({ year: 2021, month: 1, day: 4 }))).toBe(1);
    expect(isoWeekOfDay(dayOfDate({ year: 2019, month: 12, day: 30 }))).toBe(1);
    expect(isoWeekOfDay(dayOfDate({ year: 2020, month: 12, day: 31 }))).toBe(53);
    expect(isoWeekOfDay(dayOfDate({ year: 2018, month: 12, day: 30 }))).toBe(52);
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
