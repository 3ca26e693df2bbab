/** Takes a value that a caller handed in as JSON data, or says where it is not JSON. */

import { InvalidInputError } from "./errors.ts";
import { checkLetters, fieldIn, invalidField } from "./fields.ts";
import type { JsonValue } from "./json.ts";

/** Deeper values are refused, so that no walk over them can exhaust the stack. */
const depthMax = 100;

/** Bytes of the JSON text of what a run or a task is given, on every way into the system. */
export const inputBytesMax = 262_144;

/** Where the value stands and how many UTF-8 bytes its JSON text may have. */
export interface JsonRule {
  readonly field: string;
  readonly bytesMax: number;
}

/**
 * A copy of `value` as JSON data: undefined members of objects are left out, an absent value is
 * null. Dates, maps and other objects with a class are refused rather than silently changed.
 * @throws InvalidInputError `ORR_INPUT_INVALID` with the path of what is not JSON
 * @throws InvalidInputError `ORR_INPUT_TOO_LARGE` over `bytesMax`
 */
export function readJson(value: unknown, rule: JsonRule): JsonValue {
  const copy = value === undefined ? null : copyJson(value, { field: rule.field, depth: 0 });
  const bytes = new TextEncoder().encode(JSON.stringify(copy)).length;
  if (bytes <= rule.bytesMax) return copy;
  throw new InvalidInputError(
    "ORR_INPUT_TOO_LARGE",
    `${rule.field} must have at most ${rule.bytesMax} bytes of JSON, not ${bytes}`,
    { details: { field: rule.field, value: bytes } },
  );
}

interface Place {
  readonly field: string;
  readonly depth: number;
}

function copyJson(value: unknown, place: Place): JsonValue {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") {
    checkLetters(value, place);
    return value;
  }
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (place.depth >= depthMax) {
    throw invalidField(place.field, { expected: `at most ${depthMax} levels deep`, value: "…" });
  }
  if (Array.isArray(value)) return copyArray(value, place);
  if (isPlainObject(value)) return copyObject(value, place);
  throw invalidField(place.field, { expected: "JSON data", value });
}

function copyArray(items: readonly unknown[], place: Place): JsonValue {
  // `Array.from` visits holes too, which are refused like any other undefined item.
  return Array.from(items, (item, index) =>
    copyJson(item, { field: fieldIn(place.field, index), depth: place.depth + 1 }),
  );
}

function copyObject(value: object, place: Place): JsonValue {
  const members: [string, JsonValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    checkLetters(key, place);
    const at = { field: fieldIn(place.field, key), depth: place.depth + 1 };
    members.push([key, copyJson(member, at)]);
  }
  return Object.fromEntries(members);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // Objects of another realm (a test runner's, a vm's) have an `Object.prototype` of their own.
  return Object.getPrototypeOf(prototype) === null && !(Symbol.toStringTag in value);
}
