/** `orrery trigger check`: everything about a rule, without server and database. */

import { describe, expect, it } from "vitest";
import { isRecord } from "../../src/kernel/json.ts";
import { captureCli } from "./captured-shell.ts";
import type { CommandResult } from "./spawned.ts";

const from = "2027-03-12T00:00:00Z";

function check(...args: readonly string[]): Promise<CommandResult> {
  // Nothing may be asked: no server answers there.
  const env = { ORRERY_SERVER: "http://127.0.0.1:1" };
  return captureCli(["trigger", "check", ...args], { env });
}

/** What it prints as JSON; it must end well. */
async function checkJson(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { exitCode, out, err } = await check(...args, "--from", from, "--json");
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  const record: unknown = JSON.parse(out);
  return isRecord(record) ? record : {};
}

const newYork = ["--timezone", "America/New_York"];

describe("for people", () => {
  it("says when a rule fires, on the zone's clock and in UTC", async () => {
    const { exitCode, out, err } = await check("30 2 * * *", ...newYork, "--from", from);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toMatch(/^rule +at 02:30 every day, in America\/New_York$/m);
    expect(out).toMatch(/^Fri 2027-03-12 02:30:00 -05:00 +2027-03-12 07:30:00Z$/m);
    expect(out).toMatch(
      /^Mon 2027-03-15 02:30:00 -04:00 .*before it 2027-03-14 02:30:00 is skipped/m,
    );
    expect(out.match(/^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) /gm)).toHaveLength(5);
  });

  it.each([
    ["match", "30 2 * * *", "+1h", "02:30:00 does not exist: skipped"],
    ["daemon", "30 2 * * *", "+1h", "02:30:00 does not exist: runs at 03:00:00"],
    ["match", "30 1 * * *", "-1h", "01:30:00 happens twice: runs in both passes"],
    ["once", "30 1 * * *", "-1h", "01:30:00 happens twice: runs in the first pass only"],
    ["match", "*/20 * * * *", "-1h", "01:00:00 and 2 more happen twice: runs in both passes"],
  ])("under %s tells what the clock changes of two years do to %s", async (...row) => {
    const [policy, expression, by, effect] = row;
    const args = [expression, ...newYork, "--clock-change", policy];
    const { out } = await check(...args, "--from", "2027-04-01T00:00:00Z", "--count", "1");
    const lines = out.split("\n").filter((line) => line.includes(`America/New_York  ${by}`));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toContain(effect);
  });

  it("says that a rule never fires", async () => {
    const { exitCode, out } = await check("0 0 31 2 *");
    expect(exitCode).toBe(0);
    expect(out).toContain("It never fires.");
  });
});

describe("as JSON", () => {
  it("has the stored form and the fire times with what a clock change did to them", async () => {
    const args = ["30 2 * * *", ...newYork, "--clock-change", "daemon", "--count", "3"];
    const record = await checkJson(...args);
    expect(record).toMatchObject({
      spec: { kind: "cron", dialect: "vixie", expression: "30 2 * * *", clockChange: "daemon" },
      zone: "America/New_York",
      from: "2027-03-12T00:00:00.000000Z",
    });
    expect(record["occurrences"]).toEqual([
      { at: "2027-03-12T07:30:00.000000Z", local: "2027-03-12T02:30:00-05:00", ...unnoted },
      { at: "2027-03-13T07:30:00.000000Z", local: "2027-03-13T02:30:00-05:00", ...unnoted },
      {
        at: "2027-03-14T07:00:00.000000Z",
        local: "2027-03-14T03:00:00-04:00",
        note: "shifted",
        noteLocal: "2027-03-14T02:30:00",
      },
    ]);
  });

  const unnoted = { note: null, noteLocal: null };

  it.each([
    [
      ["--every", "90s"],
      { spec: { kind: "interval", everyMs: 90_000 }, description: "every 90 seconds" },
    ],
    [
      ["--at", "2027-03-14T02:30", ...newYork],
      { spec: { kind: "date", at: "2027-03-14T07:30:00.000000Z" }, zone: "America/New_York" },
    ],
    [
      ["--spec", '{"kind":"calendar","every":1,"unit":"month","startDate":"2027-01-31"}'],
      { spec: { kind: "calendar", timeOfDay: "00:00:00", clockChange: "once" } },
    ],
    [
      ["hour=3 day=last fri", "--dialect", "aps"],
      { spec: { dialect: "aps", fields: { hour: "3", day: "last fri" } } },
    ],
    [["*/20 0 3 * * *", "--seconds", "first"], { spec: { seconds: "first" } }],
  ])("takes %j", async (args, record) => {
    expect(await checkJson(...args)).toMatchObject(record);
  });
});

