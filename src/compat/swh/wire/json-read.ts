/**
 * Reads JSON without losing anything: whole numbers of any size, whole numbers apart from
 * fractions, instants and bytes by their tags. Takes the `NaN` and `Infinity` of the reference.
 */

import { assert } from "../../../kernel/assert.ts";
import { SwhFault } from "../errors.ts";
import {
  depthMax,
  digitsMax,
  fractionOf,
  type ReadTag,
  setMember,
  valueCountMax,
  wholeOf,
  type WireObject,
  type WireValue,
} from "./wire-value.ts";

/** For JSON that has no tags: what the database keeps of a task's arguments. */
export const noTags: ReadTag = () => undefined;

/**
 * Reads one value, which must be all that the text holds.
 * @throws SwhFault `JSONDecodeError` with the place, `RecursionError` when too deep, and what
 * `readTag` throws
 */
export function readJson(text: string, readTag: ReadTag): WireValue {
  return new JsonReader(text, readTag).readAll();
}

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const words: readonly (readonly [string, WireValue])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];
/** Letters that may stand behind a backslash, besides `u`. */
const escaped = new Set(['"', "\\", "/", "b", "f", "n", "r", "t"]);
const fourDigits = /[0-9a-fA-F]{4}/y;
/** Letters by their codes, which is how they are looked at one by one. */
const code = { quote: 0x22, backslash: 0x5c, space: 0x20, tab: 0x09, newline: 0x0a, return: 0x0d };

class JsonReader {
  readonly #text: string;
  readonly #readTag: ReadTag;
  #at = 0;
  #valueCount = 0;

  constructor(text: string, readTag: ReadTag) {
    this.#text = text;
    this.#readTag = readTag;
  }

  readAll(): WireValue {
    this.#skipBlank();
    const value = this.#read(0);
    this.#skipBlank();
    if (this.#at === this.#text.length) return value;
    throw this.#error("Extra data");
  }

  #read(depth: number): WireValue {
    this.#valueCount += 1;
    if (this.#valueCount > valueCountMax) {
      throw new SwhFault("ValueError", `a body holds at most ${valueCountMax} values`);
    }
    const letter = this.#text[this.#at];
    if (letter === '"') return this.#readText();
    if (letter === "{" || letter === "[") {
      if (depth >= depthMax) {
        throw new SwhFault("RecursionError", `values are nested more than ${depthMax} deep`);
      }
      return letter === "{" ? this.#readObject(depth + 1) : this.#readArray(depth + 1);
    }
    return this.#readNumber() ?? this.#readWord();
  }

  #readNumber(): WireValue | undefined {
    const start = this.#at;
    number.lastIndex = start;
    const match = number.exec(this.#text);
    if (match === null) return undefined;
    this.#at = number.lastIndex;
    const digits = match[0];
    if (match[1] !== undefined || match[2] !== undefined) return fractionOf(Number(digits));
    if (digits.length <= 15) return digits === "-0" ? 0 : Number(digits);
    if (digits.length <= digitsMax) return wholeOf(BigInt(digits));
    throw new SwhFault("ValueError", `a whole number has at most ${digitsMax} digits`);
  }

  #readWord(): WireValue {
    const found = words.find(([word]) => this.#text.startsWith(word, this.#at));
    if (found === undefined) throw this.#error("Expecting value");
    this.#at += found[0].length;
    return found[1];
  }

  #readText(): string {
    const start = this.#at;
    let hasEscapes = false;
    this.#at += 1;
    for (;;) {
      const letter = this.#text.charCodeAt(this.#at);
      if (letter === code.quote) break;
      if (letter === code.backslash) {
        hasEscapes = true;
        this.#skipEscape();
      } else if (letter >= code.space) this.#at += 1;
      else if (this.#at < this.#text.length) throw this.#error("Invalid control character at");
      else {
        this.#at = start;
        throw this.#error("Unterminated string starting at");
      }
    }
    this.#at += 1;
    if (!hasEscapes) return this.#text.slice(start + 1, this.#at - 1);
    // The runtime reads escapes as they are meant, and much faster; they are known to be right.
    const read: unknown = JSON.parse(this.#text.slice(start, this.#at));
    assert(typeof read === "string", "a quoted text is read as a text");
    return read;
  }

  #skipEscape(): void {
    const letter = this.#text[this.#at + 1] ?? "";
    fourDigits.lastIndex = this.#at + 2;
    if (escaped.has(letter)) this.#at += 2;
    else if (letter === "u" && fourDigits.test(this.#text)) this.#at += 6;
    else throw this.#error("Invalid \\escape");
  }

  #readArray(depth: number): WireValue {
    this.#at += 1;
    const items: WireValue[] = [];
    this.#skipBlank();
    if (this.#takes("]")) return items;
    for (;;) {
      this.#skipBlank();
      items.push(this.#read(depth));
      this.#skipBlank();
      if (this.#takes("]")) return items;
      if (!this.#takes(",")) throw this.#error("Expecting ',' delimiter");
    }
  }

  #readObject(depth: number): WireValue {
    this.#at += 1;
    const object: Record<string, WireValue> = {};
    this.#skipBlank();
    if (this.#takes("}")) return object;
    for (;;) {
      this.#skipBlank();
      if (this.#text[this.#at] !== '"') {
        throw this.#error("Expecting property name enclosed in double quotes");
      }
      const key = this.#readText();
      this.#skipBlank();
      if (!this.#takes(":")) throw this.#error("Expecting ':' delimiter");
      this.#skipBlank();
      setMember(object, key, this.#read(depth));
      this.#skipBlank();
      if (this.#takes("}")) return this.#taggedOf(object) ?? object;
      if (!this.#takes(",")) throw this.#error("Expecting ',' delimiter");
    }
  }

  #taggedOf(object: WireObject): WireValue | undefined {
    if (!Object.hasOwn(object, "swhtype") || !Object.hasOwn(object, "d")) return undefined;
    const { swhtype: tag, d: data } = object;
    if (typeof tag !== "string" || data === undefined) return undefined;
    return Object.keys(object).length === 2 ? this.#readTag(tag, data) : undefined;
  }

  #takes(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  #skipBlank(): void {
    for (;;) {
      const letter = this.#text.charCodeAt(this.#at);
      const isBlank =
        letter === code.space ||
        letter === code.newline ||
        letter === code.tab ||
        letter === code.return;
      if (!isBlank) return;
      this.#at += 1;
    }
  }

  #error(what: string): SwhFault {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const message = `${what}: line ${line} column ${column} (char ${this.#at})`;
    return new SwhFault("JSONDecodeError", message);
  }
}
