import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paintNothing } from "./styling.ts";
import { printFields, printTable, type Table } from "./table.ts";
import { widthOf } from "./text-width.ts";

const table: Table = {
  columns: [{ title: "ID", align: "right" }, { title: "NAME", flexible: true }, { title: "STATE" }],
  rows: [
    ["1", "a rather long name of a task", { text: "active", style: "busy" }],
    ["12", "short", "paused"],
  ],
};

describe("printTable", () => {
  it("makes columns as wide as they need and trims the ends of lines", () => {
    expect(printTable(table, { width: undefined, paint: paintNothing })).toBe(
      "ID  NAME                          STATE\n" +
        " 1  a rather long name of a task  active\n" +
        "12  short                         paused\n",
    );
  });

  it("cuts flexible columns alone where the line is too long", () => {
    expect(printTable(table, { width: 24, paint: paintNothing })).toBe(
      ["ID  NAME          STATE", " 1  a rather lo…  active", "12  short         paused", ""].join(
        "\n",
      ),
    );
  });

  it("keeps a flexible column readable however narrow the terminal is", () => {
    expect(printTable(table, { width: 5, paint: paintNothing })).toContain("a rathe…");
  });

  it("puts styles around cells without counting them as width", () => {
    const painted = printTable(table, {
      width: undefined,
      paint: (style, text) => `<${style}>${text}</>`,
    });
    expect(painted).toContain("a rather long name of a task  <busy>active</>\n");
    expect(painted).toContain("<dim>NAME</>                          <dim>STATE</>\n");
  });

  it("prints more rows than a call takes arguments", () => {
    const rows = Array.from({ length: 200_000 }, (_, at) => [`n${at}`]);
    const text = printTable(
      { columns: [{ title: "N" }], rows },
      { width: 40, paint: paintNothing },
    );
    expect(text.endsWith("n199998\nn199999\n")).toBe(true);
  });

  it("keeps each record on one line and shows control characters as pictures", () => {
    const hostile: Table = { columns: [{ title: "X" }], rows: [["a\nb\u001b[2Jc"]] };
    expect(printTable(hostile, { width: undefined, paint: paintNothing })).toBe("X\na b␛[2Jc\n");
  });

  it("never prints a line wider than the terminal while columns can give", () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell)),
        fc.integer({ min: 18, max: 80 }),
        (rows, width) => {
          const text = printTable(
            {
              columns: [
                { title: "A", flexible: true },
                { title: "B", flexible: true },
              ],
              rows,
            },
            { width, paint: paintNothing },
          );
          const lines = text.trimEnd().split("\n");
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("printFields", () => {
  it("aligns the values", () => {
    const layout = { width: undefined, paint: paintNothing };
    expect(
      printFields(
        [
          ["id", "7"],
          ["last outcome", "failed"],
        ],
        layout,
      ),
    ).toBe("id            7\nlast outcome  failed\n");
  });
});
