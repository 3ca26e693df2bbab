import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../kernel/rng.ts";
import { defaultWeights, splitCount } from "./visit-shares.ts";

const weights = fc
  .array(
    fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .filter((list) => list.some((weight) => weight > 0));
const counts = fc.integer({ min: 0, max: 10_000 });

describe("splitCount", () => {
  it("gives away the whole count, to each its share up to rounding", () => {
    fc.assert(
      fc.property(counts, weights, fc.nat(), (count, list, seed) => {
        const shares = splitCount(count, list, createRng(seed));
        const total = list.reduce((sum, weight) => sum + weight, 0);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(count);
        for (const [index, share] of shares.entries()) {
          const exact = (count * (list[index] ?? 0)) / total;
          expect(Math.abs(share - exact)).toBeLessThan(1 + 1e-6);
          if (list[index] === 0) expect(share).toBe(0);
        }
      }),
    );
  });

  it("gives the same to the same chance", () => {
    fc.assert(
      fc.property(counts, weights, fc.nat(), (count, list, seed) => {
        const again = splitCount(count, list, createRng(seed));
        expect(splitCount(count, list, createRng(seed))).toEqual(again);
      }),
    );
  });

  it("gives a policy of small weight its part of many counts of one", () => {
    const rng = createRng(7);
    const got = [0, 0, 0];
    for (let round = 0; round < 20_000; round += 1) {
      for (const [at, share] of splitCount(1, [49, 49, 2], rng).entries()) {
        got[at] = (got[at] ?? 0) + share;
      }
    }
    expect(got.map((each) => Math.round(each / 200))).toEqual([49, 49, 2]);
  });
});

describe("defaultWeights", () => {
  it.each([
    [
      "anything",
      {
        "already-visited-by-lag": 40,
        "never-visited-oldest-update-first": 40,
        "without-last-update": 20,
      },
    ],
    [
      "git",
      {
        "already-visited-by-lag": 49,
        "never-visited-oldest-update-first": 49,
        "without-last-update": 2,
      },
    ],
    [
      "svn",
      {
        "already-visited-by-lag": 49,
        "never-visited-oldest-update-first": 49,
        "without-last-update": 2,
      },
    ],
    ["content", { "stop-after-success": 100 }],
    ["svn-export", { "stop-after-success": 100 }],
  ])("are the reference's for %s", (visitType, expected) => {
    expect(defaultWeights(visitType)).toEqual(expected);
  });
});
