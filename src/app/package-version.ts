/** The version of this package, read from its manifest wherever it was installed. */

import { readFileSync } from "node:fs";
import { assert } from "../kernel/assert.ts";
import { isRecord } from "../kernel/json.ts";

/** As in the package's manifest, for example `1.2.0`. */
export function packageVersion(): string {
  // The same two levels up from `src/app` and from the emitted `dist/app`.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const manifest: unknown = JSON.parse(text);
  assert(isRecord(manifest), "the package's manifest is an object");
  const version = manifest["version"];
  assert(typeof version === "string", "the package's manifest has a version");
  return version;
}
