/** Assertions stop with our own bug code, and let everything else pass. */

import { expect, test } from "vitest";
import { assert, assertNever, present } from "./assert.ts";
import { InvariantError } from "./errors.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error instanceof InvariantError ? [error.code, error.message] : error;
  }
}

function bug(message: string): readonly string[] {
  return ["ORR_BUG_INVARIANT", message];
}

test("a false condition is a bug with its message", () => {
  const message = "one holder per lease";
  expect(thrownBy(() => assert(false, message))).toEqual(bug(message));
  expect(thrownBy(() => assert(true, message))).toBeUndefined();
});

test("a variant that nobody expected is named", () => {
  // @ts-expect-error -- the compiler refuses it: that is how a switch is closed
  const act = (): unknown => assertNever({ kind: "new" });
  expect(thrownBy(act)).toEqual(bug('unexpected variant {"kind":"new"}'));
});

test("what is present is handed on, falsy or not", () => {
  expect([0, "", false].map((value) => present(value, "it"))).toEqual([0, "", false]);
});

test.each([null, undefined])("%s is missing, by name", (value) => {
  expect(thrownBy(() => present(value, "the lease"))).toEqual(bug("the lease is missing"));
});
