import { describe, expect, it } from "vitest";
import { targetOf } from "./connection-options.ts";
import { withoutPassword } from "./place-text.ts";

describe("targetOf", () => {
  it("knows no target where nothing is said", () => {
    expect(targetOf({}, {})).toEqual({ kind: "unsaid" });
    expect(targetOf({}, { ORRERY_SERVER: "", DATABASE_URL: "" })).toEqual({ kind: "unsaid" });
  });

  it("takes an option before the environment", () => {
    expect(
      targetOf({ databaseUrl: "postgres://here/a" }, { ORRERY_SERVER: "http://there:1" }),
    ).toMatchObject({ kind: "database", databaseUrl: "postgres://here/a" });
    expect(targetOf({ data: "d" }, { DATABASE_URL: "postgres://x/y" })).toMatchObject({
      kind: "directory",
      directory: "d",
    });
  });

  it("takes a server of the environment before its database", () => {
    const env = { ORRERY_SERVER: "http://there:1", DATABASE_URL: "postgres://x/y" };
    expect(targetOf({}, env)).toMatchObject({ kind: "server", baseUrl: "http://there:1" });
  });

  it("leaves the data directory of the environment to whoever finds no server", () => {
    expect(targetOf({}, { ORRERY_DATA: "d" })).toEqual({ kind: "unsaid" });
  });

  it("refuses two places at once", () => {
    expect(() => targetOf({ server: "http://a", data: "b" }, {})).toThrow(
      "--server and --data exclude each other",
    );
  });

  it.each([
    ["localhost:8420", "http://localhost:8420"],
    ["https://example.org/orrery/", "https://example.org/orrery"],
  ])("takes %s for an address", (server, baseUrl) => {
    expect(targetOf({ server }, {})).toMatchObject({ baseUrl });
  });

  it.each(["", "ftp://example.org", "http://", "a b"])("refuses %j as an address", (server) => {
    expect(() => targetOf({ server }, {})).toThrow(/--server must be an address/);
  });
});

describe("withoutPassword", () => {
  it.each([
    ["postgresql://me:secret@host/db", "postgresql://me:***@host/db"],
    ["postgresql://me:se@cret@host/db", "postgresql://me:***@host/db"],
    ["postgresql://me@host/db", "postgresql://me@host/db"],
    ["postgresql://host/db?user=a&password=b&x=c", "postgresql://host/db?user=a&password=***&x=c"],
  ])("shows %s as %s", (text, shown) => {
    expect(withoutPassword(text)).toBe(shown);
  });
});
