/** JSON between the database and our values: what `jsonb` gives back is read without loss. */

import { assert } from "../../kernel/assert.ts";
import type { TaskArguments } from "./records.ts";
import type { SwhJson, SwhJsonObject } from "./values.ts";
import { noTags, readJson } from "./wire/json-read.ts";
import { writeJson } from "./wire/json-write.ts";
import { isWireObject } from "./wire/wire-value.ts";

/** What the runtime's own reader, the fast one, could round, or take for something else. */
const needsCare = /\d\.\d|\d{16}|__proto__/;

/** The value of JSON text as the database writes it, which has no tags and no exponents. */
export function readStoredJson(text: string): SwhJson {
  // Without tags everything that is read is JSON.
  const value: unknown = needsCare.test(text) ? readJson(text, noTags) : JSON.parse(text);
  return value as SwhJson;
}

/** The same of an object. */
export function readStoredObject(text: string): SwhJsonObject {
  const value = readStoredJson(text);
  assert(isObject(value), "a stored document is an object");
  return value;
}

/** A task's arguments; what others than this interface have stored may lack one of the two. */
export function readArguments(text: string): TaskArguments {
  const { args, kwargs } = readStoredObject(text);
  return {
    args: args !== undefined && isList(args) ? args : [],
    kwargs: isObject(kwargs) ? kwargs : {},
  };
}

/** The text of an object to be stored, or null. */
export function objectText(value: SwhJsonObject | null | undefined): string | null {
  return value === null || value === undefined ? null : writeJson(value);
}

function isObject(value: SwhJson | undefined): value is SwhJsonObject {
  return isWireObject(value);
}

/** `Array.isArray` does not know read-only arrays. */
function isList(value: SwhJson): value is readonly SwhJson[] {
  return Array.isArray(value);
}
