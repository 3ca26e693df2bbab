/** The form of the rows about malformed requests, and the words in which they are written. */

import { expect } from "vitest";
import { z } from "zod";
import type { OperationId } from "../../src/api/routes.ts";
import type { ErrorCode } from "../../src/kernel/error-codes.ts";
import { defineTask } from "../../src/model/define-task.ts";
import type { TaskDefinition } from "../../src/model/handler.ts";

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

/** Names of the task types that rows are about. */
export const typeNames = { plain: "plain", mail: "mail", full: "full" } as const;

const run = (): undefined => undefined;
const input = z.object({ to: z.email(), copies: z.int().optional() });

/** Those task types, which must be registered. */
export const taskTypes: readonly TaskDefinition[] = [
  defineTask({ name: typeNames.plain, run }),
  defineTask({ name: typeNames.mail, run, input }),
  defineTask({ name: typeNames.full, run, limits: { unfinishedMax: 0 } }),
];

/** Holds what came back against the row. */
export function expectRefusal(refusal: unknown, { code, field, message }: Fault): void {
  expect(refusal).toMatchObject({ code });
  expect(refusal).toHaveProperty("message", expect.stringContaining(message));
  // A full queue names a type and no field.
  if (field !== "" || code === "ORR_INPUT_INVALID") {
    expect(refusal).toHaveProperty(["details", "field"], field);
  }
}

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
