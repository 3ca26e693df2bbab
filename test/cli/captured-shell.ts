/** The command line inside the test's process, its streams kept; as fast as a function call. */

import { systemClock } from "../../src/kernel/clock.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import type { Shell, Sink } from "../../src/cli/shell.ts";
import { paintColours, paintNothing } from "../../src/cli/terminal/styling.ts";
import { type CommandResult, projectDirectory } from "./spawned.ts";

/** What a command is given; by default a pipe in the fixtures' project and nothing else. */
export interface CaptureOptions {
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Cells of a line; makes both streams a terminal with colours. */
  readonly terminal?: number;
  readonly signal?: AbortSignal;
}

/** Runs a command line to its end. */
export async function captureCli(
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<CommandResult> {
  const { shell, result } = captureShell(args, options);
  const exitCode = await runCommandLine(shell);
  return { ...result(), exitCode };
}

/** A shell that keeps what is written to it. */
export function captureShell(
  args: readonly string[],
  options: CaptureOptions = {},
): {
  readonly shell: Shell;
  readonly result: () => { readonly out: string; readonly err: string };
} {
  const kept = { out: "", err: "" };
  const sink = (name: keyof typeof kept): Sink => ({
    write: (text) => {
      kept[name] += text;
    },
    isTerminal: options.terminal !== undefined,
    columns: () => options.terminal,
    paint: options.terminal === undefined ? paintNothing : paintColours,
  });
  const shell: Shell = {
    args,
    env: options.env ?? {},
    directory: options.directory ?? projectDirectory,
    clock: systemClock,
    out: sink("out"),
    err: sink("err"),
    readInput: () => Promise.resolve(options.input ?? ""),
    signal: options.signal ?? new AbortController().signal,
    setVariable: () => undefined,
    exitCode: 0,
  };
  return { shell, result: () => ({ ...kept }) };
}
