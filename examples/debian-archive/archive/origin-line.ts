/** One line of the list of source packages: JSON with the package's git address. */

import { parseGitAddress } from "./git-address.ts";

/** Where the source of a package is kept. */
export interface Origin {
  readonly kind: "origin";
  readonly package: string;
  readonly version: string;
  readonly section: string;
  readonly url: string;
  readonly host: string;
  readonly branch: string | null;
  readonly homepage: string | null;
}

/** A line that says nothing usable; it is kept aside with the reason. */
export interface MalformedLine {
  readonly kind: "malformed";
  readonly reason: string;
}

/** Reads one line. Never throws: a wrong line is a value like any other. */
export function parseOriginLine(line: string): Origin | MalformedLine {
  const fields = objectOf(line);
  if (fields === undefined) return { kind: "malformed", reason: "it is no JSON object" };
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [name, version, section, url] = ["package", "version", "section", "url"].map(text);
  if (name === undefined || version === undefined || section === undefined || url === undefined) {
    return { kind: "malformed", reason: "it lacks a package, version, section or url" };
  }
  const address = parseGitAddress(url);
  if (address.kind === "malformed") return { kind: "malformed", reason: `url: ${address.reason}` };
  return {
    kind: "origin",
    package: name,
    version,
    section,
    url,
    host: address.host,
    branch: text("branch") ?? null,
    homepage: text("homepage") ?? null,
  };
}

function objectOf(line: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return new Map<string, unknown>(Object.entries(value));
  } catch {
    // The caller keeps the line aside; the parser's own words add nothing.
    return undefined;
  }
}
