import fc from "fast-check";
import { expect, test } from "vitest";

import { schemas } from "../api/schemas/registry.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { parseBody, parseQuery, readTexts, refusedError } from "./validation.ts";

const listing = { schema: schemas.ListTasksQuery };

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a query is read by the types of its schema", () => {
  const query = parseQuery("limit=5&state=active&rootId=-1&key=007&type=a&type=b");
  expect(readTexts(query, listing)).toEqual({
    limit: 5,
    state: ["active"],
    rootId: -1,
    key: "007",
    type: ["a", "b"],
  });
});

test.each(["", " 5", "5.0", "1e3", "0x1f", "NaN", "٣", "1".repeat(17)])(
  "the text %j is left as it is where a number belongs",
  (text) => {
    expect(readTexts({ limit: text }, listing)).toEqual({ limit: text });
  },
);

test("no query makes its reader fail or reach a prototype", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = readTexts(parseQuery(text), listing);
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    }),
  );
  expect(Object.keys(readTexts(parseQuery("__proto__=1"), listing))).toEqual(["__proto__"]);
});

test("any JSON comes through as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes("__proto__"));
      expect(parseBody(bytesOf(text))).toEqual(JSON.parse(text));
    }),
  );
});

test.each(["", " ", "\n\t"])("the body %j counts as an empty object", (text) => {
  expect(parseBody(bytesOf(text))).toEqual({});
});

test.each([
  ["no JSON", bytesOf("{")],
  ["two values", bytesOf("{} {}")],
  ["letters that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
  ["a key that replaces a prototype", bytesOf('{"input": {"__proto__": {"a": 1}}}')],
  ["the same key with an escape", bytesOf('{"\\u005f_proto__": 1}')],
  ["nesting without end", bytesOf("[".repeat(200_000))],
])("%s is refused", (_, bytes) => {
  expect(() => parseBody(bytes)).toThrow(InvalidInputError);
});

test.each([
  ["/tasks/3/input", "tasks[3].input"],
  ["", ""],
  ["/a~1b/c~0d", "a/b.c~d"],
  ["/0", "[0]"],
])("the pointer %j is told as the field %j", (instancePath, field) => {
  const refusal = { keyword: "minItems", instancePath, params: { limit: 1 }, data: [] };
  expect(refusedError([refusal]).details).toMatchObject({ field });
});

test("a refusal of an unknown kind still says where and what", () => {
  const refusal = { keyword: "pattern", instancePath: "/a", params: {}, message: "like this" };
  expect(refusedError([refusal])).toMatchObject({
    code: "ORR_INPUT_INVALID",
    message: "a must be like this, not nothing",
  });
  expect(refusedError([])).toMatchObject({ code: "ORR_INPUT_INVALID" });
});
