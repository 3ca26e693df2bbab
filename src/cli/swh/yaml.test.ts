import { expect, test } from "vitest";
import { Float } from "../../compat/swh/values.ts";
import { parseYaml } from "./yaml.ts";

test.each([
  ["", null],
  ["~", null],
  ["Null", null],
  ["yes", true],
  ["Off", false],
  ["y", "y"],
  ["42", 42],
  ["-7", -7],
  ["+7", 7],
  ["1_000", 1000],
  ["010", 8],
  ["0o10", "0o10"],
  ["08", "08"],
  ["0x1F", 31],
  ["-0b11", -3],
  ["1:30", 90],
  ["12345678901234567890", 12345678901234567890n],
  ["1.5", 1.5],
  ["1.0", new Float(1)],
  [".5", 0.5],
  ["1.0e+3", new Float(1000)],
  ["1e3", "1e3"],
  ["2024-01-01", "2024-01-01"],
  ["'42'", "42"],
  ['"a\\nb"', "a\nb"],
  ["!!str 42", "42"],
  ["=", "="],
  ["https://e.org/x?a=b", "https://e.org/x?a=b"],
  ["[foo, 1.0, [true]]", ["foo", new Float(1), [true]]],
  ["{a: 1, 2: x, yes: ~}", { a: 1, "2": "x", true: null }],
  ["a: &x [1]\nb: *x", { a: [1], b: [1] }],
  ["- |\n  a\n  b", ["a\nb\n"]],
])("%j is read as by Python", (text, value) => {
  expect(parseYaml(text)).toEqual(value);
});

test.each([
  ['"foo', /quote/],
  ["{", /Flow map/],
  ["@x", /reserved character/],
  [".inf", /cannot hold \.inf/],
  ["1.0e+999", /cannot hold 1\.0e\+999/],
  ["!!binary aGk=", /tag/i],
  ["!!python/object:os.system x", /tag/i],
  ["*a", /alias/i],
  ["&a [*a]", /nested too deep/],
  ["{[1]: 2}", /key must be text/],
  ["a: 1\na: 2", /unique/],
])("%j is refused", (text, message) => {
  expect(() => parseYaml(text)).toThrow(message);
});

test("anchors that multiply are refused before they fill the memory", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 9; level += 1) {
    const alias = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => alias).join(", ")}]`);
  }
  expect(() => parseYaml(lines.join("\n"))).toThrow("too many values");
});
