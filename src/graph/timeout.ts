/** The ends of a task's time: a deadline, which is an error, and the end of a grace period. */

import type { Clock } from "../kernel/clock.ts";
import { readSeconds } from "./seconds.ts";
import { closeTask, type Resumable } from "./stepped-task.ts";
import { TaskInterrupt } from "./task-interrupt.ts";

/** Whose time it is: names itself and has the clock; a `TaskRunner` does. */
export interface TimedTask {
  readonly clock: Clock;
  toString(): string;
}

/**
 * A task took longer than it was given. It is thrown into the task, which may clean up, or fail in
 * its own way. A task that suppresses it is closed at its next suspension, and nobody is told.
 */
export class Timeout extends TaskInterrupt {
  readonly #clock: Clock;
  readonly #endsAtMs: number;

  /**
   * The time begins now and lasts `timeout` seconds.
   * @throws InvalidInputError `ORR_INPUT_INVALID`
   */
  constructor(taskRunner: TimedTask, timeout: number) {
    const task = String(taskRunner);
    super(`${task} Timed out`, { code: "ORR_TIMEOUT_TASK", details: { task, timeout } });
    this.#clock = taskRunner.clock;
    this.#endsAtMs = this.#clock.monotonicMs() + (readSeconds(timeout, "timeout") ?? 0) * 1_000;
  }

  /** Whether the time is over: strictly later than its end. */
  expired(): boolean {
    return this.#clock.monotonicMs() > this.#endsAtMs;
  }

  /** Whether this one ends before the other; anything ends before none, equal ends do not. */
  earlierThan(other: Timeout | undefined): boolean {
    return other === undefined || this.#endsAtMs < other.#endsAtMs;
  }

  /**
   * Throws this error into a suspended task. True when the task ends without an error; false when
   * it goes on, and so was closed.
   * @throws what the task lets pass, throws instead, or throws while it is closed
   */
  trigger(generator: Resumable<unknown>): boolean {
    if (generator.throw(this).done === true) return true;
    closeTask(generator);
    return false;
  }
}

/** The end of a grace period: the task is closed, which is not an error. */
export class TimedCancel extends Timeout {
  /**
   * Closes a suspended task; always false.
   * @throws what the task throws while it is closed
   */
  override trigger(generator: Resumable<unknown>): boolean {
    closeTask(generator);
    return false;
  }
}
