/** Matchers of the test runner, which are typed `any` there, as values that a test may place. */

import { expect } from "vitest";

/** Stands for any text that the pattern matches. */
export function matching(pattern: RegExp | string): unknown {
  return expect.stringMatching(pattern);
}
