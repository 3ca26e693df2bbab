/**
 * Reads msgpack. Nothing is allocated on the word of a length: a text, array or map that claims
 * more than the body still holds is refused before it is begun.
 *
 *   00-7f int   80-8f map   90-9f array   a0-bf str   c0 nil   c2 c3 bool   c4-c6 bin
 *   c7-c9 ext   ca cb float   cc-cf uint   d0-d3 int   d4-d8 fixext   d9-db str
 *   dc dd array   de df map   e0-ff int
 *
 * Extensions: -1 is an instant, 1 and 2 are whole numbers beyond 64 bits by their magnitude.
 */

import { isUtf8 } from "node:buffer";
import { instantMax, instantMin, type Instant } from "../../../kernel/instant.ts";
import { SwhFault } from "../errors.ts";
import {
  depthMax,
  fractionOf,
  type ReadTag,
  setMember,
  valueCountMax,
  wholeOf,
  WireTime,
  type WireValue,
} from "./wire-value.ts";

/** Extension codes. */
const ext = { time: -1, positive: 1, negative: 2 } as const;

/** Bytes of the largest whole number: more than 4,300 decimal digits are refused in text too. */
const magnitudeBytesMax = 1_786;

/**
 * Reads one value, which must be all that the bytes hold.
 * @throws SwhFault under the name of the class by which the reference refuses the same bytes
 */
export function readMsgpack(bytes: Uint8Array, readTag: ReadTag): WireValue {
  return new MsgpackReader(bytes, readTag).readAll();
}

class MsgpackReader {
  readonly #bytes: Buffer;
  readonly #readTag: ReadTag;
  #at = 0;
  #depth = 0;
  #valueCount = 0;

