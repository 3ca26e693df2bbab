/** Local text to instants, against Temporal, which has the same rule. */

import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../kernel/errors.ts";
import { formatInstant } from "../kernel/instant.ts";
import { daySeconds } from "./calendar-date.ts";
import { formatLocal, secondOfLocal } from "./local-time.ts";
import { instantOfApsText, instantOfText } from "./time-text.ts";
import { zoneTable } from "./zone-table.ts";

/** Not Morocco: where the runtime has no Temporal, its polyfill misses the months of Ramadan. */
const zones = [
  "UTC",
  "America/New_York",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Kwajalein",
  "Africa/Cairo",
  "Europe/Dublin",
  "Asia/Manila",
];

function read(text: string, zone: string): string {
  return formatInstant(instantOfText({ field: "at", text }, zoneTable(zone)));
}

describe("local readings", () => {
  it("mean the instants of Temporal's compatible rule", () => {
    const reading = fc.record({
      zone: fc.constantFrom(...zones),
      local: fc.integer({ min: -4_000_000_000, max: 8_000_000_000 }),
    });
    fc.assert(
      fc.property(reading, ({ zone, local }) => {
        const expected = Temporal.PlainDateTime.from(formatLocal(local)).toZonedDateTime(zone);
        const second = secondOfLocal(zoneTable(zone), local);
        expect(second).toBe(expected.epochMilliseconds / 1000);
      }),
      { numRuns: 300 },
    );
  });

  it("mean those instants at and around every change too", () => {
    for (const zone of zones) {
      const table = zoneTable(zone);
      let piece = table.pieceAt(0);
      for (let count = 0; count < 60 && piece.end !== Infinity; count += 1) {
        for (const local of [piece.end + piece.offset, piece.end + piece.offset - 1]) {
          const expected = Temporal.PlainDateTime.from(formatLocal(local)).toZonedDateTime(zone);
          expect(secondOfLocal(table, local)).toBe(expected.epochMilliseconds / 1000);
        }
        piece = table.pieceAt(piece.end);
      }
    }
  });

  it("take the earlier instant in an overlap and move forward in a gap", () => {
    expect(read("2021-11-07T01:30:00", "America/New_York")).toBe("2021-11-07T05:30:00.000000Z");
    expect(read("2021-03-14 02:30", "America/New_York")).toBe("2021-03-14T07:30:00.000000Z");
    expect(read("2011-12-30", "Pacific/Apia")).toBe("2011-12-30T10:00:00.000000Z");
  });
});

describe("text of times", () => {
  it("takes an offset over the zone, and a fraction as one of a second", () => {
    expect(read("2027-03-14T02:30:00.25+01:00", "America/New_York")).toBe(
      "2027-03-14T01:30:00.250000Z",
    );
  });

  it("takes a fraction as microseconds in the grammar of APScheduler", () => {
    const at = instantOfApsText({ field: "at", text: "2009-7-6 1:2:3.5" }, zoneTable("UTC"));
    expect(formatInstant(at)).toBe("2009-07-06T01:02:03.000005Z");
  });

  it.each([
    "2027-02-29",
    "2027-13-01",
    "2027-01-01T24:00:00",
    "2027-01-01T00:60:00",
    "2027-01-01Z",
    "2027-1-1",
    "0000-01-01",
    "2027-01-01T00:00:00+24:00",
    "0001-01-01T00:00:00+05:00",
    "tomorrow",
    "",
  ])("refuses %j", (text) => {
    expect(() => read(text, "UTC")).toThrow(InvalidInputError);
  });

  it("shows a reading as it came", () => {
    expect(formatLocal(-1)).toBe("1969-12-31T23:59:59");
    expect(formatLocal(daySeconds)).toBe("1970-01-02T00:00:00");
  });
});
