import { describe, expect, it } from "vitest";
import { describeDuration, joinWords } from "./describe-duration.ts";
import { triggerFromSpec } from "./trigger.ts";

describe("a vixie line in words", () => {
  it.each([
    ["* * * * *", "every minute"],
    ["*/5 * * * *", "every 5 minutes"],
    ["*/7 * * * *", "every 7th minute from 0"],
    ["0 * * * *", "at minute 0 of every hour"],
    ["0 0 * * *", "at 00:00 every day"],
    ["30 2,14 * * *", "at 02:30 and 14:30 every day"],
    ["30 2 1 * *", "at 02:30 on day 1"],
    ["*/10 9-17 * * 1-5", "every 10 minutes during hours 9 through 17 on Monday through Friday"],
    ["15,45 */2 * * *", "at minutes 15 and 45 of every 2nd hour from 0"],
    ["0 0 13 * 5", "at 00:00 on day 13 or on Friday"],
    ["0 0 */2 * 1", "at 00:00 on every 2nd day from 1 if it is a Monday"],
    ["0 9 * jan-mar,12 7", "at 09:00 on Sunday in January through March and December"],
    ["@yearly", "at 00:00 on day 1 in January"],
    ["5-59/20 8 1,15 * *", "every 20th minute from 5 through 59 during hour 8 on days 1 and 15"],
  ])("%s is %s", (expression, words) => {
    const trigger = triggerFromSpec({ kind: "cron", dialect: "vixie", expression });
    expect(trigger.describe()).toBe(`${words}, in UTC`);
  });
});

describe("aps fields in words", () => {
  it.each([
    [{}, "every second"],
    [{ hour: 3 }, "at 03:00 every day"],
    [{ hour: 3, second: 30 }, "at second 30 of every minute during hour 3"],
    [{ second: "*/15" }, "every 15 seconds"],
    [{ day: "last mon, 15" }, "at 00:00 on the last Monday of the month and day 15"],
    [{ day: "last", hour: 23 }, "at 23:00 on the last day of the month"],
    [{ day: 13, day_of_week: "fri" }, "at 00:00 on day 13 if it is a Friday"],
    [{ day_of_week: 0 }, "at 00:00 on Monday"],
    [{ week: 7, day_of_week: "sun" }, "at 00:00 on Sunday in ISO week 7"],
    [{ year: 2027, month: "jan" }, "at 00:00 on day 1 in January in the year 2027"],
    [{ minute: "5/10" }, "every 10th minute from 5"],
  ])("fields %j are %s", (fields, words) => {
    const trigger = triggerFromSpec({ kind: "cron", dialect: "aps", fields, zone: "Asia/Tokyo" });
    expect(trigger.describe()).toBe(`${words}, in Asia/Tokyo`);
  });
});

describe("other triggers in words", () => {
  const daily = { kind: "cron", dialect: "vixie", expression: "0 9 * * *" };
  it.each([
    [{ kind: "interval", everyMs: 60_000 }, "every minute"],
    [
      { kind: "interval", everyMs: 93_784_005 },
      "every 1 day, 2 hours, 3 minutes, 4 seconds and 5 milliseconds",
    ],
    [{ kind: "date", at: "2027-03-14T02:30:00Z" }, "once, at 2027-03-14T02:30:00Z"],
    [
      { kind: "calendar", every: 3, unit: "month", startDate: "2027-01-31", timeOfDay: "09:30" },
      "every 3 months at 09:30, from 2027-01-31, in UTC",
    ],
    [
      { kind: "or", triggers: [daily, { kind: "date", at: "2027-01-01" }] },
      "at each of: (at 09:00 every day, in UTC) and (once, at 2027-01-01T00:00:00Z)",
    ],
  ])("%j is %s", (spec, words) => {
    expect(triggerFromSpec(spec).describe()).toBe(words);
  });

  it("says durations in the largest unit that fits", () => {
    expect(describeDuration(5_400_000)).toBe("90 minutes");
    expect(describeDuration(604_800_000)).toBe("week");
    expect(describeDuration(1.5)).toBe("1.5 milliseconds");
    expect(joinWords([])).toBe("");
  });
});
