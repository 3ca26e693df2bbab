/** Values in the text that Python prints for them: the form in which old scripts read them. */

import { Float, type SwhJson } from "../../compat/swh/values.ts";
import { isoTimeText } from "../../compat/swh/wire/iso-time.ts";
import { writeJson } from "../../compat/swh/wire/json-write.ts";
import { fractionText } from "../../compat/swh/wire/python-number.ts";
import type { Instant } from "../../kernel/instant.ts";
import { isJsonList, isJsonObject } from "./json-shape.ts";

/** A value as a literal of Python's, as in `{'a': [1, 1.0, None]}`. */
export function literalText(value: SwhJson): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? String(value) : fractionText(value);
  }
  if (value instanceof Float) return fractionText(value.value);
  if (isJsonList(value)) return `[${value.map(literalText).join(", ")}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${quoted(key)}: ${literalText(member)}`,
  );
  return `{${members.join(", ")}}`;
}

/** An instant as `str` shows it: `2026-11-21 07:19:56.747091+00:00`; `None` for none. */
export function timeText(instant: Instant | null): string {
  return instant === null ? "None" : isoTimeText(instant).replace("T", " ");
}

/** How JSON is laid out. */
export interface JsonLayout {
  /** Blanks of a level. @defaultValue 2 */
  readonly width?: number;
  /** What stands before each line but the first. @defaultValue nothing */
  readonly indent?: string;
}

/** JSON for people, its members on lines of their own. */
export function indentedJson(value: SwhJson, layout: JsonLayout = {}): string {
  const { width = 2, indent = "" } = layout;
  const inner = { width, indent: indent + " ".repeat(width) };
  const lines = (marks: string, items: readonly string[]): string => {
    if (items.length === 0) return marks;
    const body = items.map((item) => inner.indent + item).join(",\n");
    return `${marks.slice(0, 1)}\n${body}\n${indent}${marks.slice(1)}`;
  };
  if (isJsonList(value)) {
    return lines(
      "[]",
      value.map((each) => indentedJson(each, inner)),
    );
  }
  if (!isJsonObject(value)) return writeJson(value);
  const members = Object.entries(value);
  return lines(
    "{}",
    members.map(([key, member]) => `${writeJson(key)}: ${indentedJson(member, inner)}`),
  );
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** Single quotes, unless there are some inside and no double ones. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let inner = "";
  for (const letter of text) {
    inner += letter === mark ? `\\${mark}` : (escapes.get(letter) ?? printable(letter));
  }
  return `${mark}${inner}${mark}`;
}

/** A letter that cannot be seen, or moves the cursor, as its number. */
function printable(letter: string): string {
  if (letter === " " || !/[\p{C}\p{Z}]/u.test(letter)) return letter;
  const code = letter.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${digits.padStart(4, "0")}`;
  return `\\U${digits.padStart(8, "0")}`;
}
