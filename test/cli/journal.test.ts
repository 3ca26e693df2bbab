/** What a serving process tells: lines for people on a terminal, JSON elsewhere. */

import { expect, test } from "vitest";
import { createJournal, httpLogOf } from "../../src/cli/serving/journal.ts";
import { captureShell } from "./captured-shell.ts";

const entry = {
  level: "info",
  event: "listening",
  message: "listening on\nhttp://x",
  fields: { url: "http://x" },
} as const;

test("a pipe gets a line of JSON per entry, with the facts", () => {
  const { shell, result } = captureShell([]);
  const journal = createJournal(shell, {});
  journal.tell(entry);
  const line: unknown = JSON.parse(result().out);
  expect(line).toMatchObject({ ...entry.fields, level: "info", event: "listening" });
  expect(JSON.stringify(line)).toMatch(/"time":"\d{4}-\d\d-\d\dT[0-9:.]{15}Z"/);
  expect(journal.human).toBe(false);
});

test("a terminal gets one coloured line per entry", () => {
  const { shell, result } = captureShell([], { terminal: 80 });
  const journal = createJournal(shell, {});
  journal.tell({ ...entry, level: "warn" });
  expect(result().out).toMatch(/\d\d:\d\d:\d\d.* listening on http:\/\/x\n$/);
  expect(result().out.split("\n")).toHaveLength(2);
  expect(journal.human).toBe(true);
});

test("a terminal gets JSON when it is asked for", () => {
  const { shell, result } = captureShell([], { terminal: 80 });
  createJournal(shell, { json: true }).tell(entry);
  expect(JSON.parse(result().out)).toMatchObject({ event: "listening" });
});

test.each([undefined, 80])("details are told only with --verbose (terminal: %s)", (terminal) => {
  const options = terminal === undefined ? {} : { terminal };
  const quiet = captureShell([], options);
  createJournal(quiet.shell, {}).tell({ ...entry, level: "debug" });
  expect(quiet.result().out).toBe("");
  const loud = captureShell([], options);
  createJournal(loud.shell, { verbose: true }).tell({ ...entry, level: "debug" });
  expect(loud.result().out).toContain("listening");
});

test("the HTTP server's errors come with their message and without their stack", () => {
  const { shell, result } = captureShell([]);
  const log = httpLogOf(createJournal(shell, {}));
  log.error({ err: new TypeError("odd") }, "request failed");
  log.info({ route: "/x" }, "answered");
  const lines = result().out.trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: "error", event: "http", message: "request failed: odd", error: "odd" },
    { level: "info", event: "http", message: "answered", route: "/x" },
  ]);
});
