/** Comma-separated values as Python's reader and writer have them. */

import { invalidField } from "../../kernel/fields.ts";

/** A row, and the line on which it begins. */
export interface CsvRow {
  /** From 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Reads rows from text that comes in parts. A field is quoted when it begins with a quote, which
 * stands twice for itself inside; empty lines are passed over.
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a quote that is never closed
 */
export async function* csvRowsOf(
  text: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<CsvRow, void> {
  const rows = new CsvReader(delimiter);
  for await (const part of text) yield* rows.read(part);
  yield* rows.end();
}

/** Where the reader stands. */
type State = "start" | "plain" | "quoted" | "quote";

class CsvReader {
  readonly #delimiter: string;
  #state: State = "start";
  #field = "";
  #fields: string[] = [];
  #line = 1;
  #firstLine = 1;
  #wasReturn = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  *read(text: string): Generator<CsvRow, void> {
    for (const letter of text) {
      const isPair = letter === "\n" && this.#wasReturn;
      this.#wasReturn = letter === "\r";
      const isEnd = letter === "\n" || letter === "\r";
      // A line feed behind a carriage return ends nothing that has not ended with that.
      if (isPair && this.#state !== "quoted") continue;
      if (isEnd && !isPair) this.#line += 1;
      if (isEnd && this.#state !== "quoted") yield* this.#endRow();
      else this.#take(letter);
    }
  }

  *end(): Generator<CsvRow, void> {
    if (this.#state === "quoted") {
      const expected = "quotes that are closed";
      throw invalidField(`line ${this.#firstLine}`, { expected, value: this.#field });
    }
    yield* this.#endRow();
  }

  #take(letter: string): void {
    if (this.#state === "quoted") {
      if (letter === '"') this.#state = "quote";
      else this.#field += letter;
    } else if (letter === this.#delimiter) {
      this.#fields.push(this.#field);
      this.#field = "";
      this.#state = "start";
    } else if (letter === '"' && this.#state === "start") {
      this.#state = "quoted";
    } else if (letter === '"' && this.#state === "quote") {
      this.#field += letter;
      this.#state = "quoted";
    } else {
      this.#field += letter;
      this.#state = "plain";
    }
  }

  *#endRow(): Generator<CsvRow, void> {
    const isEmpty = this.#state === "start" && this.#fields.length === 0;
    const fields = [...this.#fields, this.#field];
    const line = this.#firstLine;
    this.#fields = [];
    this.#field = "";
    this.#state = "start";
    this.#firstLine = this.#line;
    if (!isEmpty) yield { line, fields };
  }
}

/** A row as text, without the end of its line. */
export function csvText(fields: readonly string[]): string {
  // A line of one empty field would be an empty line.
  if (fields.length === 1 && fields[0] === "") return '""';
  return fields.map((field) => (/[",\r\n]/.test(field) ? doubled(field) : field)).join(",");
}

function doubled(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}
