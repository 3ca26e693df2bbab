/** One line at the bottom of a terminal that is drawn again and again and leaves no trace. */

import type { Sink } from "../shell.ts";

/** Carriage return, then erase to the end of the line. */
const eraseLine = "\r\u001b[K";
/** Where a terminal does not say how wide it is. */
const columnsDefault = 80;

/** The line; disposing it erases it. */
export interface StatusLine extends Disposable {
  /** Cells that text may take. */
  readonly width: () => number;
  /** Shows `text`, without line feeds, in place of what was there. */
  draw(text: string): void;
  /** Prints something above the line. */
  around(print: () => void): void;
}

/** A line on `sink`; without a terminal, or when it is to be quiet, nothing is ever drawn. */
export function openStatusLine(sink: Sink, options: { readonly quiet: boolean }): StatusLine {
  const shown = sink.isTerminal && !options.quiet;
  let current = "";
  const erase = (): void => {
    if (current !== "") sink.write(eraseLine);
  };
  return {
    // The last cell stays free: some terminals wrap as soon as it is filled.
    width: () => Math.max((sink.columns() ?? columnsDefault) - 1, 1),
    draw: (text) => {
      if (!shown || text === current) return;
      current = text;
      sink.write(eraseLine + sink.paint("busy", text));
    },
    around: (print) => {
      erase();
      print();
      if (current !== "") sink.write(sink.paint("busy", current));
    },
    [Symbol.dispose]: () => {
      erase();
      current = "";
    },
  };
}
