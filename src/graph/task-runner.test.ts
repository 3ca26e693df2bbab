import { describe, expect, it } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { runOnClock } from "../testing/run-on-clock.ts";
import { TaskRunner } from "./task-runner.ts";
import { Timeout } from "./timeout.ts";

/** A task of so many suspensions, which notes what happens to it. */
function counting(suspensionCount: number, log: string[] = []) {
  return function* count() {
    let isClosed = true;
    try {
      for (let at = 1; at <= suspensionCount; at += 1) {
        log.push(`suspends ${at}`);
        yield;
      }
      isClosed = false;
      return suspensionCount;
    } finally {
      log.push(isClosed ? "is closed" : "returns");
    }
  };
}

function* forever(): Generator<undefined, never, undefined> {
  for (;;) yield;
}

describe("start", () => {
  it("runs the first step, and a task without suspensions to its end", () => {
    const log: string[] = [];
    const runner = new TaskRunner(counting(2, log));
    expect(runner.started).toBe(false);
    runner.start();
    expect(log).toEqual(["suspends 1"]);
    expect([runner.started, runner.done]).toEqual([true, false]);
    const short = new TaskRunner(counting(0));
    short.start();
    expect(short.outcome).toEqual({ state: "succeeded", value: 0 });
  });

  it("takes a plain function, or an object that runs, with arguments", () => {
    const join = (left: string, right: number): string => left + String(right);
    const plain = new TaskRunner(join, { args: ["a", 1] });
    plain.start();
    expect(plain.outcome).toEqual({ state: "succeeded", value: "a1" });
    const object = new TaskRunner({ run: join }, { args: ["b", 2] });
    object.start();
    expect(object.outcome).toEqual({ state: "succeeded", value: "b2" });
  });

  it("refuses to start twice, or after it was cancelled", () => {
    const started = new TaskRunner(counting(1));
    started.start();
    const refusal = { code: "ORR_STATE_RUNNER", message: "Task count has already been started" };
    expect(() => started.start()).toThrow(expect.objectContaining(refusal));
    const cancelled = new TaskRunner(counting(1));
    cancelled.cancel();
    expect([cancelled.started, cancelled.done]).toEqual([false, true]);
    expect(() => cancelled.start()).toThrow("Task count has already been cancelled");
  });

  it("refuses what is no task, and options that it does not know", () => {
    expect(() => new TaskRunner("count" as unknown as () => void)).toThrow(
      'task must be a function or an object with a method `run`, not "count"',
    );
    const misspelt: object = { clok: createManualClock() };
    expect(() => new TaskRunner(counting(1), misspelt)).toThrow(
      'options.clok is not a known field; did you mean "clock"?',
    );
    expect(() => new TaskRunner(counting(1)).start(Number.NaN)).toThrow("timeout must be a number");
  });

  it("refuses a task that gives a promise or an async generator, which no step waits for", () => {
    const promising = new TaskRunner(() => Promise.resolve(1));
    expect(() => promising.start()).toThrow(
      expect.objectContaining({
        code: "ORR_INPUT_INVALID",
        details: { field: "task", value: expect.stringContaining("promise") },
      }),
    );
    const generating = new TaskRunner(async function* () {
      yield await Promise.resolve(1);
    });
    expect(() => generating.start()).toThrow("task must be a generator function");
  });

  it("takes a promise for the end of a task with compat heat", () => {
    const runner = new TaskRunner(() => Promise.resolve(1), { compat: "heat" });
    runner.start();
    expect(runner.done).toBe(true);
  });
});

