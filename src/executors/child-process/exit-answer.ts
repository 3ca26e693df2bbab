/** From the end of a program, and what it said, to the answer of the attempt. */

import { ExecutorError } from "../../kernel/errors.ts";
import { snoozed } from "../../model/outcome.ts";
import { type Answer, answerOfReturned } from "../attempt/answer.ts";
import { failureOf } from "../attempt/failure.ts";
import { keptText } from "../attempt/kept-text.ts";
import type { ProgramStatements } from "./program-output.ts";
import type { ProgramExit } from "./program.ts";
import type { ChildReport } from "./report.ts";

/** Letters of the last line of standard error that the message repeats. */
const lastWordLettersMax = 200;

/**
 * The answer of a program. A failure that it reported stands whatever its exit code is; other
 * outcomes, and its output, count only with exit code 0.
 */
export function answerOfExit(of: {
  readonly file: string;
  readonly exit: ProgramExit;
  readonly statements: ProgramStatements;
  /** What was thrown where nodes that it named were not added. */
  readonly refusal: { readonly thrown: unknown } | undefined;
}): Answer {
  const { outcome, output, problem } = of.statements;
  if (outcome?.outcome === "failed" || outcome?.outcome === "permfailed") {
    return answerOfReturned({ kind: outcome.outcome, error: errorOfReport(of.file, outcome) });
  }
  if (of.exit.exitCode !== 0) return { outcome: failureOf(errorOfExit(of)), deliberate: false };
  if (of.refusal !== undefined) {
    return { outcome: failureOf(of.refusal.thrown), deliberate: true };
  }
  if (problem !== undefined) return { outcome: failureOf(problem), deliberate: true };
  if (outcome?.delayMs !== undefined) return answerOfReturned(snoozed(outcome.delayMs));
  return answerOfReturned({ kind: outcome?.outcome ?? "eventful", output: output?.value ?? null });
}

/** `exit code 3` or `SIGKILL`. */
export function describedExit({ exitCode, signal }: ProgramExit): string {
  return exitCode === null ? `${signal}` : `exit code ${exitCode}`;
}

function errorOfReport(file: string, { outcome, message }: ChildReport): ExecutorError {
  const text = message ?? `${file} reported ${outcome}`;
  return new ExecutorError("ORR_EXEC_FAILED", text, { details: { file } });
}

function errorOfExit(of: Omit<Parameters<typeof answerOfExit>[0], "refusal">): ExecutorError {
  const { file, exit, statements } = of;
  const lastWord = statements.lastWords.at(-1);
  const said = lastWord === undefined ? "" : `: ${keptText(lastWord, lastWordLettersMax)}`;
  return new ExecutorError("ORR_EXEC_EXIT", `${file} ended with ${describedExit(exit)}${said}`, {
    details: {
      file,
      exitCode: exit.exitCode,
      signal: exit.signal,
      stderr: [...statements.lastWords],
    },
  });
}
