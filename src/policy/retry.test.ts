import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng, type Rng } from "../kernel/rng.ts";
import {
  filledRetryPolicy,
  nextRetryDelayMs,
  type RetryPolicy,
  retryPolicyDefault,
} from "./retry.ts";

const policy: RetryPolicy = { limit: 4, delayMs: 100, factor: 3, delayMsMax: 1_000, jitter: 0 };

function fixed(value: number): Rng {
  return { next: () => value, seed: 0 };
}

test("delays grow by the factor up to the longest, then the retries are used up", () => {
  const delays = [1, 2, 3, 4, 5].map((count) => nextRetryDelayMs(policy, count, createRng(1)));
  expect(delays).toEqual([100, 300, 900, 1_000, undefined]);
});

test("a limit of zero makes the first failure final", () => {
  expect(nextRetryDelayMs({ ...policy, limit: 0 }, 1, createRng(1))).toBeUndefined();
});

test("jitter spreads a delay evenly around what was planned", () => {
  const spread = { ...policy, jitter: 0.2 };
  expect(nextRetryDelayMs(spread, 1, fixed(0))).toBeCloseTo(80);
  expect(nextRetryDelayMs(spread, 1, fixed(0.5))).toBeCloseTo(100);
  expect(nextRetryDelayMs(spread, 1, fixed(0.999_999))).toBeCloseTo(120, 3);
});

test("no delay is negative or longer than the longest, whatever the policy", () => {
  fc.assert(
    fc.property(
      fc.record({
        limit: fc.integer({ min: 0, max: 10_000 }),
        delayMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
        factor: fc.double({ min: 1, max: 1_000, noNaN: true }),
        delayMsMax: fc.double({ min: 0, max: 1e10, noNaN: true }),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.integer({ min: 1, max: 10_001 }),
      fc.integer(),
      (any, failureCount, seed) => {
        const delayMs = nextRetryDelayMs(any, failureCount, createRng(seed));
        if (failureCount > any.limit) expect(delayMs).toBeUndefined();
        else {
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(any.delayMsMax);
        }
      },
    ),
  );
});

test("the default retries three times within two minutes", () => {
  const delays = [1, 2, 3].map((count) => nextRetryDelayMs(retryPolicyDefault, count, fixed(0.5)));
  expect(delays).toEqual([1_000, 4_000, 16_000]);
});

test.each([
  [{}, {}],
  [{ limit: 0 }, { limit: 0 }],
  [
    { jitter: 1, factor: 1 },
    { jitter: 1, factor: 1 },
  ],
  [{ delayMs: 2_000 }, { delayMs: 2_000, delayMsMax: 2_000 }],
  [{ delayMsMax: 50 }, { delayMs: 50, delayMsMax: 50 }],
  [
    { delayMs: 5, delayMsMax: 7 },
    { delayMs: 5, delayMsMax: 7 },
  ],
])("of a policy %j is said, and the rest is the one below it", (given, changed) => {
  expect(filledRetryPolicy(given, policy)).toEqual({ ...policy, ...changed });
});
