import { describe, expect, it } from "vitest";
import {
  andTrigger,
  calendarIntervalTrigger,
  cronTrigger,
  dateTrigger,
  formatInstant,
  type Instant,
  InvalidInputError,
  intervalTrigger,
  orTrigger,
  parseCrontab,
  parseInstant,
  triggerFromSpec,
} from "./time.ts";

const now = parseInstant("2027-01-01T00:00:00Z");
const text = (at: Instant | undefined): string | undefined =>
  at === undefined ? undefined : formatInstant(at).slice(0, 19);

describe("orrery/time", () => {
  it("makes cron of both dialects", () => {
    const nightly = cronTrigger({
      dialect: "vixie",
      expression: "30 2 * * *",
      zone: "Europe/Paris",
      clockChange: "daemon",
    });
    expect(text(nightly.next(now))).toBe("2027-01-01T01:30:00");
    expect(nightly.describe()).toBe("at 02:30 every day, in Europe/Paris");
    const fields = cronTrigger({ dialect: "aps", fields: { hour: 3, day_of_week: "mon" } });
    expect(text(fields.next(now))).toBe("2027-01-04T03:00:00");
  });

  it("reads crontab lines into stored forms", () => {
    const spec = parseCrontab("0 9 * * 0", { dialect: "aps", zone: "Asia/Tokyo" });
    expect(spec).toEqual({
      kind: "cron",
      dialect: "aps",
      fields: { minute: "0", hour: "9", day: "*", month: "*", day_of_week: "0" },
      zone: "Asia/Tokyo",
      clockChange: "match",
    });
    expect(triggerFromSpec(spec).spec).toEqual(spec);
  });

  it("makes intervals of milliseconds or of units", () => {
    expect(text(intervalTrigger({ everyMs: 1500 }).next(now))).toBe("2027-01-01T00:00:01");
    const anchored = intervalTrigger({ hours: 1, minutes: 30, anchorAt: now });
    expect(text(anchored.next(now))).toBe("2027-01-01T01:30:00");
    expect(() => intervalTrigger({ hours: -1 })).toThrow(InvalidInputError);
  });

  it("takes instants, dates and text as points in time", () => {
    const at = "2027-03-14T07:30:00";
    expect(text(dateTrigger({ at: parseInstant(`${at}Z`) }).next(now))).toBe(at);
    expect(text(dateTrigger({ at: new Date(`${at}Z`) }).next(now))).toBe(at);
    const local = dateTrigger({ at: "2027-03-14 02:30:00", zone: "America/New_York" });
    expect(text(local.next(now))).toBe(at);
    expect(() => dateTrigger({ at: new Date(NaN) })).toThrow(InvalidInputError);
  });

  it("makes calendar intervals and combinations", () => {
    const monthly = calendarIntervalTrigger({
      unit: "month",
      startDate: "2027-01-15",
      timeOfDay: "09:00",
      endAt: "2027-02-20",
    });
    const hourly = intervalTrigger({ hours: 1, anchorAt: now });
    expect(text(andTrigger([monthly, hourly]).next(now))).toBe("2027-01-15T09:00:00");
    const either = orTrigger([monthly, hourly], { startAt: "2027-02-15T08:30:00Z" });
    expect(text(either.next(now))).toBe("2027-02-15T09:00:00");
  });
});
