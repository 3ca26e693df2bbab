import { expect, test } from "vitest";
import { StopRequest } from "./stop-request.ts";

const first = new RangeError("first");

test("only the first reason counts, and its listener is called once", () => {
  const stop = new StopRequest();
  let calls = 0;
  stop.onAsked(() => (calls += 1));
  expect(stop.reason).toBeUndefined();
  stop.ask(first);
  stop.ask(new RangeError("second"));
  expect([stop.reason, calls]).toEqual([first, 1]);
});

test("a listener that was taken away is not called", () => {
  const stop = new StopRequest();
  let calls = 0;
  stop.onAsked(() => (calls += 1));
  stop.onAsked(undefined);
  stop.ask(first);
  expect(calls).toBe(0);
});

test("the signal is aborted with the reason, whether it is made before or after", () => {
  const [early, late] = [new StopRequest(), new StopRequest()];
  const { signal } = early;
  expect(signal.aborted).toBe(false);
  early.ask(first);
  late.ask(first);
  expect([signal.reason, late.signal.reason]).toEqual([first, first]);
});

test("the listener is called before the signal is aborted, which may do anything", () => {
  const stop = new StopRequest();
  const calls: string[] = [];
  stop.signal.addEventListener("abort", () => calls.push("signal"));
  stop.onAsked(() => calls.push("listener"));
  stop.ask(first);
  expect(calls).toEqual(["listener", "signal"]);
});
