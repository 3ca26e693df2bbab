/** What clock changes do to cron, said in notes; and that nothing takes for ever. */

import { describe, expect, it } from "vitest";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { type Occurrence, type Trigger, triggerFromSpec } from "./trigger.ts";
import type { ClockChangePolicy } from "./trigger-spec.ts";

const newYork = "America/New_York";

function vixie(
  expression: string,
  clockChange: ClockChangePolicy,
  zone: string = newYork,
): Trigger {
  return triggerFromSpec({ kind: "cron", dialect: "vixie", expression, zone, clockChange });
}

function aps(fields: object, zone: string = "UTC"): Trigger {
  return triggerFromSpec({ kind: "cron", dialect: "aps", fields, zone });
}

function shown(occurrences: readonly Occurrence[]): readonly string[] {
  return occurrences.map(({ at, note, local }) =>
    note === undefined ? short(at) : `${short(at)} ${note} ${local ?? ""}`,
  );
}

function short(at: Occurrence["at"]): string {
  return formatInstant(at).slice(5, 16);
}

function between(trigger: Trigger, from: string, to: string): readonly string[] {
  return shown(trigger.between(parseInstant(from), parseInstant(to), 100));
}

/** 02:30 does not exist on March 14, 01:30 happens twice on November 7. */
const spring = ["2021-03-13T12:00:00Z", "2021-03-16T00:00:00Z"] as const;
const autumn = ["2021-11-06T12:00:00Z", "2021-11-09T00:00:00Z"] as const;

describe("notes on a gap", () => {
  it("tell the next fire what was skipped", () => {
    for (const policy of ["match", "once"] as const) {
      expect(between(vixie("30 2 * * *", policy), ...spring)).toEqual([
        "03-15T06:30 skipped 2021-03-14T02:30:00",
      ]);
    }
  });

  it("tell a fire what it stands for", () => {
    expect(between(vixie("30 2 * * *", "daemon"), ...spring)).toEqual([
      "03-14T07:00 shifted 2021-03-14T02:30:00",
      "03-15T06:30",
    ]);
  });

  it("are absent where nothing was lost", () => {
    expect(between(vixie("30 4 * * *", "match"), ...spring)).toEqual([
      "03-14T08:30",
      "03-15T08:30",
    ]);
  });

  it("skip for jobs that follow the clock under every policy", () => {
    for (const policy of ["match", "daemon", "once"] as const) {
      const fires = between(vixie("30 * * * *", policy), "2021-03-14T06:00:00Z", spring[1]);
      expect(fires.slice(0, 2)).toEqual(["03-14T06:30", "03-14T07:30 skipped 2021-03-14T02:30:00"]);
    }
  });

  it("run at the gap's end once, however many times were lost", () => {
    expect(between(vixie("0,30 2,3 * * *", "daemon"), ...spring).slice(0, 3)).toEqual([
      "03-14T07:00 shifted 2021-03-14T02:00:00",
      "03-14T07:30",
      "03-15T06:00",
    ]);
  });
});

describe("notes on an overlap", () => {
  it("mark both passes under match", () => {
    expect(between(vixie("30 1 * * *", "match"), ...autumn)).toEqual([
      "11-07T05:30 repeated 2021-11-07T01:30:00",
      "11-07T06:30 repeated 2021-11-07T01:30:00",
      "11-08T06:30",
    ]);
  });

  it("mark the one pass that runs under once and daemon", () => {
    for (const policy of ["daemon", "once"] as const) {
      expect(between(vixie("30 1 * * *", policy), ...autumn)).toEqual([
        "11-07T05:30 repeated 2021-11-07T01:30:00",
        "11-08T06:30",
      ]);
    }
  });
});

describe("searches that find nothing", () => {
  const now = parseInstant("2026-01-01T00:00:00Z");
  it.each([
    ["a day that no month has", aps({ month: 2, day: 30 })],
    ["a week that its months lack", aps({ week: 45, month: "apr-jul" })],
    ["a fifth Monday in four weeks", aps({ month: 2, day: "5th mon", year: "2021-2023" })],
    ["a leap day in odd years", aps({ month: 2, day: 29, year: "1971/2" })],
    ["a leap day in a zone", vixie("0 0 30 2 *", "daemon")],
    ["a year that is over", aps({ year: 2020 })],
  ])("%s", (_title, trigger) => {
    expect(trigger.next(now)).toBeUndefined();
  });

  it("goes back to nothing before the first year", () => {
    expect(aps({ year: 2030 }).previous(now)).toBeUndefined();
    expect(aps({ month: 2, day: 30 }).previous(now)).toBeUndefined();
  });

  it("ends with the last year", () => {
    const last = aps({ year: 9999 }).next(now);
    expect(last).toBe(parseInstant("9999-01-01T00:00:00Z"));
    expect(aps({}).next(parseInstant("9999-12-31T23:59:59Z"))).toBeUndefined();
  });

  it("finds what is eight years away, and 400", () => {
    const leapDay = vixie("0 0 29 2 *", "match", "UTC");
    expect(leapDay.next(parseInstant("2096-03-01T00:00:00Z"))).toBe(
      parseInstant("2104-02-29T00:00:00Z"),
    );
    const rare = aps({ month: 2, day: 29, week: 9, day_of_week: "sun", year: "2026/400" });
    expect(rare.next(now)).toBeUndefined();
  });
});

describe("listing", () => {
  it("gives every minute of a year, none of the gap and those of the overlap twice", () => {
    const minutely = vixie("* * * * *", "match");
    const from = parseInstant("2026-01-01T05:00:00Z");
    const to = parseInstant("2027-01-01T05:00:00Z");
    const all = minutely.between(from, to, 1_000_000);
    expect(all).toHaveLength(525_600);
    expect(all.filter(({ note }) => note === "repeated")).toHaveLength(120);
    expect(minutely.between(from, to, 7)).toHaveLength(7);
  });

  it("leaves the start out and takes the end in", () => {
    const daily = vixie("0 0 * * *", "match", "UTC");
    expect(between(daily, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")).toEqual(["01-02T00:00"]);
    expect(between(daily, "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")).toEqual([]);
  });
});
