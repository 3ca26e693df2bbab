import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Instant, instantFromMicros, instantMax } from "../kernel/instant.ts";
import { intersectIntervals, IntervalSeries } from "./interval-series.ts";
import { intervalMsOf } from "./interval-trigger.ts";

const at = (micros: number | bigint): Instant => instantFromMicros(BigInt(micros));

describe("an anchored interval", () => {
  const series = new IntervalSeries(10n, at(100));

  it("begins with its anchor and keeps its phase", () => {
    expect(series.next(at(-50))).toBe(100n);
    expect(series.next(at(99))).toBe(100n);
    expect(series.next(at(100))).toBe(110n);
    expect(series.next(at(115))).toBe(120n);
    expect(series.previous(at(100))).toBeUndefined();
    expect(series.previous(at(101))).toBe(100n);
    expect(series.previous(at(120))).toBe(110n);
  });

  it("follows the phase of the previous fire where it is told one", () => {
    expect(series.next(at(117), at(117))).toBe(127n);
    expect(series.next(at(150), at(117))).toBe(157n);
  });

  it("lists what repeated next gives", () => {
    const fires = series.between(at(95), at(130), 10).map((occurrence) => occurrence.at);
    expect(fires).toEqual([100n, 110n, 120n, 130n]);
  });

  it("ends where instants end", () => {
    expect(new IntervalSeries(10n, undefined).next(instantMax)).toBeUndefined();
  });
});

describe("an interval without anchor", () => {
  it("counts from the question, or from the previous fire", () => {
    const series = new IntervalSeries(10n, undefined);
    expect(series.next(at(3))).toBe(13n);
    expect(series.next(at(3), at(-4))).toBe(6n);
    expect(series.previous(at(13))).toBe(3n);
  });
});

describe("the intersection of two intervals", () => {
  it("is the progression that a walk finds", () => {
    const progression = fc.record({
      every: fc.bigInt({ min: 1n, max: 40n }),
      anchorAt: fc.bigInt({ min: -100n, max: 100n }),
    });
    fc.assert(
      fc.property(progression, progression, (a, b) => {
        const isIn = (value: bigint, { every, anchorAt }: typeof a): boolean =>
          value >= anchorAt && (value - anchorAt) % every === 0n;
        const walked: bigint[] = [];
        for (let value = -100n; value <= 100n + 2n * a.every * b.every; value += 1n) {
          if (isIn(value, a) && isIn(value, b)) walked.push(value);
        }
        const common = intersectIntervals(a, b);
        expect(common?.anchorAt).toBe(walked[0]);
        if (common === undefined) return;
        expect(walked.every((value) => isIn(value, common))).toBe(true);
        expect(walked[1]).toBe(common.anchorAt + common.every);
      }),
      { numRuns: 60 },
    );
  });
});

describe("units of an interval", () => {
  it("add up, and nothing is a second", () => {
    expect(intervalMsOf({ weeks: 1, days: 2, hours: 3, minutes: 4, seconds: 5.5 })).toBe(
      788_645_500,
    );
    expect(intervalMsOf({})).toBe(1000);
    expect(intervalMsOf({ hours: 0 })).toBe(1000);
  });
});
