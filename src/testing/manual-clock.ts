/**
 * A clock that stands still until a test moves it: timers fire while it is moved, in the order in
 * which they are due, and never by themselves.
 */

import { assert } from "../kernel/assert.ts";
import type { Clock } from "../kernel/clock.ts";
import { readNumber } from "../kernel/fields.ts";
import { addMillis, type Instant, instantFromMillis } from "../kernel/instant.ts";

/** A clock that a test moves by hand. */
export interface ManualClock extends Clock {
  /**
   * Moves the clock by `ms` and fires every timer that falls due on the way, each with the clock
   * at its own time; timers set meanwhile fire too when they are due in time. All of it happens
   * before the call returns, but what awaits a promise goes on later. An error of a callback stops
   * the move where it is.
   * @throws InvalidInputError `ORR_INPUT_INVALID` when `ms` is negative or no number
   * @throws InvariantError `ORR_BUG_INVARIANT` after a million timers, which never end
   */
  advance(ms: number): void;
  /**
   * Moves the clock to the time of the next timer and fires all that are due then, as `advance`
   * does; false when none waits.
   */
  advanceToNext(): boolean;
  /** Timers that wait to fire. */
  readonly timerCount: number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** 2026-01-01T00:00:00Z: an arbitrary start, the same in every test. */
const startAtDefault = instantFromMillis(1_767_225_600_000);

/** A move that fires more is taken for timers that set each other without end. */
const firedCountMax = 1_000_000;

/** A hundred years in milliseconds: no move is longer. */
const advanceMsMax = 100 * 365 * 86_400_000;

/** A clock that shows `startAt` until it is moved. */
export function createManualClock(startAt: Instant = startAtDefault): ManualClock {
  // Sorted by due time; timers of one due time stand in the order in which they were set.
  const timers: Timer[] = [];
  let elapsedMs = 0;

  const fireUntil = (endMs: number): void => {
    let firedCount = 0;
    for (let next = timers[0]; next !== undefined && next.dueMs <= endMs; next = timers[0]) {
      firedCount += 1;
      assert(firedCount <= firedCountMax, `one move fired over ${firedCountMax} timers`);
      timers.shift();
      elapsedMs = Math.max(elapsedMs, next.dueMs);
      next.callback();
    }
  };

  return {
    now: () => addMillis(startAt, elapsedMs),
    monotonicMs: () => elapsedMs,
    schedule: (ms, callback) => {
      const timer = { dueMs: elapsedMs + (ms > 0 ? ms : 0), callback };
      const later = timers.findIndex((each) => each.dueMs > timer.dueMs);
      timers.splice(later === -1 ? timers.length : later, 0, timer);
      return { [Symbol.dispose]: () => remove(timers, timer) };
    },
    advance: (ms) => {
      const endMs = elapsedMs + readNumber(ms, { field: "ms", min: 0, max: advanceMsMax });
      fireUntil(endMs);
      // A callback may have moved the clock further itself.
      elapsedMs = Math.max(elapsedMs, endMs);
    },
    advanceToNext: () => {
      const [next] = timers;
      if (next !== undefined) fireUntil(Math.max(next.dueMs, elapsedMs));
      return next !== undefined;
    },
    get timerCount() {
      return timers.length;
    },
  };
}

function remove(timers: Timer[], timer: Timer): void {
  const at = timers.indexOf(timer);
  if (at !== -1) timers.splice(at, 1);
}
