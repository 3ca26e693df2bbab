import { expect, test } from "vitest";
import type { Hint, Notifier } from "../model/notifier.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { HintWaiter } from "./hint-waiter.ts";

function setUp() {
  const subscribers = new Set<(hint: Hint) => void>();
  const notifier: Notifier = {
    subscribe: (onHint) => {
      subscribers.add(onHint);
      return { [Symbol.dispose]: () => subscribers.delete(onHint) };
    },
  };
  const clock = createManualClock();
  const waiter = new HintWaiter(notifier, ["ended"], clock);
  const hint = (each: Hint): void => subscribers.forEach((tell) => tell(each));
  return { subscribers, clock, waiter, hint };
}

/** Lets everything that awaits settled promises go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function watch(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  void promise.then(() => {
    state.done = true;
  });
  return state;
}

test("without a hint it is time to look again after a second", async () => {
  const { waiter, clock } = setUp();
  const wait = watch(waiter.wait({}));
  clock.advance(20);
  await settle();
  clock.advance(979);
  await settle();
  expect(wait.done).toBe(false);
  clock.advance(1);
  await settle();
  expect(wait.done).toBe(true);
});

test("a hint of a wanted kind ends the wait, another does not", async () => {
  const { waiter, clock, hint } = setUp();
  const wait = watch(waiter.wait({}));
  clock.advance(20);
  await settle();
  hint("fire");
  await settle();
  expect(wait.done).toBe(false);
  hint("ended");
  await settle();
  expect(wait.done).toBe(true);
});

test("a hint that came while nobody waited is not lost", async () => {
  const { waiter, clock, hint } = setUp();
  hint("ended");
  const wait = watch(waiter.wait({}));
  await settle();
  clock.advance(20);
  await settle();
  expect(wait.done).toBe(true);
});

test("a flood of hints lets one look each 20 ms at the most", async () => {
  const { waiter, clock, hint } = setUp();
  let looks = 0;
  const loop = async (): Promise<void> => {
    for (;;) {
      await waiter.wait({});
      looks += 1;
    }
  };
  void loop();
  for (let ms = 0; ms < 200; ms += 1) {
    hint("ended");
    clock.advance(1);
    await settle();
  }
  expect(looks).toBe(10);
});

test("the wait is no longer than asked for", async () => {
  const { waiter, clock } = setUp();
  const wait = watch(waiter.wait({ atMostMs: 5 }));
  clock.advance(5);
  await settle();
  expect(wait.done).toBe(true);
});

test.each([0, 20])("an aborted signal ends the wait after %d ms with its reason", async (ms) => {
  const { waiter, clock } = setUp();
  const controller = new AbortController();
  const wait = waiter.wait({ signal: controller.signal });
  clock.advance(ms);
  await settle();
  const reason = new TypeError("enough");
  controller.abort(reason);
  await expect(wait).rejects.toBe(reason);
  expect(clock.timerCount).toBe(0);
});

test("a waiter that is disposed of holds no subscription", () => {
  const { waiter, subscribers } = setUp();
  expect(subscribers.size).toBe(1);
  waiter[Symbol.dispose]();
  expect(subscribers.size).toBe(0);
});
