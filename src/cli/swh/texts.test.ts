/** Small texts of the reference's command line: intervals, literals, arguments, CSV. */

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Float } from "../../compat/swh/values.ts";
import { intervalOf } from "../../kernel/interval.ts";
import { type CsvRow, csvRowsOf, csvText } from "./csv.ts";
import { intervalText, parseInterval } from "./interval-text.ts";
import { indentedJson, literalText } from "./python-text.ts";
import { parseArguments, parseKeywords } from "./task-arguments.ts";

describe("intervals", () => {
  it.each([
    ["12 hours", { hours: 12 }],
    ["90 days", { days: 90 }],
    ["10m", { minutes: 10 }],
    ["1 day 2 hrs 30 min 1.5 sec", { days: 1, hours: 2, minutes: 30, seconds: 1.5 }],
    ["1d2h", { days: 1, hours: 2 }],
    ["0.5d", { hours: 12 }],
  ])("%j is read", (text, parts) => {
    expect(parseInterval(text, { field: "--interval" })).toBe(intervalOf(parts));
  });

  it.each(["", " ", "12", "2 hours 1 day", "1 week", "1  day", "-1 day", "1 day, 2 hours"])(
    "%j is refused",
    (text) => {
      expect(() => parseInterval(text, { field: "--interval" })).toThrow(
        "--interval must be an interval",
      );
    },
  );

  it.each([
    [{ days: 2 }, "2 days, 0:00:00"],
    [{ days: 1, hours: 3 }, "1 day, 3:00:00"],
    [{ hours: 3, minutes: 25, microseconds: 42_857_143 }, "3:25:42.857143"],
    [{ hours: -1 }, "-1 day, 23:00:00"],
    [{}, "0:00:00"],
  ])("%j is shown as %s", (parts, text) => {
    expect(intervalText(intervalOf(parts))).toBe(text);
  });
});

test.each([
  [null, "None"],
  [[true, false], "[True, False]"],
  [
    { a: 1, b: new Float(1), c: 1e300, d: 10n ** 20n },
    "{'a': 1, 'b': 1.0, 'c': 1e+300, 'd': 100000000000000000000}",
  ],
  ["https://e.org/x", "'https://e.org/x'"],
  ["it's", `"it's"`],
  [`it's "so"`, `'it\\'s "so"'`],
  ["a\\b\n\u0007\u001b[0m\u2028ü\u{1f600}", "'a\\\\b\\n\\x07\\x1b[0m\\u2028ü\u{1f600}'"],
])("%# is a literal of Python's", (value, text) => {
  expect(literalText(value)).toBe(text);
});

test("JSON is indented, with fractions and large numbers as they are", () => {
  const value = { a: [new Float(1), 10n ** 20n, {}], b: [], c: { d: "é" } };
  expect(indentedJson(value)).toBe(`{
  "a": [
    1.0,
    100000000000000000000,
    {}
  ],
  "b": [],
  "c": {
    "d": "\\u00e9"
  }
}`);
});

describe("arguments", () => {
  it.each([
    [[], [], {}],
    [["foo", "bar"], ["foo", "bar"], {}],
    [["[foo, bar]"], [["foo", "bar"]], {}],
    [['"foo"', 'bar="baz"'], ["foo"], { bar: "baz" }],
    [["42", "bar=false"], [42], { bar: false }],
    [["", "bar="], [""], { bar: "" }],
    [["null", "bar=null"], [null], { bar: null }],
    [["a=b=c", "a=d"], [], { a: "d" }],
    [["https://e.org/?q=1"], [], { "https://e.org/?q": 1 }],
  ])("%j", (texts, args, kwargs) => {
    expect(parseArguments(texts)).toEqual({ args, kwargs });
  });

  it("are refused as they were typed", () => {
    expect(() => parseArguments(["42", '"foo'])).toThrow('Invalid argument: "foo');
    expect(() => parseKeywords(["a=1", "b"])).toThrow("Only keywords arguments are allowed.");
  });
});

describe("CSV", () => {
  async function rowsOf(parts: readonly string[], delimiter = ","): Promise<readonly CsvRow[]> {
    async function* text(): AsyncGenerator<string, void> {
      for (const part of parts) yield await Promise.resolve(part);
    }
    const rows: CsvRow[] = [];
    for await (const row of csvRowsOf(text(), delimiter)) rows.push(row);
    return rows;
  }

  it("has rows with the line on which they begin", async () => {
    expect(await rowsOf(['a,"b\r', '\nc",\r', '\n\n"d"e;,"f""g"'])).toEqual([
      { line: 1, fields: ["a", "b\r\nc", ""] },
      { line: 4, fields: ["de;", 'f"g'] },
    ]);
    expect(await rowsOf(["a;b,c\n"], ";")).toEqual([{ line: 1, fields: ["a", "b,c"] }]);
    expect(await rowsOf([])).toEqual([]);
  });

  it("is refused when a quote stays open", async () => {
    await expect(rowsOf(['a\n"b\n'])).rejects.toThrow("line 2 must be quotes that are closed");
  });

  it("reads back what was written", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ") });
    const row = fc.array(field, { minLength: 1, maxLength: 4 });
    const run = fc.asyncProperty(fc.array(row, { maxLength: 5 }), fc.nat(), async (rows, cut) => {
      const text = rows.map((fields) => `${csvText(fields)}\n`).join("");
      const at = text.length === 0 ? 0 : cut % text.length;
      const read = await rowsOf([text.slice(0, at), text.slice(at)]);
      expect(read.map(({ fields }) => fields)).toEqual(rows);
    });
    await fc.assert(run);
  });
});
