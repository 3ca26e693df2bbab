/** The addresses of Debian's source packages, from the shipped file. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The addresses, each once, in the order of the file; and of how many packages they are. */
export interface DebianOrigins {
  readonly packageCount: number;
  readonly urls: readonly string[];
}

/** Reads the list: many packages share an address with another. */
export function readOrigins(): DebianOrigins {
  const file = new URL("data/debian-origins.jsonl.gz", import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n");
  const urls = new Set(lines.map((line) => readUrl(JSON.parse(line))));
  return { packageCount: lines.length, urls: [...urls] };
}

function readUrl(value: unknown): string {
  if (typeof value === "object" && value !== null && "url" in value) {
    const { url } = value;
    if (typeof url === "string") return url;
  }
  throw new TypeError(`not a package with an address: ${JSON.stringify(value)}`);
}
