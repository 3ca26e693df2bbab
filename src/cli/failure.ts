/** Errors as people and programs read them: what is wrong, then what to do about it. */

import { CommanderError } from "commander";
import type { ErrorCode } from "../kernel/error-codes.ts";
import { CancelledError, messageOf, OrreryError } from "../kernel/errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";
import { withoutControls } from "./terminal/text-width.ts";

/** How an error is shown. */
export interface FailureOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly exitCodeOf: (thrown: unknown) => number;
}

/**
 * Tells standard error what ended a command, and answers the exit code. Never a stack trace
 * unless asked for: the message must be enough.
 */
export function reportFailure(shell: Shell, thrown: unknown, options: FailureOptions): number {
  // The parser has said what is wrong; help and version are no errors at all.
  if (thrown instanceof CommanderError)
    return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (shell.signal.aborted && isInterrupt(thrown)) {
    if (!options.json) shell.err.write("interrupted\n");
    return exitCodes.interrupted;
  }
  if (options.json) shell.err.write(`${JSON.stringify({ error: errorRecord(thrown) })}\n`);
  else shell.err.write(failureText(shell, thrown, options.verbose));
  return options.exitCodeOf(thrown);
}

function failureText(shell: Shell, thrown: unknown, verbose: boolean): string {
  const { paint } = shell.err;
  let text = `${paint("bad", "error:")} ${withoutControls(messageOf(thrown))}\n`;
  const hint = hintOf(thrown);
  if (hint !== undefined) text += `${paint("dim", "hint:")}  ${withoutControls(hint)}\n`;
  if (verbose) {
    if (thrown instanceof OrreryError) {
      text += `code:  ${thrown.code} ${withoutControls(JSON.stringify(thrown.details))}\n`;
    }
    if (thrown instanceof Error) text += `${withoutControls(stackOf(thrown))}\n`;
  } else if (!(thrown instanceof OrreryError)) {
    text += `${paint("dim", "hint:")}  run it again with --verbose to see where this comes from\n`;
  }
  return text;
}

function errorRecord(thrown: unknown): object {
  return thrown instanceof OrreryError
    ? { code: thrown.code, message: thrown.message, details: thrown.details }
    : { code: null, message: messageOf(thrown), details: {} };
}

function stackOf(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}

/** Whether it is what an interrupt makes waiting things throw. */
function isInterrupt(thrown: unknown): boolean {
  return (
    (thrown instanceof CancelledError && thrown.code === "ORR_CANCELLED_SHUTDOWN") ||
    (thrown instanceof Error && thrown.name === "AbortError")
  );
}

/** What to do about an error: its own hint, else what helps with its code. */
export function hintOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof OrreryError)) return undefined;
  const own = thrown.details["hint"];
  return typeof own === "string" ? own : hints[thrown.code];
}

const hints: Partial<Record<ErrorCode, string>> = {
  ORR_NOT_FOUND_TASK_TYPE: "`orrery type list` shows the names that are known",
  ORR_NOT_FOUND_TASK: "`orrery task list` shows the tasks there are",
  ORR_NOT_FOUND_TRIGGER: "`orrery trigger list <task>` shows those of a task",
  ORR_NOT_FOUND_RUN: "`orrery run list` shows the runs there are",
  ORR_NOT_FOUND_TOKEN: "`orrery token list` shows the tokens there are",
  ORR_NOT_FOUND_ROUTE: "is --server the address of an Orrery server of this version?",
  ORR_INPUT_ARGUMENTS: "`orrery type show <name>` shows the input that the type takes",
  ORR_INPUT_TRIGGER: "see `orrery task add --help` for the ways to say when",
  ORR_INPUT_ZONE: "use an IANA name, such as Europe/Zurich",
  ORR_CONFLICT_QUEUE_FULL: "wait for runs to end, or raise the type's `unfinishedMax`",
  ORR_STORE_UNAVAILABLE: "`orrery doctor` tells what is missing",
  ORR_STORE_VERSION: "use the release of Orrery that last migrated this database, or a newer one",
  ORR_CONFIG_FILE: "`orrery init` in an empty folder writes a file that works",
  ORR_CONFIG_PORT: "choose another one with --port or ORRERY_PORT",
  ORR_CONFIG_LISTEN: "make a token with `orrery token create <name> --role admin`, then try again",
  ORR_CONFIG_PLATFORM: "install PostgreSQL 14 or newer and set DATABASE_URL",
  ORR_CONFIG_LOCKED: "talk to the server that runs there (--server), or choose another --data",
  ORR_ACCESS_UNAUTHENTICATED: "pass --token or set ORRERY_TOKEN",
  ORR_ACCESS_FORBIDDEN: "use a token with a higher role: viewer, operator, admin",
};
