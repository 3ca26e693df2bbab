/** Identifiers: whole numbers from 1, as numbers or as their text, and nothing else. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInputError } from "./errors.ts";
import { toId, type TaskId } from "./ids.ts";

function idOf(value: unknown): unknown {
  try {
    return toId<TaskId>(value, "taskId");
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return [error.code, error.details["field"]];
  }
}

const refused = ["ORR_INPUT_INVALID", "taskId"];

test("a positive safe integer is an id, as a number and as its text", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (value) => {
      expect(idOf(value)).toBe(value);
      expect(idOf(String(value))).toBe(value);
    }),
  );
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("%d is no id", (value) => {
  expect(idOf(value)).toEqual(refused);
});

test.each([
  "",
  " 1",
  "1 ",
  "+1",
  "-1",
  "0",
  "1.0",
  "1e3",
  "0x10",
  "١",
  "9".repeat(16),
  "1".repeat(17),
])("the text %j is no id", (value) => {
  expect(idOf(value)).toEqual(refused);
});

test("values of other kinds are no ids", () => {
  const others: readonly unknown[] = [
    null,
    undefined,
    true,
    1n,
    {},
    [1],
    Symbol("id"),
    { valueOf: () => 1 },
  ];
  expect(others.map((value) => idOf(value))).toEqual(others.map(() => refused));
});

test("a refusal repeats what came", () => {
  expect(() => toId("seven", "runId")).toThrow(
    expect.objectContaining({ details: { field: "runId", value: "seven" } }),
  );
});
