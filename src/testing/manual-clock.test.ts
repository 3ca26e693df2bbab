import fc from "fast-check";
import { expect, test } from "vitest";

import { delay } from "../kernel/clock.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { createManualClock } from "./manual-clock.ts";

test("wall and monotonic time stand still until the clock is moved, then move alike", () => {
  const clock = createManualClock(parseInstant("2026-03-01T09:00:00Z"));
  expect(clock.monotonicMs()).toBe(0);
  clock.advance(1500.25);
  expect(clock.monotonicMs()).toBe(1500.25);
  expect(formatInstant(clock.now())).toBe("2026-03-01T09:00:01.500250Z");
});

test("a timer fires once, at its due time and not before", () => {
  const clock = createManualClock();
  const seen: number[] = [];
  clock.schedule(100, () => seen.push(clock.monotonicMs()));
  clock.advance(99);
  expect(seen).toEqual([]);
  clock.advance(51);
  clock.advance(1000);
  expect(seen).toEqual([100]);
});

test("timers fire by due time, and in the order of setting at an equal one", () => {
  const delays = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 });
  const moves = fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 10 });
  fc.assert(
    fc.property(delays, moves, (wanted, steps) => {
      const clock = createManualClock();
      const fired: number[] = [];
      wanted.forEach((ms, index) => clock.schedule(ms, () => fired.push(index)));
      for (const ms of [0, ...steps]) clock.advance(ms);
      const reached = clock.monotonicMs();
      const expected = wanted
        .map((ms, index) => ({ ms, index }))
        .filter(({ ms }) => ms <= reached)
        .toSorted((a, b) => a.ms - b.ms || a.index - b.index);
      expect(fired).toEqual(expected.map(({ index }) => index));
      expect(clock.timerCount).toBe(wanted.length - expected.length);
    }),
  );
});

test("a timer that was disposed of does not fire, not even when a due one disposes of it", () => {
  const clock = createManualClock();
  const fired: string[] = [];
  const early = clock.schedule(5, () => fired.push("early"));
  clock.schedule(10, () => {
    fired.push("first");
    second[Symbol.dispose]();
  });
  const second = clock.schedule(10, () => fired.push("second"));
  early[Symbol.dispose]();
  clock.advance(20);
  expect(fired).toEqual(["first"]);
  second[Symbol.dispose]();
  expect(clock.timerCount).toBe(0);
});

test("a timer that is set by a timer fires in the same move when it is due in time", () => {
  const clock = createManualClock();
  const seen: number[] = [];
  const again = (): void => {
    seen.push(clock.monotonicMs());
    clock.schedule(10, again);
  };
  clock.schedule(10, again);
  clock.advance(35);
  expect(seen).toEqual([10, 20, 30]);
  expect(clock.monotonicMs()).toBe(35);
});

test("a move to the next timer fires all that are due with it, and none without one", () => {
  const clock = createManualClock();
  const fired: string[] = [];
  clock.schedule(0.1 + 0.2, () => fired.push("first"));
  clock.schedule(0.1 + 0.2, () => {
    fired.push("second");
    clock.schedule(0, () => fired.push("set meanwhile"));
  });
  clock.schedule(1, () => fired.push("later"));
  expect(clock.advanceToNext()).toBe(true);
  expect(fired).toEqual(["first", "second", "set meanwhile"]);
  expect(clock.monotonicMs()).toBe(0.1 + 0.2);
  expect([clock.advanceToNext(), clock.advanceToNext()]).toEqual([true, false]);
  expect(clock.monotonicMs()).toBe(1);
});

test("a delay of the kernel waits for the clock", async () => {
  const clock = createManualClock();
  const waited = delay(clock, 1000).then(() => clock.monotonicMs());
  clock.advance(1000);
  await expect(waited).resolves.toBe(1000);
});

test("an error of a callback stops the move, and the next move goes on from there", () => {
  const clock = createManualClock();
  const fired: string[] = [];
  clock.schedule(5, () => {
    throw new RangeError("five");
  });
  clock.schedule(6, () => fired.push("six"));
  expect(() => clock.advance(10)).toThrow("five");
  expect(clock.monotonicMs()).toBe(5);
  clock.advance(1);
  expect(fired).toEqual(["six"]);
});

test("timers that set each other without end are stopped", () => {
  const clock = createManualClock();
  const again = (): void => void clock.schedule(0, again);
  clock.schedule(0, again);
  expect(() => clock.advance(1)).toThrow("one move fired over 1000000 timers");
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("a move by %s is refused", (ms) => {
  expect(() => createManualClock().advance(ms)).toThrow("ms must be a number from 0");
});
