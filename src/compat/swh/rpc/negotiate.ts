/** Which of the two encodings a request asks for. */

import type { Encoding, Encodings } from "../wire/bodies.ts";

/** Longer headers are not looked at: nobody has so many preferences. */
const acceptLettersMax = 2_000;

/**
 * The encoding of the answer: the one that `accept` prefers; JSON for a tie, for any, for none.
 */
export function answerEncoding(accept: string | undefined, encodings: Encodings): Encoding {
  const ranges = (accept ?? "").slice(0, acceptLettersMax).split(",").map(readRange);
  const msgpack = qualityOf(encodings.msgpack.mediaType, ranges);
  return msgpack > qualityOf(encodings.json.mediaType, ranges) ? encodings.msgpack : encodings.json;
}

/** The encoding that a body is in; undefined for any other. */
export function bodyEncoding(
  contentType: string | undefined,
  encodings: Encodings,
): Encoding | undefined {
  const type = mediaTypeOf(contentType);
  return [encodings.msgpack, encodings.json].find(({ mediaType }) => mediaType === type);
}

/** The type of a `content-type` header without its parameters; empty without a header. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** A media range, as `application/*;q=0.5`. */
interface Range {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const quality = parameters.find((part) => part.startsWith("q="))?.slice(2);
  const value = quality === undefined ? 1 : Number(quality);
  return { type, quality: value >= 0 && value <= 1 ? value : 0 };
}

/** The quality of the range that names the type most exactly; 0 when none does. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const group = `${type.split("/", 1)[0]}/*`;
  for (const wanted of [type, group, "*/*"]) {
    const found = ranges.filter((range) => range.type === wanted);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}
