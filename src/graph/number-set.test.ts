import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NumberSet } from "./number-set.ts";

/** Takes everything out, in the order in which it comes. */
function drained(set: NumberSet): readonly number[] {
  const taken: number[] = [];
  for (let least = set.takeLeast(); least !== -1; least = set.takeLeast()) taken.push(least);
  return taken;
}

describe("NumberSet", () => {
  it("gives nothing when it is empty, also with room for nothing", () => {
    expect(new NumberSet(0).takeLeast()).toBe(-1);
    expect(new NumberSet(5000).takeLeast()).toBe(-1);
  });

  it("holds the last number of each word and of each level", () => {
    const set = new NumberSet(40_000);
    const numbers = [0, 31, 32, 1023, 1024, 32_767, 32_768, 39_999];
    for (const number of numbers.toReversed()) set.add(number);
    expect(drained(set)).toEqual(numbers);
  });

  it("refuses a number that it has no room for", () => {
    expect(() => new NumberSet(32).add(32)).toThrow(
      expect.objectContaining({ code: "ORR_BUG_INVARIANT" }),
    );
  });

  it("does as a sorted list does, under any additions and removals", () => {
    const step = fc.option(fc.nat(2999), { freq: 2 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const set = new NumberSet(3000);
        const model = new Set<number>();
        for (const number of steps) {
          if (number === null) {
            const least = model.size === 0 ? -1 : Math.min(...model);
            expect(set.takeLeast()).toBe(least);
            model.delete(least);
          } else {
            set.add(number);
            model.add(number);
          }
          expect(set.size).toBe(model.size);
        }
        expect(drained(set)).toEqual([...model].toSorted((a, b) => a - b));
      }),
    );
  });
});
