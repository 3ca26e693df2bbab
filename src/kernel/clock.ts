/**
 * Time as this process sees it. Wall time is for schedules and display, monotonic time for budgets
 * and waits; leases and due times follow the database's clock and neither of these.
 */

import { type Instant, instantFromMillis } from "./instant.ts";

/** The only way to the time and to timers. */
export interface Clock {
  /** Wall time. */
  now(): Instant;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /**
   * Calls `callback` once after `ms`; disposing the handle calls it off. Timers do not keep a
   * process alive.
   */
  schedule(ms: number, callback: () => void): Disposable;
}

/** A timer of Node.js or of a browser: only the first can be told not to keep the process. */
interface Unrefable {
  unref?: () => unknown;
}

/** The longest delay that a timer of the runtime takes, about 24.8 days. */
export const timerMsMax = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => instantFromMillis(performance.timeOrigin + performance.now()),
  monotonicMs: () => performance.now(),
  schedule: (ms, callback) => schedule(ms, callback, release),
};

/**
 * The machine's clock for work that is all a program does: its timers keep the process until they
 * fire or are disposed.
 */
export const holdingClock: Clock = {
  ...systemClock,
  schedule: (ms, callback) => schedule(ms, callback, () => undefined),
};

/** One timer after the other where one cannot wait for so long; `onTimer` is given each of them. */
function schedule(ms: number, callback: () => void, onTimer: (timer: unknown) => void): Disposable {
  let timer: unknown;
  const start = (leftMs: number): void => {
    const isLast = leftMs <= timerMsMax;
    const next = isLast ? callback : (): void => start(leftMs - timerMsMax);
    timer = setTimeout(next, isLast ? Math.max(leftMs, 0) : timerMsMax);
    onTimer(timer);
  };
  start(ms);
  return { [Symbol.dispose]: () => clearTimeout(timer as number) };
}

/** Lets the process end before the timer does. */
function release(timer: unknown): void {
  if (isUnrefable(timer)) timer.unref?.();
}

function isUnrefable(timer: unknown): timer is Unrefable {
  return typeof timer === "object" && timer !== null && "unref" in timer;
}

/**
 * Resolves after `ms`, or rejects with the signal's reason when it is aborted first.
 */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(reasonOf(signal));
      return;
    }
    const onAbort = (): void => {
      timer[Symbol.dispose]();
      if (signal !== undefined) reject(reasonOf(signal));
    };
    const timer = clock.schedule(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Resolves once everything that can go on without time has gone on: all promises that are settled
 * by now, and those that follow from them.
 */
export function nextTurn(): Promise<void> {
  const immediate: unknown = Reflect.get(globalThis, "setImmediate");
  return new Promise((resolve) => {
    // A browser has none, and its timers wait longer.
    if (typeof immediate === "function") Reflect.apply(immediate, undefined, [resolve]);
    else setTimeout(resolve, 0);
  });
}

/** Why a signal was aborted, always an `Error`. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException(String(reason), "AbortError");
}

/** Whether `thrown` only passes on that the signal was aborted. */
export function isAbortEcho(thrown: unknown, signal: AbortSignal): boolean {
  if (thrown === signal.reason) return true;
  // What the runtime's own functions and `fetch` throw when their signal is aborted.
  return (
    thrown instanceof Error && (thrown.name === "AbortError" || thrown.cause === signal.reason)
  );
}
