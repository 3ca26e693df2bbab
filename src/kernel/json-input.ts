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
  const copier = new JsonCopier();
  const copy = value === undefined ? null : copier.copy(value, { field: rule.field, depth: 0 });
  // Counting takes longer than copying, and hardly a value comes near the limit.
  if (copier.bytesBound <= rule.bytesMax) return copy;
  const bytes = new TextEncoder().encode(JSON.stringify(copy)).length;
  if (bytes <= rule.bytesMax) return copy;
  throw new InvalidInputError(
    "ORR_INPUT_TOO_LARGE",
    `${rule.field} must have at most ${rule.bytesMax} bytes of JSON, not ${bytes}`,
    { details: { field: rule.field, value: bytes } },
  );
}

/** The most bytes of JSON text of a number, of `false`, and of a letter: `\u0007`. */
const numberBytesMax = 24;
const wordBytesMax = 5;
const letterBytesMax = 6;

interface Place {
  readonly field: string;
  readonly depth: number;
}

/** Copies values, and knows how long the JSON text of all of them is at most. */
class JsonCopier {
  #bytesBound = 0;

  /** The bytes of all that has been copied, at most. */
  get bytesBound(): number {
    return this.#bytesBound;
  }

  copy(value: unknown, place: Place): JsonValue {
    if (value === null || typeof value === "boolean") {
      this.#bytesBound += wordBytesMax;
      return value;
    }
    if (typeof value === "string") return this.#text(value, place);
    if (typeof value === "number" && Number.isFinite(value)) {
      this.#bytesBound += numberBytesMax;
      return value;
    }
    if (place.depth >= depthMax) {
      throw invalidField(place.field, { expected: `at most ${depthMax} levels deep`, value: "…" });
    }
    if (Array.isArray(value)) return this.#array(value, place);
    if (isPlainObject(value)) return this.#object(value, place);
    throw invalidField(place.field, { expected: "JSON data", value });
  }

  /** A value or the name of a member. */
  #text(text: string, place: Place): string {
    checkLetters(text, place);
    this.#bytesBound += text.length * letterBytesMax + '""'.length;
    return text;
  }

  #array(items: readonly unknown[], place: Place): JsonValue {
    this.#bytesBound += "[]".length + items.length;
    // `Array.from` visits holes too, which are refused like any other undefined item.
    return Array.from(items, (item, index) =>
      this.copy(item, { field: fieldIn(place.field, index), depth: place.depth + 1 }),
    );
  }

  #object(value: object, place: Place): JsonValue {
    this.#bytesBound += "{}".length;
    const copy: Record<string, JsonValue> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      this.#bytesBound += ":,".length;
      const at = { field: fieldIn(place.field, key), depth: place.depth + 1 };
      defineMember(copy, { key: this.#text(key, place), value: this.copy(member, at) });
    }
    return copy;
  }
}

/** Sets a member of any name; plain assignment would take `__proto__` for the prototype. */
function defineMember(
  object: Record<string, JsonValue>,
  { key, value }: { readonly key: string; readonly value: JsonValue },
): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else object[key] = value;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // Objects of another realm (a test runner's, a vm's) have an `Object.prototype` of their own.
  return Object.getPrototypeOf(prototype) === null && !(Symbol.toStringTag in value);
}
