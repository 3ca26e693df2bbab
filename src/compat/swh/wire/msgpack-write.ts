/** Writes msgpack: each value in its shortest form, fractions in eight bytes. */

import { SwhFault } from "../errors.ts";
import { Float } from "../values.ts";
import {
  depthMax,
  isList,
  isMap,
  orderedKeys,
  Tagged,
  type WireObject,
  WireTime,
  type WireValue,
} from "./wire-value.ts";

/** Bytes of the buffer that a writer begins with; it doubles as needed. */
const bytesAtFirst = 4_096;
/** Texts of fewer letters are looked at letter by letter: most are plain. */
const shortLettersMax = 64;

/** Head bytes for up to 15 members, and for more with a length of two bytes; next is four. */
const listHeads = { fix: 0x90, wide: 0xdc } as const;
const mapHeads = { fix: 0x80, wide: 0xde } as const;

const tagKey = Buffer.from([0xc4, 7, ...Buffer.from("swhtype")]);
const dataKey = Buffer.from([0xc4, 1, ...Buffer.from("d")]);

/**
 * The bytes of a value.
 * @throws SwhFault `UnicodeEncodeError` for half of a surrogate pair, `ValueError` when too deep
 */
export function writeMsgpack(value: WireValue): Uint8Array {
  const writer = new MsgpackWriter();
  writer.write(value);
  return writer.bytes();
}

class MsgpackWriter {
  #buffer = Buffer.allocUnsafe(bytesAtFirst);
  #at = 0;
  #depth = 0;

