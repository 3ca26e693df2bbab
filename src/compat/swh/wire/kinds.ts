/**
 * Kinds of values: how one argument, field or result is read from a body and written to one. They
 * are strict as the reference's models are: a fraction's place takes no whole number, and a text is
 * never taken for anything else.
 */

import type { Instant } from "../../../kernel/instant.ts";
import type { Interval } from "../../../kernel/interval.ts";
import { type FaultName, SwhFault } from "../errors.ts";
import { Float, type Integer, type SwhJson, type SwhJsonObject } from "../values.ts";
import { readIsoTime } from "./iso-time.ts";
import { fractionText } from "./python-number.ts";
import { readUuid } from "./uuid-text.ts";
import {
  fractionOf,
  IntervalValue,
  isList,
  isMap,
  isWireObject,
  PlainTag,
  setMember,
  Tagged,
  WireTime,
  type WireValue,
} from "./wire-value.ts";

/** Where a value stands, for the error that refuses it. */
export interface Place {
  /** A path such as `tasks[3].next_run`. */
  readonly name: string;
  /** Fields of models are refused by other classes than arguments of calls. */
  readonly inModel: boolean;
  readonly isNullable?: boolean;
}

/** Reads and writes one kind of value. */
export interface Kind<T> {
  /** @throws SwhFault naming the place */
  decode(value: WireValue, place: Place): T;
  encode(value: T): WireValue;
}

/** A refusal that names the place, what belongs there and what came. */
export function wrongKind(place: Place, expected: string, value: WireValue): SwhFault {
  return new SwhFault(
    faultAt(place),
    `${place.name} must be ${expected}, not ${describeKind(value)}`,
    { field: place.name },
  );
}

function faultAt({ inModel, isNullable }: Place): FaultName {
  if (!inModel) return "TypeError";
  return isNullable === true ? "UnionError" : "AttributeTypeError";
}

/** What a value is, in the words of the interface. */
function describeKind(value: WireValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === "bigint") return "a whole number";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "a whole number" : "a float";
  if (typeof value === "boolean") return "a boolean";
  if (value instanceof Float) return "a float";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof WireTime) return "a datetime";
  if (value instanceof Tagged) return `a ${value.tag}`;
  return Array.isArray(value) ? "a list" : "a map";
}

/** A text. */
export const text: Kind<string> = {
  decode: (value, place) => {
    if (typeof value === "string") return value;
    throw wrongKind(place, "a text", value);
  },
  encode: (value) => value,
};

/** A truth value. */
export const boolean: Kind<boolean> = {
  decode: (value, place) => {
    if (typeof value === "boolean") return value;
    throw wrongKind(place, "a boolean", value);
  },
  encode: (value) => value,
};

/** A whole number of any size. */
export const integer: Kind<Integer> = {
  decode: (value, place) => {
    if (typeof value === "bigint") return value;
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw wrongKind(place, "a whole number", value);
  },
  encode: (value) => value,
};

/** A whole number that is an id. */
export const safeInteger: Kind<number> = {
  decode: (value, place) => {
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw wrongKind(place, "a whole number within 2^53", value);
  },
  encode: (value) => value,
};

/** A fraction; a whole number is refused. */
export const fraction: Kind<number> = {
  decode: (value, place) => {
    if (value instanceof Float) return value.value;
    if (typeof value === "number" && !Number.isSafeInteger(value)) return value;
    throw wrongKind(place, "a float", value);
  },
  encode: fractionOf,
};

/** A number of either kind. */
export const real: Kind<number> = {
  decode: (value, place) => {
    if (value instanceof Float) return value.value;
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw wrongKind(place, "a number", value);
  },
  encode: fractionOf,
};

/** An instant of a record, which needs an offset. */
export const time: Kind<Instant> = {
  decode: (value, place) => {
    if (!(value instanceof WireTime)) throw wrongKind(place, "a datetime", value);
    if (!value.isNaive) return value.instant;
    throw new SwhFault("ValueError", `${place.name}: date must be a timezone-aware datetime.`);
  },
  encode: (value) => new WireTime(value),
};

/** An instant of a call: the database reads those without an offset, and text, as UTC. */
export const looseTime: Kind<Instant> = {
  decode: (value, place) => {
    if (value instanceof WireTime) return value.instant;
    if (typeof value === "string") return readIsoTime(value).instant;
    throw wrongKind(place, "a datetime", value);
  },
  encode: (value) => new WireTime(value),
};

/** A length of time. */
export const interval: Kind<Interval> = {
  decode: (value, place) => {
    if (value instanceof IntervalValue) return value.interval;
    throw wrongKind(place, "a timedelta", value);
  },
  encode: (value) => new IntervalValue(value),
};

/** A UUID of a record. */
export const uuid: Kind<string> = {
  decode: (value, place) => {
    if (value instanceof PlainTag && value.tag === "uuid") return text.decode(value.data, place);
    throw wrongKind(place, "a uuid", value);
  },
  encode: (value) => new PlainTag("uuid", value),
};

