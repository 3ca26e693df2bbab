/**
 * From what a run's code answered to the outcome of the attempt. An answer that comes after the
 * attempt was asked to stop counts only when the work is done; otherwise the reason decides.
 */

import { assertNever } from "../../kernel/assert.ts";
import { reasonOf } from "../../kernel/clock.ts";
import { CancelledError, ExecutorError, TimeoutError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/json.ts";
import { cancelled, isOutcome, lost, snoozed, type Outcome } from "../../model/outcome.ts";
import { failureOf, keptErrorOf } from "./failure.ts";
import { keptJson, outputBytesMax } from "./kept-json.ts";
import { keptText } from "./kept-text.ts";

/** How the code ended by itself. */
export interface Answer {
  readonly outcome: Outcome;
  /** Whether the code named the outcome, rather than having failed with an error. */
  readonly deliberate: boolean;
  /** What was thrown, if anything was. */
  readonly thrown?: unknown;
}

/** Letters of a cancelled run's reason. */
const reasonLettersMax = 1_000;
/** No snooze is longer, in milliseconds: ten years. */
const snoozeMsMax = 10 * 365 * 86_400_000;

/** The answer in a value that came back: an outcome, or a plain value, which is eventful. */
export function answerOfReturned(value: unknown): Answer {
  try {
    const outcome: Outcome = isOutcome(value) ? value : eventfulOf(value);
    return { outcome: keptOutcome(outcome), deliberate: true };
  } catch (problem) {
    return { outcome: failureOf(problem), deliberate: true };
  }
}

/** The answer in what was thrown: an outcome thrown from deep inside counts like a returned one. */
export function answerOfThrown(thrown: unknown): Answer {
  try {
    if (isOutcome(thrown)) return answerOfReturned(thrown);
  } catch {
    // A getter or a proxy that throws makes it no outcome.
  }
  return { outcome: failureOf(thrown), deliberate: false, thrown };
}

/** The outcome of code that did not answer once it was asked to stop. */
export function interruptedOutcome(signal: AbortSignal): Outcome {
  const reason = reasonOf(signal);
  if (reason instanceof TimeoutError) return failureOf(reason);
  const code = reason instanceof CancelledError ? reason.code : undefined;
  // Not a failure of the run: it goes back to the queue and is due at once.
  if (code === "ORR_CANCELLED_SHUTDOWN") return snoozed(0);
  if (code === "ORR_CANCELLED_LEASE") return lost(keptText(reason.message, reasonLettersMax));
  return cancelled(keptText(reason.message, reasonLettersMax));
}

/**
 * The outcome of an attempt that was asked to stop, when its code answered in time. Work that is
 * done stays done. Any outcome named during a shutdown counts too: that the worker stops says
 * nothing about the run. All else follows the reason.
 */
export function outcomeAfterAbort(answer: Answer, signal: AbortSignal): Outcome {
  const { kind } = answer.outcome;
  if (kind === "eventful" || kind === "uneventful") return answer.outcome;
  const interrupted = interruptedOutcome(signal);
  return answer.deliberate && interrupted.kind === "snoozed" ? answer.outcome : interrupted;
}

function eventfulOf(output: unknown): Outcome {
  return { kind: "eventful", output: keptOutput(output) };
}

function keptOutput(output: unknown): ReturnType<typeof keptJson> {
  return keptJson(output, { field: "output", bytesMax: outputBytesMax });
}

/** Outcomes come from users' code: only the kind and the presence of its field are known. */
function keptOutcome(outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case "eventful":
    case "uneventful":
      return { kind: outcome.kind, output: keptOutput(outcome.output) };
    case "failed":
    case "permfailed":
    case "lost":
      return { kind: outcome.kind, error: keptReportedError(outcome.error) };
    case "snoozed":
      return { kind: "snoozed", delayMs: checkedDelayMs(outcome.delayMs) };
    case "cancelled":
      return { kind: "cancelled", reason: keptText(outcome.reason, reasonLettersMax) };
    default:
      return assertNever(outcome);
  }
}

/** An error that is already in its kept form has no stack of its own to lose. */
function keptReportedError(error: unknown): ReturnType<typeof keptErrorOf> {
  return keptErrorOf(isRecord(error) || typeof error === "string" ? error : String(error));
}

function checkedDelayMs(delayMs: number): number {
  if (delayMs >= 0 && delayMs <= snoozeMsMax) return delayMs;
  throw new ExecutorError(
    "ORR_EXEC_FAILED",
    `delayMs of a snoozed outcome must be a number from 0 to ${snoozeMsMax}, not ${delayMs}`,
    { details: { field: "delayMs", value: String(delayMs) } },
  );
}
