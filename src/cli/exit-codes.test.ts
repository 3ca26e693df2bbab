import { describe, expect, it } from "vitest";
import { errorCodes, isErrorCode } from "../kernel/error-codes.ts";
import { OrreryError } from "../kernel/errors.ts";
import { exitCodeOf } from "./exit-codes.ts";

describe("exitCodeOf", () => {
  it.each([
    ["ORR_INPUT_INVALID", 2],
    ["ORR_NOT_FOUND_TASK", 3],
    ["ORR_STORE_UNAVAILABLE", 4],
    ["ORR_CONFLICT_QUEUE_FULL", 5],
    ["ORR_STATE_TRANSITION", 5],
    ["ORR_ACCESS_FORBIDDEN", 6],
    ["ORR_CONFIG_PORT", 7],
    ["ORR_STORE_VERSION", 7],
    ["ORR_TIMEOUT_WAIT", 8],
    ["ORR_EXEC_FAILED", 1],
    ["ORR_STORE_REFUSED", 1],
    ["ORR_BUG_INVARIANT", 1],
  ] as const)("turns %s into %d", (code, exitCode) => {
    expect(exitCodeOf(new OrreryError(code, "x"))).toBe(exitCode);
  });

  it("takes whatever is not ours for a failure", () => {
    expect(exitCodeOf(new TypeError("x"))).toBe(1);
    expect(exitCodeOf("x")).toBe(1);
  });

  it("never calls an error a success", () => {
    for (const code of Object.keys(errorCodes).filter(isErrorCode)) {
      expect(exitCodeOf(new OrreryError(code, "x"))).toBeGreaterThan(0);
    }
  });
});
