/** The form of the rows about malformed requests, and the words in which they are written. */

import type { OperationId } from "../../src/api/routes.ts";
import type { ErrorCode } from "../../src/kernel/error-codes.ts";

/** One malformed request. */
export interface BadRequest {
  /** Unique in the table. */
  readonly title: string;
  readonly operation: OperationId;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly code: ErrorCode;
  /** `details.field`. */
  readonly field: string;
  /** A part of the message. */
  readonly message: string;
}

/** Task types that must be registered; `mail` takes `{ to: email, copies?: int }`. */
export const typeNames = { plain: "plain", mail: "mail", full: "full" } as const;

/** What comes back. */
export type Fault = Pick<BadRequest, "code" | "field" | "message">;

/** A refusal with this code. */
export function fault(code: ErrorCode, field: string, message: string): Fault {
  return { code, field, message };
}

/** A field that is not what was expected. */
export function invalid(field: string, message: string): Fault {
  return fault("ORR_INPUT_INVALID", field, message);
}

/** A field that is longer than allowed. */
export function tooLarge(field: string, message: string): Fault {
  return fault("ORR_INPUT_TOO_LARGE", field, message);
}
