import fc from "fast-check";
import { expect, test } from "vitest";
import { intervalFromMicros, intervalOf, normalInterval } from "./interval.ts";

test("an interval is the sum of its parts, whatever their signs and fractions", () => {
  expect(intervalOf({ days: 1, hours: -1, minutes: 30 })).toBe(84_600_000_000n);
  expect(intervalOf({ hours: 0.5, milliseconds: 1.5, microseconds: 0.4 })).toBe(1_800_001_500n);
  expect(intervalOf({})).toBe(0n);
});

test("only the days of the normal form are negative", () => {
  const form = normalInterval(intervalFromMicros(-1n));
  expect(form).toEqual({ days: -1, seconds: 86_399, microseconds: 999_999 });
});

test("the normal form stands for the same interval", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (micros) => {
      expect(intervalOf({ ...normalInterval(intervalFromMicros(micros)) })).toBe(micros);
    }),
  );
});
