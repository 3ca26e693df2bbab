/** What the doctor finds: one line each, with what to do about it. */

import { messageOf } from "../../kernel/errors.ts";
import { hintOf } from "../failure.ts";
import type { Screen } from "../screen.ts";
import type { Sink } from "../shell.ts";
import type { Style } from "../terminal/styling.ts";
import { onOneLine } from "../terminal/text-width.ts";

/** What is looked at. */
export type Check =
  | "runtime"
  | "configuration"
  | "task modules"
  | "settings"
  | "port"
  | "server"
  | "binaries"
  | "data directory"
  | "database"
  | "migrations"
  | "clock";

/** One thing that was looked at. */
export interface Finding {
  readonly check: Check;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; null when there is nothing. */
  readonly advice: string | null;
}

/** Everything is as it should be. */
export function fine(check: Check, message: string): Finding {
  return { check, status: "ok", message, advice: null };
}

/** It works, but not as it should. */
export function doubtful(
  check: Check,
  { message, advice }: { readonly message: string; readonly advice: string },
): Finding {
  return { check, status: "warn", message, advice };
}

/** It cannot work. */
export function broken(
  check: Check,
  { message, advice }: { readonly message: string; readonly advice: string | null },
): Finding {
  return { check, status: "fail", message, advice };
}

/** An error as a finding, with the hint that goes with it. */
export function failedBy(check: Check, thrown: unknown): Finding {
  return broken(check, { message: messageOf(thrown), advice: hintOf(thrown) ?? null });
}

const styles: Readonly<Record<Finding["status"], Style>> = {
  ok: "good",
  warn: "warning",
  fail: "bad",
};

/** Cells of the longest name of a check. */
const checkWidth = 14;

/** Prints a finding on one line, its advice on a second. */
export function printFinding(screen: Screen, out: Sink, finding: Finding): void {
  const status = out.paint(styles[finding.status], finding.status.padEnd(4));
  screen.line(`${status}  ${finding.check.padEnd(checkWidth)}  ${onOneLine(finding.message)}`);
  if (finding.advice === null) return;
  screen.line(`${" ".repeat(checkWidth + 8)}${out.paint("dim", `→ ${onOneLine(finding.advice)}`)}`);
}
