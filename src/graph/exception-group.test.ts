import { expect, it } from "vitest";
import { ExceptionGroup } from "./exception-group.ts";
import { quoted } from "./quoted-text.ts";

it("holds its errors in order, and lists their messages", () => {
  const errors = [new RangeError("a"), new TypeError("it's b")];
  const group = new ExceptionGroup(errors);
  expect(group).toBeInstanceOf(AggregateError);
  expect(group.errors).toEqual(errors);
  expect(group.exceptions).toEqual(errors);
  expect(group.message).toBe(`['a', "it's b"]`);
  expect([group.name, group.code]).toEqual(["ExceptionGroup", "ORR_EXEC_GROUP"]);
});

it("is empty without errors, and keeps a group within it whole", () => {
  expect(new ExceptionGroup().errors).toEqual([]);
  const inner = new ExceptionGroup([new RangeError("x")]);
  const outer = new ExceptionGroup([inner, "no error"], { cause: inner });
  expect(outer.errors).toEqual([inner, "no error"]);
  expect(outer.message).toBe(`["['x']", 'no error']`);
  expect(outer.cause).toBe(inner);
});

it.each([
  ["plain", "'plain'"],
  ["it's", `"it's"`],
  [`both ' and "`, `'both \\' and "'`],
  ["a\\b\n\t\r", "'a\\\\b\\n\\t\\r'"],
])("quotes %j as %s", (text, expected) => {
  expect(quoted(text)).toBe(expected);
});
