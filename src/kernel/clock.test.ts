/** Waiting: it ends once, by time or by its signal, and leaves nothing behind. */

import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { delay, isAbortEcho, reasonOf, systemClock, timerMsMax } from "./clock.ts";

describe("delay", () => {
  test("ends when its time has come, not before", async () => {
    const clock = createManualClock();
    const ends: number[] = [];
    const waiting = delay(clock, 100).then(() => ends.push(clock.monotonicMs()));
    clock.advance(99);
    await Promise.resolve();
    expect(ends).toEqual([]);
    clock.advance(1);
    await waiting;
    expect(ends).toEqual([100]);
  });

  test("rejects with the signal's reason and takes its timer along", async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const reason = new Error("stop");
    const waiting = delay(clock, 100, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(clock.timerCount).toBe(0);
  });

  test("starts no timer when the signal is aborted already", async () => {
    const clock = createManualClock();
    const reason = new Error("stop");
    await expect(delay(clock, 100, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(clock.timerCount).toBe(0);
  });

  test("has ended for good when the signal is aborted later", async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const waiting = delay(clock, 100, controller.signal);
    clock.advance(100);
    controller.abort(new Error("late"));
    await expect(waiting).resolves.toBeUndefined();
  });

  test("leaves no listener on a signal that outlives it", async () => {
    const clock = createManualClock();
    const { signal } = new AbortController();
    const waiting = delay(clock, 1, signal);
    expect(listenerCount(signal)).toBe(1);
    clock.advance(1);
    await waiting;
    expect(listenerCount(signal)).toBe(0);
  });
});

test("a reason that is no error becomes one that keeps its text", () => {
  expect(reasonOf(AbortSignal.abort("enough"))).toMatchObject({
    name: "AbortError",
    message: "enough",
  });
  expect(reasonOf(AbortSignal.abort())).toMatchObject({ name: "AbortError" });
});

test("the reason itself, what wraps it, and an AbortError are echoes of an abort", () => {
  const reason = new RangeError("enough");
  const signal = AbortSignal.abort(reason);
  expect(isAbortEcho(reason, signal)).toBe(true);
  expect(isAbortEcho(new RangeError("x", { cause: reason }), signal)).toBe(true);
  expect(isAbortEcho(new DOMException("x", "AbortError"), signal)).toBe(true);
  expect(isAbortEcho(new RangeError("enough"), signal)).toBe(false);
});

describe("the system's clock", () => {
  test("agrees with the machine's wall clock", () => {
    const before = Date.now();
    const now = Number(systemClock.now()) / 1000;
    // The two sources may be adjusted apart while a process lives, but not by a second here.
    expect(Math.abs(now - before)).toBeLessThan(1000);
  });

  test("never goes back", () => {
    const readings = Array.from({ length: 1000 }, () => systemClock.monotonicMs());
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  });

  test("calls back once, and not at all when called off", async () => {
    const calls: string[] = [];
    const called = new Promise<void>((resolve) => {
      systemClock.schedule(0, () => calls.push("off"))[Symbol.dispose]();
      systemClock.schedule(-5, () => calls.push("on"));
      systemClock.schedule(2, resolve);
    });
    await called;
    expect(calls).toEqual(["on"]);
  });

  test("calls back when its time has come, also after more than a timer of the runtime", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const calls: string[] = [];
      systemClock.schedule(timerMsMax * 2 + 1_000, () => calls.push("long"));
      using off = systemClock.schedule(timerMsMax + 1_000, () => calls.push("off"));
      vi.advanceTimersByTime(timerMsMax + 1);
      off[Symbol.dispose]();
      vi.advanceTimersByTime(timerMsMax + 998);
      expect(calls).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(calls).toEqual(["long"]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("waits when asked for longer than a runtime's timer can hold", async () => {
    const calls: string[] = [];
    using _timer = systemClock.schedule(2 ** 40, () => calls.push("early"));
    await delay(systemClock, 5);
    expect(calls).toEqual([]);
  });
});

test.each([
  ["systemClock", ""],
  ["holdingClock", "fired"],
])("a process that waits for nothing but a timer of %s prints %j", async (name, printed) => {
  const script = `import { ${name} } from "${new URL("clock.ts", import.meta.url).href}";
    ${name}.schedule(20, () => process.stdout.write("fired"));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module-typescript", "-e", script]);
  expect(stdout).toBe(printed);
});

/** How many abort listeners the runtime holds for a signal. */
function listenerCount(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}
