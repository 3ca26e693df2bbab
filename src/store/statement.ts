/**
 * A statement is a named constant: its text, and the decoder of its rows. `{schema}` in the text
 * stands for the quoted schema name, which is all that is ever put into SQL.
 */

import type { Row } from "./row.ts";

/** SQL text with a decoder; parameters go by `$1`, `$2` and so on. */
export interface Statement<Decoded> {
  /** Unique; the name under which each connection keeps the prepared statement. */
  readonly name: string;
  readonly text: string;
  readonly decode: (row: Row) => Decoded;
}

/** A statement that answers rows. */
export function statement<Decoded>(
  name: string,
  text: string,
  decode: (row: Row) => Decoded,
): Statement<Decoded> {
  return { name, text, decode };
}

/** A statement whose rows, if any, are of no interest. */
export function command(name: string, text: string): Statement<undefined> {
  return { name, text, decode: () => undefined };
}

/**
 * A schema name as an SQL identifier.
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
