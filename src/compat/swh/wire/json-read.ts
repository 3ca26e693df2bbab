/**
 * Reads JSON without losing anything: whole numbers of any size, whole numbers apart from
 * fractions, instants and bytes by their tags. Takes the `NaN` and `Infinity` of the reference.
 */

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

/** White space of JSON. */
const blank = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Letters of a string up to its end or an escape. */
const plainLetters = /[^"\\\u0000-\u001f]*/y;
const words: readonly (readonly [string, WireValue])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

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
    this.#match(blank);
    const value = this.#read(0);
    this.#match(blank);
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
    this.#at += 1;
    let read = this.#match(plainLetters);
    while (this.#text[this.#at] === "\\") read += this.#readEscape() + this.#match(plainLetters);
    if (this.#at >= this.#text.length) {
      this.#at = start;
      throw this.#error("Unterminated string starting at");
    }
    if (this.#text[this.#at] !== '"') throw this.#error("Invalid control character at");
    this.#at += 1;
    return read;
  }

  #readEscape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    const plain = escapes[letter];
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const code = /^u([0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at + 1, this.#at + 6))?.[1];
    if (code === undefined) throw this.#error("Invalid \\escape");
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  #readArray(depth: number): WireValue {
    this.#at += 1;
    const items: WireValue[] = [];
    this.#match(blank);
    if (this.#takes("]")) return items;
    for (;;) {
      this.#match(blank);
      items.push(this.#read(depth));
      this.#match(blank);
      if (this.#takes("]")) return items;
      if (!this.#takes(",")) throw this.#error("Expecting ',' delimiter");
    }
  }

  #readObject(depth: number): WireValue {
    this.#at += 1;
    const object: Record<string, WireValue> = {};
    this.#match(blank);
    if (this.#takes("}")) return object;
    for (;;) {
      this.#match(blank);
      if (this.#text[this.#at] !== '"') {
        throw this.#error("Expecting property name enclosed in double quotes");
      }
      const key = this.#readText();
      this.#match(blank);
      if (!this.#takes(":")) throw this.#error("Expecting ':' delimiter");
      this.#match(blank);
      setMember(object, key, this.#read(depth));
      this.#match(blank);
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

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #error(what: string): SwhFault {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const message = `${what}: line ${line} column ${column} (char ${this.#at})`;
    return new SwhFault("JSONDecodeError", message);
  }
}