describe("the other dialect", () => {
  it("may do the same", async () => {
    expect(await checkJson("*/5 * * * *")).toMatchObject({
      otherDialect: { dialect: "aps", result: "same" },
    });
  });

  it("may fire at other times: 0 is Sunday here and Monday there", async () => {
    const { otherDialect } = await checkJson("0 0 * * 0", "--count", "2");
    expect(otherDialect).toMatchObject({
      dialect: "aps",
      result: "different",
      occurrences: [{ local: "2027-03-15T00:00:00+00:00" }, { local: "2027-03-22T00:00:00+00:00" }],
    });
    const { out } = await check("0 0 * * 0", "--from", from, "--count", "1");
    expect(out).toMatch(/^as aps +different: at 00:00 on Monday, in UTC$/m);
    expect(out).toMatch(/^In the aps dialect:\n.*\nMon 2027-03-15/m);
  });

  it("may refuse the text, with field and reason", async () => {
    expect(await checkJson("0 0 * * 7")).toMatchObject({
      otherDialect: {
        dialect: "aps",
        result: "refused",
        field: "day_of_week",
        reasonCode: "above_maximum",
      },
    });
    expect(await checkJson("10/20 * * * *", "--dialect", "aps")).toMatchObject({
      otherDialect: { dialect: "vixie", result: "refused", field: "minute" },
    });
  });

  it("is not asked about what is no cron text", async () => {
    expect(await checkJson("--every", "1h")).toMatchObject({ otherDialect: null });
  });
});

describe("a rule that is refused", () => {
  it("exits 2 with the field, the expression and the reason", async () => {
    const { exitCode, out, err } = await check("0 60 * * *", "--json");
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(JSON.parse(err)).toMatchObject({
      error: {
        code: "ORR_INPUT_TRIGGER",
        details: { field: "hour", expression: "60", reasonCode: "above_maximum" },
      },
    });
    const people = await check("0 60 * * *");
    expect(people.exitCode).toBe(2);
    expect(people.err).toContain('hour: the values of this field are 0 to 23, not "60"');
  });

  it("names the dialect that would take it", async () => {
    const { exitCode, err } = await check("10/20 * * * *");
    expect(exitCode).toBe(2);
    expect(err).toMatch(/hint: +the aps dialect would take it: every 20th minute from 10/);
  });

  it.each([
    [["0 0 * * *", "--timezone", "Europe/Pariss"], /near ones are Europe\/Paris/],
    [["0 0 0 * * *"], /which of the six fields.*\n.*--seconds first/],
    [[], /nothing to check/],
    [["* * * * *", "--every", "5m"], /an expression and --every exclude each other/],
    [["--every", "5"], /--every must be a duration/],
    [["--spec", "[]"], /--spec must be an object with a kind/],
    [["--spec", "{"], /--spec is not valid JSON/],
    [["* * * * *", "--from", "now"], /--from must be an RFC 3339 time/],
    [["* * * * *", "--count", "1001"], /--count must be at most 1000/],
    [["--at", "2027-02-30"], /2027-02-30/],
  ])("%j exits 2", async (args, message) => {
    const { exitCode, out, err } = await check(...args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(message);
  });
});
