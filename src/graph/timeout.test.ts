import { describe, expect, it } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { rethrowInterrupt, TaskInterrupt } from "./task-interrupt.ts";
import { TaskRunner } from "./task-runner.ts";
import { TimedCancel, Timeout } from "./timeout.ts";

function timedRunner(): {
  readonly clock: ReturnType<typeof createManualClock>;
  readonly runner: TaskRunner;
} {
  const clock = createManualClock();
  return { clock, runner: new TaskRunner(function* wait() {}, { clock }) };
}

describe("expired", () => {
  it("is so strictly after the end", () => {
    const { clock, runner } = timedRunner();
    const timeout = new Timeout(runner, 1.5);
    clock.advance(1_500);
    expect(timeout.expired()).toBe(false);
    clock.advance(1);
    expect(timeout.expired()).toBe(true);
    expect(new Timeout(runner, -1).expired()).toBe(true);
  });
});

describe("earlierThan", () => {
  it("compares ends; everything is earlier than none, and equal ends are not", () => {
    const { clock, runner } = timedRunner();
    const first = new Timeout(runner, 2);
    clock.advance(1_000);
    const same = new TimedCancel(runner, 1);
    const sooner = new Timeout(runner, 0.5);
    expect([first.earlierThan(same), same.earlierThan(first)]).toEqual([false, false]);
    expect([sooner.earlierThan(first), first.earlierThan(sooner)]).toEqual([true, false]);
    expect(first.earlierThan(undefined)).toBe(true);
  });
});

describe("trigger", () => {
  it("of a Timeout throws it into the task, which may pass it, answer it or end", () => {
    const { runner } = timedRunner();
    const timeout = new Timeout(runner, 1);
    const passing = suspended(function* () {
      yield;
    });
    expect(() => timeout.trigger(passing)).toThrow(timeout);
    const answering = suspended(function* () {
      try {
        yield;
      } catch (error) {
        throw new RangeError("too slow", { cause: error });
      }
    });
    expect(() => timeout.trigger(answering)).toThrow("too slow");
    const ending = suspended(function* () {
      try {
        yield;
      } catch {
        return;
      }
    });
    expect(timeout.trigger(ending)).toBe(true);
  });

  it("of a Timeout closes a task that suppresses it", () => {
    const { runner } = timedRunner();
    const log: string[] = [];
    const suppressing = suspended(function* () {
      try {
        yield;
      } catch {
        try {
          yield;
        } finally {
          log.push("closed");
        }
      }
    });
    expect(new Timeout(runner, 1).trigger(suppressing)).toBe(false);
    expect(log).toEqual(["closed"]);
  });

  it("of a TimedCancel closes the task and is no error", () => {
    const { runner } = timedRunner();
    const log: string[] = [];
    const task = suspended(function* () {
      try {
        yield;
      } catch {
        log.push("caught");
      } finally {
        log.push("closed");
      }
    });
    expect(new TimedCancel(runner, 1).trigger(task)).toBe(false);
    expect(log).toEqual(["closed"]);
  });
});

describe("a Timeout as an error", () => {
  it("names the task, and is an interrupt that a task can let pass", () => {
    const { runner } = timedRunner();
    const timeout = new Timeout(runner, 1);
    expect(timeout).toBeInstanceOf(TaskInterrupt);
    expect(timeout.message).toBe("Task wait Timed out");
    expect(timeout.code).toBe("ORR_TIMEOUT_TASK");
    expect(() => rethrowInterrupt(timeout)).toThrow(timeout);
    expect(() => rethrowInterrupt(new RangeError("a failure"))).not.toThrow();
    expect(new TaskInterrupt("halt").code).toBe("ORR_CANCELLED_TASK");
  });

  it("refuses a time that is no number", () => {
    const { runner } = timedRunner();
    expect(() => new Timeout(runner, Infinity)).toThrow("timeout must be a number");
  });
});

/** A task at its first suspension. */
function suspended(task: () => Generator<unknown, unknown, undefined>) {
  const generator = task();
  generator.next();
  return generator;
}
