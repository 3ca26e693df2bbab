/** The two encodings of a body under their media types, with all tags. */

import { isUtf8 } from "node:buffer";
import { SwhFault } from "../errors.ts";
import { readJson } from "./json-read.ts";
import { writeJson } from "./json-write.ts";
import { readMsgpack } from "./msgpack-read.ts";
import { writeMsgpack } from "./msgpack-write.ts";
import { readJsonTag, readMsgpackTag } from "./tags.ts";
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

/** The encoding that the reference's clients use. */
export const msgpackEncoding: Encoding = {
  mediaType: "application/x-msgpack",
  read: (bytes) => readMsgpack(bytes, readMsgpackTag),
  write: writeMsgpack,
};

/** The encoding for people and browsers. */
export const jsonEncoding: Encoding = {
  mediaType: "application/json",
  read: (bytes) => {
    if (isUtf8(bytes)) return readJson(new TextDecoder().decode(bytes), readJsonTag);
    throw new SwhFault("UnicodeDecodeError", "the body is not UTF-8");
  },
  write: (value) => new TextEncoder().encode(writeJson(value)),
};