/** A UUID of a call, also as text. */
export const looseUuid: Kind<string> = {
  decode: (value, place) => {
    if (typeof value !== "string") return uuid.decode(value, place);
    return readUuid(value, "InvalidTextRepresentation");
  },
  encode: (value) => new PlainTag("uuid", value),
};

/** A UUID that travels as text. */
export const uuidText: Kind<string> = {
  decode: (value, place) => looseUuid.decode(value, place),
  encode: (value) => value,
};

/** Bytes. */
export const bytes: Kind<Uint8Array> = {
  decode: (value, place) => {
    if (value instanceof Uint8Array) return value;
    throw wrongKind(place, "bytes", value);
  },
  encode: (value) => value,
};

/** JSON data of any form. */
export const json: Kind<SwhJson> = {
  decode: (value, place) => jsonData(value, place),
  encode: (value) => value,
};

/** A JSON object. */
export const jsonObject: Kind<SwhJsonObject> = {
  decode: (value, place) => {
    const data = isMap(value) || isWireObject(value) ? jsonData(value, place) : undefined;
    if (isJsonObject(data)) return data;
    throw wrongKind(place, "a map", value);
  },
  encode: (value) => value,
};

/** No result: null on the wire. */
export const nothing: Kind<void> = {
  decode: (value, place) => {
    if (value !== null) throw wrongKind(place, "null", value);
  },
  encode: () => null,
};

/** Null, or something. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return {
    decode: (value, place) =>
      value === null ? null : kind.decode(value, { ...place, isNullable: true }),
    encode: (value) => (value === null ? null : kind.encode(value)),
  };
}

/** A list of values of one kind. */
export function list<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    decode: (value, place) => {
      if (!isList(value)) throw wrongKind(place, "a list", value);
      return value.map((item, index) =>
        kind.decode(item, { ...place, name: `${place.name}[${index}]` }),
      );
    },
    encode: (values) => values.map((value) => kind.encode(value)),
  };
}

/** One value, or a list of them. */
export function oneOrMany<T>(kind: Kind<T>): Kind<T | readonly T[]> {
  const many = list(kind);
  return {
    decode: (value, place) => (isList(value) ? many : kind).decode(value, place),
    encode: (value) => (isMany(value) ? many.encode(value) : kind.encode(value)),
  };
}

function isMany<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** A filter of text that empty text switches off. */
export function unlessEmpty<T>(kind: Kind<T>): Kind<T | null> {
  return {
    decode: (value, place) => (value === "" ? null : kind.decode(value, place)),
    encode: (value) => (value === null ? null : kind.encode(value)),
  };
}

/** One of a few words. */
export function oneOf<Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    decode: (value, place) => {
      const word = words.find((each) => each === value);
      if (word !== undefined) return word;
      const expected = `one of ${words.join(", ")}`;
      if (typeof value !== "string" || (place.inModel && place.isNullable === true)) {
        throw wrongKind(place, expected, value);
      }
      throw new SwhFault(
        place.inModel ? "LiteralError" : "InvalidTextRepresentation",
        `${place.name} must be ${expected}, not ${JSON.stringify(value.slice(0, 40))}`,
        { field: place.name },
      );
    },
    encode: (value) => value,
  };
}

function isJsonObject(value: SwhJson | undefined): value is SwhJsonObject {
  return isWireObject(value);
}

/** The value itself when it is JSON data, else a copy in which keys that are numbers are text. */
function jsonData(value: WireValue, place: Place): SwhJson {
  return isJson(value) ? value : jsonCopy(value, place);
}

function isJson(value: WireValue): value is SwhJson {
  if (typeof value !== "object" || value === null || value instanceof Float) return true;
  if (isList(value)) return value.every(isJson);
  return isWireObject(value) && Object.values(value).every(isJson);
}

function jsonCopy(value: WireValue, place: Place): SwhJson {
  if (typeof value !== "object" || value === null || value instanceof Float) return value;
  if (isList(value)) return value.map((item) => jsonCopy(item, place));
  if (!isMap(value) && !isWireObject(value)) {
    const what = describeKind(value);
    throw new SwhFault("TypeError", `${place.name}: ${what} is not JSON serializable`, {
      field: place.name,
    });
  }
  const entries = isMap(value) ? value : Object.entries(value);
  const object: Record<string, SwhJson> = {};
  for (const [key, member] of entries) {
    setMember(object, jsonKey(key, place), jsonCopy(member, place));
  }
  return object;
}

function jsonKey(key: WireValue, place: Place): string {
  if (typeof key === "string") return key;
  if (key instanceof Float) return fractionText(key.value);
  if (typeof key === "number" && !Number.isSafeInteger(key)) return fractionText(key);
  if (key === null || typeof key !== "object") return String(key);
  throw new SwhFault("TypeError", `${place.name}: keys must be text or numbers, not bytes`, {
    field: place.name,
  });
}
