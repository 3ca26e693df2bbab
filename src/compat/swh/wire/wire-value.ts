/**
 * What travels in a body, between bytes and records. Whole numbers and fractions stay apart as in
 * `values.ts`; texts and byte strings are different kinds; maps with text keys are plain objects,
 * any other a `Map`. A tagged value is a map of two entries, `swhtype` and `d`:
 *
 *   msgpack   82  c4 07 "swhtype"  <text: tag>  c4 01 "d"  <data>     both keys are bin
 *   JSON      {"swhtype": "<tag>", "d": <data>}                       both keys are text
 */

import type { Instant } from "../../../kernel/instant.ts";
import { type Interval, normalInterval } from "../../../kernel/interval.ts";
import { Float } from "../values.ts";

/** Any value of a body. */
export type WireValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | Float
  | Uint8Array
  | WireTime
  | Tagged
  | readonly WireValue[]
  | ReadonlyMap<WireValue, WireValue>
  | WireObject;

/** A map all of whose keys are text. */
export interface WireObject {
  readonly [key: string]: WireValue;
}

/** An instant: an extension type in msgpack, a tag in JSON. */
export class WireTime {
  readonly instant: Instant;
  /** It was text without an offset, and is taken for UTC where that is allowed. */
  readonly isNaive: boolean;

  constructor(instant: Instant, isNaive = false) {
    this.instant = instant;
    this.isNaive = isNaive;
  }
}

/** A value that goes under a tag. */
export abstract class Tagged {
  abstract readonly tag: string;
  /** What stands beside the tag. */
  abstract get data(): WireValue;
}

/** A tag whose data are held as they travel: `uuid`, `last_visit_status`, `paged_result`. */
export class PlainTag extends Tagged {
  readonly tag: string;
  readonly #data: WireValue;

  constructor(tag: string, data: WireValue) {
    super();
    this.tag = tag;
    this.#data = data;
  }

  override get data(): WireValue {
    return this.#data;
  }
}

/** An interval, normalised on the wire: only the days carry a sign. */
export class IntervalValue extends Tagged {
  override readonly tag = "timedelta";
  readonly interval: Interval;

  constructor(interval: Interval) {
    super();
    this.interval = interval;
  }

  override get data(): WireObject {
    return { ...normalInterval(this.interval) };
  }
}

/** Makes of a tag and its data the value that they stand for; undefined leaves them plain data. */
export type ReadTag = (tag: string, data: WireValue) => WireValue | undefined;

/** Values nested deeper are refused, far below what would exhaust the stack. */
export const depthMax = 500;
/** Values in one body at most: a byte can claim an object of many. */
export const valueCountMax = 2_000_000;
/** Digits of a whole number in text, as the reference's runtime allows. */
export const digitsMax = 4_300;

/** A fraction in the form that keeps it apart from whole numbers. */
export function fractionOf(value: number): number | Float {
  return Number.isSafeInteger(value) ? new Float(value) : value;
}

/** A whole number in its shortest form. */
export function wholeOf(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Adds a member; `__proto__` is a key like any other. */
export function setMember<Value>(object: Record<string, Value>, key: string, value: Value): void {
  if (key !== "__proto__") object[key] = value;
  else {
    const member = { value, enumerable: true, writable: true, configurable: true };
    Object.defineProperty(object, key, member);
  }
}

/** Whether a value is a list; `Array.isArray` does not know those that are read-only. */
export function isList(value: unknown): value is readonly WireValue[] {
  return Array.isArray(value);
}

/** Whether a value is a map with keys that are not text. */
export function isMap(value: unknown): value is ReadonlyMap<WireValue, WireValue> {
  return value instanceof Map;
}

/** Whether a value is a map all of whose keys are text. */
export function isWireObject(value: unknown): value is WireObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(
    value instanceof Uint8Array ||
    value instanceof Map ||
    value instanceof Float ||
    value instanceof WireTime ||
    value instanceof Tagged
  );
}

/**
 * The keys of an object in the order in which they travel. The runtime puts keys that look like
 * indices first, so where there are some the order of `jsonb` is taken, which is what the
 * database gave: by length in bytes, then by bytes.
 */
export function orderedKeys(object: object): readonly string[] {
  const keys = Object.keys(object);
  const [first] = keys;
  if (first === undefined || keys.length === 1 || !/^\d+$/.test(first)) return keys;
  const sized = keys.map((key) => ({ key, bytes: Buffer.from(key) }));
  return sized
    .toSorted((a, b) => a.bytes.length - b.bytes.length || a.bytes.compare(b.bytes))
    .map(({ key }) => key);
}
