import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../kernel/errors.ts";
import { describeDuration, formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["250ms", 250],
    ["90s", 90_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1_500],
    ["0s", 0],
    [" 5s ", 5_000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text, "--every")).toBe(ms);
  });

  it.each(["", "10", "m", "10 m", "-5s", "5y", "1e3s", "s5", "5s!", "99999999999999999w"])(
    "refuses %j and names the option",
    (text) => {
      expect(() => parseDuration(text, "--every")).toThrow(InvalidInputError);
      expect(() => parseDuration(text, "--every")).toThrow(/^--every must be a duration/);
    },
  );

  it("reads back what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms), "x")).toBe(ms);
      }),
    );
  });
});

describe("describeDuration", () => {
  it.each([
    [0, "0 ms"],
    [420.4, "420 ms"],
    [2_345, "2.3 s"],
    [250_400, "4m10s"],
    [90_061_000, "1d1h1m1s"],
  ])("says %d ms as %s", (ms, text) => {
    expect(describeDuration(ms)).toBe(text);
  });
});
