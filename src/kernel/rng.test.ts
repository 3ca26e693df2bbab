/** Chance that can be replayed: the seed decides everything, and every number is in range. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng, integerBetween, randomSeed, type Rng } from "./rng.ts";

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

function draw(rng: Rng, count: number): readonly number[] {
  return Array.from({ length: count }, () => rng.next());
}

test("one seed gives one sequence, however often it starts", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(draw(createRng(seed), 20)).toEqual(draw(createRng(seed), 20));
    }),
  );
});

test("two generators do not disturb each other", () => {
  const alone = draw(createRng(7), 10);
  const first = createRng(7);
  const second = createRng(8);
  const mixed = Array.from({ length: 10 }, () => {
    second.next();
    return first.next();
  });
  expect(mixed).toEqual(alone);
});

test("neighbouring seeds give different sequences", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(draw(createRng(seed), 4)).not.toEqual(draw(createRng(seed ^ 1), 4));
    }),
  );
});

test("a generator names its seed", () => {
  expect(createRng(42).seed).toBe(42);
});

test("numbers lie in [0, 1)", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(draw(createRng(seed), 100).every((value) => value >= 0 && value < 1)).toBe(true);
    }),
  );
});

test("numbers spread evenly over ten parts", () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const value of draw(createRng(1), 100_000)) {
    const part = Math.floor(value * 10);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  // Five standard deviations of a fair draw: sqrt(100,000 * 0.1 * 0.9) is 95.
  expect(counts.every((count) => Math.abs(count - 10_000) < 475)).toBe(true);
});

test("whole numbers stay within their bounds and reach both", () => {
  const bounds = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 5 }));
  fc.assert(
    fc.property(seeds, bounds, (seed, [low, width]) => {
      const rng = createRng(seed);
      const drawn = new Set(
        Array.from({ length: 400 }, () => integerBetween(rng, low, low + width)),
      );
      const all = Array.from({ length: width + 1 }, (_, offset) => low + offset);
      expect([...drawn].toSorted((a, b) => a - b)).toEqual(all);
    }),
  );
});

test("a random seed is a number that a generator takes whole", () => {
  const drawn = Array.from({ length: 50 }, () => randomSeed());
  expect(drawn.every((seed) => Number.isInteger(seed) && seed >>> 0 === seed)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(45);
});
