import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantFromMicros, instantMax, instantMin } from "../kernel/instant.ts";
import { ceilSecondsOf, floorSecondsOf, instantOfSeconds } from "./seconds.ts";

const anyInstant = fc.bigInt({ min: instantMin, max: instantMax }).map(instantFromMicros);

describe("whole seconds of instants", () => {
  it("lie just below and just above the instant, in all years", () => {
    fc.assert(
      fc.property(anyInstant, (instant) => {
        const floor = BigInt(floorSecondsOf(instant)) * 1_000_000n;
        const ceil = BigInt(ceilSecondsOf(instant)) * 1_000_000n;
        expect(floor <= instant && instant - floor < 1_000_000n).toBe(true);
        expect(ceil >= instant && ceil - instant < 1_000_000n).toBe(true);
      }),
    );
  });

  it("round down to the second before, a microsecond short of a second", () => {
    for (const second of [-2_208_988_800, -1, 0, 1, 3_999_999_999, 9_007_199_255]) {
      expect(floorSecondsOf(instantFromMicros(BigInt(second) * 1_000_000n - 1n))).toBe(second - 1);
    }
  });

  it("become instants again", () => {
    for (const second of [-62_135_596_800, -1, 0, 4_102_444_800, 253_402_300_799]) {
      expect(floorSecondsOf(instantOfSeconds(second))).toBe(second);
    }
  });
});
