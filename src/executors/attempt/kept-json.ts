/**
 * Takes what a handler hands over, an output or the data of a log line, as JSON: a copy that later
 * changes cannot reach. It writes what `JSON.stringify` writes, `toJSON` included, but refuses what
 * that would silently lose: NaN, functions, maps, errors, bytes.
 */

import { ExecutorError } from "../../kernel/errors.ts";
import { fieldIn } from "../../kernel/fields.ts";
import { isRecord, type JsonValue } from "../../kernel/json.ts";

/** What an output may have, in bytes of JSON text: 1 MiB. */
export const outputBytesMax = 1_048_576;

/** Deeper values are refused, so that no walk over them can exhaust the stack. */
const depthMax = 100;

/** What the value is called in errors, and how many bytes of UTF-8 its JSON text may have. */
export interface KeptJsonRule {
  readonly field: string;
  readonly bytesMax: number;
}

/** One walk over a value. */
interface Walk {
  readonly rule: KeptJsonRule;
  /** The objects around the present one: meeting one again is a cycle. */
  readonly around: object[];
  /** A lower bound of the text's length so far, so that a huge value is not copied first. */
  letterCount: number;
}

interface Place {
  readonly field: string;
  readonly walk: Walk;
}

/**
 * A copy of `value` as JSON data; undefined members of objects are left out, undefined elsewhere
 * is null.
 * @throws ExecutorError `ORR_EXEC_FAILED` with the path of what cannot be kept; what a getter or a
 * `toJSON` throws passes through
 */
export function keptJson(value: unknown, rule: KeptJsonRule): JsonValue {
  const copy = copyOf(value, rule.field, { rule, around: [], letterCount: 0 }) ?? null;
  const byteCount = Buffer.byteLength(JSON.stringify(copy));
  if (byteCount > rule.bytesMax) throw tooLarge(rule, `${byteCount}`);
  return copy;
}

function copyOf(given: unknown, field: string, walk: Walk): JsonValue | undefined {
  const value = isRecord(given) ? plainOf(given, field) : given;
  // Each value has at least one letter, be it a comma.
  count(walk, 1);
  switch (typeof value) {
    case "undefined":
    case "boolean":
      return value;
    case "string":
      return textOf(value, { field, walk });
    case "number":
      if (Number.isFinite(value)) return value;
      throw refused({ field, problem: `is ${value}, which JSON does not have` });
    case "object":
      return value === null ? null : compositeOf(value, field, walk);
    case "bigint":
    case "function":
    case "symbol":
    default:
      throw refused({ field, problem: `is a ${typeof value}, which JSON does not have` });
  }
}

/** What stands for the object in JSON: what its own `toJSON` says, as dates have one. */
function plainOf(value: Readonly<Record<string, unknown>>, field: string): unknown {
  const { toJSON } = value;
  if (typeof toJSON === "function") return Reflect.apply(toJSON, value, [field]);
  // The tag tells maps, errors, promises and bytes from plain objects and from classes of users.
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === "Object") return value;
  throw refused({
    field,
    problem: `is a ${tag}, which JSON would lose: hand over a plain object or an array`,
  });
}

function textOf(text: string, { field, walk }: Place): string {
  count(walk, text.length);
  if (!/\0|\p{Surrogate}/u.test(text)) return text;
  throw refused({
    field,
    problem: "has NUL or half of a surrogate pair, which PostgreSQL cannot store",
  });
}

function compositeOf(value: object, field: string, walk: Walk): JsonValue {
  if (walk.around.includes(value)) throw refused({ field, problem: "holds itself" });
  if (walk.around.length >= depthMax)
    throw refused({ field, problem: `is over ${depthMax} levels deep` });
  walk.around.push(value);
  const copy = Array.isArray(value)
    ? // `Array.from` visits holes too; each counts, so that a sparse array ends the walk early.
      Array.from(value, (item, at) => copyOf(item, fieldIn(field, at), walk) ?? null)
    : Object.fromEntries(membersOf(value, field, walk));
  walk.around.pop();
  return copy;
}

function membersOf(value: object, field: string, walk: Walk): [string, JsonValue][] {
  return Object.entries(value).flatMap(([key, member]): [string, JsonValue][] => {
    const copy = copyOf(member, fieldIn(field, key), walk);
    return copy === undefined ? [] : [[textOf(key, { field, walk }), copy]];
  });
}

function count(walk: Walk, letters: number): void {
  walk.letterCount += letters;
  if (walk.letterCount > walk.rule.bytesMax) throw tooLarge(walk.rule, "more");
}

function tooLarge({ field, bytesMax }: KeptJsonRule, found: string): ExecutorError {
  return refused({ field, problem: `has ${found} bytes of JSON, at most ${bytesMax} are kept` });
}

function refused(wrong: { readonly field: string; readonly problem: string }): ExecutorError {
  const { field, problem } = wrong;
  return new ExecutorError("ORR_EXEC_FAILED", `${field} ${problem}`, { details: { field } });
}
