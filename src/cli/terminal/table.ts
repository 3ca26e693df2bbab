/** Columns for people: as wide as they need, cut where the terminal ends, plain in a pipe. */

import type { Style } from "./styling.ts";
import { cutTo, onOneLine, widthOf } from "./text-width.ts";

/** One column. */
export interface Column {
  readonly title: string;
  /** @defaultValue left */
  readonly align?: "left" | "right";
  /** Whether it may be cut when the line is too long; ids and states may not. */
  readonly flexible?: boolean;
}

/** A value in a table: text, or text with a look of its own. */
export type Cell = string | { readonly text: string; readonly style: Style };

/** A table that is to be printed. */
export interface Table {
  readonly columns: readonly Column[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly Cell[])[];
}

/** How it is to look. */
export interface TableLayout {
  /** Cells of a line; undefined cuts nothing, for pipes. */
  readonly width: number | undefined;
  readonly paint: (style: Style, text: string) => string;
}

/** Blanks between two columns. */
const gap = 2;
/** A flexible column keeps at least this many cells, however narrow the terminal is. */
const flexibleWidthMin = 8;

/** The table as lines, each ended by a line feed. */
export function printTable(table: Table, layout: TableLayout): string {
  const texts = table.rows.map((row) => row.map((cell) => onOneLine(textOf(cell))));
  const widths = fitWidths(table.columns, {
    needed: table.columns.map((column, index) =>
      texts.reduce(
        (widest, row) => Math.max(widest, widthOf(row[index] ?? "")),
        widthOf(column.title),
      ),
    ),
    available: layout.width,
  });
  const line = (cells: readonly string[], paint: (text: string, index: number) => string): string =>
    cells
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const cut = cutTo(text, width);
        const pad = " ".repeat(Math.max(width - widthOf(cut), 0));
        const last = index === cells.length - 1;
        if (table.columns[index]?.align === "right") return pad + paint(cut, index);
        return paint(cut, index) + (last ? "" : pad);
      })
      .join(" ".repeat(gap))
      .trimEnd();
  const head = line(
    table.columns.map((column) => column.title),
    (text) => layout.paint("dim", text),
  );
  const body = texts.map((cells, row) =>
    line(cells, (text, index) => paintCell(layout, table.rows[row]?.[index], text)),
  );
  return [head, ...body].map((each) => `${each}\n`).join("");
}

/** Names and values in two columns, for one record. */
export function printFields(
  fields: readonly (readonly [name: string, value: Cell])[],
  layout: TableLayout,
): string {
  const width = Math.max(...fields.map(([name]) => widthOf(name)));
  return fields
    .map(([name, value]) => {
      const label = layout.paint("dim", name.padEnd(width));
      return `${label}${" ".repeat(gap)}${paintCell(layout, value, onOneLine(textOf(value)))}\n`;
    })
    .join("");
}

/** Takes from the widest flexible column until the line fits or none can give more. */
function fitWidths(
  columns: readonly Column[],
  {
    needed,
    available,
  }: { readonly needed: readonly number[]; readonly available?: number | undefined },
): readonly number[] {
  const widths = [...needed];
  if (available === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width, gap * (columns.length - 1)) - available;
  while (excess > 0) {
    const widest = columns.reduce<number | undefined>((best, column, index) => {
      const width = widths[index] ?? 0;
      if (column.flexible !== true || width <= flexibleWidthMin) return best;
      return best === undefined || width > (widths[best] ?? 0) ? index : best;
    }, undefined);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

function paintCell(layout: TableLayout, cell: Cell | undefined, text: string): string {
  return cell === undefined || typeof cell === "string" ? text : layout.paint(cell.style, text);
}
