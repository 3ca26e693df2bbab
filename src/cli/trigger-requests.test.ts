import { describe, expect, it, test } from "vitest";
import { changeOf, cronRuleOf, triggerOf, triggersOf } from "./trigger-requests.ts";

const daily = { kind: "cron", dialect: "vixie", expression: "0 3 * * *" };

describe("triggersOf", () => {
  it("makes nothing of nothing", () => {
    expect(triggersOf({})).toEqual([]);
  });

  it("reads each way to say when, in one order", () => {
    const options = {
      spec: ['{"kind":"calendar","every":1,"unit":"month","startDate":"2027-01-31"}'],
      adaptive: true,
      at: ["2027-03-01T10:00:00+01:00"],
      every: ["10m"],
      cron: ["*/5 * * * *"],
      timezone: "Europe/Zurich",
      clockChange: "daemon",
    } as const;
    expect(triggersOf(options)).toEqual([
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
      { kind: "calendar", every: 1, unit: "month", startDate: "2027-01-31" },
    ]);
  });

  it("gives each of them the bounds and the ways to fire that were said", () => {
    const options = {
      cron: ["0 3 * * *"],
      every: ["1h"],
      jitter: "30s",
      start: "2027-01-01T00:00:00+01:00",
      end: "2028-01-01T00:00:00Z",
      misfireGrace: "1h30m",
      coalesce: "all",
      maxInstances: 2,
      overlap: "queue-one",
      paused: true,
    } as const;
    const shared = {
      jitterMs: 30_000,
      startAt: "2026-12-31T23:00:00.000000Z",
      endAt: "2028-01-01T00:00:00.000000Z",
      misfireGraceMs: 5_400_000,
      coalesce: "all",
      maxInstances: 2,
      overlap: "queue-one",
      nextFireAt: null,
    };
    expect(triggersOf(options)).toEqual([
      { ...daily, ...shared },
      { kind: "interval", everyMs: 3_600_000, ...shared },
    ]);
  });

  it("takes a grace without bound, and a first fire time", () => {
    const options = { every: ["1h"], misfireGrace: "none", next: "2027-01-01T00:00:00Z" };
    expect(triggersOf(options)).toMatchObject([
      { misfireGraceMs: null, nextFireAt: "2027-01-01T00:00:00.000000Z" },
    ]);
  });

  it("reads a time without offset on the clock of the zone that was said", () => {
    const options = { at: ["2027-03-01T10:00:00"], timezone: "Europe/Zurich" };
    expect(triggersOf(options)).toEqual([
      { kind: "date", at: "2027-03-01T10:00:00", zone: "Europe/Zurich" },
    ]);
  });

  it.each([
    [{ every: ["10"] }, /--every must be a duration/],
    [{ at: ["tomorrow"] }, /--at must be an RFC 3339 time/],
    [{ at: ["2027-03-01T10:00:00"] }, /--at must be an RFC 3339 time/],
    [{ every: ["1h"], jitter: "5" }, /--jitter must be a duration/],
    [{ every: ["1h"], start: "now" }, /--start must be/],
    [{ every: ["1h"], end: "later" }, /--end must be/],
    [{ every: ["1h"], next: "soon" }, /--next must be/],
    [{ every: ["1h"], misfireGrace: "never" }, /--misfire-grace must be a duration/],
    [{ spec: ["daily"] }, /--spec is not valid JSON/],
    [{ spec: ["{}"] }, /--spec must be an object with a kind/],
    [{ misfireGrace: "5m" }, /--misfire-grace is for triggers/],
    [{ overlap: "allow" as const }, /--overlap is for triggers/],
    [{ jitter: "5s" }, /--jitter is for triggers/],
    [{ paused: true }, /--paused is for triggers/],
    [{ dialect: "aps" as const, every: ["1h"] }, /--dialect is for --cron/],
    [{ seconds: "first" as const }, /--seconds is for --cron/],
    [{ clockChange: "once" as const }, /--clock-change is for --cron/],
    [{ timezone: "UTC", every: ["1h"] }, /--timezone is for --cron/],
  ])("names the option at fault in %j", (options, message) => {
    expect(() => triggersOf(options)).toThrow(message);
  });
});

describe("cronRuleOf", () => {
  it("takes six fields only where it is said where the seconds stand", () => {
    expect(() => cronRuleOf("0 * * * * *", {})).toThrow(/which of the six fields/);
    expect(cronRuleOf("0 * * * * *", { seconds: "first" })).toMatchObject({
      expression: "0 * * * * *",
      seconds: "first",
    });
  });

  it("hands on a line of the aps dialect, and fields by name", () => {
    expect(cronRuleOf(" 20 3 * * mon", { dialect: "aps" })).toEqual({
      kind: "cron",
      dialect: "aps",
      expression: "20 3 * * mon",
    });
    expect(cronRuleOf("hour=3 day=last fri second=*/10", { dialect: "aps" })).toEqual({
      kind: "cron",
      dialect: "aps",
      fields: { hour: "3", day: "last fri", second: "*/10" },
    });
  });
});

test("one trigger is one way to fire", () => {
  expect(triggerOf({ cron: ["0 3 * * *"], overlap: "allow" })).toEqual({
    ...daily,
    overlap: "allow",
  });
  expect(() => triggerOf({})).toThrow("say when it is to fire");
  expect(() => triggerOf({ cron: ["0 3 * * *"], every: ["1h"] })).toThrow("one way to fire");
});

describe("changeOf", () => {
  const stored = { kind: "interval", everyMs: 60_000, jitterMs: 5, jitterSeed: 7 };

  it("says what was said and nothing else", () => {
    expect(changeOf({ misfireGrace: "none", maxInstances: 2 }, stored)).toEqual({
      misfireGraceMs: null,
      maxInstances: 2,
    });
    expect(changeOf({ cron: ["0 3 * * *"] }, stored)).toEqual({ spec: daily });
    expect(changeOf({ next: "2027-01-01T00:00:00Z" }, stored)).toEqual({
      nextFireAt: "2027-01-01T00:00:00.000000Z",
    });
  });

  it("puts bounds on the stored rule where no new one is said", () => {
    expect(changeOf({ end: "2028-01-01T00:00:00Z", jitter: "1s" }, stored)).toEqual({
      spec: { ...stored, jitterMs: 1_000, endAt: "2028-01-01T00:00:00.000000Z" },
    });
    expect(changeOf({ every: ["2m"], jitter: "1s" }, stored)).toEqual({
      spec: { kind: "interval", everyMs: 120_000, jitterMs: 1_000 },
    });
  });

  it("refuses nothing at all, and two rules", () => {
    expect(() => changeOf({}, stored)).toThrow("nothing to change");
    expect(() => changeOf({ every: ["1h", "2h"] }, stored)).toThrow("one way to fire");
  });
});
