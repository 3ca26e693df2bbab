/** The error of work that failed in more than one place, or may have. */

import type { ErrorCode } from "../kernel/error-codes.ts";
import { messageOf } from "../kernel/errors.ts";
import { quoted } from "./quoted-text.ts";

/**
 * Several errors as one, in the order of occurrence; the message is the list of their messages.
 * Nothing is flattened: a group within a group stays one member.
 * @example
 * ```ts
 * new ExceptionGroup([new TypeError("a"), new RangeError("b")]).message; // ['a', 'b']
 * ```
 */
export class ExceptionGroup extends AggregateError {
  /** Stable; listed with its meaning in `docs/errors.md`. */
  readonly code: ErrorCode = "ORR_EXEC_GROUP";
  declare readonly errors: unknown[];

  constructor(exceptions: Iterable<unknown> = [], options: ErrorOptions = {}) {
    const errors = [...exceptions];
    const messages = errors.map((error) => quoted(messageOf(error)));
    super(errors, `[${messages.join(", ")}]`, options);
    this.name = "ExceptionGroup";
  }

  /** The errors under the name that they had in the engine that stepped mode replaces. */
  get exceptions(): readonly unknown[] {
    return this.errors;
  }
}
