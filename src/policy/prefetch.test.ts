import fc from "fast-check";
import { expect, test } from "vitest";
import { meanDurationMs, prefetchCount } from "./prefetch.ts";

test("nothing is claimed ahead before anything is known of the runs", () => {
  expect(prefetchCount(10, undefined)).toBe(0);
});

test.each([
  [10, 0, 500],
  [10, 10, 100],
  [10, 1_000, 1],
  [10, 1_001, 0],
  [1, 60_000, 0],
])("%i slots with runs of %i ms claim %i ahead", (slotCount, meanMs, count) => {
  expect(prefetchCount(slotCount, meanMs)).toBe(count);
});

test("one long run among short ones soon shows in the mean, and is soon forgotten", () => {
  let meanMs = meanDurationMs(undefined, 1);
  meanMs = meanDurationMs(meanMs, 100_000);
  expect(prefetchCount(10, meanMs)).toBe(0);
  for (let count = 0; count < 150; count += 1) meanMs = meanDurationMs(meanMs, 1);
  expect(prefetchCount(10, meanMs)).toBeGreaterThan(400);
});

test("longer runs never have more claimed ahead", () => {
  const duration = fc.double({ min: 0, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), duration, duration, (slotCount, one, other) => {
      const [short, long] = one <= other ? [one, other] : [other, one];
      expect(prefetchCount(slotCount, long)).toBeLessThanOrEqual(prefetchCount(slotCount, short));
    }),
  );
});
