/** Instants against text: what is printed reads back, and what is no time is refused. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "./errors.ts";
import {
  addMillis,
  formatInstant,
  type Instant,
  instantFromMicros,
  instantFromMillis,
  instantMax,
  instantMin,
  instantOfUtcText,
  millisBetween,
  millisOf,
  parseInstant,
} from "./instant.ts";

const instants = fc
  .bigInt({ min: instantMin, max: instantMax })
  .map((micros): Instant => instantFromMicros(micros));

function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error instanceof InvalidInputError ? [error.code, error.details] : error;
  }
  return "accepted";
}

describe("text of an instant", () => {
  test("reads back as the same instant, at every microsecond of the years 1 to 9999", () => {
    fc.assert(fc.property(instants, (instant) => parseInstant(formatInstant(instant)) === instant));
  });

  test("reads back quickly, where a number is exact", () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const text = formatInstant(instant).slice(0, -1);
        const isExact = text >= "0100" && Number.isSafeInteger(Number(instant));
        expect(instantOfUtcText(text)).toBe(isExact ? instant : undefined);
        // The database leaves out what is zero at the end.
        expect(instantOfUtcText(text.replace("T", " ").replace(/\.0*$|(?<=\.\d*)0+$/, ""))).toBe(
          isExact ? instant : undefined,
        );
      }),
    );
    expect(instantOfUtcText("2026-03-01 09:00:00")).toBe(parseInstant("2026-03-01T09:00:00Z"));
  });

  test("sorts as the instants do", () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => formatInstant(a) < formatInstant(b) === a < b),
    );
  });

  test("has a Z and six digits, whatever they are", () => {
    expect(formatInstant(instantFromMicros(0n))).toBe("1970-01-01T00:00:00.000000Z");
    expect(formatInstant(instantFromMicros(-1n))).toBe("1969-12-31T23:59:59.999999Z");
    expect(formatInstant(instantMin)).toBe("0001-01-01T00:00:00.000000Z");
    expect(formatInstant(instantMax)).toBe("9999-12-31T23:59:59.999999Z");
  });

  test("means the same moment in every offset", () => {
    const offsets = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 4e9 }), offsets, (seconds, minutes) => {
        // The wall time at an offset is UTC plus the offset.
        const wall = formatInstant(instantFromMillis((seconds + minutes * 60) * 1000));
        const size = Math.abs(minutes);
        const two = (part: number): string => String(part).padStart(2, "0");
        const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        return parseInstant(wall.replace("Z", offset)) === BigInt(seconds) * 1_000_000n;
      }),
    );
  });
});

describe("parseInstant", () => {
  test.each([
    ["2026-03-01T09:00:00Z", 1_772_355_600_000_000n],
    ["2026-03-01t09:00:00z", 1_772_355_600_000_000n],
    ["2026-03-01 10:00:00+01:00", 1_772_355_600_000_000n],
    ["2026-03-01T03:30:00-0530", 1_772_355_600_000_000n],
    ["2026-03-01T09:00:00.5Z", 1_772_355_600_500_000n],
    ["2026-03-01T09:00:00.123456789Z", 1_772_355_600_123_456n],
    ["2024-02-29T00:00:00Z", 1_709_164_800_000_000n],
    ["0099-12-31T23:59:59Z", -59_011_459_201_000_000n],
  ])("reads %s", (text, micros) => {
    expect(parseInstant(text)).toBe(micros);
  });

  test.each([
    "",
    "now",
    "2026-03-01",
    "2026-03-01T09:00:00",
    "2026-03-01T09:00Z",
    "2026-3-1T09:00:00Z",
    "2026-02-30T09:00:00Z",
    "2025-02-29T09:00:00Z",
    "2026-13-01T09:00:00Z",
    "2026-00-01T09:00:00Z",
    "2026-03-00T09:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T09:60:00Z",
    "2026-12-31T23:59:60Z",
    "2026-03-01T09:00:00.Z",
    "2026-03-01T09:00:00.1234567890Z",
    "2026-03-01T09:00:00+24:00",
    "2026-03-01T09:00:00+01:60",
    "2026-03-01T09:00:00+1:00",
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    " 2026-03-01T09:00:00Z",
    "2026-03-01T09:00:00Z\n",
    "２026-03-01T09:00:00Z",
  ])("refuses %j and says where it stood", (text) => {
    expect(refusal(() => parseInstant(text, "runAt"))).toEqual([
      "ORR_INPUT_INVALID",
      { field: "runAt", value: text },
    ]);
  });

  test("never throws anything but a refusal", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(refusal(() => parseInstant(text))).toSatisfy(
          (result) => result === "accepted" || Array.isArray(result),
        );
      }),
    );
  });
});

describe("counting", () => {
  test("the years 1 and 9999 are the ends", () => {
    expect(instantFromMicros(instantMin)).toBe(instantMin);
    expect(refusal(() => instantFromMicros(instantMin - 1n))).toContain("ORR_INPUT_INVALID");
    expect(refusal(() => addMillis(instantMax, 1))).toContain("ORR_INPUT_INVALID");
  });

  test("whole milliseconds go in and out unchanged", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e13, max: 1e14 }), (ms) => {
        expect(millisOf(instantFromMillis(ms))).toBe(ms);
      }),
    );
  });

  test("moving by the distance between two instants leads from one to the other", () => {
    // Up to 69 years (2^41 ms) apart a number of milliseconds still tells every microsecond.
    const spans = fc.bigInt({ min: 0n, max: 2_177_452_800_000_000n });
    fc.assert(
      fc.property(spans, spans, (from, to) => {
        const start = instantFromMicros(from);
        const end = instantFromMicros(to);
        expect(addMillis(start, millisBetween(start, end))).toBe(end);
      }),
    );
  });
});
