import fc from "fast-check";
import { expect, test } from "vitest";

import { keptJson, outputBytesMax } from "./kept-json.ts";

const rule = { field: "output", bytesMax: outputBytesMax };

function cyclic(): object {
  const parent: { children: object[] } = { children: [] };
  // Many ways round: a walk without memory of where it is would not end.
  for (let count = 0; count < 20; count += 1) parent.children.push({ parent });
  return parent;
}

function nested(depth: number): unknown {
  let value: unknown = "core";
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

test("JSON data comes back equal", () => {
  const data = fc.jsonValue({ maxDepth: 4 }).filter((value) => {
    const text = JSON.stringify(value);
    return !/\\u0000|\\ud[89a-f]/.test(text);
  });
  fc.assert(
    fc.property(data, (value) => {
      const copy = keptJson(value, rule);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
    }),
  );
});

test("what comes back is a copy, through and through", () => {
  const rows = [1];
  const copy = keptJson({ rows }, rule);
  rows.push(2);
  expect(copy).toEqual({ rows: [1] });
});

test("a value's own toJSON speaks for it, and undefined members are left out", () => {
  class Point {
    readonly x = 1;
    readonly y = undefined;
  }
  const value = { at: new Date(0), where: new Point(), none: undefined, list: [undefined, 1] };
  expect(keptJson(value, rule)).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    where: { x: 1 },
    list: [null, 1],
  });
  expect(keptJson(undefined, rule)).toBeNull();
});

test("a member named __proto__ stays a member", () => {
  const copy = keptJson(JSON.parse('{"__proto__": {"a": 1}}'), rule);
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1}}');
});

test.each([
  ["a bigint", { rows: [{ id: 1n }] }, "output.rows[0].id is a bigint"],
  ["a function", { done: () => true }, "output.done is a function"],
  ["a symbol", Symbol("x"), "output is a symbol"],
  ["NaN", [1, Number.NaN], "output[1] is NaN"],
  ["a map", { seen: new Map() }, "output.seen is a Map"],
  ["an error", { problem: new RangeError("x") }, "output.problem is a Error"],
  ["bytes", new Uint8Array(4), "output is a Uint8Array"],
  ["a cycle", cyclic(), "output.children[0].parent holds itself"],
  ["great depth", nested(101), "is over 100 levels deep"],
  ["NUL", { title: "a\0b" }, "output.title has NUL"],
  ["half of a surrogate pair", { title: "\ud83d" }, "output.title has NUL or half"],
  ["NUL in a name", { "\0": 1 }, "has NUL"],
])("%s is refused with its path", (_, value, message) => {
  expect(() => keptJson(value, rule)).toThrow(message);
});

test("the deepest allowed value passes", () => {
  expect(keptJson(nested(100), rule)).toEqual(nested(100));
});

test("the bound counts the bytes of the JSON text, and one more is refused", () => {
  const text = "ü".repeat(8);
  expect(keptJson(text, { field: "output", bytesMax: 18 })).toBe(text);
  expect(() => keptJson(text, { field: "output", bytesMax: 17 })).toThrow(
    "output has 18 bytes of JSON, at most 17 are kept",
  );
});

test("a value far over the bound is refused before it is copied", () => {
  const sparse: unknown[] = [];
  sparse.length = 1_000_000_000;
  expect(() => keptJson(sparse, rule)).toThrow("output has more bytes of JSON");
  const row = { text: "x".repeat(1_000) };
  const rows = Array.from({ length: 1_000_000 }, () => row);
  expect(() => keptJson(rows, rule)).toThrow("output has more bytes of JSON");
});
