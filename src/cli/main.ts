#!/usr/bin/env node
/** The program `orrery`: joins the process to a shell, and the shell to the commands. */

import { systemClock } from "../kernel/clock.ts";
import { CancelledError } from "../kernel/errors.ts";
import { holdProcess } from "../store/embedded/watchdog.ts";
import { exitCodes } from "./exit-codes.ts";
import { runCommandLine } from "./run-command-line.ts";
import type { Shell, Sink } from "./shell.ts";
import { paintColours, paintNothing, wantsColour } from "./terminal/styling.ts";

async function main(): Promise<void> {
  stopQuietlyWhenNobodyReads();
  const shell: Shell = {
    args: process.argv.slice(2),
    env: process.env,
    directory: process.cwd(),
    clock: systemClock,
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    openInput: () => process.stdin,
    signal: interrupts(),
    setVariable: (name, value) => {
      process.env[name] = value;
    },
    exitCode: exitCodes.ok,
  };
  // Commands wait on timers, which do not keep a process alive.
  using _held = holdProcess();
  const exitCode = await runCommandLine(shell);
  // Whatever a task module left open must not keep the process; what was written must get out.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(exitCode);
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  const isTerminal = stream.isTTY;
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    // A terminal without a size, as under `script`, says 0.
    columns: () => (isTerminal && stream.columns > 0 ? stream.columns : undefined),
    paint: wantsColour(isTerminal, process.env) ? paintColours : paintNothing,
  };
}

/**
 * npm hands an interrupt on to its script, which had it from the terminal already: under npm, what
 * comes within so many milliseconds of the first is the same key press.
 */
const sameInterruptMs = process.env["npm_lifecycle_event"] === undefined ? 0 : 300;

/** The first interrupt asks commands to end well, the second ends the process at once. */
function interrupts(): AbortSignal {
  const controller = new AbortController();
  let firstMs = Infinity;
  const onSignal = (name: string): void => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - firstMs >= sameInterruptMs) process.exit(exitCodes.interrupted);
    if (controller.signal.aborted) return;
    firstMs = nowMs;
    controller.abort(new CancelledError("ORR_CANCELLED_SHUTDOWN", `stopped by ${name}`));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return controller.signal;
}

/** `orrery run list | head` closes the pipe before everything is written: that is no failure. */
function stopQuietlyWhenNobodyReads(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    throw error;
  });
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

void main();
