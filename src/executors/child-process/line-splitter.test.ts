import fc from "fast-check";
import { expect, test } from "vitest";

import { LineSplitter } from "./line-splitter.ts";

interface Seen {
  readonly text: string;
  readonly cut: number;
}

function split(chunks: readonly Uint8Array[], bytesMax = 8): readonly Seen[] {
  const seen: Seen[] = [];
  const splitter = new LineSplitter({
    bytesMax,
    longBytesMax: 20,
    mayBeLong: (head) => head.toString().startsWith("long"),
    onLine: ({ bytes, cutByteCount }) => seen.push({ text: bytes.toString(), cut: cutByteCount }),
  });
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return seen;
}

function texts(...chunks: readonly string[]): readonly Seen[] {
  return split(chunks.map((chunk) => Buffer.from(chunk)));
}

test("lines come out however the output is cut into chunks", () => {
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => array.map((byte) => byte % 14));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(80), { maxLength: 8 }), (all, cuts) => {
      const marks = [0, ...cuts.toSorted((a, b) => a - b), all.length];
      const chunks = marks.map((mark, at) => all.slice(mark, marks[at + 1] ?? all.length));
      expect(split(chunks)).toEqual(split([all]));
    }),
  );
});

test("without cuts the lines joined are the output", () => {
  const lines = fc.array(fc.string({ maxLength: 40 }).filter((text) => !/[\r\n]/.test(text)));
  fc.assert(
    fc.property(lines, (given) => {
      const output = Buffer.from(given.map((line) => `${line}\n`).join(""));
      expect(split([output], 1_000).map(({ text }) => text)).toEqual(given);
    }),
  );
});

test("an empty line is a line, and the last one needs no line end", () => {
  expect(texts("a\n\nb")).toEqual([
    { text: "a", cut: 0 },
    { text: "", cut: 0 },
    { text: "b", cut: 0 },
  ]);
  expect(texts("a\n")).toHaveLength(1);
  expect(texts()).toEqual([]);
});

test("a carriage return before the line feed belongs to the line end, also across chunks", () => {
  expect(texts("a\r", "\nb\rc\n")).toEqual([
    { text: "a", cut: 0 },
    { text: "b\rc", cut: 0 },
  ]);
});

test("a line over the bound is cut, counted, and does not touch the next one", () => {
  expect(texts("12345", "67890", "12\nnext\n")).toEqual([
    { text: "12345678", cut: 4 },
    { text: "next", cut: 0 },
  ]);
  expect(texts("123456789\n")).toEqual([{ text: "12345678", cut: 1 }]);
});

test("a line that may be long has the larger bound, the next one does not", () => {
  expect(texts("long678901", "2345678901XY\n123456789\n")).toEqual([
    { text: "long6789012345678901", cut: 2 },
    { text: "12345678", cut: 1 },
  ]);
});
