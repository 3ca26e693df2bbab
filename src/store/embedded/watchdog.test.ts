/** Tests that a watched program ends when it is asked to, however early that is. */

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { spawnWatched } from "./watchdog.ts";

/** Ends with a status of its own on an interrupt, as soon as it has come to listen for one. */
const program = `process.on("SIGINT", () => process.exit(7)); setInterval(() => undefined, 1e6);`;

test("a program that is asked to stop before it listens ends all the same", async () => {
  const directory = mkdtempSync(join(tmpdir(), "orrery-watchdog-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const log = join(directory, "log");
  const outputFd = openSync(log, "w");
  onTestFinished(() => closeSync(outputFd));
  const args = ["--eval", program];
  const watched = spawnWatched({ file: process.execPath, args, user: undefined, outputFd });
  // The pipe is closed before the shell has even started the program.
  watched.requestStop();
  const { exitCode, failure } = await watched.exited;
  // The runtime itself ends on an interrupt from shortly before it runs the program.
  expect([7, 130]).toContain(exitCode);
  expect(failure).toBe(undefined);
  expect(readFileSync(log, "utf8")).toBe("");
});
