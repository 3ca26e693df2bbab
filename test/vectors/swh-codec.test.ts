/**
 * Every value of `swh-rpc/codec.json`, written to bytes and text and read back, and every value
 * that our reader takes or refuses. The titles are the vectors' names.
 */

import { describe, expect, it, test } from "vitest";
import { SwhFault } from "../../src/compat/swh/errors.ts";
import { readJson } from "../../src/compat/swh/wire/json-read.ts";
import { writeJson } from "../../src/compat/swh/wire/json-write.ts";
import { writeMsgpack } from "../../src/compat/swh/wire/msgpack-write.ts";
import { currentModels } from "../../src/compat/swh/wire/models.ts";
import { tagReaders } from "../../src/compat/swh/wire/tags.ts";
import type { WireObject, WireValue } from "../../src/compat/swh/wire/wire-value.ts";
import {
  canonical,
  decodeHex,
  objectsAt,
  readVectors,
  renderingOf,
  textAt,
  valueOf,
} from "./swh-rendering.ts";

const codec = readVectors("codec.json");
const encodeCases = objectsAt(codec, "encode");
const decodeCases = objectsAt(codec, "decode");

function hexOf(value: WireValue): string {
  return Buffer.from(writeMsgpack(value)).toString("hex");
}

function named(cases: readonly WireObject[]): readonly (readonly [string, WireObject])[] {
  return cases.map((each) => [textAt(each, "name"), each]);
}

test("there are as many cases as were recorded", () => {
  expect([encodeCases.length, decodeCases.length]).toEqual([101, 35]);
});

describe("a value of ours", () => {
  it.each(named(encodeCases))("is written and read back: %s", (_name, each) => {
    if (!("value" in each)) {
      expectLongText(each);
      return;
    }
    const value = valueOf(each["value"] ?? null);
    expect(hexOf(value)).toBe(textAt(each, "msgpack"));
    const rendering = canonical(each["value"] ?? null);
    expect(renderingOf(decodeHex(textAt(each, "msgpack")))).toEqual(rendering);
    if (typeof each["json"] === "string") expectJson(each["json"], value);
    else expect(() => writeJson(value)).toThrow(SwhFault);
  });
});

/** Only where such a text begins, and how long it is, was recorded. */
function expectLongText(each: WireObject): void {
  const bytes = writeMsgpack("a".repeat(Number(textAt(each, "name").replace("str ", ""))));
  expect(bytes).toHaveLength(Number(each["msgpack_length"]));
  const prefix = textAt(each, "msgpack_prefix");
  expect(Buffer.from(bytes).toString("hex").slice(0, prefix.length)).toBe(prefix);
}

function expectJson(json: string, value: WireValue): void {
  const read = readJson(json, tagReaders(currentModels).json);
  // An instant does not keep the offset that it came with, and keys of JSON are texts.
  const changes = json.includes("+02:00") || json.startsWith('{"0"');
  if (!changes) expect(writeJson(value)).toBe(json);
  if (!json.startsWith('{"0"')) expect(renderingOf(read)).toEqual(renderingOf(value));
  else expect(writeJson(value)).toBe(json);
}

describe("bytes of others", () => {
  it.each(named(decodeCases))("are read or refused: %s", (_name, each) => {
    if (!("rejected" in each)) {
      expect(hexOf(decodeHex(textAt(each, "msgpack")))).toBe(textAt(each, "same_as"));
      return;
    }
    expect(() => decodeHex(textAt(each, "msgpack"))).toThrow(
      expect.objectContaining({ fault: textAt(each, "rejected") }),
    );
  });
});
