/**
 * Writes JSON as the reference does: `", "` and `": "` between values, only ASCII letters, and
 * fractions always recognisable as such.
 */

import { SwhFault } from "../errors.ts";
import { Float } from "../values.ts";
import { base85Text } from "./base85.ts";
import { isoTimeText } from "./iso-time.ts";
import { fractionText } from "./python-number.ts";
import {
  depthMax,
  digitsMax,
  isList,
  isMap,
  orderedKeys,
  Tagged,
  WireTime,
  type WireValue,
} from "./wire-value.ts";

/**
 * The text of a value.
 * @throws SwhFault `TypeError` for a key that JSON cannot have, `ValueError` for what is no number
 */
export function writeJson(value: WireValue): string {
  return jsonOf(value, 0);
}

function jsonOf(value: WireValue, depth: number): string {
  if (typeof value === "string") return textOf(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint") return wholeText(value);
  if (typeof value === "boolean") return String(value);
  return value === null ? "null" : objectText(value, depth);
}

function objectText(
  value: Exclude<WireValue, null | string | number | bigint | boolean>,
  depth: number,
): string {
  if (value instanceof Float) return finiteText(value.value);
  if (value instanceof WireTime)
    return taggedText({ tag: "datetime", data: textOf(isoTimeText(value.instant)) });
  if (value instanceof Uint8Array)
    return taggedText({ tag: "bytes", data: textOf(base85Text(value)) });
  if (depth >= depthMax) {
    throw new SwhFault("ValueError", `values are nested more than ${depthMax} deep`);
  }
  if (value instanceof Tagged)
    return taggedText({ tag: value.tag, data: jsonOf(value.data, depth + 1) });
  if (isMap(value)) {
    return mapText(
      Array.from(value, ([key, member]) => `${keyText(key)}: ${jsonOf(member, depth + 1)}`),
    );
  }
  if (isList(value)) return `[${value.map((item) => jsonOf(item, depth + 1)).join(", ")}]`;
  return mapText(
    orderedKeys(value).map((key) => `${textOf(key)}: ${jsonOf(value[key] ?? null, depth + 1)}`),
  );
}

function mapText(members: readonly string[]): string {
  return `{${members.join(", ")}}`;
}

function taggedText({ tag, data }: { readonly tag: string; readonly data: string }): string {
  return `{"swhtype": ${textOf(tag)}, "d": ${data}}`;
}

/** Keys that are numbers become text; bytes and times are no keys. */
function keyText(key: WireValue): string {
  if (typeof key === "string") return textOf(key);
  const isScalar = key === null || ["number", "bigint", "boolean"].includes(typeof key);
  if (isScalar || key instanceof Float) return `"${jsonOf(key, 0)}"`;
  throw new SwhFault("TypeError", "keys must be str, int, float, bool or None, not bytes");
}

function numberText(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : finiteText(value);
}

function finiteText(value: number): string {
  if (Number.isFinite(value)) return fractionText(value);
  throw new SwhFault("ValueError", "Out of range float values are not JSON compliant");
}

function wholeText(value: bigint): string {
  const text = String(value);
  if (text.length <= digitsMax) return text;
  throw new SwhFault("ValueError", `Exceeds the limit (${digitsMax} digits) for integers as text`);
}

function textOf(text: string): string {
  if (!text.isWellFormed()) {
    throw new SwhFault("UnicodeEncodeError", "a text holds half of a surrogate pair");
  }
  const quoted = JSON.stringify(text);
  return /^[ -~]*$/.test(quoted) ? quoted : quoted.replaceAll(/[^ -~]/g, escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
