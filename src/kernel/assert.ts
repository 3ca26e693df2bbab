/** Assertions of our own invariants; what users hand in is validated, never asserted. */

import { InvariantError } from "./errors.ts";

/**
 * Stops when an invariant does not hold.
 * @throws InvariantError `ORR_BUG_INVARIANT`
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError("ORR_BUG_INVARIANT", message);
}

/** Closes a `switch` over a union: a new member fails to compile here. */
export function assertNever(value: never): never {
  throw new InvariantError("ORR_BUG_INVARIANT", `unexpected variant ${JSON.stringify(value)}`);
}

/** The value, which an invariant says is there. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) {
    throw new InvariantError("ORR_BUG_INVARIANT", `${what} is missing`);
  }
  return value;
}
