import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { instantMax, instantMin, type Instant } from "../../../kernel/instant.ts";
import { intervalFromMicros } from "../../../kernel/interval.ts";
import { SwhFault } from "../errors.ts";
import { Float } from "../values.ts";
import { base85Bytes, base85Text } from "./base85.ts";
import { type Encoding, encodingsOf } from "./bodies.ts";
import { currentModels } from "./models.ts";
import { fractionText } from "./python-number.ts";
import {
  depthMax,
  fractionOf,
  IntervalValue,
  PlainTag,
  wholeOf,
  WireTime,
  type WireValue,
} from "./wire-value.ts";

const { msgpack: msgpackEncoding, json: jsonEncoding } = encodingsOf(currentModels);
const encodings = [
  ["msgpack", msgpackEncoding],
  ["JSON", jsonEncoding],
] as const;

const instants = fc
  .bigInt({ min: instantMin, max: instantMax })
  .map((micros) => new WireTime(micros as Instant));
const intervals = fc
  .bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
  .map((micros) => new IntervalValue(intervalFromMicros(micros)));
const scalars: fc.Arbitrary<WireValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(wholeOf),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(fractionOf),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
  instants,
  intervals,
  fc.uuid().map((id) => new PlainTag("uuid", id)),
);
const values = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalars,
    fc.array(tie("value")),
    fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
  ),
})).value;

function kept(encoding: Encoding, value: WireValue): WireValue {
  return encoding.read(encoding.write(value));
}

/** Reads what may be anything: a value or a fault of ours, never another error. */
function readAnything(encoding: Encoding, bytes: Uint8Array): void {
  try {
    encoding.read(bytes);
  } catch (error) {
    if (!(error instanceof SwhFault)) throw error;
  }
}

