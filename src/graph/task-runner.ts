/**
 * Drives one task once, step by step. A step never waits; `run` and `runToCompletion` wait between
 * steps, on the clock that the runner was given. All durations are seconds.
 */

import { type Clock, holdingClock } from "../kernel/clock.ts";
import { StateError } from "../kernel/errors.ts";
import { invalidField, readFields } from "../kernel/fields.ts";
import { type CompatOption, readCompat } from "./compat.ts";
import { readSeconds } from "./seconds.ts";
import {
  callTask,
  closeTask,
  isAwaitable,
  isResumable,
  isSteppedTask,
  pause,
  type Resumable,
  type SteppedTask,
  thrownBy,
} from "./stepped-task.ts";
import { taskDescription } from "./task-description.ts";
import type { TaskOutcome, TaskStatus } from "./task-outcome.ts";
import { TimedCancel, Timeout } from "./timeout.ts";
import { driveToEnd, readWaitTime, type WaitOptions } from "./waiting.ts";

/** What a runner may be given besides its task. */
export interface TaskRunnerOptions extends CompatOption {
  /**
   * Where time comes from.
   * @defaultValue the system's clock; the process stays while a runner waits
   */
  readonly clock?: Clock;
}

/** The same for a task that takes arguments. */
export interface ArgumentsOption<Args extends readonly unknown[]> {
  /** What the task is called with. */
  readonly args: Args;
}

/** How a runner is driven. */
export interface DriveOptions {
  /** Seconds after which a `Timeout` is thrown into the task; null is never. */
  readonly timeout?: number | null;
  /** Called after each pause, before the next step; what it throws is thrown into the task. */
  readonly progress?: () => void;
  /** Called once, when the task has come to its end without an error. */
  readonly post?: () => void;
}

const runnerFields = ["args", "clock", "compat"];
const driveFields = ["timeout", "progress", "post"];

/**
 * Wrapper for a task that can be resumed. `using` cancels it at the end of a block.
 * @example
 * ```ts
 * const runner = new TaskRunner(function* (name: string) {
 *   while (!(yield* isUp(name))) yield;
 * }, { args: ["db"] });
 * await runner.run({ waitTime: 0.5, timeout: 60 });
 * ```
 */
