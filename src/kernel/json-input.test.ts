import fc from "fast-check";
import { expect, test } from "vitest";
import { OrreryError } from "./errors.ts";
import { readJson } from "./json-input.ts";

const rule = { field: "input", bytesMax: 1_000 };

/** An object that is not plain. */
class Point {
  readonly x: number = 0;
}

function refusal(value: unknown): OrreryError {
  try {
    readJson(value, rule);
  } catch (thrown) {
    if (thrown instanceof OrreryError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}

test("JSON data comes back equal, as a copy", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const whole = { field: "input", bytesMax: 1_000_000 };
      const texts = JSON.stringify(value);
      fc.pre(!/\\u0000|\\ud[89a-f]/i.test(texts));
      expect(JSON.stringify(readJson(value, whole))).toBe(texts);
    }),
  );
});

test("an absent value is null, an undefined member is left out", () => {
  expect(readJson(undefined, rule)).toBeNull();
  expect(readJson({ a: 1, b: undefined }, rule)).toEqual({ a: 1 });
});

test("a member called __proto__ stays a member", () => {
  const value: unknown = JSON.parse('{"__proto__": {"admin": true}}');
  expect(JSON.stringify(readJson(value, rule))).toBe('{"__proto__":{"admin":true}}');
});

test.each([
  ["a date", { at: new Date(0) }, "input.at"],
  ["a map", { list: [new Map()] }, "input.list[0]"],
  ["a bigint", [1n], "input[0]"],
  ["a function", { run: () => 1 }, "input.run"],
  ["a symbol", Symbol("s"), "input"],
  ["not a number", { n: Number.NaN }, "input.n"],
  ["an infinity", [Number.NEGATIVE_INFINITY], "input[0]"],
  ["a hole", [1, undefined], "input[1]"],
  ["an instance", { a: new Point() }, "input.a"],
  ["a NUL in text", { a: "x\0y" }, "input.a"],
  ["a NUL in a key", { a: { "x\0": 1 } }, "input.a"],
  ["half a surrogate pair", ["\udc00"], "input[0]"],
])("%s is no JSON data, and the refusal says where", (_, value, field) => {
  const error = refusal(value);
  expect(error.code).toBe("ORR_INPUT_INVALID");
  expect(error.details["field"]).toBe(field);
});

test("a value that holds itself is refused for its depth", () => {
  const ring: unknown[] = [];
  ring.push(ring);
  expect(refusal(ring).message).toContain("levels deep");
});

test("the bound counts bytes of UTF-8", () => {
  const fits = "é".repeat(499);
  expect(readJson(fits, rule)).toBe(fits);
  const error = refusal("é".repeat(500));
  expect(error.code).toBe("ORR_INPUT_TOO_LARGE");
  expect(error.details).toEqual({ field: "input", value: 1_002 });
});

test("whatever a value is made of, a byte less than its text has is too little", () => {
  const letters = fc.constantFrom("a", '"', "\\", "\n", "\u0007", "é", "€", "😀");
  const text = fc.array(letters, { maxLength: 5 }).map((parts) => parts.join(""));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, -1.7976931348623157e308, -2.2250738585072014e-308),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      text,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(text, tie("value"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      const size = Buffer.byteLength(JSON.stringify(given));
      readJson(given, { field: "input", bytesMax: size });
      expect(() => readJson(given, { field: "input", bytesMax: size - 1 })).toThrow(
        "bytes of JSON",
      );
    }),
  );
});
