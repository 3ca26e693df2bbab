/** Renderings of wire values, as the vectors of the Software Heritage RPC are written. */

import { readFileSync } from "node:fs";
import { assert } from "../../src/kernel/assert.ts";
import { formatInstant, parseInstant } from "../../src/kernel/instant.ts";
import { Float } from "../../src/compat/swh/values.ts";
import { noTags, readJson } from "../../src/compat/swh/wire/json-read.ts";
import { readMsgpack } from "../../src/compat/swh/wire/msgpack-read.ts";
import { currentModels } from "../../src/compat/swh/wire/models.ts";
import { tagReaders } from "../../src/compat/swh/wire/tags.ts";
import {
  fractionOf,
  isList,
  isMap,
  isWireObject,
  type ReadTag,
  Tagged,
  wholeOf,
  type WireObject,
  WireTime,
  type WireValue,
} from "../../src/compat/swh/wire/wire-value.ts";

const tags = tagReaders(currentModels);

/** A file of vectors; read so that whole numbers and fractions stay apart. */
export function readVectors(name: string): WireObject {
  const path = new URL(`swh-rpc/${name}`, import.meta.url);
  const data = readJson(readFileSync(path, "utf8"), noTags);
  assert(isWireObject(data), `${name} is an object`);
  return data;
}

/** A member that is an object. */
export function objectAt(object: WireObject, key: string): WireObject {
  const value = object[key];
  assert(isWireObject(value), `${key} is an object`);
  return value;
}

/** A member that is a text. */
export function textAt(object: WireObject, key: string): string {
  const value = object[key];
  assert(typeof value === "string", `${key} is a text`);
  return value;
}

/** A member that is a list; empty when it is not there. */
export function listAt(object: WireObject, key: string): readonly WireValue[] {
  const value = object[key] ?? [];
  assert(isList(value), `${key} is a list`);
  return value;
}

/** A member that is a list of objects. */
export function objectsAt(object: WireObject, key: string): readonly WireObject[] {
  return listAt(object, key).filter(isWireObject);
}

/** How values are made of renderings. */
export interface Making {
  /** What is bound to a name, in place of what was recorded. */
  readonly bound: (name: string) => WireValue | undefined;
  readonly readTag: ReadTag;
}

const asRecorded: Making = { bound: () => undefined, readTag: tags.json };

/** The value of a rendering. */
export function valueOf(rendering: WireValue, making: Making = asRecorded): WireValue {
  if (isList(rendering)) return rendering.map((item) => valueOf(item, making));
  if (!isWireObject(rendering)) return rendering;
  const name = rendering["$var"];
  const known = typeof name === "string" ? making.bound(name) : undefined;
  if (known !== undefined) return "$str" in rendering ? textForm(known) : known;
  return specialValue(rendering, making) ?? plainMap(rendering, making);
}

function textForm(value: WireValue): WireValue {
  return typeof value === "number" ? String(value) : value;
}

function plainMap(rendering: WireObject, making: Making): WireObject {
  const entries = Object.entries(rendering);
  return Object.fromEntries(entries.map(([key, member]) => [key, valueOf(member, making)]));
}

function specialValue(rendering: WireObject, making: Making): WireValue | undefined {
  const [kind = ""] = Object.keys(rendering);
  const inner = rendering[kind] ?? null;
  switch (kind) {
    case "$map":
      assert(isList(inner), "a map is a list of entries");
      return new Map(inner.map((entry) => entryOf(entry, making)));
    case "$swh": {
      assert(typeof inner === "string", "a tag is a text");
      const data = valueOf(rendering["d"] ?? null, making);
      return making.readTag(inner, data) ?? unknownTag(inner, data);
    }
    case "$time": {
      const [year = "", ...rest] = plainText(inner).split("-");
      return new WireTime(parseInstant([year.padStart(4, "0"), ...rest].join("-")));
    }
    case "$bin":
      return new Uint8Array(Buffer.from(plainText(inner), "hex"));
    case "$float":
      return fractionOf(inner instanceof Float ? inner.value : Number(inner));
    case "$int":
      return BigInt(plainText(inner));
    case "$ext":
      return extensionValue(inner);
    case "$str":
    case "$num":
      return inner;
    default:
      return undefined;
  }
}

/** A value that is a text. */
export function plainText(value: WireValue): string {
  assert(typeof value === "string", "this rendering holds a text");
  return value;
}

function entryOf(entry: WireValue, making: Making): [WireValue, WireValue] {
  assert(isList(entry), "an entry is a pair");
  const [key = null, value = null] = entry;
  return [valueOf(key, making), valueOf(value, making)];
}

function unknownTag(tag: string, data: WireValue): WireValue {
  return new Map<WireValue, WireValue>([
    [new Uint8Array(Buffer.from("swhtype")), tag],
    [new Uint8Array(Buffer.from("d")), data],
  ]);
}

/** Whole numbers past 64 bits; other extensions have no value. */
function extensionValue(inner: WireValue): WireValue {
  assert(isList(inner) && typeof inner[1] === "string", "an extension is code and digits");
  const magnitude = BigInt(`0x${inner[1]}`);
  return wholeOf(inner[0] === 1 ? magnitude : -magnitude);
}

/** The rendering of a value; of whole numbers past 64 bits that of any large one. */
export function renderingOf(value: WireValue): WireValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return { $int: String(value) };
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : { $float: value };
  if (value instanceof Float) return { $float: value };
  if (value instanceof WireTime) return { $time: formatInstant(value.instant) };
  if (value instanceof Uint8Array) return { $bin: Buffer.from(value).toString("hex") };
  if (value instanceof Tagged) return { $swh: value.tag, d: renderingOf(value.data) };
  if (isList(value)) return value.map(renderingOf);
  if (isMap(value)) return renderedMap(value);
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, member]) => [key, renderingOf(member)]));
}

function renderedMap(entries: ReadonlyMap<WireValue, WireValue>): WireValue {
  const pairs = Array.from(entries, ([key, member]) => [renderingOf(key), renderingOf(member)]);
  return { $map: pairs };
}

/** The rendering of a rendering's value, in which equal values look the same. */
export function canonical(rendering: WireValue): WireValue {
  return renderingOf(valueOf(rendering));
}

/** The value of bytes in hexadecimal digits. */
export function decodeHex(hex: string): WireValue {
  return readMsgpack(new Uint8Array(Buffer.from(hex, "hex")), tags.msgpack);
}
