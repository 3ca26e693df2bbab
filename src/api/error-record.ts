/**
 * Errors across the wire, both ways: what the server writes is rebuilt by the client as an error
 * of the same class with the same code, message and details.
 */

import { type ErrorCode, isErrorCode } from "../kernel/error-codes.ts";
import {
  AccessError,
  CancelledError,
  ConfigError,
  ConflictError,
  type ErrorContext,
  ExecutorError,
  InvalidInputError,
  InvariantError,
  LeaseLostError,
  NotFoundError,
  OrreryError,
  ProtocolError,
  StateError,
  StoreError,
  TimeoutError,
} from "../kernel/errors.ts";
import { isRecord, type JsonObject } from "../kernel/json.ts";
import type { ErrorRecord } from "./wire.ts";

/** An error in the form in which every route answers it. */
export function encodeError(error: OrreryError): ErrorRecord {
  return { error: { code: error.code, message: error.message, details: error.details } };
}

/** The error in an answer's body; undefined when the body has another form or an unknown code. */
export function decodeError(body: unknown): OrreryError | undefined {
  const record = isRecord(body) ? body["error"] : undefined;
  if (!isRecord(record)) return undefined;
  const { code, message, details } = record;
  if (!isErrorCode(code) || typeof message !== "string") return undefined;
  return errorOf(code, message, { details: isJsonObject(details) ? details : {} });
}

/** What came out of a JSON parser and is an object is a JSON object. */
function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value);
}

type ErrorConstructor = new (
  code: ErrorCode,
  message: string,
  context?: ErrorContext,
) => OrreryError;

/** Which class carries the codes with a prefix, as `docs/errors.md` lists them. */
const classes: readonly (readonly [prefix: string, constructor: ErrorConstructor])[] = [
  ["ORR_INPUT_", InvalidInputError],
  ["ORR_NOT_ALLOWED_", InvalidInputError],
  ["ORR_NOT_FOUND_", NotFoundError],
  ["ORR_CONFLICT_", ConflictError],
  ["ORR_STATE_", StateError],
  ["ORR_LEASE_", LeaseLostError],
  ["ORR_TIMEOUT_", TimeoutError],
  ["ORR_CANCELLED_", CancelledError],
  ["ORR_EXEC_", ExecutorError],
  ["ORR_PROTO_", ProtocolError],
  ["ORR_CONFIG_", ConfigError],
  ["ORR_ACCESS_", AccessError],
  ["ORR_BUG_", InvariantError],
];

/** An error of the class that carries `code`. */
export function errorOf(
  code: ErrorCode,
  message: string,
  context: { readonly details: JsonObject; readonly cause?: unknown },
): OrreryError {
  if (code.startsWith("ORR_STORE_")) {
    // A refused statement is refused again; a database that was away may be back.
    return new StoreError(code, message, { ...context, transient: code === unavailable });
  }
  const found = classes.find(([prefix]) => code.startsWith(prefix));
  return new (found?.[1] ?? OrreryError)(code, message, context);
}

const unavailable: ErrorCode = "ORR_STORE_UNAVAILABLE";
