/** The two encodings of a body under their media types, with all tags. */

import { isUtf8 } from "node:buffer";
import { SwhFault } from "../errors.ts";
import { readJson } from "./json-read.ts";
import { writeJson } from "./json-write.ts";
import { readMsgpack } from "./msgpack-read.ts";
import { writeMsgpack } from "./msgpack-write.ts";
import type { ReadableModel } from "./models.ts";
import { tagReaders } from "./tags.ts";
import type { WireValue } from "./wire-value.ts";

/** A way to write values. */
export interface Encoding {
  /** What `content-type` says, without parameters. */
  readonly mediaType: string;
  /** @throws SwhFault */
  read(bytes: Uint8Array): WireValue;
  /** @throws SwhFault */
  write(value: WireValue): Uint8Array;
}

/** The encodings of a dialect. */
export interface Encodings {
  /** What the reference's clients use, and what errors are always in. */
  readonly msgpack: Encoding;
  /** For people and browsers. */
  readonly json: Encoding;
}

/** Makes the encodings of a dialect, which differ by its models. */
export function encodingsOf(models: readonly ReadableModel[]): Encodings {
  const tags = tagReaders(models);
  return {
    msgpack: {
      mediaType: "application/x-msgpack",
      read: (bytes) => readMsgpack(bytes, tags.msgpack),
      write: writeMsgpack,
    },
    json: {
      mediaType: "application/json",
      read: (bytes) => {
        if (isUtf8(bytes)) return readJson(new TextDecoder().decode(bytes), tags.json);
        throw new SwhFault("UnicodeDecodeError", "the body is not UTF-8");
      },
      write: (value) => new TextEncoder().encode(writeJson(value)),
    },
  };
}
