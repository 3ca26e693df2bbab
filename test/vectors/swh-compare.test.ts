/** The comparison of the replay tells every way in which an answer can differ. */

import { expect, test } from "vitest";
import { Float } from "../../src/compat/swh/values.ts";
import { WireTime, type WireObject, type WireValue } from "../../src/compat/swh/wire/wire-value.ts";
import { parseInstant } from "../../src/kernel/instant.ts";
import { type Bindings, difference } from "./swh-compare.ts";

const made = (name: string, recorded: object): WireObject => ({ $var: name, ...recorded });
const at = new WireTime(parseInstant("2024-01-01T00:00:00Z"));
const one = { $num: 9 };
const time = { $time: "2020-01-01T00:00:00.000000Z" };

test.each<[string, WireObject, WireValue]>([
  ["equal values in another order of keys", { body: { a: 1, b: [2] } }, { b: [2], a: 1 }],
  ["a fraction", { body: { $float: new Float(2) } }, new Float(2)],
  ["a number past 64 bits", { body: { $ext: [1, "010000000000000000"] } }, 2n ** 64n],
  ["whatever a server makes up", { body: [made("task1", one)] }, [4]],
  ["the same made up twice", { body: [made("time1", time), made("time1", time)] }, [at, at]],
  ["a list in any order", { body: [1, 2], unordered: ["/"] }, [2, 1]],
  ["ties", { body: [1, 2, 3], ties: [[1, 2]] }, [1, 3, 2]],
])("takes %s", (_what, recorded, answer) => {
  expect(difference(recorded, answer, new Map())).toBeUndefined();
});

test.each<[string, WireObject, WireValue]>([
  ["another value", { body: { a: 1 } }, { a: 2 }],
  ["a missing key", { body: { a: 1 } }, {}],
  ["a key too many", { body: {} }, { a: 1 }],
  ["null for something", { body: { a: 1 } }, { a: null }],
  ["a fraction for a whole number", { body: 2 }, new Float(2)],
  ["a whole number for a fraction", { body: { $float: new Float(2) } }, 2],
  ["a text for a time", { body: made("time1", time) }, "2024-01-01"],
  ["two made up for one", { body: [made("task1", one), made("task1", one)] }, [4, 5]],
  ["another order", { body: [1, 2] }, [2, 1]],
  ["another item in any order", { body: [1, 2], unordered: ["/"] }, [2, 2]],
  ["an item of another tie", { body: [1, 2, 3], ties: [[1, 2]] }, [2, 1, 3]],
  ["an item too many", { body: [1] }, [1, 1]],
])("tells of %s", (_what, recorded, answer) => {
  expect(difference(recorded, answer, new Map())).toBeDefined();
});

test("what one answer has bound holds for the next", () => {
  const bindings: Bindings = new Map();
  const recorded = { body: made("uuid1", { $str: "x" }) };
  expect(difference(recorded, "y", bindings)).toBeUndefined();
  expect(difference(recorded, "y", bindings)).toBeUndefined();
  expect(difference(recorded, "z", bindings)).toBeDefined();
});
