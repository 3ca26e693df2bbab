import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextRefillMs, roomToFill, roomWanted } from "./visit-refill.ts";

const rules = fc.record({
  queueLength: fc.integer({ min: 1, max: 100_000 }),
  refillPart: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("roomToFill", () => {
  it.each([
    [100, 0.05, 95, 5],
    [100, 0.05, 96, 0],
    [1_000, 0.05, 951, 0],
    [1_000, 0.05, 950, 50],
    [10, 0.05, 9, 1],
    [10, 0, 10, 0],
    [10, 1, 1, 0],
    [10, 1, 0, 10],
    [10, 0.05, 12, 0],
  ])("of a queue of %i from part %d on, with %i runs, is %i", (length, part, runs, room) => {
    expect(roomToFill({ queueLength: length, refillPart: part }, runs)).toBe(room);
  });

  it("never overfills a queue, and fills it once what is wanted is free", () => {
    fc.assert(
      fc.property(rules, fc.nat(120_000), (rule, runs) => {
        const room = roomToFill(rule, runs);
        const free = rule.queueLength - runs;
        expect(runs + room).toBeLessThanOrEqual(Math.max(rule.queueLength, runs));
        expect(room > 0).toBe(free >= roomWanted(rule));
      }),
    );
  });

  it("finds an empty queue worth filling, whatever part is asked for", () => {
    fc.assert(
      fc.property(rules, (rule) => {
        expect(roomToFill(rule, 0)).toBe(rule.queueLength);
      }),
    );
  });
});

describe("nextRefillMs", () => {
  const timing = { pollMs: 5_000, idleMs: 60_000 };
  it.each([
    ["filled", true, 0],
    ["filled", false, 5_000],
    ["full", false, 5_000],
    ["paused", false, 5_000],
    ["dry", true, 60_000],
  ] as const)("after %s, with room left: %s, is %i", (state, hasRoom, ms) => {
    expect(nextRefillMs({ state, hasRoom }, timing)).toBe(ms);
  });
});
