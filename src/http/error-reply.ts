/** Whatever was thrown, as status and body; bad input never becomes a 5xx, bugs tell no secrets. */

import { encodeError } from "../api/error-record.ts";
import type { SurfaceResponse } from "../api/surface.ts";
import type { ErrorRecord } from "../api/wire.ts";
import { InvalidInputError, InvariantError, OrreryError } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";

/** An answer that tells of an error. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorRecord;
}

/** The answer to a request that ended with `thrown`. */
export function errorReplyOf(thrown: unknown): ErrorReply {
  const error = publicErrorOf(thrown);
  return { status: error.httpStatus, headers: headersOf(error), body: encodeError(error) };
}

/** The same for surfaces. */
export function errorResponseOf(thrown: unknown): SurfaceResponse {
  const { status, headers, body } = errorReplyOf(thrown);
  const type = { "content-type": "application/json; charset=utf-8" };
  return { status, headers: { ...headers, ...type }, body: JSON.stringify(body) };
}

/** The same for surfaces with a form of their own: errors of the framework become ours. */
export function refusalOf(thrown: unknown): unknown {
  if (thrown instanceof OrreryError || !isRecord(thrown)) return thrown;
  return frameworkErrorOf(thrown) ?? thrown;
}

/** Whether the server is at fault, so that the log must have it. */
export function isServerFault(thrown: unknown): boolean {
  return publicErrorOf(thrown).httpStatus >= 500;
}

function headersOf(error: OrreryError): Readonly<Record<string, string>> {
  const allow = error.details["allow"];
  if (error.code === "ORR_ACCESS_UNAUTHENTICATED") return { "www-authenticate": "Bearer" };
  if (error.code === "ORR_NOT_ALLOWED_METHOD" && typeof allow === "string") return { allow };
  return error.httpStatus === 503 ? { "retry-after": "1" } : {};
}

/** The error that the caller may see. */
function publicErrorOf(thrown: unknown): OrreryError {
  if (thrown instanceof InvariantError) return unexpected();
  if (thrown instanceof OrreryError) return thrown;
  return isRecord(thrown) ? (frameworkErrorOf(thrown) ?? unexpected()) : unexpected();
}

/** Details of a bug stand in the server's log, not in the answer. */
function unexpected(): InvariantError {
  return new InvariantError("ORR_BUG_INVARIANT", "an unexpected error; the server's log has it");
}

/** How the HTTP framework calls it. */
const bodyTooLargeCode = "FST_ERR_CTP_BODY_TOO_LARGE";

/** Whether the HTTP framework has refused a body because of its size. */
export function isBodyTooLarge(thrown: unknown): boolean {
  return isRecord(thrown) && thrown["code"] === bodyTooLargeCode;
}

/** The error for it; `bytesMax` is the limit, where it is known. */
export function bodyTooLarge(bytesMax: number | undefined): InvalidInputError {
  const bound = bytesMax === undefined ? "is larger than allowed" : `has over ${bytesMax} bytes`;
  return new InvalidInputError("ORR_INPUT_TOO_LARGE", `the body ${bound}`, {
    details: { field: "body", ...(bytesMax === undefined ? {} : { bytesMax }) },
  });
}

/** Errors by which the HTTP framework refuses requests, in our words. */
function frameworkErrorOf(thrown: Readonly<Record<string, unknown>>): OrreryError | undefined {
  switch (thrown["code"]) {
    case bodyTooLargeCode:
      return bodyTooLarge(undefined);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return mediaTypeError(undefined);
    case "FST_ERR_BAD_URL":
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new InvalidInputError("ORR_INPUT_INVALID", "the address cannot be decoded", {
        details: { field: "path" },
      });
    default:
      return isClientFault(thrown["statusCode"])
        ? new InvalidInputError("ORR_INPUT_INVALID", "the request breaks the rules of HTTP", {
            details: { field: "request", reason: String(thrown["code"]) },
          })
        : undefined;
  }
}

function isClientFault(status: unknown): boolean {
  return typeof status === "number" && status >= 400 && status < 500;
}

/** The error for a body of another type than JSON. */
export function mediaTypeError(came: string | undefined): InvalidInputError {
  const value = came ?? "";
  const message = "send JSON, with the header content-type: application/json";
  return new InvalidInputError("ORR_INPUT_MEDIA_TYPE", message, {
    details: { field: "content-type", value: value.slice(0, 200) },
  });
}