  constructor(bytes: Uint8Array, readTag: ReadTag) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#readTag = readTag;
  }

  readAll(): WireValue {
    const value = this.#read();
    if (this.#at === this.#bytes.length) return value;
    throw new SwhFault("ExtraData", `one value ends at byte ${this.#at}, and more bytes follow`);
  }

  #read(): WireValue {
    this.#valueCount += 1;
    if (this.#valueCount > valueCountMax) {
      throw new SwhFault("ValueError", `a body holds at most ${valueCountMax} values`);
    }
    const head = this.#bytes[this.#skip(1)] ?? 0;
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head < 0x90) return this.#readMap(head & 0x0f);
    if (head < 0xa0) return this.#readArray(head & 0x0f);
    if (head < 0xc0) return this.#readText(head & 0x1f);
    return this.#readHeaded(head);
  }

  /** Goes over `count` bytes and answers where they begin. */
  #skip(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) {
      throw new SwhFault("ValueError", `the body ends inside a value that begins at byte ${start}`);
    }
    this.#at = start + count;
    return start;
  }

  #readHeaded(head: number): WireValue {
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return fractionOf(this.#bytes.readFloatBE(this.#skip(4)));
      case 0xcb:
        return fractionOf(this.#bytes.readDoubleBE(this.#skip(8)));
      case 0xcf:
        return wholeOf(this.#bytes.readBigUInt64BE(this.#skip(8)));
      case 0xd3:
        return wholeOf(this.#bytes.readBigInt64BE(this.#skip(8)));
      default:
        return this.#readSized(head);
    }
  }

  #readSized(head: number): WireValue {
    if (head >= 0xc4 && head <= 0xc6) return this.#readBytes(this.#size(1 << (head - 0xc4)));
    if (head >= 0xc7 && head <= 0xc9) return this.#readExt(this.#size(1 << (head - 0xc7)));
    if (head >= 0xcc && head <= 0xce) return this.#size(1 << (head - 0xcc));
    if (head >= 0xd0 && head <= 0xd2) return this.#signed(1 << (head - 0xd0));
    if (head >= 0xd4 && head <= 0xd8) return this.#readExt(1 << (head - 0xd4));
    if (head >= 0xd9 && head <= 0xdb) return this.#readText(this.#size(1 << (head - 0xd9)));
    if (head === 0xdc || head === 0xdd) {
      return this.#readArray(this.#size(head === 0xdc ? 2 : 4));
    }
    if (head === 0xde || head === 0xdf) {
      return this.#readMap(this.#size(head === 0xde ? 2 : 4));
    }
    throw new SwhFault("FormatError", `byte ${this.#at - 1} begins no value: ${head.toString(16)}`);
  }

  #size(width: number): number {
    return this.#bytes.readUIntBE(this.#skip(width), width);
  }

  #signed(width: number): number {
    return this.#bytes.readIntBE(this.#skip(width), width);
  }

  #readText(length: number): string {
    const start = this.#skip(length);
    const end = start + length;
    // Most texts are short and plain, and a loop over those is cheaper than a call.
    let isPlain = length < 64;
    for (let at = start; isPlain && at < end; at += 1) isPlain = (this.#bytes[at] ?? 0) < 0x80;
    if (isPlain) return this.#bytes.toString("latin1", start, end);
    if (isUtf8(this.#bytes.subarray(start, end))) return this.#bytes.toString("utf8", start, end);
    throw new SwhFault("UnicodeDecodeError", `the text at byte ${start} is not UTF-8`);
  }

  #readBytes(length: number): Uint8Array {
    const start = this.#skip(length);
    // A copy: a slice would keep the whole body alive.
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** Goes a level down, if that many values of at least a byte each can follow. */
  #enter(what: "array" | "map", count: number): void {
    const room = Math.floor((this.#bytes.length - this.#at) / (what === "map" ? 2 : 1));
    if (count > room) {
      throw new SwhFault("ValueError", `${count} exceeds max_${what}_len(${room})`);
    }
    this.#depth += 1;
    if (this.#depth <= depthMax) return;
    throw new SwhFault("StackError", `values are nested more than ${depthMax} deep`);
  }

  #readArray(count: number): WireValue {
    this.#enter("array", count);
    const items: WireValue[] = [];
    for (let index = 0; index < count; index += 1) items.push(this.#read());
    this.#depth -= 1;
    return items;
  }

  #readMap(count: number): WireValue {
    this.#enter("map", count);
    const object: Record<string, WireValue> = {};
    for (let index = 0; index < count; index += 1) {
      const key = this.#read();
      if (typeof key !== "string") {
        const entries = new Map<WireValue, WireValue>(Object.entries(object));
        return this.#readEntries({ entries, key, left: count - index });
      }
      setMember(object, key, this.#read());
    }
    this.#depth -= 1;
    return object;
  }

  /** The rest of a map that has turned out to have a key that is not text. */
  #readEntries(rest: {
    readonly entries: Map<WireValue, WireValue>;
    readonly key: WireValue;
    readonly left: number;
  }): WireValue {
    const { entries, left } = rest;
    let { key } = rest;
    for (let index = 0; index < left; index += 1) {
      if (index > 0) key = this.#read();
      entries.set(keyOf(key, entries), this.#read());
    }
    this.#depth -= 1;
    return this.#taggedOf(entries) ?? entries;
  }

  #taggedOf(entries: ReadonlyMap<WireValue, WireValue>): WireValue | undefined {
    if (entries.size !== 2) return undefined;
    let tag: WireValue | undefined;
    let data: WireValue | undefined;
    for (const [key, value] of entries) {
      if (!(key instanceof Uint8Array)) return undefined;
      const name = Buffer.from(key).toString("latin1");
      if (name === "swhtype") tag = value;
      else if (name === "d") data = value;
    }
    if (typeof tag !== "string" || data === undefined) return undefined;
    return this.#readTag(tag, data);
  }

  #readExt(length: number): WireValue {
    const code = this.#bytes.readInt8(this.#skip(1));
    const start = this.#skip(length);
    if (code === ext.time) {
      return new WireTime(readInstant(this.#bytes.subarray(start, start + length)));
    }
    if (code !== ext.positive && code !== ext.negative) {
      throw new SwhFault("ValueError", `Unknown msgpack extended code ${code}`);
    }
    if (length > magnitudeBytesMax) {
      throw new SwhFault("ValueError", `a whole number has at most ${magnitudeBytesMax} bytes`);
    }
    const hex = this.#bytes.toString("hex", start, start + length);
    const magnitude = hex === "" ? 0n : BigInt(`0x${hex}`);
    return wholeOf(code === ext.positive ? magnitude : -magnitude);
  }
}

/** Seconds, or both seconds and nanoseconds in one of two forms. */
function readInstant(bytes: Buffer): Instant {
  switch (bytes.length) {
    case 4:
      return instantOf({ seconds: BigInt(bytes.readUInt32BE(0)), nanos: 0 });
    case 8: {
      const both = bytes.readBigUInt64BE(0);
      return instantOf({ seconds: both & 0x3ffffffffn, nanos: Number(both >> 34n) });
    }
    case 12:
      return instantOf({ seconds: bytes.readBigInt64BE(4), nanos: bytes.readUInt32BE(0) });
    default:
      throw new SwhFault("ValueError", `a timestamp has 4, 8 or 12 bytes, not ${bytes.length}`);
  }
}

/** Byte strings are equal by their content, so the first of equal keys stands for all. */
function keyOf(key: WireValue, entries: ReadonlyMap<WireValue, WireValue>): WireValue {
  if (typeof key === "object" && key !== null && !(key instanceof Uint8Array)) {
    throw new SwhFault("TypeError", "a map's key must be text, bytes, a number, a boolean or nil");
  }
  // Larger maps with such keys are nobody's: looking through them would be quadratic.
  if (!(key instanceof Uint8Array) || entries.size > 8) return key;
  for (const known of entries.keys()) {
    if (known instanceof Uint8Array && Buffer.compare(known, key) === 0) return known;
  }
  return key;
}

/** What is below a microsecond is cut. */
function instantOf(parts: { readonly seconds: bigint; readonly nanos: number }): Instant {
  if (parts.nanos > 999_999_999) {
    throw new SwhFault("ValueError", "a timestamp has less than a second of nanoseconds");
  }
  const micros = parts.seconds * 1_000_000n + BigInt(Math.floor(parts.nanos / 1_000));
  if (micros >= instantMin && micros <= instantMax) return micros as Instant;
  throw new SwhFault("OverflowError", "a timestamp lies in the years 1 to 9999");
}
