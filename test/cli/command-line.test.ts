/** The command line where no server is needed: wrong usage, help, errors and their exit codes. */

import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { captureCli, captureShell } from "./captured-shell.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { Command } from "commander";
import { runCli } from "./spawned.ts";

test.each([
  [["bogus"], /unknown command 'bogus'/],
  [["tsak"], /Did you mean task\?/],
  [["task", "add"], /missing required argument 'type'/],
  [["task", "show", "0"], /must be a positive whole number/],
  [["task", "list", "--state", "nope"], /Allowed choices are active, paused/],
  [["task", "add", "t", "--priority", "urgent"], /Allowed choices are high, normal, low/],
  [["run", "list", "--limit", "x"], /must be a positive whole number/],
  [["status", "--serve", "x"], /Did you mean --server\?/],
  [["task", "add", "t", "--input", "{"], /--input is not valid JSON/],
  [["task", "add", "t", "--every", "5"], /--every must be a duration/],
  [["status", "--server", "ftp://x"], /--server must be an address/],
])("%j is wrong usage: exit 2, nothing on standard output", async (args, message) => {
  const { exitCode, out, err } = await captureCli(args, {
    env: { ORRERY_SERVER: "http://127.0.0.1:1" },
  });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  expect(err).toMatch(message);
  expect(err).not.toMatch(/^ +at /m);
});

test.each([[["--help"]], [["task", "add", "--help"]], [["swh", "--help"]], [["--version"]]])(
  "%j answers on standard output and exits 0",
  async (args) => {
    const { exitCode, out, err } = await captureCli(args);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).not.toBe("");
  },
);

test("every command describes itself, its options and its arguments", async () => {
  const walk = (command: Command): readonly Command[] => [
    command,
    ...command.commands.flatMap((each) => walk(each)),
  ];
  const commands = walk(await createProgram(captureShell(["swh"]).shell));
  expect(commands.length).toBeGreaterThan(80);
  for (const command of commands) {
    const described = [command.description()];
    for (const part of [...command.options, ...command.registeredArguments]) {
      described.push(part.description);
    }
    expect({ name: command.name(), described }).toEqual({
      name: command.name(),
      described: described.filter((text) => text !== ""),
    });
  }
});

test("errors are JSON on standard error where JSON is asked for", async () => {
  const { exitCode, out, err } = await captureCli([
    "status",
    "--json",
    "--server",
    "http://127.0.0.1:1",
  ]);
  expect({ exitCode, out }).toEqual({ exitCode: 4, out: "" });
  expect(JSON.parse(err)).toMatchObject({ error: { code: "ORR_STORE_UNAVAILABLE" } });
});

test("a stack trace is shown only when it is asked for", async () => {
  const args = ["status", "--server", "http://127.0.0.1:1"];
  expect((await captureCli(args)).err).not.toMatch(/^ +at /m);
  expect((await captureCli([...args, "--verbose"])).err).toMatch(/^ +at /m);
});

test("where nobody answers and no data is, the way out is named", async () => {
  const { exitCode, err } = await captureCli(["task", "list"], {
    directory: tmpdir(),
    env: { ORRERY_PORT: "1", ORRERY_DATA: "not-there" },
  });
  expect(exitCode).toBe(4);
  expect(err).toContain("hint:  start one with `orrery serve`");
});

test("a configuration that is wrong exits 7 and names the field", async () => {
  const { exitCode, err } = await captureCli(["serve", "--port", "eighty"]);
  expect(exitCode).toBe(7);
  expect(err).toContain('--port must be a whole number from 0 to 65535, not "eighty"');
});

test("the program itself ends with the exit code and prints its version", async () => {
  const { exitCode, out, err } = await runCli({ args: ["--version"] });
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await runCli({ args: ["task", "show", "x"] })).toMatchObject({ exitCode: 2, out: "" });
});
