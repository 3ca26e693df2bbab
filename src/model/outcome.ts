/** How an attempt ended: a value, never an exception. */

import type { ErrorCode } from "../kernel/error-codes.ts";
import { OrreryError, messageOf } from "../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";

/** The words for the end of an attempt. */
export const outcomeKinds = [
  "eventful",
  "uneventful",
  "failed",
  "permfailed",
  "lost",
  "snoozed",
  "cancelled",
] as const;

/** One of the words. */
export type OutcomeKind = (typeof outcomeKinds)[number];

/** Whether an attempt that ended so has done its work; one that has not ended has not. */
export function isSuccess(kind: OutcomeKind | null): boolean {
  return kind === "eventful" || kind === "uneventful";
}

/** An error as it is kept in the history. */
export interface RunError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: JsonObject;
  /** The stack of what was thrown, if anything was. */
  readonly stack: string | null;
}

/** It found something: come back sooner. `output` is kept with the run. */
export interface EventfulOutcome {
  readonly kind: "eventful";
  readonly output: JsonValue;
}

/** It found nothing new: come back later. */
export interface UneventfulOutcome {
  readonly kind: "uneventful";
  readonly output: JsonValue;
}

/** It failed; the retry policy decides what follows. */
export interface FailedOutcome {
  readonly kind: "failed";
  readonly error: RunError;
}

/** It failed for good: no retry, and the task is disabled. */
export interface PermfailedOutcome {
  readonly kind: "permfailed";
  readonly error: RunError;
}

/** The lease ran out before a result came. */
export interface LostOutcome {
  readonly kind: "lost";
  readonly error: RunError;
}

/** Not now: the same run again after `delayMs`, without counting as a try. */
export interface SnoozedOutcome {
  readonly kind: "snoozed";
  readonly delayMs: number;
}

/** It was stopped on request. */
export interface CancelledOutcome {
  readonly kind: "cancelled";
  readonly reason: string;
}

/** The end of an attempt. */
export type Outcome =
  | EventfulOutcome
  | UneventfulOutcome
  | FailedOutcome
  | PermfailedOutcome
  | LostOutcome
  | SnoozedOutcome
  | CancelledOutcome;

/** Says that the run found something; recurring tasks come back sooner. */
export function eventful(output: JsonValue = null): EventfulOutcome {
  return { kind: "eventful", output };
}

/** Says that the run found nothing new; recurring tasks come back later. */
export function uneventful(output: JsonValue = null): UneventfulOutcome {
  return { kind: "uneventful", output };
}

/** Says that the run failed and may be tried again. */
export function failed(thrown: unknown): FailedOutcome {
  return { kind: "failed", error: runErrorOf(thrown) };
}

/** Says that the run failed and that trying again is of no use; disables the task. */
export function permfailed(thrown: unknown): PermfailedOutcome {
  return { kind: "permfailed", error: runErrorOf(thrown) };
}

/** Asks for the same run again after `delayMs`, without using up a retry. */
export function snoozed(delayMs: number): SnoozedOutcome {
  return { kind: "snoozed", delayMs };
}

/** Says that the run stopped because it was asked to. */
export function cancelled(reason: string): CancelledOutcome {
  return { kind: "cancelled", reason };
}

/** Says that the lease ran out. */
export function lost(message: string): LostOutcome {
  return {
    kind: "lost",
    error: { code: "ORR_EXEC_LOST", message, details: {}, stack: null },
  };
}

/** An error in the form in which the history keeps it. */
export function runErrorOf(thrown: unknown): RunError {
  return {
    code: thrown instanceof OrreryError ? thrown.code : "ORR_EXEC_FAILED",
    message: messageOf(thrown),
    details: thrown instanceof OrreryError ? thrown.details : {},
    stack: thrown instanceof Error ? (thrown.stack ?? null) : null,
  };
}

/** Whether `value` is one of the outcome values, rather than a handler's plain result. */
export function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  switch (value.kind) {
    case "eventful":
    case "uneventful":
      return "output" in value;
    case "failed":
    case "permfailed":
    case "lost":
      return "error" in value;
    case "snoozed":
      return "delayMs" in value && typeof value.delayMs === "number";
    case "cancelled":
      return "reason" in value && typeof value.reason === "string";
    default:
      return false;
  }
}
