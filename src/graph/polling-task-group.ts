/** A group of tasks that wait for something outside, so that one after another is looked at. */

import { invalidField, readFields } from "../kernel/fields.ts";
import {
  callTask,
  isSteppedTask,
  pause,
  type Resumable,
  type SteppedTask,
  thrownBy,
} from "./stepped-task.ts";
import { taskDescription } from "./task-description.ts";
import { TaskRunner } from "./task-runner.ts";

/** What a polling group may be given besides its tasks. */
export interface PollingGroupOptions {
  /** @defaultValue the descriptions of the tasks */
  readonly name?: string;
}

/**
 * Starts all its tasks in order, then steps the first until it is over, then the next. Those behind
 * stand still meanwhile. It is itself a task: give it to a `TaskRunner`, or delegate to `run()`.
 */
export class PollingTaskGroup<Result = unknown> {
  /** What it is called in texts. */
  readonly name: string;
  readonly #tasks: readonly SteppedTask<readonly [], Result>[];

  /** @throws InvalidInputError `ORR_INPUT_INVALID` */
  constructor(
    tasks: Iterable<SteppedTask<readonly [], Result>>,
    options: PollingGroupOptions = {},
  ) {
    readFields(options, "options", ["name"]);
    this.#tasks = [...tasks];
    for (const [at, task] of this.#tasks.entries()) {
      const expected = "a function or an object with a method `run`";
      if (!isSteppedTask(task)) throw invalidField(`tasks[${at}]`, { expected, value: task });
    }
    this.name = options.name ?? this.#tasks.map(taskDescription).join(", ");
  }

  /**
   * The group of one task for each list of arguments, named for the function.
   * @throws InvalidInputError `ORR_INPUT_INVALID`
   */
  static fromTaskWithArgs<Args extends readonly unknown[], Result>(
    task: SteppedTask<Args, Result>,
    argLists: Iterable<Args>,
  ): PollingTaskGroup<Result> {
    const tasks = Array.from(argLists, (args) => () => callTask(task, args));
    return new PollingTaskGroup<Result>(tasks, { name: taskDescription(task) });
  }

  /**
   * The group as a generator, which ends with the results in the order of the tasks. Each run calls
   * the tasks anew.
   * @throws what a task throws, or what is thrown in; all others are cancelled by then
   */
  *run(): Resumable<readonly Result[]> {
    const runners = this.#tasks.map((task) => new TaskRunner(task));
    let frontAt = 0;
    try {
      for (const runner of runners) runner.start();
      while (frontAt < runners.length) {
        const thrown = yield* pause(() => cancelAll(runners));
        if (thrown !== undefined) throw thrown.error;
        while (runners[frontAt]?.step() === true) frontAt += 1;
      }
    } catch (error) {
      cancelAll(runners);
      throw error;
    }
    return runners.flatMap(({ outcome }) => (outcome.state === "succeeded" ? [outcome.value] : []));
  }

  /** `PollingTaskGroup` and the name. */
  toString(): string {
    return `${this.constructor.name}(${this.name})`;
  }
}

/** What a task throws while it is closed does not hide why all are. */
function cancelAll(runners: readonly TaskRunner[]): void {
  for (const runner of runners) thrownBy(() => runner.cancel());
}
