/**
 * Reading rows: snake_case columns of unknown type become checked values. Instants arrive as text
 * in UTC and leave as microseconds; whole numbers of eight bytes must be safe integers.
 */

import pg from "pg";
import { InvariantError } from "../kernel/errors.ts";
import {
  formatInstant,
  type Instant,
  instantFromMicros,
  instantOfUtcText,
  parseInstant,
} from "../kernel/instant.ts";
import type { Id } from "../kernel/ids.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { OutcomeKind } from "../model/outcome.ts";
import type { WholeNumber } from "../model/swh-task.ts";

/** A row as the driver hands it over. */
export type Row = Readonly<Record<string, unknown>>;

/** Type numbers of PostgreSQL's catalogue that the driver would read otherwise than we want. */
const oid = { int8: 20, json: 114, timestamptz: 1184, numeric: 1700, jsonb: 3802 } as const;

/** The parsers for our queries, handed to the driver with each of them. */
export const rowTypes = {
  getTypeParser(typeId: number, format?: "text" | "binary"): (text: string) => unknown {
    switch (typeId) {
      case oid.int8:
      case oid.numeric:
        return Number;
      case oid.timestamptz:
        return instantOfText;
      case oid.json:
      case oid.jsonb:
        return JSON.parse;
      default: {
        const parser: unknown = pg.types.getTypeParser(typeId, format ?? "text");
        return isParser(parser) ? parser : String;
      }
    }
  },
};

/** The driver declares its parsers as anything. */
function isParser(value: unknown): value is (text: string) => unknown {
  return typeof value === "function";
}

/**
 * An instant in ISO style and any zone, for example `2026-03-01 09:00:00.25+00`. What our own
 * connections are given is in UTC and of four-digit years; rows have several, so that is read
 * without looking at it closely.
 */
function instantOfText(text: string): Instant {
  if (text === lastRead.text) return lastRead.instant;
  const isUtc = text.endsWith("+00") && text[4] === "-";
  const quickly = isUtc ? instantOfUtcText(text.slice(0, -3)) : undefined;
  const instant =
    quickly ?? parseInstant(/[+-]\d\d$/.test(text) ? `${text}:00` : text, "timestamptz");
  lastRead = { text, instant };
  return instant;
}

/** What was queued together is due together: rows one after the other often have the same text. */
let lastRead = { text: "1970-01-01 00:00:00+00", instant: instantFromMicros(0n) };

/** An instant as a parameter. */
export function instantParameter(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant);
}

/**
 * A list of numbers, truth values, or words of ours that need no escaping, as a parameter. The
 * driver looks for what to escape in each of them, which takes longer than all else that is done
 * to a list.
 */
export function listParameter(values: readonly (number | boolean | OutcomeKind)[]): string {
  return `{${values.join(",")}}`;
}

/** A list of instants as a parameter; null is before all of them. */
export function boundsParameter(bounds: readonly (Instant | null)[]): string {
  const texts = bounds.map((bound) => (bound === null ? "-infinity" : formatInstant(bound)));
  return `{${texts.join(",")}}`;
}

/** A number that must be there. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return wrongColumn(row, { column, wanted: "a number" });
}

/** A number or null. */
export function optionalNumber(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

/** A whole number of eight bytes, which may be too large for a `number`; its column is text. */
export function wholeNumberOf(row: Row, column: string): WholeNumber {
  const digits = textOf(row, column);
  const near = Number(digits);
  return Number.isSafeInteger(near) ? near : BigInt(digits);
}

/** The same, or null. */
export function optionalWholeNumber(row: Row, column: string): WholeNumber | null {
  return row[column] === null ? null : wholeNumberOf(row, column);
}

/** An id that must be there, as the kind that the caller wants. */
export function idOf<T extends Id>(row: Row, column: string): T {
  const value = numberOf(row, column);
  if (Number.isSafeInteger(value) && value >= 1) return value as T;
  return wrongColumn(row, { column, wanted: "an id" });
}

/** An id or null. */
export function optionalId<T extends Id>(row: Row, column: string): T | null {
  return row[column] === null ? null : idOf<T>(row, column);
}

/** A JSON list that must be there. */
export function listOf(row: Row, column: string): readonly unknown[] {
  const value = row[column];
  return Array.isArray(value) ? value : wrongColumn(row, { column, wanted: "a list" });
}

/** A JSON list of ids; that of nothing at all, which the database makes null, is empty. */
export function idsOf<T extends Id>(row: Row, column: string): readonly T[] {
  if (row[column] === null) return [];
  return listOf(row, column).map((id) => idOf<T>({ id }, "id"));
}

/** Text that must be there. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : wrongColumn(row, { column, wanted: "text" });
}

/** Text or null. */
export function optionalText(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

/** Text that is one of `words`; the database's enum holds the same words. */
export function wordOf<Word extends string>(
  row: Row,
  column: string,
  words: readonly Word[],
): Word {
  const value = row[column];
  const word = words.find((each) => each === value);
  return word ?? wrongColumn(row, { column, wanted: words.join(" | ") });
}

/** A truth value. */
export function booleanOf(row: Row, column: string): boolean {
  const value = row[column];
  return typeof value === "boolean" ? value : wrongColumn(row, { column, wanted: "a boolean" });
}

/** An instant that must be there. */
export function instantOf(row: Row, column: string): Instant {
  const value = row[column];
  return typeof value === "bigint"
    ? (value as Instant)
    : wrongColumn(row, { column, wanted: "an instant" });
}

/** An instant in a column of text, or in a member of a JSON object. */
export function instantInText(row: Row, column: string): Instant {
  return instantOfText(textOf(row, column));
}

/** An instant or null. */
export function optionalInstant(row: Row, column: string): Instant | null {
  return row[column] === null ? null : instantOf(row, column);
}

/** JSON; SQL's null reads as JSON's. The column holds nothing but what `JSON.parse` made. */
export function jsonOf(row: Row, column: string): JsonValue {
  return (row[column] ?? null) as JsonValue;
}

/** A column that does not hold what its statement promises. */
interface WrongColumn {
  readonly column: string;
  readonly wanted: string;
}

function wrongColumn(row: Row, { column, wanted }: WrongColumn): never {
  throw new InvariantError(
    "ORR_BUG_INVARIANT",
    `column ${column} should be ${wanted} and is ${String(row[column])}`,
  );
}
