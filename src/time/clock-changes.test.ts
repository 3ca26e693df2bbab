import { describe, expect, it } from "vitest";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { clockChangesOf } from "./clock-changes.ts";
import { triggerFromSpec } from "./trigger.ts";

const from = parseInstant("2027-01-01T00:00:00Z");
const to = parseInstant("2028-01-01T00:00:00Z");

function changes(expression: string, zone: string, clockChange: string): readonly object[] {
  const spec = { kind: "cron", dialect: "vixie", expression, zone, clockChange };
  return clockChangesOf(triggerFromSpec(spec), { from, to }).map(
    ({ at, shiftMs, occurrences }) => ({
      at: formatInstant(at).slice(0, 16),
      shiftMs,
      occurrences: occurrences.map(
        (occurrence) => `${occurrence.note ?? ""} ${occurrence.local ?? ""}`,
      ),
    }),
  );
}

describe("the clock changes ahead of a trigger", () => {
  it("are those that skip, shift or repeat a fire", () => {
    expect(changes("30 2 * * *", "America/New_York", "match")).toEqual([
      {
        at: "2027-03-14T07:00",
        shiftMs: 3_600_000,
        occurrences: ["skipped 2027-03-14T02:30:00"],
      },
    ]);
    expect(changes("30 1 * * *", "America/New_York", "match")).toEqual([
      {
        at: "2027-11-07T06:00",
        shiftMs: -3_600_000,
        occurrences: ["repeated 2027-11-07T01:30:00", "repeated 2027-11-07T01:30:00"],
      },
    ]);
    expect(changes("0 2 * * *", "Australia/Lord_Howe", "daemon")).toEqual([
      {
        at: "2027-10-02T15:30",
        shiftMs: 1_800_000,
        occurrences: ["shifted 2027-10-03T02:00:00"],
      },
    ]);
  });

  it("are none where the clock is set at other times, or never", () => {
    expect(changes("0 12 * * *", "America/New_York", "match")).toEqual([]);
    expect(changes("30 2 * * *", "Asia/Tokyo", "match")).toEqual([]);
  });

  it("are found in the members of combinations", () => {
    const member = (zone: string): object => ({
      kind: "cron",
      dialect: "vixie",
      expression: "30 2 * * *",
      zone,
    });
    const trigger = triggerFromSpec({
      kind: "or",
      triggers: [member("America/New_York"), member("Europe/Paris")],
    });
    const zones = clockChangesOf(trigger, { from, to }).map(({ zone }) => zone);
    expect(zones).toEqual(["America/New_York", "Europe/Paris", "Europe/Paris"]);
  });
});