  /** What was written, as a view: the writer is not used again. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  write(value: WireValue): void {
    if (typeof value === "string") this.#text(value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "bigint") this.#large(value);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else if (value === null) this.#byte(0xc0);
    else if (value instanceof WireTime) this.#time(value.instant);
    else if (value instanceof Float) this.#fraction(value.value);
    else if (value instanceof Uint8Array) this.#binary(value);
    else this.#nested(value);
  }

  #nested(
    value: Tagged | readonly WireValue[] | ReadonlyMap<WireValue, WireValue> | WireObject,
  ): void {
    if (this.#depth >= depthMax) {
      throw new SwhFault("ValueError", `values are nested more than ${depthMax} deep`);
    }
    this.#depth += 1;
    if (value instanceof Tagged) this.#tagged(value);
    else if (isMap(value)) this.#map(value);
    else if (isList(value)) this.#list(value);
    else this.#members(value);
    this.#depth -= 1;
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#whole(value);
    else this.#fraction(value);
  }

  #list(items: readonly WireValue[]): void {
    this.#head(items.length, listHeads);
    for (const item of items) this.write(item);
  }

  #members(object: WireObject): void {
    const keys = orderedKeys(object);
    this.#head(keys.length, mapHeads);
    for (const key of keys) {
      this.#text(key);
      this.write(object[key] ?? null);
    }
  }

  #map(entries: ReadonlyMap<WireValue, WireValue>): void {
    this.#head(entries.size, mapHeads);
    for (const [key, value] of entries) {
      this.write(key);
      this.write(value);
    }
  }

  #tagged(value: Tagged): void {
    this.#byte(0x82);
    this.#raw(tagKey);
    this.#text(value.tag);
    this.#raw(dataKey);
    this.write(value.data);
  }

  /** Makes room for `count` bytes and answers where they go. */
  #grow(count: number): number {
    const start = this.#at;
    if (start + count > this.#buffer.length) {
      const wider = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, start + count));
      this.#buffer.copy(wider, 0, 0, start);
      this.#buffer = wider;
    }
    this.#at = start + count;
    return start;
  }

  #byte(value: number): void {
    const start = this.#grow(1);
    this.#buffer[start] = value;
  }

  #raw(bytes: Uint8Array): void {
    const start = this.#grow(bytes.length);
    this.#buffer.set(bytes, start);
  }

  /** A head byte and a number of `width` bytes after it. */
  #sized(head: number, { value, width }: { readonly value: number; readonly width: number }): void {
    const start = this.#grow(1 + width);
    this.#buffer[start] = head;
    this.#buffer.writeUIntBE(value, start + 1, width);
  }

  /** The head of a list or map: within one byte, or with a length of two or four. */
  #head(count: number, heads: { readonly fix: number; readonly wide: number }): void {
    if (count <= 15) this.#byte(heads.fix | count);
    else if (count <= 0xffff) this.#sized(heads.wide, { value: count, width: 2 });
    else this.#sized(heads.wide + 1, { value: count, width: 4 });
  }

  #text(text: string): void {
    if (text.length < shortLettersMax && this.#plainText(text)) return;
    if (!text.isWellFormed()) {
      throw new SwhFault("UnicodeEncodeError", "a text holds half of a surrogate pair");
    }
    const length = Buffer.byteLength(text);
    if (length < 32) this.#byte(0xa0 | length);
    else if (length <= 0xff) this.#sized(0xd9, { value: length, width: 1 });
    else if (length <= 0xffff) this.#sized(0xda, { value: length, width: 2 });
    else this.#sized(0xdb, { value: length, width: 4 });
    const start = this.#grow(length);
    this.#buffer.write(text, start, length, "utf8");
  }

  /** Writes a short text of ASCII letters; answers whether it was one. */
  #plainText(text: string): boolean {
    const headBytes = text.length < 32 ? 1 : 2;
    const start = this.#grow(headBytes + text.length);
    for (let index = 0; index < text.length; index += 1) {
      const letter = text.charCodeAt(index);
      if (letter >= 0x80) {
        this.#at = start;
        return false;
      }
      this.#buffer[start + headBytes + index] = letter;
    }
    if (headBytes === 1) this.#buffer[start] = 0xa0 | text.length;
    else this.#buffer.writeUInt16BE(0xd900 | text.length, start);
    return true;
  }

  #binary(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length <= 0xff) this.#sized(0xc4, { value: length, width: 1 });
    else if (length <= 0xffff) this.#sized(0xc5, { value: length, width: 2 });
    else this.#sized(0xc6, { value: length, width: 4 });
    this.#raw(bytes);
  }

  #fraction(value: number): void {
    const start = this.#grow(9);
    this.#buffer[start] = 0xcb;
    this.#buffer.writeDoubleBE(value, start + 1);
  }

  /** A safe integer. */
  #whole(value: number): void {
    if (value >= 0) {
      if (value < 0x80) this.#byte(value);
      else if (value <= 0xff) this.#sized(0xcc, { value, width: 1 });
      else if (value <= 0xffff) this.#sized(0xcd, { value, width: 2 });
      else if (value <= 0xffff_ffff) this.#sized(0xce, { value, width: 4 });
      else this.#large(BigInt(value));
    } else if (value >= -0x20) this.#byte(0x100 + value);
    else if (value >= -0x80) this.#sized(0xd0, { value: 0x100 + value, width: 1 });
    else if (value >= -0x8000) this.#sized(0xd1, { value: 0x1_0000 + value, width: 2 });
    else if (value >= -0x8000_0000) this.#sized(0xd2, { value: 0x1_0000_0000 + value, width: 4 });
    else this.#large(BigInt(value));
  }

  #large(value: bigint): void {
    if (BigInt.asIntN(32, value) === value) this.#whole(Number(value));
    else if (value >= 0n && value <= 0xffff_ffffn) this.#whole(Number(value));
    else if (BigInt.asUintN(64, value) === value) {
      const start = this.#grow(9);
      this.#buffer[start] = 0xcf;
      this.#buffer.writeBigUInt64BE(value, start + 1);
    } else if (BigInt.asIntN(64, value) === value) {
      const start = this.#grow(9);
      this.#buffer[start] = 0xd3;
      this.#buffer.writeBigInt64BE(value, start + 1);
    } else this.#beyond(value);
  }

  /** A whole number past 64 bits: its sign as the extension's code, its magnitude as the bytes. */
  #beyond(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
    this.#extension(value < 0n ? 2 : 1, magnitude);
  }

  #extension(code: number, bytes: Uint8Array): void {
    const { length } = bytes;
    const fixed = [1, 2, 4, 8, 16].indexOf(length);
    if (fixed !== -1) this.#byte(0xd4 + fixed);
    else if (length <= 0xff) this.#sized(0xc7, { value: length, width: 1 });
    else if (length <= 0xffff) this.#sized(0xc8, { value: length, width: 2 });
    else this.#sized(0xc9, { value: length, width: 4 });
    this.#byte(code & 0xff);
    this.#raw(bytes);
  }

  /** The shortest of the three forms that holds it. */
  #time(instant: bigint): void {
    const micros = ((instant % 1_000_000n) + 1_000_000n) % 1_000_000n;
    const seconds = (instant - micros) / 1_000_000n;
    const nanos = micros * 1_000n;
    if (seconds < 0n || seconds >= 1n << 34n) {
      const bytes = Buffer.allocUnsafe(12);
      bytes.writeUInt32BE(Number(nanos), 0);
      bytes.writeBigInt64BE(seconds, 4);
      this.#extension(-1, bytes);
    } else if (nanos !== 0n || seconds > 0xffff_ffffn) {
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeBigUInt64BE((nanos << 34n) | seconds);
      this.#extension(-1, bytes);
    } else {
      const bytes = Buffer.allocUnsafe(4);
      bytes.writeUInt32BE(Number(seconds));
      this.#extension(-1, bytes);
    }
  }
}
