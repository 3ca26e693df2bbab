/** What the tags of the wire stand for; a tag that is not here leaves a map as it is. */

import { type Interval, intervalFromMicros } from "../../../kernel/interval.ts";
import { SwhFault } from "../errors.ts";
import { lastVisitStatuses } from "../records.ts";
import { Float } from "../values.ts";
import { base85Bytes } from "./base85.ts";
import { readIsoTime } from "./iso-time.ts";
import type { ReadableModel } from "./models.ts";
import { readUuid } from "./uuid-text.ts";
import {
  IntervalValue,
  isWireObject,
  PlainTag,
  type ReadTag,
  type WireObject,
  type WireValue,
} from "./wire-value.ts";

type DataReader = (data: WireValue) => WireValue;

/** Tags of both encodings, and in any dialect. */
const sharedTags: Readonly<Record<string, DataReader>> = {
  datetime: (data) => readIsoTime(textOf(data, "datetime")),
  timedelta: (data) => new IntervalValue(readInterval(objectOf(data, "timedelta"))),
  uuid: (data) => new PlainTag("uuid", readUuid(textOf(data, "uuid"), "ValueError")),
  last_visit_status: (data) => new PlainTag("last_visit_status", readStatus(data)),
  paged_result: (data) => readPage(objectOf(data, "paged_result")),
};

/** The tags of a dialect, which differ by its models. */
export interface TagReaders {
  readonly msgpack: ReadTag;
  /** Bytes have a tag too. */
  readonly json: ReadTag;
}

/** Makes them. */
export function tagReaders(models: readonly ReadableModel[]): TagReaders {
  // By name: no other class is ever looked up.
  const byName = new Map(models.map((model) => [model.name, model]));
  const msgpack = {
    ...sharedTags,
    scheduler_model: (data: WireValue) => readModel(objectOf(data, "scheduler_model"), byName),
  };
  const json = { ...msgpack, bytes: (data: WireValue) => base85Bytes(textOf(data, "bytes")) };
  return {
    msgpack: (tag, data) => readerOf(msgpack, tag)?.(data),
    json: (tag, data) => readerOf(json, tag)?.(data),
  };
}

function readModel(map: WireObject, byName: ReadonlyMap<string, ReadableModel>): WireValue {
  const name = Object.hasOwn(map, "__type__") ? map["__type__"] : undefined;
  if (typeof name !== "string") throw new SwhFault("KeyError", "a model says its __type__");
  const model = byName.get(name);
  if (model !== undefined) return model.read(map);
  throw new SwhFault("AttributeError", `there is no model '${name.slice(0, 40)}'`);
}

function readerOf(tags: Readonly<Record<string, DataReader>>, tag: string): DataReader | undefined {
  return Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

function textOf(data: WireValue, tag: string): string {
  if (typeof data === "string") return data;
  throw new SwhFault("TypeError", `the tag ${tag} holds a text`);
}

function objectOf(data: WireValue, tag: string): WireObject {
  if (isWireObject(data)) return data;
  throw new SwhFault("TypeError", `the tag ${tag} holds a map`);
}

function readStatus(data: WireValue): string {
  const status = lastVisitStatuses.find((word) => word === data);
  if (status !== undefined) return status;
  const shown = typeof data === "string" ? data.slice(0, 40) : "this";
  throw new SwhFault("ValueError", `'${shown}' is not a valid LastVisitStatus`);
}

/** Microseconds of the parts that an interval may be given in. */
const intervalUnits: Readonly<Record<string, number>> = {
  weeks: 604_800_000_000,
  days: 86_400_000_000,
  hours: 3_600_000_000,
  minutes: 60_000_000,
  seconds: 1_000_000,
  milliseconds: 1_000,
  microseconds: 1,
};

/** The reference's intervals have at most that many days, of either sign. */
const dayCountMax = 999_999_999n;

function readInterval(parts: WireObject): Interval {
  let micros = 0n;
  let fraction = 0;
  for (const [name, value] of Object.entries(parts)) {
    const unit = Object.hasOwn(intervalUnits, name) ? intervalUnits[name] : undefined;
    if (unit === undefined) {
      throw new SwhFault("TypeError", `'${name.slice(0, 40)}' is no part of a timedelta`);
    }
    const amount = value instanceof Float ? value.value : value;
    if (typeof amount === "bigint") micros += amount * BigInt(unit);
    else if (typeof amount === "number" && Number.isFinite(amount)) {
      const whole = Math.trunc(amount);
      micros += BigInt(whole) * BigInt(unit);
      fraction += (amount - whole) * unit;
    } else throw new SwhFault("TypeError", `the part ${name} of a timedelta is a number`);
  }
  micros += BigInt(halfToEven(fraction));
  const bound = dayCountMax * 86_400_000_000n;
  if (micros < -bound || micros >= bound + 86_400_000_000n) {
    throw new SwhFault("OverflowError", `an interval has at most ${dayCountMax} days`);
  }
  return intervalFromMicros(micros);
}

/** The nearest whole number; of two the even one. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const pageParts = new Set(["results", "next_page_token", "total_results"]);

function readPage(page: WireObject): PlainTag {
  const other = Object.keys(page).find((key) => !pageParts.has(key));
  if (other !== undefined) {
    throw new SwhFault("TypeError", `'${other.slice(0, 40)}' is no part of a page`);
  }
  if (!Array.isArray(page["results"])) {
    throw new SwhFault("TypeError", "the results of a page are a list");
  }
  return new PlainTag("paged_result", {
    results: page["results"],
    next_page_token: page["next_page_token"] ?? null,
    total_results: page["total_results"] ?? null,
  });
}