export class TaskRunner<Result = unknown, Args extends readonly unknown[] = readonly []>
  implements Disposable, TaskStatus<Result>
{
  /** Where its time comes from. */
  readonly clock: Clock;
  /** What the task is called in texts. */
  readonly name: string;
  readonly #call: () => Resumable<Result> | Result;
  readonly #isHeat: boolean;
  #isStarted = false;
  #isDone = false;
  /** The task once it is called; a task without steps has none. */
  #generator: Resumable<Result> | undefined;
  #timer: Timeout | undefined;
  /** Whether the task itself is at work, and so may be who is calling. */
  #isInTask = false;
  /** Cancelled by itself: it is closed as soon as it suspends. */
  #isToClose = false;
  /** Steps that are still to be sat out before the task is resumed. */
  #sitOutCount = 0;
  #outcome: TaskOutcome<Result> = { state: "pending" };

  /**
   * Nothing is called yet.
   * @throws InvalidInputError `ORR_INPUT_INVALID`
   */
  constructor(task: SteppedTask<readonly [], Result>, options?: TaskRunnerOptions);
  constructor(task: SteppedTask<Args, Result>, options: TaskRunnerOptions & ArgumentsOption<Args>);
  constructor(
    task: SteppedTask<readonly unknown[], Result>,
    options: TaskRunnerOptions & Partial<ArgumentsOption<readonly unknown[]>> = {},
  ) {
    const expected = "a function or an object with a method `run`";
    if (!isSteppedTask(task)) throw invalidField("task", { expected, value: task });
    readFields(options, "options", runnerFields);
    this.clock = options.clock ?? holdingClock;
    this.name = taskDescription(task);
    this.#isHeat = readCompat(options.compat) === "heat";
    this.#call = () => callTask(task, options.args ?? []);
  }

  /** Whether the task was called. A runner that was cancelled before is done and not started. */
  get started(): boolean {
    return this.#isStarted;
  }

  /** Whether the task is over, in whatever way. */
  get done(): boolean {
    return this.#isDone;
  }

  /** How far the task has come, with its result or error. */
  get outcome(): TaskOutcome<Result> {
    return this.#outcome;
  }

  /**
   * Calls the task and runs its first step. An attempt to step it later than `timeout` seconds from
   * now throws a `Timeout` into it.
   * @throws StateError `ORR_STATE_RUNNER` when it was started or cancelled before
   * @throws InvalidInputError `ORR_INPUT_INVALID` when the task gives a promise, which nobody here
   * would wait for
   * @throws what the task throws
   */
  start(timeout: number | null = null): void {
    // While it is called for the first time it is not started, but must not be called once more.
    if (this.#isStarted || this.#isInTask) throw this.#misuse("has already been started");
    if (this.#isDone) throw this.#misuse("has already been cancelled");
    const seconds = readSeconds(timeout, "timeout");
    if (seconds !== null) this.#timer = new Timeout(this, seconds);
    this.#outcome = { state: "running" };
    const called = this.#guard(() => this.#checked(this.#call()));
    this.#isStarted = true;
    if (isResumable(called)) {
      this.#generator = called;
      this.step();
    } else {
      this.#isDone = true;
      this.#settle({ state: "succeeded", value: called });
    }
  }

  /**
   * Runs the task to its next suspension; true when it is over.
   * @throws StateError `ORR_STATE_RUNNER` when it was not started, or is in the middle of a step
   * @throws what the task throws
   */
  step(): boolean {
    if (this.#isDone) return true;
    const generator = this.#resumable();
    if (this.#isInTask) throw this.#misuse("is in the middle of a step");
    // Sitting a step out hides the end of the time only in the reference.
    if (this.#isHeat && this.#sitsOut()) return false;
    if (this.#timer?.expired() === true) {
      this.#end(this.#timer, generator);
      return true;
    }
    if (this.#sitsOut()) return false;
    const taken = this.#guard(() => generator.next());
    if (taken.done !== true) this.#sitOutCount = periodOf(taken.value) - 1;
    this.#take(taken);
    return this.#isDone;
  }

  /**
   * Ends the task: closes it now, or, with `gracePeriod` seconds, at the first step after those,
   * unless its time ends earlier anyway. A task that cancels itself is closed when it suspends
   * next. Without effect on a task that is over.
   * @throws what the task throws while it is closed now; it is over all the same
   */
  cancel(gracePeriod: number | null = null): void {
    if (this.#isDone) return;
    const seconds = readSeconds(gracePeriod, "gracePeriod");
    if (this.#isStarted && seconds !== null) {
      this.#limit(new TimedCancel(this, seconds));
      return;
    }
    if (this.#isInTask && this.#isStarted) this.#isToClose = true;
    else this.#close();
  }

  /**
   * The runner as a task of its own: each step of the generator is one of the runner, the first one
   * starts it unless it is started. Closing the generator cancels the runner, and an error thrown
   * into it is thrown into the task.
   * @throws InvalidInputError `ORR_INPUT_INVALID`
   */
  asTask(options: DriveOptions = {}): Resumable<TaskOutcome<Result>> {
    readFields(options, "options", driveFields);
    const timeout = readSeconds(options.timeout, "timeout");
    return this.#drive({ ...options, timeout });
  }

  /**
   * Starts the task and drives it to its end. The first pause is of no length, each further one of
   * `waitTime` seconds.
   * @throws StateError `ORR_STATE_RUNNER` when it was started before
   * @throws what the task throws, and the reason of an aborted `signal`
   */
  async run(options: DriveOptions & WaitOptions = {}): Promise<TaskOutcome<Result>> {
    if (this.#isStarted) throw this.#misuse("has already been started");
    return this.#waitForEnd(options, 0);
  }

  /**
   * Drives a started task to its end, with `waitTime` seconds between steps; it begins with a step.
   * @throws StateError `ORR_STATE_RUNNER` when it was not started
   * @throws what the task throws, and the reason of an aborted `signal`
   */
  async runToCompletion(
    options: Pick<DriveOptions, "progress"> & WaitOptions = {},
  ): Promise<TaskOutcome<Result>> {
    if (!this.#isStarted) throw this.#misuse("has not been started");
    return this.#waitForEnd(options);
  }

  /** `Task` and the description of the task. */
  toString(): string {
    return `Task ${this.name}`;
  }

  /** Cancels the task without a grace period. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  #waitForEnd(
    { waitTime, signal, ...drive }: DriveOptions & WaitOptions,
    firstWait?: number,
  ): Promise<TaskOutcome<Result>> {
    const further = readWaitTime(waitTime);
    const first = further === null ? null : (firstWait ?? further);
    return driveToEnd(this.asTask(drive), { clock: this.clock, first, further, signal });
  }

  *#drive({ timeout = null, progress, post }: DriveOptions): Resumable<TaskOutcome<Result>> {
    const isResumed = this.#isStarted;
    if (!isResumed) this.start(timeout);
    else if (timeout !== null) this.#limit(new Timeout(this, timeout));
    let isOver = isResumed ? this.step() : this.#isDone;
    while (!isOver) {
      const thrown = (yield* pause(() => this.cancel())) ?? thrownBy(() => progress?.());
      isOver = thrown === undefined ? this.step() : this.#throwIn(thrown.error);
      // The reference leaves its driver there and then when the task ends by a thrown error.
      if (isOver && thrown !== undefined && this.#isHeat) return this.#outcome;
    }
    post?.();
    return this.#outcome;
  }

  /** Throws an error into the suspended task; whether the task ended by it. */
  #throwIn(error: unknown): boolean {
    const generator = this.#resumable();
    this.#isDone = true;
    const taken = this.#guard(() => generator.throw(error));
    this.#isDone = false;
    this.#take(taken);
    return this.#isDone;
  }

  /** What follows when the task has suspended or come to its end. */
  #take(taken: IteratorResult<unknown, Result>): void {
    if (taken.done === true) {
      this.#isDone = true;
      this.#settle({ state: "succeeded", value: taken.value });
    } else if (this.#isToClose) {
      this.#close();
    }
  }

  #close(): void {
    this.#isDone = true;
    const generator = this.#generator;
    if (generator !== undefined) this.#guard(() => closeTask(generator));
    this.#settle({ state: "cancelled" });
  }

  /** The task's time is over; what it throws then is its failure. */
  #end(timer: Timeout, generator: Resumable<Result>): void {
    this.#isDone = true;
    this.#guard(() => timer.trigger(generator));
    this.#settle({ state: "cancelled" });
  }

  /** Sets an end to the task's time unless there is one that is not later. */
  #limit(timer: Timeout): void {
    if (timer.earlierThan(this.#timer)) this.#timer = timer;
  }

  #sitsOut(): boolean {
    if (this.#sitOutCount === 0) return false;
    this.#sitOutCount -= 1;
    return true;
  }

  #resumable(): Resumable<Result> {
    if (this.#generator !== undefined) return this.#generator;
    throw this.#misuse("has not been started");
  }

  #checked(called: Resumable<Result> | Result): Resumable<Result> | Result {
    if (this.#isHeat || !isAwaitable(called)) return called;
    const expected = "a generator function or a function that returns its result at once";
    throw invalidField("task", { expected, value: `${this.name}, which gave a promise` });
  }

  #guard<T>(action: () => T): T {
    this.#isInTask = true;
    try {
      return action();
    } catch (error) {
      this.#settle({ state: "failed", error });
      // In the reference a failed task can be started or stepped once more.
      if (!this.#isHeat) this.#isStarted = this.#isDone = true;
      throw error;
    } finally {
      this.#isInTask = false;
    }
  }

  #settle(outcome: TaskOutcome<Result>): void {
    const { state } = this.#outcome;
    if (state === "pending" || state === "running") this.#outcome = outcome;
  }

  #misuse(problem: string): StateError {
    return new StateError("ORR_STATE_RUNNER", `${this.toString()} ${problem}`);
  }
}

/** A task that suspends with a whole number n is resumed at every n-th step from then on. */
function periodOf(suspended: unknown): number {
  return typeof suspended === "number" && Number.isInteger(suspended) ? Math.max(suspended, 1) : 1;
}