describe("step", () => {
  it("goes on to the next suspension and says when the task is over, as done does", () => {
    const task = new TaskRunner(counting(2));
    expect(() => task.step()).toThrow("Task count has not been started");
    task.start();
    expect([task.step(), task.done, task.step(), task.done]).toEqual([false, false, true, true]);
    expect([task.step(), task.outcome]).toEqual([true, { state: "succeeded", value: 2 }]);
  });

  it("resumes a task that suspends with a whole number n at every n-th step", () => {
    const log: number[] = [];
    const runner = new TaskRunner(function* () {
      for (const period of [3, 1, 0, -2, 1.5]) {
        log.push(period);
        yield period;
      }
    });
    runner.start();
    expect(Array.from({ length: 7 }, () => [runner.step(), log.length])).toEqual([
      [false, 1],
      [false, 1],
      [false, 2],
      [false, 3],
      [false, 4],
      [false, 5],
      [true, 5],
    ]);
  });

  it("lets the task's error out, after which the task is over", () => {
    const runner = new TaskRunner(function* () {
      yield;
      throw new RangeError("broken");
    });
    runner.start();
    expect(() => runner.step()).toThrow("broken");
    expect([runner.done, runner.step()]).toEqual([true, true]);
    expect(runner.outcome).toEqual({ state: "failed", error: new RangeError("broken") });
  });

  it("finds a failed task to be over one step later with compat heat", () => {
    const runner = new TaskRunner(
      function* () {
        yield;
        throw new RangeError("broken");
      },
      { compat: "heat" },
    );
    runner.start();
    expect(() => runner.step()).toThrow("broken");
    expect([runner.done, runner.step(), runner.done]).toEqual([false, true, true]);
    expect(runner.outcome.state).toBe("failed");
  });

  it("keeps a failed start final, which with compat heat can be repeated", () => {
    let callCount = 0;
    const failOnce = (): number => {
      callCount += 1;
      if (callCount === 1) throw new RangeError("not yet");
      return callCount;
    };
    const heat = new TaskRunner(failOnce, { compat: "heat" });
    expect(() => heat.start()).toThrow("not yet");
    expect([heat.started, heat.done]).toEqual([false, false]);
    heat.start();
    expect(heat.outcome).toEqual({ state: "succeeded", value: 2 });
    callCount = 0;
    const native = new TaskRunner(failOnce);
    expect(() => native.start()).toThrow("not yet");
    expect([native.started, native.done]).toEqual([true, true]);
    expect(() => native.start()).toThrow("has already been started");
  });

  it("is refused to the task itself, as is start", () => {
    const runner: TaskRunner = new TaskRunner(function* () {
      yield;
      runner.step();
    });
    runner.start();
    expect(() => runner.step()).toThrow("is in the middle of a step");
    const calling: TaskRunner = new TaskRunner(() => calling.start());
    expect(() => calling.start()).toThrow("has already been started");
  });
});

describe("a timeout", () => {
  it("is thrown into the task at the first step after its end, and comes out", () => {
    const clock = createManualClock();
    const log: string[] = [];
    const runner = new TaskRunner(counting(9, log), { clock });
    runner.start(2);
    clock.advance(2_000);
    expect(runner.step()).toBe(false);
    clock.advance(1);
    expect(() => runner.step()).toThrow("Task count Timed out");
    expect(log.at(-1)).toBe("is closed");
    expect([runner.done, runner.step()]).toEqual([true, true]);
    expect(runner.outcome).toMatchObject({ state: "failed", error: expect.any(Timeout) });
  });

  it("is not told to anybody when the task suppresses it, and the task is closed", () => {
    const clock = createManualClock();
    const runner = new TaskRunner(
      function* () {
        try {
          yield* forever();
        } catch {
          yield* forever();
        }
      },
      { clock },
    );
    runner.start(1);
    clock.advance(1_001);
    expect(runner.step()).toBe(true);
    expect(runner.outcome).toEqual({ state: "cancelled" });
  });

  it("is looked at also in a step that is sat out, unless compat is heat", () => {
    const stepsUntilTimeout = (options: { readonly compat?: "heat" }): number => {
      const clock = createManualClock();
      const runner = new TaskRunner(
        function* () {
          yield 4;
        },
        { clock, ...options },
      );
      runner.start(1);
      clock.advance(1_001);
      for (let count = 1; ; count += 1) {
        try {
          runner.step();
        } catch {
          return count;
        }
      }
    };
    expect(stepsUntilTimeout({})).toBe(1);
    expect(stepsUntilTimeout({ compat: "heat" })).toBe(4);
  });

  it("follows the clock that never goes back", () => {
    const clock = createManualClock();
    const runner = new TaskRunner(counting(9), { clock: { ...clock, now: () => 0n as never } });
    runner.start(1);
    clock.advance(1_001);
    expect(() => runner.step()).toThrow(Timeout);
  });
});

