/** The example's reader of git addresses: what it takes, and what it says of the rest. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseGitAddress } from "../../examples/debian-archive/archive/git-address.ts";

describe("parseGitAddress", () => {
  it.each([
    ["https://salsa.debian.org/games-team/0ad.git", "salsa.debian.org", "/games-team/0ad.git"],
    ["git://myrepos.branchable.com/", "myrepos.branchable.com", "/"],
    ["https://someone@bitbucket.org/someone/tool.git", "bitbucket.org", "/someone/tool.git"],
    ["https://Git.Example.org:8443/a", "git.example.org", "/a"],
  ])("reads %s", (text, host, path) => {
    expect(parseGitAddress(text)).toMatchObject({ kind: "address", host, path });
  });

  it.each([
    ["https://salsa.debian.org:/science-team/adios.git", "it has a colon without a port"],
    ["git@github.com:owner/name.git", "it has no scheme"],
    ["git://git@github.com:RPi-Distro/pgzero.git", '"RPi-Distro" is no port'],
    ["https://salsa.debian.org:debian/x.git", '"debian" is no port'],
    ["https://salsa.debian.org:0/x.git", '"0" is no port'],
    ["https://salsa.debian.org:1:2/x.git", '"1" is no port'],
    ["https:///x.git", '"" is no host name'],
    ["https://-salsa.debian.org/x.git", '"-salsa.debian.org" is no host name'],
    ["https://salsa.debian.org", "it has no path"],
    ["https://salsa.debian.org/x.git -b main", "it holds blanks"],
    ["cvs://example.org/x", "git does not read by cvs"],
    ["", "it has no scheme"],
  ])("refuses %j and says why", (text, reason) => {
    expect(parseGitAddress(text)).toEqual({ kind: "malformed", reason });
  });

  it("reads back every address that it could have been made from", () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
    const path = fc.stringMatching(/^(\/[a-z0-9._~-]{0,8}){1,4}$/);
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    const parts = fc.record({ scheme: fc.constantFrom("https", "git", "ssh"), host, path, port });
    fc.assert(
      fc.property(parts, ({ port: place, ...address }) => {
        const at = place === undefined ? address.host : `${address.host}:${place}`;
        const text = `${address.scheme}://${at}${address.path}`;
        expect(parseGitAddress(text)).toEqual({ kind: "address", ...address });
      }),
    );
  });

  it("answers for any text without throwing", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(["address", "malformed"]).toContain(parseGitAddress(text).kind);
      }),
    );
  });
});
