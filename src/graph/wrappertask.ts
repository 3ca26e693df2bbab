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

/** How whichever generator is innermost goes on. */
type Resume = <Result>(task: Generator<unknown, Result, unknown>) => Step<Result>;

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
    const delegation = new Delegation(task.call(this, ...args), losesResults);
    const result = yield* drive(delegation, delegation.next());
    return losesResults ? undefined : result;
  };
  return Object.defineProperty(wrapper, "name", { value: task.name });
}

/** Hands on the suspensions of a delegation, and what follows each. */
function* drive<Result>(
  delegation: Delegation<Result>,
  first: Step<Result>,
): Resumable<Result | undefined> {
  let step = first;
  while (step.done !== true) {
    let follow = (): Step<Result> => delegation.next();
    let isClosed = true;
    try {
      yield step.value;
      isClosed = false;
    } catch (error) {
      isClosed = false;
      follow = () => delegation.throw(error);
    } finally {
      // A parent may go on after the error of a child that refused to be closed.
      if (isClosed) yield* drive(delegation, delegation.close());
    }
    step = follow();
  }
  return step.value;
}

/** A parent and the child that runs in its place, if any; each call ends at the next suspension. */
class Delegation<Result> {
  readonly #parent: Generator<unknown, Result, unknown>;
  readonly #losesResults: boolean;
  #child: Resumable<unknown> | undefined;

  constructor(parent: Generator<unknown, Result, unknown>, losesResults: boolean) {
    this.#parent = parent;
    this.#losesResults = losesResults;
  }

  next(): Step<Result> {
    return this.#advance((task) => task.next());
  }

  throw(error: unknown): Step<Result> {
    return this.#advance((task) => task.throw(error));
  }

  /** Closes the child first; an error of it is thrown into the parent, which then is not closed. */
  close(): Step<Result | undefined> {
    const child = this.#child;
    this.#child = undefined;
    const thrown = child === undefined ? undefined : thrownBy(() => closeTask(child));
    if (thrown !== undefined) return this.throw(thrown.error);
    closeTask(this.#parent);
    return { done: true, value: undefined };
  }

  #advance(first: Resume): Step<Result> {
    let resume = first;
    for (;;) {
      const child = this.#child;
      if (child === undefined) {
        const step = resume(this.#parent);
        if (step.done === true || !isResumable(step.value)) return step;
        this.#child = step.value;
        resume = (task) => task.next();
        continue;
      }
      const answer = answerOf(() => resume(child));
      if (answer.kind === "suspended") return { done: false, value: answer.value };
      this.#child = undefined;
      const { kind, value } = answer;
      const result = this.#losesResults ? undefined : value;
      resume = (task) => (kind === "thrown" ? task.throw(value) : task.next(result));
    }
  }
}

interface Answer {
  readonly kind: "suspended" | "returned" | "thrown";
  readonly value: unknown;
}

function answerOf(resume: () => Step<unknown>): Answer {
  try {
    const { done, value } = resume();
    return { kind: done === true ? "returned" : "suspended", value };
  } catch (error) {
    return { kind: "thrown", value: error };
  }
}
