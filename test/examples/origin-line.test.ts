/** The example's reader of the list of packages, by line and over the whole shipped file. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseOriginLine } from "../../examples/debian-archive/archive/origin-line.ts";

const good = {
  package: "0ad",
  version: "0.0.26-3",
  url: "https://salsa.debian.org/games-team/0ad.git",
  branch: null,
  section: "games",
  homepage: "https://play0ad.com/",
};

describe("parseOriginLine", () => {
  it("takes a line of the list with the host of its address", () => {
    expect(parseOriginLine(JSON.stringify(good))).toEqual({
      ...good,
      kind: "origin",
      host: "salsa.debian.org",
    });
  });

  it("takes a line without branch and homepage", () => {
    const { branch: _branch, homepage: _homepage, ...rest } = good;
    expect(parseOriginLine(JSON.stringify(rest))).toMatchObject({ branch: null, homepage: null });
  });

  it.each(["", "{", "null", "[]", '"text"', "7"])("keeps aside %j, which is no object", (line) => {
    expect(parseOriginLine(line)).toEqual({ kind: "malformed", reason: "it is no JSON object" });
  });

  it.each(["package", "version", "section", "url"])("keeps aside a line without %s", (name) => {
    const reason = "it lacks a package, version, section or url";
    expect(parseOriginLine(JSON.stringify({ ...good, [name]: "" }))).toEqual({
      kind: "malformed",
      reason,
    });
    expect(parseOriginLine(JSON.stringify({ ...good, [name]: 7 }))).toEqual({
      kind: "malformed",
      reason,
    });
  });

  it("finds 77 malformed lines among the 31,681 of the shipped file", () => {
    const file = new URL(
      "../../examples/debian-archive/data/debian-origins.jsonl.gz",
      import.meta.url,
    );
    const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n");
    const malformed = lines.filter((line) => parseOriginLine(line).kind === "malformed");
    expect(lines.length).toBe(31_681);
    expect(malformed.length).toBe(77);
  });
});
