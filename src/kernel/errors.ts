/**
 * Every error that leaves Orrery. Callers compare `code`, which is stable, never the class or the
 * message. `details` are plain data, fit for logs and for the wire.
 */

import { errorCodeEntries, type ErrorCode } from "./error-codes.ts";
import type { JsonObject } from "./json.ts";

/** What every error carries besides its message. */
export interface ErrorContext {
  /** Plain facts: the field and value at fault, the ids involved. */
  readonly details?: JsonObject;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** The base of all errors of this package. */
export class OrreryError extends Error {
  /** Stable; listed with its meaning in `docs/errors.md`. */
  readonly code: ErrorCode;
  /** Plain facts about what went wrong. */
  readonly details: JsonObject;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = context.details ?? {};
  }

  /** The HTTP status that tells a remote caller the same. */
  get httpStatus(): number {
    return errorCodeEntries[this.code].httpStatus;
  }
}

/** The caller broke the contract; `details.field` and `details.value` say where. */
export class InvalidInputError extends OrreryError {}

/** There is no such record. */
export class NotFoundError extends OrreryError {}

/** A duplicate, a stale write, or a full queue. */
export class ConflictError extends OrreryError {}

/** The record's state does not allow what was asked. */
export class StateError extends OrreryError {}

/** The fencing token is no longer current: drop the result, never retry. */
export class LeaseLostError extends OrreryError {}

/** A budget of time ran out. */
export class TimeoutError extends OrreryError {}

/** Somebody asked for it to stop; travels as `AbortSignal.reason`. */
export class CancelledError extends OrreryError {}

/** A handler or its transport failed; the retry policy decides what follows. */
export class ExecutorError extends OrreryError {}

/** A peer's bytes break the format. */
export class ProtocolError extends OrreryError {}

/** PostgreSQL refused or was not there. */
export class StoreError extends OrreryError {
  /** Whether the same statement may succeed when tried again. */
  readonly transient: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    context: ErrorContext & { readonly transient: boolean },
  ) {
    super(code, message, context);
    this.transient = context.transient;
  }
}

/** The configuration was refused at start; the operator acts. */
export class ConfigError extends OrreryError {}

/** The credentials do not allow it. */
export class AccessError extends OrreryError {}

/** A bug of ours: the loop stops and the evidence is kept. */
export class InvariantError extends OrreryError {}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
