import { expect, it } from "vitest";
import { delay } from "../kernel/clock.ts";
import { createManualClock } from "./manual-clock.ts";
import { runOnClock } from "./run-on-clock.ts";

it("moves the clock only as far as the work waits, in the order of its timers", async () => {
  const clock = createManualClock();
  const seen: (readonly [string, number])[] = [];
  const wait = async (name: string, ms: number): Promise<void> => {
    await delay(clock, ms);
    seen.push([name, clock.monotonicMs()]);
  };
  const work = async (): Promise<string> => {
    await Promise.all([wait("late", 3_600_000), wait("early", 0.1)]);
    await wait("last", 0.2);
    return "done";
  };
  expect(await runOnClock(clock, work())).toBe("done");
  expect(seen).toEqual([
    ["early", 0.1],
    ["late", 3_600_000],
    ["last", 3_600_000.2],
  ]);
});

it("lets everything come to rest between two timers, through any number of promises", async () => {
  const clock = createManualClock();
  const seen: string[] = [];
  const first = async (): Promise<void> => {
    await delay(clock, 1);
    for (let hop = 0; hop < 500; hop += 1) await Promise.resolve();
    seen.push("first");
  };
  const second = delay(clock, 2).then(() => seen.push("second"));
  await runOnClock(clock, Promise.all([first(), second]));
  expect(seen).toEqual(["first", "second"]);
});

it("passes on what the work fails with", async () => {
  const clock = createManualClock();
  const work = delay(clock, 5).then(() => Promise.reject(new RangeError("no")));
  await expect(runOnClock(clock, work)).rejects.toThrow("no");
});

it("says that work waits for something that will not come", async () => {
  const never = new Promise<void>(() => undefined);
  await expect(runOnClock(createManualClock(), never)).rejects.toMatchObject({
    code: "ORR_TIMEOUT_WAIT",
  });
});
