/**
 * What a stepped task is: something that, when it is called, hands out a generator. Each `yield` is
 * a point at which it may be left, and where it may learn that it is to end. Here too is how a
 * generator is closed, and how a driver that is itself a generator suspends.
 */

import { ExecutorError } from "../kernel/errors.ts";

/** A task that has been called and not ended; its result is of type `Result`. */
export type Resumable<Result> = Generator<unknown, Result, undefined>;

/** A generator function, or a plain function, which is over as soon as it returns. */
export type TaskFunction<Args extends readonly unknown[] = readonly [], Result = unknown> = (
  ...args: Args
) => Resumable<Result> | Result;

/** An object that is a task by its method `run`; groups are such objects. */
export interface TaskObject<Args extends readonly unknown[] = readonly [], Result = unknown> {
  run(...args: Args): Resumable<Result> | Result;
}

/** Work that can be driven step by step. A whole number that it suspends with is its period. */
export type SteppedTask<Args extends readonly unknown[] = readonly [], Result = unknown> =
  | TaskFunction<Args, Result>
  | TaskObject<Args, Result>;

/** Whether a value can be called as a task; with what and to what end, its own type says. */
export function isSteppedTask<Args extends readonly unknown[], Result>(
  value: unknown,
): value is SteppedTask<Args, Result> {
  return typeof value === "function" || hasMethods(value, ["run"]);
}

/** Calls a task; a plain function runs to its end, a generator function not at all. */
export function callTask<Args extends readonly unknown[], Result>(
  task: SteppedTask<Args, Result>,
  args: Args,
): Resumable<Result> | Result {
  return typeof task === "function" ? task(...args) : task.run(...args);
}

/** Whether calling a task gave something that has steps. */
export function isResumable<Result>(value: Resumable<Result> | Result): value is Resumable<Result> {
  return hasMethods(value, ["next", "throw", "return"]);
}

/** Whether calling a task gave something that only `await` could wait for. */
export function isAwaitable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || hasMethods(value, ["then"]);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === "function");
}

/**
 * Ends a generator where it stands: its `finally` blocks run, and no more of it.
 * @throws ExecutorError `ORR_EXEC_CLOSE_IGNORED` when it suspends instead of ending
 */
export function closeTask(generator: Resumable<unknown>): void {
  if (generator.return(undefined).done === true) return;
  throw new ExecutorError(
    "ORR_EXEC_CLOSE_IGNORED",
    "a task that was being closed suspended instead of ending",
  );
}

/** What was thrown; an error may be undefined, so it stands in an object. */
export interface Thrown {
  readonly error: unknown;
}

/**
 * Suspends the generator that delegates to it, once; answers with what was thrown into it there, if
 * anything was. A generator cannot catch that it is closed; what is to be done then is handed in.
 */
export function* pause(onClose: () => void): Generator<undefined, Thrown | undefined, undefined> {
  let isClosed = true;
  try {
    yield;
    isClosed = false;
    return undefined;
  } catch (error) {
    isClosed = false;
    return { error };
  } finally {
    if (isClosed) onClose();
  }
}

/** Calls something and answers with what it threw, if it threw. */
export function thrownBy(action: () => void): Thrown | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return { error };
  }
}
