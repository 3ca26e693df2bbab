/** The archive's source packages and what each requires to be built, from the shipped file. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Dependencies } from "orrery/graph";

interface Package {
  readonly package: string;
  readonly requires: readonly string[];
}

/** Reads the list: every package is a node, those it requires are its edges. */
export function readArchive(): Dependencies<string> {
  const file = new URL("data/debian-build-deps.jsonl.gz", import.meta.url);
  const archive = new Dependencies<string>();
  for (const line of gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n")) {
    const { package: name, requires } = readPackage(JSON.parse(line));
    archive.add([name, null]);
    for (const other of requires) archive.add([name, other]);
  }
  return archive;
}

function readPackage(value: unknown): Package {
  if (isPackage(value)) return value;
  throw new TypeError(`not a package: ${JSON.stringify(value)}`);
}

function isPackage(value: unknown): value is Package {
  return (
    typeof value === "object" &&
    value !== null &&
    "package" in value &&
    typeof value.package === "string" &&
    "requires" in value &&
    Array.isArray(value.requires) &&
    value.requires.every((each) => typeof each === "string")
  );
}
