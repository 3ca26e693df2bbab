/** The one switch of stepped mode: the right behaviour, or that of `heat.engine.scheduler`. */

import { type Fields, ifPresent, readOneOf } from "../kernel/fields.ts";

/**
 * `heat`: step for step what `heat.engine.scheduler` does, with its defects. A number that a task
 * suspends with delays the end of its time; a failed task is found to be over one step later; nodes
 * lose a turn when another one fails, and stand in forward order in a group that runs in reverse.
 */
export type Compat = "heat";

/** The option of every class of stepped mode. */
export interface CompatOption {
  /** @defaultValue the behaviour without the defects */
  readonly compat?: Compat | undefined;
}

/**
 * Reads the option.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readCompat(value: Fields[string]): Compat | undefined {
  return ifPresent(value, (given) => readOneOf(given, { field: "compat", words: ["heat"] }));
}
