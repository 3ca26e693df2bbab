/** What a command says, in the form that was asked for: tables and sentences, or JSON. */

import type { JsonValue } from "../kernel/json.ts";
import type { Shell } from "./shell.ts";
import {
  printFields,
  printTable,
  type Cell,
  type Table,
  type TableLayout,
} from "./terminal/table.ts";
import { withoutControls } from "./terminal/text-width.ts";

/** How much is said, and to whom. */
export interface ScreenOptions {
  /** Results as JSON, for programs. */
  readonly json?: boolean;
  /** More about what happens, and stack traces. */
  readonly verbose?: boolean;
}

/** Prints results to standard output and everything else to standard error. */
export interface Screen {
  readonly json: boolean;
  readonly verbose: boolean;
  /**
   * Shows a result. As JSON it is the whole record, on standard output, indented; else what
   * `human` prints. The record's fields are the REST API's and as stable.
   */
  show(record: unknown, human: () => void): void;
  /** One record of a stream: a line of JSON, or what `human` prints. */
  showLine(record: unknown, human: () => void): void;
  table(table: Table): void;
  fields(fields: readonly (readonly [name: string, value: Cell])[]): void;
  /** A line for people on standard output. */
  line(text: string): void;
  /** A remark for people on standard error; none in JSON. */
  note(text: string): void;
  /** A remark that only `--verbose` shows, on standard error. */
  detail(text: string): void;
}

/** A screen over the shell's streams. */
export function createScreen(shell: Shell, options: ScreenOptions): Screen {
  const { out, err } = shell;
  const json = options.json === true;
  const verbose = options.verbose === true;
  const layout = (): TableLayout => ({ width: out.columns(), paint: out.paint });
  return {
    json,
    verbose,
    show: (record, human) => {
      if (json) out.write(`${JSON.stringify(record, undefined, 2)}\n`);
      else human();
    },
    showLine: (record, human) => {
      if (json) out.write(`${JSON.stringify(record)}\n`);
      else human();
    },
    table: (table) => out.write(printTable(table, layout())),
    fields: (fields) => out.write(printFields(fields, layout())),
    line: (text) => out.write(`${text}\n`),
    note: (text) => {
      if (!json) err.write(`${err.paint("dim", text)}\n`);
    },
    detail: (text) => {
      if (verbose) err.write(`${err.paint("dim", text)}\n`);
    },
  };
}

/** A JSON value as compact text for a cell; nothing for null. */
export function jsonText(value: JsonValue): string {
  return value === null ? "" : withoutControls(JSON.stringify(value));
}