describe("cancel", () => {
  it("closes the task, whose error then comes out", () => {
    const log: string[] = [];
    const runner = new TaskRunner(counting(9, log));
    runner.start();
    runner.cancel();
    expect(log).toEqual(["suspends 1", "is closed"]);
    expect([runner.done, runner.step()]).toEqual([true, true]);
    expect(runner.outcome).toEqual({ state: "cancelled" });
    const failing = new TaskRunner(function* () {
      try {
        yield;
      } finally {
        log.push("fails");
        JSON.parse("{");
      }
    });
    failing.start();
    expect(() => failing.cancel()).toThrow(SyntaxError);
    expect([failing.done, failing.outcome.state]).toEqual([true, "failed"]);
  });

  it("tells of a task that suspends while it is being closed", () => {
    const runner = new TaskRunner(function* () {
      try {
        yield;
      } finally {
        yield;
      }
    });
    runner.start();
    expect(() => runner.cancel()).toThrow(
      expect.objectContaining({ code: "ORR_EXEC_CLOSE_IGNORED" }),
    );
    expect(runner.done).toBe(true);
  });

  it("lets the task go on for a grace period, and closes it without an error then", () => {
    const clock = createManualClock();
    const log: string[] = [];
    const runner = new TaskRunner(counting(9, log), { clock });
    runner.start();
    runner.cancel(1);
    expect(runner.step()).toBe(false);
    clock.advance(1_000);
    expect(runner.step()).toBe(false);
    clock.advance(1);
    expect(runner.step()).toBe(true);
    expect(log).toEqual(["suspends 1", "suspends 2", "suspends 3", "is closed"]);
  });

  it("keeps whatever end comes first", () => {
    const clock = createManualClock();
    const runner = new TaskRunner(counting(9), { clock });
    runner.start(2);
    runner.cancel(5);
    runner.cancel(2);
    clock.advance(2_001);
    expect(() => runner.step()).toThrow(Timeout);
  });

  it("closes a task that cancels itself when it suspends next", () => {
    const log: string[] = [];
    const runner: TaskRunner = new TaskRunner(function* () {
      runner.cancel();
      log.push("goes on");
      yield* counting(9, log)();
    });
    runner.start();
    expect(log).toEqual(["goes on", "suspends 1", "is closed"]);
    expect([runner.done, runner.outcome]).toEqual([true, { state: "cancelled" }]);
  });

  it("happens at the end of a block that is using the runner", () => {
    const log: string[] = [];
    {
      using runner = new TaskRunner(counting(9, log));
      runner.start();
    }
    expect(log).toEqual(["suspends 1", "is closed"]);
  });
});

/** Drives a task on a manual clock; answers with the seconds at which it was stepped. */
async function secondsOfSteps(
  drive: (runner: TaskRunner) => Promise<unknown>,
): Promise<readonly number[]> {
  const clock = createManualClock();
  const seconds: number[] = [];
  const runner = new TaskRunner(
    function* () {
      for (;;) {
        seconds.push(clock.monotonicMs() / 1_000);
        if (seconds.length === 4) return;
        yield;
      }
    },
    { clock },
  );
  await runOnClock(clock, drive(runner));
  return seconds;
}

describe("run", () => {
  it("pauses for no time first, then for the wait time, by default a second", async () => {
    expect(await secondsOfSteps((runner) => runner.run())).toEqual([0, 0, 1, 2]);
    const quick = await secondsOfSteps((runner) => runner.run({ waitTime: 0.25 }));
    expect(quick).toEqual([0, 0, 0.25, 0.5]);
    expect(await secondsOfSteps((runner) => runner.run({ waitTime: 0 }))).toEqual([0, 0, 0, 0]);
  });

  it("does all steps in one go with a wait time of null", () => {
    const runner = new TaskRunner(counting(3));
    const promise = runner.run({ waitTime: null });
    expect(runner.outcome).toEqual({ state: "succeeded", value: 3 });
    return expect(promise).resolves.toEqual({ state: "succeeded", value: 3 });
  });

  it("rejects with what the task throws, and when it is misused", async () => {
    const clock = createManualClock();
    const slow = new TaskRunner(forever, { clock });
    const run = runOnClock(clock, slow.run({ timeout: 3 }));
    await expect(run).rejects.toThrow("Task forever Timed out");
    expect(clock.monotonicMs()).toBe(4_000);
    await expect(slow.run()).rejects.toThrow("has already been started");
    const negative = new TaskRunner(forever).run({ waitTime: -1 });
    await expect(negative).rejects.toThrow("waitTime must be a number from 0");
  });

  it("closes the task when its signal is aborted in a pause", async () => {
    const clock = createManualClock();
    const log: string[] = [];
    const abort = new AbortController();
    const runner = new TaskRunner(counting(9, log), { clock });
    const run = runner.run({ signal: abort.signal });
    abort.abort(new RangeError("enough"));
    await expect(run).rejects.toThrow("enough");
    expect(log).toEqual(["suspends 1", "is closed"]);
    expect(clock.timerCount).toBe(0);
  });
});

