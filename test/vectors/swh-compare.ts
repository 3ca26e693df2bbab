/** Compares an answer with a recorded one, by the rules of `swh-rpc/README.md`. */

import { assert } from "../../src/kernel/assert.ts";
import { Float } from "../../src/compat/swh/values.ts";
import {
  isList,
  isWireObject,
  type WireObject,
  type WireValue,
} from "../../src/compat/swh/wire/wire-value.ts";
import { canonical, listAt, plainText, renderingOf } from "./swh-rendering.ts";

/** Names of what servers make up, and what ours made: renderings of values. */
export type Bindings = Map<string, WireValue>;

/** How lists are compared. */
interface Order {
  /** Paths of lists in any order. */
  readonly unordered: ReadonlySet<string>;
  /** Indices of items of the outermost list that may swap places. */
  readonly ties: readonly WireValue[];
}

/** Where the two differ first; undefined when they are equal. Binds new names. */
export function difference(
  recorded: WireObject,
  answer: WireValue,
  bindings: Bindings,
): string | undefined {
  const response = new Comparison(bindings, {
    unordered: new Set(listAt(recorded, "unordered").map(String)),
    ties: listAt(recorded, "ties"),
  });
  return response.compare(recorded["body"] ?? null, renderingOf(answer), "");
}

class Comparison {
  readonly #bindings: Bindings;
  readonly #order: Order;

  constructor(bindings: Bindings, order: Order) {
    this.#bindings = bindings;
    this.#order = order;
  }

  compare(expected: WireValue, actual: WireValue, path: string): string | undefined {
    if (isList(expected)) return this.#lists(expected, actual, path);
    if (!isWireObject(expected)) return differing(path, { expected, actual });
    const made = madeUp(expected);
    if (made !== undefined) return this.#made(made, actual, path);
    const plain = plainForm(expected);
    if (plain !== undefined) return differing(path, { expected: plain, actual });
    return this.#objects(expected, actual, path);
  }

  #made(made: MadeUp, actual: WireValue, path: string): string | undefined {
    const value = made.isDigits ? Number(actual) : actual;
    const known = this.#bindings.get(made.name);
    if (known === undefined) {
      if (kindOf(value) !== made.kind) return `${path}: ${made.name} is a ${kindOf(value)}`;
      this.#bindings.set(made.name, value);
      return undefined;
    }
    return differing(path, { expected: known, actual: value });
  }

  #objects(expected: WireObject, actual: WireValue, path: string): string | undefined {
    if (!isWireObject(actual)) return differs(path, { expected, actual });
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const key of keys) {
      if (!Object.hasOwn(expected, key)) return `${path}/${key} is there`;
      if (!Object.hasOwn(actual, key)) return `${path}/${key} is not there`;
      const found = this.compare(expected[key] ?? null, actual[key] ?? null, `${path}/${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #lists(expected: readonly WireValue[], actual: WireValue, path: string): string | undefined {
    if (!isList(actual)) return differs(path, { expected, actual });
    if (expected.length !== actual.length) {
      return `${path}: ${actual.length} items instead of ${expected.length}`;
    }
    const left = actual.map((item, place) => ({ item, place }));
    for (const [index, wanted] of expected.entries()) {
      const places = this.#placesOf(index, path);
      const fits = left.findIndex(
        ({ item, place }) => (places?.has(place) ?? true) && this.#matches(wanted, item, path),
      );
      if (fits === -1) {
        const item = actual[index] ?? null;
        return this.compare(wanted, item, `${path}[${index}]`) ?? `${path}[${index}] is not there`;
      }
      left.splice(fits, 1);
    }
    return undefined;
  }

  /** Where item `index` may stand; undefined for anywhere. */
  #placesOf(index: number, path: string): ReadonlySet<number> | undefined {
    if (this.#order.unordered.has(path === "" ? "/" : path)) return undefined;
    const ties = path === "" ? this.#order.ties.filter(isList) : [];
    const tie = ties.find((each) => each.includes(index));
    return new Set(tie !== undefined ? tie.map(Number) : [index]);
  }

  /** Binds names only when it matches. */
  #matches(expected: WireValue, actual: WireValue, path: string): boolean {
    const tried = new Map(this.#bindings);
    const comparison = new Comparison(tried, this.#order);
    if (comparison.compare(expected, actual, path) !== undefined) return false;
    for (const [name, value] of tried) this.#bindings.set(name, value);
    return true;
  }
}

/** Something that a server makes up: its name, and what kind of value it is. */
interface MadeUp {
  readonly name: string;
  readonly kind: string;
  /** A number written in decimal. */
  readonly isDigits: boolean;
}

function madeUp(expected: WireObject): MadeUp | undefined {
  // In JSON an instant is a tagged text; ours has been read as an instant.
  const inner = expected["$swh"] === "datetime" ? expected["d"] : expected;
  const name = isWireObject(inner) ? inner["$var"] : undefined;
  if (typeof name !== "string") return undefined;
  const kind = name.startsWith("time") ? "time" : name.startsWith("uuid") ? "text" : "number";
  return { name, kind, isDigits: kind === "number" && isWireObject(inner) && "$str" in inner };
}

function kindOf(value: WireValue): string {
  if (typeof value === "number") return "number";
  if (isWireObject(value) && "$time" in value) return "time";
  return typeof value === "string" ? "text" : "something else";
}

/** Renderings that can be written in several ways, in the way of `renderingOf`. */
function plainForm(expected: WireObject): WireValue | undefined {
  if ("$float" in expected) return expected;
  const { $swh: tag, d: data, $ext: extension } = expected;
  if (tag === "datetime" || tag === "bytes") {
    return canonical({ $swh: tag, d: data ?? null });
  }
  if (extension === undefined) return undefined;
  assert(isList(extension), "an extension is code and digits");
  const sign = extension[0] === 1 ? "" : "-";
  return { $int: `${sign}${BigInt(`0x${plainText(extension[1] ?? null)}`)}` };
}

function isSame(left: WireValue, right: WireValue): boolean {
  return JSON.stringify(left, plainNumbers) === JSON.stringify(right, plainNumbers);
}

function plainNumbers(_key: string, value: unknown): unknown {
  return value instanceof Float ? value.value : value;
}

interface Pair {
  readonly expected: WireValue;
  readonly actual: WireValue;
}

function differing(path: string, pair: Pair): string | undefined {
  return isSame(pair.expected, pair.actual) ? undefined : differs(path, pair);
}

function differs(path: string, { expected, actual }: Pair): string {
  const shown = (value: WireValue): string => JSON.stringify(value, plainNumbers).slice(0, 300);
  return `${path === "" ? "/" : path}: ${shown(actual)} instead of ${shown(expected)}`;
}
