import { expect, test } from "vitest";
import { createRng } from "../kernel/rng.ts";
import { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
import type { EngineEvent } from "./events.ts";
import { Loop, type NextTurn } from "./loop.ts";

interface LoopRig {
  readonly loop: Loop;
  readonly clock: ManualClock;
  readonly events: EngineEvent[];
  /** When each turn began, in milliseconds. */
  readonly turns: number[];
  /** Lets promises go on until the loop waits. */
  readonly settle: () => Promise<void>;
}

function rigOf(turn: (count: number) => NextTurn | Promise<NextTurn>): LoopRig {
  const clock = createManualClock();
  const events: EngineEvent[] = [];
  const turns: number[] = [];
  const loop = new Loop({
    name: "claim",
    clock,
    rng: createRng(1),
    onEvent: (event) => events.push(event),
    turn: async () => {
      turns.push(clock.monotonicMs());
      return await turn(turns.length);
    },
  });
  const settle = async (): Promise<void> => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
  };
  return { loop, clock, events, turns, settle };
}

test("a turn comes at once, then after its interval with some spread", async () => {
  const { loop, clock, turns, settle } = rigOf(() => ({ inMs: 1_000 }));
  loop.start();
  await settle();
  expect(turns).toEqual([0]);
  clock.advance(899);
  await settle();
  expect(turns).toHaveLength(1);
  clock.advance(201);
  await settle();
  expect(turns).toHaveLength(2);
  await loop.stop();
});

test("an exact interval is not spread", async () => {
  const { loop, clock, turns, settle } = rigOf(() => ({ inMs: 1_000, isExact: true }));
  loop.start();
  for (let round = 0; round < 5; round += 1) {
    await settle();
    clock.advance(1_000);
  }
  await settle();
  expect(turns).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
  await loop.stop();
});

test("waking makes the next turn come at once", async () => {
  const { loop, turns, settle } = rigOf(() => ({ inMs: 1_000 }));
  loop.start();
  await settle();
  loop.wake();
  await settle();
  expect(turns).toEqual([0, 0]);
  await loop.stop();
});

test("a hint during a turn is not lost: another turn follows", async () => {
  const gate = Promise.withResolvers<NextTurn>();
  const { loop, turns, settle } = rigOf((count) => (count === 1 ? gate.promise : { inMs: 1_000 }));
  loop.start();
  await settle();
  loop.wake();
  loop.wake();
  gate.resolve({ inMs: 1_000 });
  await settle();
  expect(turns).toHaveLength(2);
  await loop.stop();
});

test("stopping waits for the turn, is legal before start and twice, leaves no timer", async () => {
  const gate = Promise.withResolvers<NextTurn>();
  const { loop, clock, turns, settle } = rigOf(() => gate.promise);
  await loop.stop();
  loop.start();
  await settle();
  let isStopped = false;
  const stopping = loop.stop().then(() => {
    isStopped = true;
  });
  await settle();
  expect(isStopped).toBe(false);
  gate.resolve({ inMs: 1_000 });
  await stopping;
  await loop.stop();
  expect(turns).toHaveLength(1);
  expect(clock.timerCount).toBe(0);
});

test("a failing turn is told of and tried again more and more patiently", async () => {
  const { loop, clock, events, turns, settle } = rigOf((count) => {
    if (count <= 7) throw new TypeError(`no luck in turn ${count}`);
    return { inMs: 1_000 };
  });
  loop.start();
  await settle();
  loop.wake();
  await settle();
  expect(turns).toHaveLength(1);
  for (let step = 0; step < 1_000; step += 1) {
    clock.advance(10);
    await settle();
    if (turns.length >= 8) break;
  }
  const pauses = turns.slice(1).map((at, index) => at - (turns[index] ?? 0));
  [100, 200, 400, 800, 1_600, 2_000, 2_000].forEach((planned, index) => {
    expect(pauses[index]).toBeGreaterThanOrEqual(planned * 0.9);
    expect(pauses[index]).toBeLessThanOrEqual(planned * 1.1 + 10);
  });
  expect(events.map((event) => event.kind)).toEqual(Array.from({ length: 7 }, () => "loop_failed"));
  await loop.stop();
});

test("a loop that fails is stopped at once", async () => {
  const { loop, clock, settle } = rigOf(() => {
    throw new TypeError("no luck");
  });
  loop.start();
  await settle();
  await loop.stop();
  expect(clock.timerCount).toBe(0);
});

test("something thrown that is no error is told as one", async () => {
  const words: unknown = "just words";
  const { loop, events, settle } = rigOf(() => {
    throw words;
  });
  loop.start();
  await settle();
  expect(events[0]).toMatchObject({ kind: "loop_failed", error: { message: /just words/ } });
  await loop.stop();
});

test("a loop can be started again after it was stopped", async () => {
  const { loop, turns, settle } = rigOf(() => ({ inMs: 1_000 }));
  loop.start();
  loop.start();
  await settle();
  await loop.stop();
  loop.start();
  await settle();
  expect(turns).toHaveLength(2);
  await loop.stop();
});
