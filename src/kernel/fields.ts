/**
 * Reads values of unknown shape field by field. Each failure is an `InvalidInputError` that says
 * what was expected, what came, and where: `details.field` is a path such as
 * `tasks[3].triggers[0]`, `details.value` what stood there, cut short.
 */

import type { ErrorCode } from "./error-codes.ts";
import { InvalidInputError } from "./errors.ts";
import { isRecord, type JsonValue } from "./json.ts";
import { nearestNames, suggestionOf } from "./nearest-names.ts";

/** Letters of a wrong value that an error repeats. */
const shownLettersMax = 200;

/** An object whose keys have been checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where a value stands and what it may be. */
export interface NumberRule {
  readonly field: string;
  readonly min: number;
  readonly max: number;
  /** @defaultValue false */
  readonly whole?: boolean;
}

/** Where a text or list stands and how many letters (UTF-16 units) or items it may have. */
export interface SizeRule {
  readonly field: string;
  readonly max: number;
}

/** The path of member `key` of `field`; an empty `field` is the top. */
export function fieldIn(field: string, key: string | number): string {
  if (typeof key === "number") return `${field}[${key}]`;
  return field === "" ? key : `${field}.${key}`;
}

/** The error for a value that is not what was expected. */
export function invalidField(
  field: string,
  wrong: {
    readonly expected: string;
    readonly value: unknown;
    readonly code?: ErrorCode;
    readonly cause?: unknown;
  },
): InvalidInputError {
  const where = field === "" ? "the request" : field;
  const came = wrong.value === undefined ? "nothing" : JSON.stringify(shownValue(wrong.value));
  return new InvalidInputError(
    wrong.code ?? "ORR_INPUT_INVALID",
    `${where} must be ${wrong.expected}, not ${came}`,
    { details: { field, value: shownValue(wrong.value) }, cause: wrong.cause },
  );
}

/** A wrong value in a form that fits an error's details: plain, and cut short. */
export function shownValue(value: unknown): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string") return shortened(value);
  return shortened(textOf(value));
}

function textOf(value: unknown): string {
  if (value === undefined) return "undefined";
  // JSON has neither these kinds nor NaN and the infinities.
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "number") return String(value);
  try {
    // A value that holds itself or a bigint has no JSON; its kind says enough.
    return JSON.stringify(value) ?? kindOf(value);
  } catch {
    return kindOf(value);
  }
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

function shortened(text: string): string {
  const shown = text.length > shownLettersMax ? `${text.slice(0, shownLettersMax)}…` : text;
  return shown.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Reads an object; a key that is not `known` fails with the nearest one that is. */
export function readFields(value: unknown, field: string, known: readonly string[]): Fields {
  if (!isRecord(value)) throw invalidField(field, { expected: "an object", value });
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const path = fieldIn(field, shortened(key));
    const hint = suggestionOf(nearestNames(key, known));
    throw new InvalidInputError("ORR_INPUT_INVALID", `${path} is not a known field${hint}`, {
      details: { field: path, value: shownValue(value[key]), known: [...known] },
    });
  }
  return value;
}

/** Reads an array of at most `max` items. */
export function readList(value: unknown, { field, max }: SizeRule): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidField(field, { expected: "an array", value });
  if (value.length > max) {
    throw new InvalidInputError(
      "ORR_INPUT_TOO_LARGE",
      `${field === "" ? "the list" : field} must have at most ${max} items, not ${value.length}`,
      { details: { field, value: value.length } },
    );
  }
  return value;
}

/** Reads a text of 1 to `max` letters that the database can hold. */
export function readText(value: unknown, rule: SizeRule): string {
  if (typeof value !== "string" || value === "") {
    throw invalidField(rule.field, { expected: "a text that is not empty", value });
  }
  if (value.length > rule.max) {
    throw new InvalidInputError(
      "ORR_INPUT_TOO_LARGE",
      `${rule.field} must have at most ${rule.max} letters, not ${value.length}`,
      { details: { field: rule.field, value: shownValue(value) } },
    );
  }
  checkLetters(value, rule);
  return value;
}

/** Refuses letters that PostgreSQL cannot keep: NUL and halves of surrogate pairs. */
export function checkLetters(text: string, { field }: { readonly field: string }): void {
  if (!text.includes("\0") && text.isWellFormed()) return;
  throw invalidField(field, { expected: "text without NUL and lone surrogates", value: text });
}

/** Reads a number within bounds, both allowed. */
export function readNumber(value: unknown, rule: NumberRule): number {
  const fits =
    typeof value === "number" &&
    value >= rule.min &&
    value <= rule.max &&
    (rule.whole !== true || Number.isInteger(value));
  if (fits) return value;
  const kind = rule.whole === true ? "a whole number" : "a number";
  throw invalidField(rule.field, { expected: `${kind} from ${rule.min} to ${rule.max}`, value });
}

/** Refuses what cannot be called. */
export function checkFunction(value: unknown, { field }: { readonly field: string }): void {
  if (typeof value !== "function") throw invalidField(field, { expected: "a function", value });
}

/** Reads one of a few words. */
export function readOneOf<Word extends string>(
  value: unknown,
  { field, words }: { readonly field: string; readonly words: readonly Word[] },
): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw invalidField(field, { expected: `one of ${words.join(", ")}`, value });
}

/** Applies `read` unless the value is absent; null is not absent. */
export function ifPresent<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}
