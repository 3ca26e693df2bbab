import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { addMillis, parseInstant } from "../../kernel/instant.ts";
import { checkClock, checkMigrations } from "./check-database.ts";
import { checkPort } from "./check-port.ts";
import { checkRuntime } from "./check-runtime.ts";

describe("checkRuntime", () => {
  it.each([
    ["26.10.0", true, "ok"],
    ["22.13.0", true, "ok"],
    ["22.13.1", false, "warn"],
    ["22.12.9", true, "fail"],
    ["20.20.2", true, "fail"],
  ])("says of %s, reading TypeScript %s: %s", (version, readsTypeScript, status) => {
    const finding = checkRuntime({ version, readsTypeScript });
    expect(finding.status).toBe(status);
    expect(finding.advice === null).toBe(status === "ok");
  });
});

describe("checkMigrations", () => {
  const none = { migrated: [], missing: [], unknown: [] };

  it.each([
    [{ ...none, missing: ["0001_a"] }, "ok", /made at the first start/],
    [{ ...none, migrated: ["0001_a"] }, "ok", /at 0001_a/],
    [{ ...none, migrated: ["0001_a"], missing: ["0002_b"] }, "warn", /lacks 0002_b/],
    [{ ...none, migrated: ["0001_a", "0003_c"], unknown: ["0003_c"] }, "fail", /newer release/],
  ])("judges %j as %s", (found, status, message) => {
    const finding = checkMigrations(found, "orrery");
    expect(finding.status).toBe(status);
    expect(finding.message).toMatch(message);
  });
});

describe("checkClock", () => {
  const here = parseInstant("2027-03-01T09:00:00Z");

  it.each([
    [0, 0, "ok"],
    [1_900, 0, "ok"],
    [-1_900, 0, "ok"],
    [2_100, 0, "warn"],
    [-2_100, 0, "warn"],
    // The answer may have been given at any time between question and receipt.
    [3_000, 1_500, "ok"],
  ])("takes a difference of %d ms with %d ms of slack for %s", (ms, slackMs, status) => {
    expect(checkClock({ here, there: addMillis(here, ms), slackMs }).status).toBe(status);
  });

  it("says who is ahead", () => {
    const of = (ms: number): string =>
      checkClock({ here, there: addMillis(here, ms), slackMs: 0 }).message;
    expect(of(60_000)).toBe("the database is 1m ahead of this machine");
    expect(of(-60_000)).toBe("the database is 1m behind this machine");
  });
});

describe("checkPort", () => {
  it("finds a port that another program holds, and one that nobody holds", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const taken = await checkPort({ host: "127.0.0.1", port }, false);
    expect(taken).toMatchObject({ status: "fail" });
    expect(taken.message).toMatch(/taken by another program/);
    expect(await checkPort({ host: "127.0.0.1", port }, true)).toMatchObject({ status: "ok" });
    await new Promise((resolve) => {
      other.close(resolve);
    });
    expect(await checkPort({ host: "127.0.0.1", port }, false)).toMatchObject({ status: "ok" });
  });
});
