/**
 * The surroundings of a command: arguments, environment, streams, interrupts. Commands see only
 * this, never `process`, so that tests can hand in their own.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Paint } from "./terminal/styling.ts";

/** Where text goes. */
export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Cells of a line now; undefined when it is no terminal. */
  columns(): number | undefined;
  readonly paint: Paint;
}

/** Environment variables as they were at start. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything around a command. */
export interface Shell {
  /** Without the interpreter and the script. */
  readonly args: readonly string[];
  readonly env: Environment;
  /** The directory it was started in, absolute. */
  readonly directory: string;
  readonly clock: Clock;
  /** For results. */
  readonly out: Sink;
  /** For everything else: notes, progress, errors. */
  readonly err: Sink;
  /** Standard input, from where it is read on; it can be read once. */
  openInput(): AsyncIterable<Uint8Array>;
  /**
   * Aborted by the first interrupt (Ctrl-C, SIGTERM); its reason is a `CancelledError`. The second
   * interrupt ends the process at once.
   */
  readonly signal: AbortSignal;
  /** Sets an environment variable for the code of tasks that runs in this process. */
  setVariable(name: string, value: string): void;
  /** What the process ends with, when nothing is thrown. */
  exitCode: number;
}

/** All of standard input, as text. */
export async function readInputText(shell: Shell): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of shell.openInput()) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}
