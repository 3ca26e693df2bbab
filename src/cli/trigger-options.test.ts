import { describe, expect, it } from "vitest";
import { triggersOf } from "./trigger-options.ts";

describe("triggersOf", () => {
  it("makes nothing of nothing", () => {
    expect(triggersOf({ dialect: "vixie", timezone: "UTC" })).toEqual([]);
  });

  it("reads each way to say when, in one order", () => {
    expect(
      triggersOf({
        adaptive: true,
        at: ["2027-03-01T10:00:00+01:00"],
        every: ["10m"],
        cron: ["*/5 * * * *"],
        timezone: "Europe/Zurich",
        clockChange: "daemon",
      }),
    ).toEqual([
      {
        kind: "cron",
        dialect: "vixie",
        expression: "*/5 * * * *",
        zone: "Europe/Zurich",
        clockChange: "daemon",
      },
      { kind: "interval", everyMs: 600_000 },
      { kind: "date", at: "2027-03-01T09:00:00.000000Z" },
      { kind: "adaptive" },
    ]);
  });

  it("takes seconds only where it is said where they stand", () => {
    expect(() => triggersOf({ cron: ["0 * * * * *"] })).toThrow(/cannot read the cron rule/);
    expect(triggersOf({ cron: ["0 * * * * *"], seconds: "first" })).toMatchObject([
      { expression: "0 * * * * *", seconds: "first" },
    ]);
  });

  it("does not hand on where seconds stand for a rule that has none", () => {
    expect(triggersOf({ cron: ["@daily"], seconds: "first" })[0]).not.toHaveProperty("seconds");
  });

  it("puts a line of the aps dialect into its fields", () => {
    expect(triggersOf({ cron: ["20 3 * * mon"], dialect: "aps" })).toMatchObject([
      { fields: { minute: "20", hour: "3", day: "*", month: "*", day_of_week: "mon" } },
    ]);
    expect(triggersOf({ cron: ["hour=3 second=*/10"], dialect: "aps" })).toMatchObject([
      { dialect: "aps", fields: { hour: "3", second: "*/10" } },
    ]);
  });

  it.each(["1 2 3", "1 2 3 4 5 6", "hours=3", "hour=", "hour"])(
    "refuses %j in the aps dialect",
    (rule) => {
      expect(() => triggersOf({ cron: [rule], dialect: "aps" })).toThrow(/cannot read/);
    },
  );

  it.each([
    [{ every: ["10"] }, /--every must be a duration/],
    [{ at: ["tomorrow"] }, /--at must be an RFC 3339 time/],
  ])("names the option at fault in %j", (options, message) => {
    expect(() => triggersOf(options)).toThrow(message);
  });
});
