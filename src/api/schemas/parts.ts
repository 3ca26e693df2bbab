/** The building blocks of the schemas: JSON, ids, instants, names, and the bounds of each. */

import { type TArray, type TSchema, type TUnion, type TNull, Type } from "typebox";
import { type ErrorCode, errorCodes } from "../../kernel/error-codes.ts";
import type { JsonObject, JsonValue } from "../../kernel/json.ts";
import type { OutcomeKind, RunError } from "../../model/outcome.ts";
import { priorities, type Priority } from "../../policy/slot-shares.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** Letters of a name, a key or a concurrency key. */
export const nameLengthMax = 200;
/** Letters of a reason that an operator gives. */
export const reasonLengthMax = 1_000;
/** Letters of an instant with all its digits and an offset, with room to spare. */
const instantLengthMax = 64;
/** Letters of a page cursor or of a place in a log. */
export const cursorLengthMax = 200;
/** Items of a page. */
export const pageItemsMax = 1_000;
/** Tasks or runs of one request. */
export const batchItemsMax = 10_000;
/** Ten years in milliseconds, the longest duration of any policy. */
const policyMsMax = 315_360_000_000;
/** Triggers of one task. */
export const triggersMax = 100;
/** Tasks that one task can require. */
export const requirementsMax = 1_000;

/** Any JSON value. */
export function json(description: string): SchemaOf<JsonValue> {
  return Type.Unsafe<JsonValue>(Type.Unknown({ description }));
}

/** Any JSON object. */
export function jsonObject(description: string): SchemaOf<JsonObject> {
  return Type.Unsafe<JsonObject>(Type.Object({}, { description, additionalProperties: true }));
}

/** An instant that we write: RFC 3339, UTC, six digits. */
export function instant(description: string): SchemaOf<string> {
  return schemaOf<string>()(Type.String({ description, format: "date-time" }));
}

/** An instant that we read: RFC 3339 with an offset. */
export function instantInput(description: string): SchemaOf<string> {
  const about = `${description} RFC 3339 with an offset.`;
  const options = { description: about, maxLength: instantLengthMax, format: "date-time" };
  return schemaOf<string>()(Type.String(options));
}

/** A name, a key: 1 to 200 letters. */
export function name(description: string): SchemaOf<string> {
  const options = { description, minLength: 1, maxLength: nameLengthMax };
  return schemaOf<string>()(Type.String(options));
}

/** Free text that we write. */
export function text(description: string): SchemaOf<string> {
  return schemaOf<string>()(Type.String({ description }));
}

/** An id that the database gave out. */
export function id(description: string): SchemaOf<number> {
  const options = { description, minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
  return schemaOf<number>()(Type.Integer(options));
}

/** A whole number from zero, or from `minimum`. */
export function count(description: string, minimum = 0): SchemaOf<number> {
  return schemaOf<number>()(Type.Integer({ description, minimum }));
}

/** A duration in milliseconds, fractions allowed; ten years at most. */
export function durationMs(description: string, minimum = 0): SchemaOf<number> {
  const options = { description, minimum, maximum: policyMsMax };
  return schemaOf<number>()(Type.Number(options));
}

/** A value that may be null. */
export function nullable<Schema extends TSchema>(schema: Schema): TUnion<[Schema, TNull]> {
  return Type.Union([schema, Type.Null()]);
}

/** One of a few words. */
export function oneOf<Word extends string>(
  words: readonly Word[],
  description: string,
): SchemaOf<Word> {
  return Type.Unsafe<Word>(Type.Enum([...words], { description }));
}

/**
 * One of the members of a union. They are the keys of an object, so that the compiler misses one
 * that was forgotten.
 */
export function oneOfAll<Word extends string>(
  words: Readonly<Record<Word, true>>,
  description: string,
): SchemaOf<Word> {
  return oneOf(keysOf(words), description);
}

/** The keys of an object whose type says which ones it has. */
export function keysOf<Key extends string>(object: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(object) as Key[];
}

/** All items that there are: only our own answers use it, what we read has a bound. */
export function list<Item extends TSchema>(item: Item, description: string): TArray<Item> {
  return Type.Array(item, { description });
}

/** Our error codes; the place of the table is `docs/errors.md`. */
export function errorCode(): SchemaOf<ErrorCode> {
  return oneOf(keysOf(errorCodes), "Stable; compare this and never the message.");
}

/** A priority. */
export const prioritySchema: SchemaOf<Priority> = oneOf(
  priorities,
  "Shares of contended slots: high 50 %, normal 30 %, low 20 % by default.",
);

/** The word for the end of an attempt. */
export const outcomeSchema: SchemaOf<OutcomeKind> = oneOfAll<OutcomeKind>(
  {
    eventful: true,
    uneventful: true,
    failed: true,
    permfailed: true,
    lost: true,
    snoozed: true,
    cancelled: true,
  },
  "How it ended; `snoozed` and a `failed` that is tried again are not final.",
);

/** An error as the history keeps it. */
export const runErrorSchema: SchemaOf<RunError> = schemaOf<RunError>()(
  Type.Object(
    {
      code: errorCode(),
      message: text("For people."),
      details: jsonObject("Plain facts: ids, fields, exit codes."),
      stack: nullable(text("Where it was thrown, if it was.")),
    },
    { title: "RunError", description: "Why an attempt failed.", additionalProperties: false },
  ),
);
