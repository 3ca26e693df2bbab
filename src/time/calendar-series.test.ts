import { describe, expect, it } from "vitest";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { type Trigger, triggerFromSpec } from "./trigger.ts";

function calendar(spec: object): Trigger {
  return triggerFromSpec({ kind: "calendar", every: 1, timeOfDay: "00:00", ...spec });
}

function fires(trigger: Trigger, from: string, count: number): readonly string[] {
  return trigger
    .between(parseInstant(from), parseInstant("2999-01-01T00:00:00Z"), count)
    .map(({ at, note }) => formatInstant(at).slice(0, 16) + (note === undefined ? "" : ` ${note}`));
}

describe("calendar periods", () => {
  it("count from the first date", () => {
    const trigger = calendar({ every: 2, unit: "week", startDate: "2027-01-05" });
    expect(fires(trigger, "2027-01-01T00:00:00Z", 3)).toEqual([
      "2027-01-05T00:00",
      "2027-01-19T00:00",
      "2027-02-02T00:00",
    ]);
    expect(fires(trigger, "2027-01-20T00:00:00Z", 1)).toEqual(["2027-02-02T00:00"]);
  });

  it("pass over the months that lack their day", () => {
    const trigger = calendar({ unit: "month", startDate: "2027-01-31" });
    expect(fires(trigger, "2027-01-31T00:00:00Z", 3)).toEqual([
      "2027-03-31T00:00",
      "2027-05-31T00:00",
      "2027-07-31T00:00",
    ]);
    const leap = calendar({ unit: "year", startDate: "2096-02-29" });
    expect(fires(leap, "2096-03-01T00:00:00Z", 1)).toEqual(["2104-02-29T00:00"]);
  });

  it("end, even where no later date exists", () => {
    const never = calendar({ every: 100, unit: "year", startDate: "2000-02-29" });
    expect(fires(never, "2000-03-01T00:00:00Z", 1)).toEqual(["2400-02-29T00:00"]);
    const once = calendar({ every: 100_000, unit: "month", startDate: "2000-02-29" });
    expect(once.next(parseInstant("2001-01-01T00:00:00Z"))).toBeUndefined();
    expect(once.previous(parseInstant("2001-01-01T00:00:00Z"))).toBe(
      parseInstant("2000-02-29T00:00:00Z"),
    );
    expect(once.previous(parseInstant("2000-02-29T00:00:00Z"))).toBeUndefined();
  });
});

describe("calendar periods around clock changes", () => {
  const daily = { unit: "day", startDate: "2021-01-01", zone: "America/New_York" };

  it("keep the local time", () => {
    const trigger = calendar({ ...daily, timeOfDay: "12:00" });
    expect(fires(trigger, "2021-03-13T12:00:00Z", 2)).toEqual([
      "2021-03-13T17:00",
      "2021-03-14T16:00",
    ]);
  });

  it("skip a gap and take the first pass unless told otherwise", () => {
    expect(fires(calendar({ ...daily, timeOfDay: "02:30" }), "2021-03-14T00:00:00Z", 2)).toEqual([
      "2021-03-15T06:30 skipped",
      "2021-03-16T06:30",
    ]);
    expect(fires(calendar({ ...daily, timeOfDay: "01:30" }), "2021-11-07T00:00:00Z", 2)).toEqual([
      "2021-11-07T05:30 repeated",
      "2021-11-08T06:30",
    ]);
  });

  it("run at the gap's end under daemon, and twice under match", () => {
    const daemon = calendar({ ...daily, timeOfDay: "02:30", clockChange: "daemon" });
    expect(fires(daemon, "2021-03-14T00:00:00Z", 1)).toEqual(["2021-03-14T07:00 shifted"]);
    const match = calendar({ ...daily, timeOfDay: "01:30", clockChange: "match" });
    expect(fires(match, "2021-11-07T00:00:00Z", 2)).toEqual([
      "2021-11-07T05:30 repeated",
      "2021-11-07T06:30 repeated",
    ]);
  });
});
