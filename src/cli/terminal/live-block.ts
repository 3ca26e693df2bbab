/** Some lines at the bottom of a terminal that are drawn again and again. */

import type { Sink } from "../shell.ts";

/** Up to the first column of the line so many above, then erase all below. */
const eraseFrom = (lineCount: number): string => `\u001b[${lineCount}F\u001b[J`;
/** Where a terminal does not say how wide it is. */
const columnsDefault = 80;

/** The lines; the last that were drawn stay when it is over. */
export interface LiveBlock {
  /** Cells that a line may take: one more would wrap, and the count of lines be wrong. */
  readonly width: () => number;
  /** Shows lines, without line feeds, in place of those that were there. */
  draw(lines: readonly string[]): void;
}

/** Lines on a terminal. */
export function openLiveBlock(sink: Sink): LiveBlock {
  let drawnCount = 0;
  return {
    // The last cell stays free: some terminals wrap as soon as it is filled.
    width: () => Math.max((sink.columns() ?? columnsDefault) - 1, 1),
    draw: (lines) => {
      const text = lines.map((line) => `${line}\n`).join("");
      sink.write((drawnCount === 0 ? "" : eraseFrom(drawnCount)) + text);
      drawnCount = lines.length;
    },
  };
}
