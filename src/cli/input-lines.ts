/**
 * Input of any size, a line at a time: a file or standard input, plain or compressed by gzip, which
 * is told by its first bytes.
 */

import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { InvalidInputError } from "../kernel/errors.ts";
import { problemOf } from "./read-file.ts";
import type { Shell } from "./shell.ts";

/** Letters of one line; a longer one is no line but a file of another kind. */
const lineLettersMax = 1_048_576;

/** Where input comes from. */
export interface InputSource {
  /** As errors name it. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A line without its end. */
export interface InputLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** A file, or standard input for `-`. What cannot be read fails when it is read. */
export function openSource(shell: Shell, file: string): InputSource {
  if (file === "-") return { name: "standard input", bytes: shell.openInput() };
  const path = resolve(shell.directory, file);
  return { name: path, bytes: fileBytes(path) };
}

/** Opened when it is read: a stream that nobody reads yet has nobody to tell what went wrong. */
async function* fileBytes(path: string): AsyncGenerator<Uint8Array, void> {
  const bytes: AsyncIterable<Uint8Array> = createReadStream(path);
  yield* bytes;
}

/**
 * Its text, piece by piece.
 * @throws InvalidInputError `ORR_INPUT_INVALID` for what cannot be read, unpacked or decoded
 */
export async function* textOf({ name, bytes }: InputSource): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const part of unpacked(bytes)) yield decoder.decode(part, { stream: true });
    yield decoder.decode();
  } catch (thrown) {
    const message = `cannot read ${name}: ${problemOf(thrown)}`;
    throw new InvalidInputError("ORR_INPUT_INVALID", message, {
      details: { field: "file", value: name },
      cause: thrown,
    });
  }
}

/**
 * Its lines; a line feed at the end begins no other line.
 * @throws InvalidInputError as `textOf`, `ORR_INPUT_TOO_LARGE` for a line that is too long
 */
export async function* linesOf(source: InputSource): AsyncGenerator<InputLine, void> {
  let rest = "";
  let number = 0;
  for await (const text of textOf(source)) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      number += 1;
      yield { number, text: checkedLine(part, { source, number }) };
    }
    checkedLine(rest, { source, number: number + 1 });
  }
  if (rest !== "") yield { number: number + 1, text: rest };
}

function checkedLine(
  text: string,
  { source, number }: { readonly source: InputSource; readonly number: number },
): string {
  if (text.length <= lineLettersMax) return text.endsWith("\r") ? text.slice(0, -1) : text;
  throw new InvalidInputError(
    "ORR_INPUT_TOO_LARGE",
    `line ${number} of ${source.name} has more than ${lineLettersMax} letters`,
    { details: { field: "line", value: number } },
  );
}

/** What every file of gzip begins with. */
const gzipMark: readonly number[] = [0x1f, 0x8b];

async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const { head, all } = await headOf(bytes, gzipMark.length);
  if (!gzipMark.every((byte, index) => head[index] === byte)) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  // An error on either side destroys the other, and so reaches whoever reads.
  pipeline(all, gunzip, () => undefined);
  const unzipped: AsyncIterable<Uint8Array> = gunzip;
  yield* unzipped;
}

/** The first bytes, and the whole again. */
async function headOf(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ readonly head: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = new Uint8Array();
  while (head.length < size) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = new Uint8Array(Buffer.concat([head, next.value]));
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => iterator };
  return { head, all: joined(head, rest) };
}

async function* joined(
  head: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield head;
  yield* rest;
}