describe.each(encodings)("%s", (_name, encoding) => {
  it("keeps every value: the bytes of what was read are those that it was read from", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encoding.write(value);
        expect(Buffer.from(encoding.write(encoding.read(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("keeps whole numbers, fractions, instants and bytes apart", () => {
    const value = {
      whole: [1, 2n ** 53n, -(2n ** 64n)],
      fraction: [new Float(1), 0.1, 1e300, new Float(-0)],
      at: new WireTime(1_700_000_000_000_001n as Instant),
      bytes: new Uint8Array([0, 255]),
      text: "é😀\0",
    };
    expect(kept(encoding, value)).toEqual(value);
  });

  it("keeps keys that mean something to the runtime", () => {
    const read = kept(encoding, JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}'));
    expect(Object.entries(read ?? {})).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it("answers a fault for bytes that are cut, changed or made up", () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(255), (value, place, byte) => {
        const bytes = encoding.write(value);
        const at = place % bytes.length;
        readAnything(encoding, bytes.subarray(0, at));
        readAnything(
          encoding,
          Uint8Array.from(bytes, (old, index) => (index === at ? byte : old)),
        );
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readAnything(encoding, bytes)));
  });
});

describe("a hostile body", () => {
  const nested = (open: string, count: number): Uint8Array => Buffer.from(open.repeat(count));

  it.each([
    ["arrays 10,000 deep in msgpack", msgpackEncoding, Buffer.alloc(10_000, 0x91)],
    ["maps 10,000 deep in msgpack", msgpackEncoding, Buffer.from("81a161".repeat(10_000), "hex")],
    ["arrays 10,000 deep in JSON", jsonEncoding, nested("[", 10_000)],
    ["objects 10,000 deep in JSON", jsonEncoding, nested('{"a":', 10_000)],
    ["a text that claims 100 MB", msgpackEncoding, Buffer.from("db05f5e10061", "hex")],
    ["bytes that claim 4 GB", msgpackEncoding, Buffer.from("c6ffffffff00", "hex")],
    ["an array that claims 100 million", msgpackEncoding, Buffer.from("dd05f5e10001", "hex")],
    ["a map that claims 100 million", msgpackEncoding, Buffer.from("df05f5e1000101", "hex")],
    ["an extension that claims 100 MB", msgpackEncoding, Buffer.from("c905f5e1000100", "hex")],
    ["an unknown extension", msgpackEncoding, Buffer.from("d42a00", "hex")],
    ["a number of 5,000 digits", jsonEncoding, nested("9", 5_000)],
    [
      "a number of 2,000 bytes",
      msgpackEncoding,
      Buffer.from(`c807d001${"ff".repeat(2_000)}`, "hex"),
    ],
    [
      "three million values",
      msgpackEncoding,
      Buffer.from(`dd002dc6c0${"80".repeat(3_000_000)}`, "hex"),
    ],
    ["three million values in JSON", jsonEncoding, Buffer.from(`[${"[],".repeat(3_000_000)}0]`)],
    ["half a surrogate pair", msgpackEncoding, Buffer.from("a3eda080", "hex")],
    ["text that is not UTF-8", jsonEncoding, Buffer.from([0x22, 0xff, 0x22])],
    ["a map under a model's tag that has no type", jsonEncoding, model({})],
    ["a model of another name", jsonEncoding, model({ __type__: "constructor" })],
    ["a model whose name is no text", jsonEncoding, model({ __type__: 1 })],
    ["an interval beyond all bounds", jsonEncoding, tagged("timedelta", { days: 1e18 })],
    ["an interval of a part that is none", jsonEncoding, tagged("timedelta", { toString: 1 })],
    ["a time that does not exist", jsonEncoding, tagged("datetime", "2024-02-30T00:00:00+00:00")],
  ])("is refused: %s", (_what, encoding, bytes) => {
    expect(() => encoding.read(bytes)).toThrow(SwhFault);
  });

  function tagged(swhtype: string, d: unknown): Uint8Array {
    return Buffer.from(JSON.stringify({ swhtype, d }));
  }

  function model(d: unknown): Uint8Array {
    return tagged("scheduler_model", d);
  }

  it("is taken up to the bound of its depth", () => {
    const bytes = Buffer.from(`${"[".repeat(depthMax)}${"]".repeat(depthMax)}`);
    expect(() => jsonEncoding.read(bytes)).not.toThrow();
    const value = jsonEncoding.read(bytes);
    expect(() => msgpackEncoding.write([value])).toThrow(SwhFault);
  });
});

describe("text of half a surrogate pair", () => {
  it.each(encodings)("is not written as %s", (_name, encoding) => {
    expect(() => encoding.write("\ud800")).toThrow(
      expect.objectContaining({ fault: "UnicodeEncodeError" }),
    );
  });
});

test("fractions are written as Python writes them", () => {
  const texts = [
    "0.0001",
    "1e-05",
    "1.5e-07",
    "123456789012345.6",
    "1e+16",
    "9999999999999998.0",
    "1.7976931348623157e+308",
    "5e-324",
    "0.1",
    "100.0",
    "-2.5e-10",
    "-0.0",
  ];
  expect(texts.map((text) => fractionText(Number(text)))).toEqual(texts);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(fractionText(value))).toBe(value);
      expect(fractionText(value)).toMatch(/^-?\d+(\.\d+)?(e[+-]\d{2,})?$/);
    }),
  );
});

test("keys that look like indices come in the order of the database", () => {
  const object = { 10: 1, 9: 2, b: 3, a: 4 };
  expect(new TextDecoder().decode(jsonEncoding.write(object))).toBe(
    '{"9": 2, "a": 4, "b": 3, "10": 1}',
  );
});

test("base85 gives back the bytes, and refuses what is none", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect([...base85Bytes(base85Text(bytes))]).toEqual([...bytes]);
    }),
  );
  expect(() => base85Bytes("~~~~~")).toThrow(SwhFault);
  expect(() => base85Bytes("é0")).toThrow(SwhFault);
});
