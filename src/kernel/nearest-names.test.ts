import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestNames, suggestionOf } from "./nearest-names.ts";

const known = ["jobs.importOrigins", "jobs.summarise", "checkSelf", "mail"];

test.each([
  ["checkself", ["checkSelf"]],
  ["chekcSelf", ["checkSelf"]],
  ["summarise", ["jobs.summarise"]],
  ["jobs.importOrigin", ["jobs.importOrigins"]],
  ["entirely different", []],
])("for %s it suggests %j", (name, wanted) => {
  expect(nearestNames(name, known)).toEqual(wanted);
});

test("at most three names are suggested, the nearest first", () => {
  expect(nearestNames("abc", ["abx", "abcd", "abc", "axc", "xbc"])).toEqual(["abc", "abcd", "abx"]);
});

test("any known name is nearest to itself", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), (name) => {
      expect(nearestNames(name, ["something else entirely", name])[0]).toBe(name);
    }),
  );
});

test("a suggestion is a question, and nothing when nothing is near", () => {
  expect(suggestionOf([])).toBe("");
  expect(suggestionOf(["a", "b"])).toBe('; did you mean "a" or "b"?');
});
