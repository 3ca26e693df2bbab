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
  /** Told of all that was written so far, after each addition. */
  readonly onWrite?: (kept: Kept) => void;
}

/** What was written to the two streams. */
export interface Kept {
  readonly out: string;
  readonly err: string;
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

/** A command line under way, of which one can wait for what it writes before it ends. */
export interface FollowedCli {
  readonly ended: Promise<CommandResult>;
  /** Resolves when it has written what is wanted; rejects when it ends without. */
  readonly writes: (wanted: (kept: Kept) => boolean) => Promise<void>;
}

/** Runs a command line without waiting for its end. */
export function followCli(args: readonly string[], options: CaptureOptions = {}): FollowedCli {
  let kept: Kept = { out: "", err: "" };
  let look = (): void => undefined;
  const ended = captureCli(args, {
    ...options,
    onWrite: (now) => {
      kept = now;
      look();
    },
  });
  const writes = (wanted: (kept: Kept) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      look = () => {
        if (wanted(kept)) resolve();
      };
      look();
      void ended.then(({ exitCode, out, err }) => {
        reject(new Error(`it ended with ${exitCode} before that:\n${out}\n${err}`));
      }, reject);
    });
  return { ended, writes };
}

/** A shell that keeps what is written to it. */
export function captureShell(
  args: readonly string[],
  options: CaptureOptions = {},
): {
  readonly shell: Shell;
  readonly result: () => Kept;
} {
  const kept = { out: "", err: "" };
  const sink = (name: keyof typeof kept): Sink => ({
    write: (text) => {
      kept[name] += text;
      options.onWrite?.({ ...kept });
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
    openInput: async function* () {
      yield await Promise.resolve(new TextEncoder().encode(options.input ?? ""));
    },
    signal: options.signal ?? new AbortController().signal,
    setVariable: () => undefined,
    exitCode: 0,
  };
  return { shell, result: () => ({ ...kept }) };
}
