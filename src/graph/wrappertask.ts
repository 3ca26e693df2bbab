/**
 * Delegation in the form that stepped mode's predecessor had before its language knew `yield*`: a
 * task suspends with a generator, and that one is run in its place. `yield*` does the same within
 * one function; this form also tells a parent when its child refused to be closed.
 */

import { type CompatOption, readCompat } from "./compat.ts";
import { readFields } from "../kernel/fields.ts";
import { closeTask, isResumable, type Resumable, thrownBy } from "./stepped-task.ts";

/** A task whose suspensions may be generators to run in place; each `yield` gives their result. */
export type WrappedTask<This, Args extends readonly unknown[], Result> = (
  this: This,
  ...args: Args
) => Generator<unknown, Result, unknown>;

type Step<Result> = IteratorResult<unknown, Result>;

/**
 * Decorator for a task that needs to drive subtasks. Each generator that the task suspends with is
 * run to its end in place, at no extra step; all else is a suspension of the task. What is thrown
 * in goes to the innermost generator first, what comes out of that one to its parent. The result of
 * a child is what `yield` gives; with `compat: "heat"` results are lost, as they were there.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 * @example
 * ```ts
 * const parent = wrappertask(function* parent() {
 *   setUp();
 *   yield child();
 *   cleanUp();
 * });
 * ```
 */
export function wrappertask<This, Args extends readonly unknown[], Result>(
  task: WrappedTask<This, Args, Result>,
  options?: { readonly compat?: undefined },
): (this: This, ...args: Args) => Resumable<Result>;
/** The same where the option is not known: with `compat: "heat"` there is no result. */
export function wrappertask<This, Args extends readonly unknown[], Result>(
  task: WrappedTask<This, Args, Result>,
  options: CompatOption,
): (this: This, ...args: Args) => Resumable<Result | undefined>;
/** Both. */
export function wrappertask<This, Args extends readonly unknown[], Result>(
  task: WrappedTask<This, Args, Result>,
  options: CompatOption = {},
): (this: This, ...args: Args) => Resumable<Result | undefined> {
  readFields(options, "options", ["compat"]);
  const losesResults = readCompat(options.compat) === "heat";
  const wrapper = function* (this: This, ...args: Args): Resumable<Result | undefined> {
    const parent = task.call(this, ...args);
    const result = yield* delegate(parent, { first: parent.next(), losesResults });
    return losesResults ? undefined : result;
  };
  return Object.defineProperty(wrapper, "name", { value: task.name });
}

interface Progress<Result> {
  readonly first: Step<Result>;
  readonly losesResults: boolean;
}

type Parent<Result> = Generator<unknown, Result, unknown>;

/** Goes on from a step of the parent to its end. */
function* delegate<Result>(
  parent: Parent<Result>,
  { first, losesResults }: Progress<Result>,
): Resumable<Result> {
  let step = first;
  while (step.done !== true) {
    step = isResumable(step.value)
      ? yield* inPlace(parent, step.value, losesResults)
      : yield* suspension(step.value, {
          resume: () => parent.next(),
          raise: (error) => parent.throw(error),
          close: () => {
            closeTask(parent);
            return [];
          },
        });
  }
  return step.value;
}

/** Runs a child to its end; the answer is the step of the parent that follows. */
function* inPlace<Result>(
  parent: Parent<Result>,
  child: Resumable<unknown>,
  losesResults: boolean,
): Resumable<Step<Result>> {
  let resume = (): Step<unknown> => child.next();
  for (;;) {
    let step: Step<unknown>;
    try {
      step = resume();
    } catch (error) {
      return parent.throw(error);
    }
    if (step.done === true) return parent.next(losesResults ? undefined : step.value);
    resume = yield* suspension(step.value, {
      resume: () => () => child.next(),
      raise: (error) => () => child.throw(error),
      close: () => {
        const thrown = thrownBy(() => closeTask(child));
        // A parent that goes on after the error of its child goes on within the closing.
        if (thrown !== undefined) {
          return delegate(parent, { first: parent.throw(thrown.error), losesResults });
        }
        closeTask(parent);
        return [];
      },
    });
  }
}

/** What follows a suspension of the wrapper. */
interface Continuations<T> {
  resume(): T;
  raise(error: unknown): T;
  /** What is still to be suspended with although the wrapper is being closed: mostly nothing. */
  close(): Iterable<unknown>;
}

/** Suspends the wrapper with a value. */
function* suspension<T>(value: unknown, next: Continuations<T>): Resumable<T> {
  let isClosed = true;
  let follow = (): T => next.resume();
  try {
    yield value;
    isClosed = false;
  } catch (error) {
    isClosed = false;
    follow = () => next.raise(error);
  } finally {
    if (isClosed) yield* next.close();
  }
  return follow();
}
