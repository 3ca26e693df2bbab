import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInputError } from "./errors.ts";
import {
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readNumber,
  readOneOf,
  readText,
  shownValue,
} from "./fields.ts";

function refusal(work: () => unknown): InvalidInputError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("a path joins names with dots and positions with brackets", () => {
  expect(fieldIn(fieldIn(fieldIn("", "tasks"), 3), "input")).toBe("tasks[3].input");
});

test("a refusal says what was expected, what came and where", () => {
  const error = invalidField("retry.limit", { expected: "a whole number", value: "many" });
  expect(error.message).toBe('retry.limit must be a whole number, not "many"');
  expect(error.code).toBe("ORR_INPUT_INVALID");
  expect(error.details).toEqual({ field: "retry.limit", value: "many" });
});

test("an unknown field is refused with the nearest known one", () => {
  const error = refusal(() => readFields({ priorty: "high" }, "tasks[0]", ["type", "priority"]));
  expect(error.message).toBe('tasks[0].priorty is not a known field; did you mean "priority"?');
  expect(error.details["field"]).toBe("tasks[0].priorty");
});

test.each([[null], [[]], ["text"], [5], [undefined]])("%j is no object", (value) => {
  expect(refusal(() => readFields(value, "", [])).details["field"]).toBe("");
});

test("texts are bounded, not empty, and of letters that the database keeps", () => {
  const rule = { field: "name", max: 3 };
  expect(readText("abc", rule)).toBe("abc");
  expect(readText("aé", rule)).toBe("aé");
  expect(refusal(() => readText("abcd", rule)).code).toBe("ORR_INPUT_TOO_LARGE");
  expect(refusal(() => readText("", rule)).code).toBe("ORR_INPUT_INVALID");
  expect(refusal(() => readText(5, rule)).details["value"]).toBe(5);
  expect(refusal(() => readText("a\0", rule)).message).toContain("NUL");
  expect(refusal(() => readText("\ud800", rule)).message).toContain("surrogates");
  expect(readText("😀", rule)).toBe("😀");
});

test("numbers keep their bounds, and whole ones stay whole", () => {
  const rule = { field: "n", min: 0, max: 10 };
  expect(readNumber(0, rule)).toBe(0);
  expect(readNumber(10, rule)).toBe(10);
  expect(readNumber(0.5, rule)).toBe(0.5);
  for (const value of [-1, 11, Number.NaN, Number.POSITIVE_INFINITY, "5", null, 5n]) {
    expect(refusal(() => readNumber(value, rule)).details["field"]).toBe("n");
  }
  expect(refusal(() => readNumber(0.5, { ...rule, whole: true })).message).toContain(
    "a whole number from 0 to 10",
  );
});

test("lists have a longest length", () => {
  expect(readList([1, 2], { field: "tasks", max: 2 })).toEqual([1, 2]);
  const error = refusal(() => readList([1, 2, 3], { field: "tasks", max: 2 }));
  expect(error.code).toBe("ORR_INPUT_TOO_LARGE");
  expect(error.details).toEqual({ field: "tasks", value: 3 });
  expect(refusal(() => readList({ length: 1 }, { field: "tasks", max: 2 })).message).toContain(
    "an array",
  );
});

test("a word is one of those known", () => {
  const words = ["high", "low"] as const;
  expect(readOneOf("low", { field: "priority", words })).toBe("low");
  expect(refusal(() => readOneOf("LOW", { field: "priority", words })).message).toBe(
    'priority must be one of high, low, not "LOW"',
  );
});

test("only an absent value is absent", () => {
  expect(ifPresent(undefined, () => "read")).toBeUndefined();
  expect(ifPresent(null, () => "read")).toBe("read");
});

test("whatever is shown of a wrong value is short and plain JSON", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      const shown = shownValue(value);
      expect(JSON.parse(JSON.stringify(shown))).toEqual(Object.is(shown, -0) ? 0 : shown);
      const text = typeof shown === "string" ? shown : JSON.stringify(shown);
      expect(text.length).toBeLessThanOrEqual(201);
      expect(text).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});

test("a value that holds itself can be shown", () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  expect(shownValue(ring)).toBe("[object Object]");
});