describe("runToCompletion", () => {
  it("steps first and waits the whole time between steps", async () => {
    const start = (runner: TaskRunner): TaskRunner => {
      runner.start();
      return runner;
    };
    expect(await secondsOfSteps((runner) => start(runner).runToCompletion())).toEqual([0, 0, 1, 2]);
    const quick = await secondsOfSteps((runner) => start(runner).runToCompletion({ waitTime: 2 }));
    expect(quick).toEqual([0, 0, 2, 4]);
    await expect(new TaskRunner(counting(1)).runToCompletion()).rejects.toThrow(
      "Task count has not been started",
    );
  });

  it("calls progress after each pause, and throws its error into the task", async () => {
    const clock = createManualClock();
    const runner = new TaskRunner(
      function* () {
        let caught: unknown;
        try {
          yield* forever();
        } catch (error) {
          caught = error;
        }
        return caught;
      },
      { clock },
    );
    runner.start();
    const seconds: number[] = [];
    const progress = (): void => {
      seconds.push(clock.monotonicMs() / 1_000);
      if (seconds.length === 3) throw new RangeError("no progress");
    };
    const outcome = await runOnClock(clock, runner.runToCompletion({ progress }));
    expect(seconds).toEqual([1, 2, 3]);
    expect(outcome).toEqual({ state: "succeeded", value: new RangeError("no progress") });
  });
});

describe("asTask", () => {
  it("makes one step of the runner each time, and hands out how the task ended", () => {
    const driver = new TaskRunner(counting(2)).asTask();
    expect([driver.next(), driver.next(), driver.next()]).toEqual([
      { done: false, value: undefined },
      { done: false, value: undefined },
      { done: true, value: { state: "succeeded", value: 2 } },
    ]);
  });

  it("passes on being closed, and what is thrown in", () => {
    const log: string[] = [];
    const closed = new TaskRunner(counting(9, log));
    const driver = closed.asTask();
    driver.next();
    driver.return({ state: "cancelled" });
    expect(log).toEqual(["suspends 1", "is closed"]);
    expect(closed.done).toBe(true);
    const failed = new TaskRunner(counting(9));
    const other = failed.asTask();
    other.next();
    expect(() => other.throw(new RangeError("thrown"))).toThrow("thrown");
    expect(failed.outcome).toEqual({ state: "failed", error: new RangeError("thrown") });
  });

  it("nests deadlines: the outer one is thrown through the inner task", () => {
    const clock = createManualClock();
    const inner = new TaskRunner(forever, { clock });
    const outer = new TaskRunner(() => inner.asTask({ timeout: 1 }), { clock });
    outer.start(1);
    clock.advance(1_001);
    expect(() => outer.step()).toThrow(
      expect.objectContaining({ details: { task: "Task <anonymous>", timeout: 1 } }),
    );
    expect(inner.outcome.state).toBe("failed");
  });

  it("of a started runner takes a timeout that ends earlier than the one there is", () => {
    const secondsOf = (timeout: number): unknown => {
      const clock = createManualClock();
      const runner = new TaskRunner(forever, { clock });
      runner.start(3);
      const driver = runner.asTask({ timeout });
      for (;;) {
        try {
          driver.next();
        } catch {
          return clock.monotonicMs() / 1_000;
        }
        clock.advance(500);
      }
    };
    expect(secondsOf(1)).toBe(1.5);
    expect(secondsOf(9)).toBe(3.5);
  });

  it("calls post at every normal end, with compat heat not after a thrown error", () => {
    const postCount = (options: { readonly compat?: "heat" }): number => {
      let count = 0;
      const runner = new TaskRunner(function* () {
        try {
          yield;
        } catch {
          count += 10;
        }
      }, options);
      const driver = runner.asTask({ post: () => void (count += 1) });
      driver.next();
      expect(driver.throw(new RangeError("thrown")).done).toBe(true);
      return count;
    };
    expect(postCount({})).toBe(11);
    expect(postCount({ compat: "heat" })).toBe(10);
  });
});
