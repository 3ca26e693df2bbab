import fc from "fast-check";
import { expect, test } from "vitest";
import { type Finding, type IntervalPolicy, nextIntervalMs } from "./adaptive-interval.ts";

const policy: IntervalPolicy = { defaultMs: 400, minMs: 100, maxMs: 1_000, factor: 2 };

test.each<[Finding, number, number]>([
  ["eventful", 400, 200],
  ["uneventful", 400, 800],
  ["unknown", 400, 400],
  ["eventful", 150, 100],
  ["uneventful", 800, 1_000],
  ["unknown", 50, 100],
  ["unknown", 5_000, 1_000],
])("%s moves %d ms to %d ms", (finding, currentMs, expected) => {
  expect(nextIntervalMs(policy, { currentMs, finding })).toBe(expected);
});

test("an interval stays within its bounds, and found news never make it longer", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 })),
      fc.double({ min: 1, max: 1_000, noNaN: true }),
      fc.double({ min: 1, max: 1e9, noNaN: true }),
      ([one, other], factor, currentMs) => {
        const minMs = Math.min(one, other);
        const any = { defaultMs: minMs, minMs, maxMs: Math.max(one, other), factor };
        const after = (finding: Finding): number => nextIntervalMs(any, { currentMs, finding });
        const order = [after("eventful"), after("unknown"), after("uneventful")];
        expect(order.toSorted((left, right) => left - right)).toEqual(order);
        expect(order.every((ms) => ms >= any.minMs && ms <= any.maxMs)).toBe(true);
      },
    ),
  );
});

test("uneventful and eventful cancel each other out between the bounds", () => {
  const longer = nextIntervalMs(policy, { currentMs: 300, finding: "uneventful" });
  expect(nextIntervalMs(policy, { currentMs: longer, finding: "eventful" })).toBe(300);
});
