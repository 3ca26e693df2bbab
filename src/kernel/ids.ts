/** Identifiers: positive integers given out by the database, each kind a type of its own. */

import type { Brand } from "./brand.ts";
import { InvalidInputError } from "./errors.ts";

/** Names a task type inside the database. */
export type TaskTypeId = Brand<number, "TaskTypeId">;
/** Names a task. */
export type TaskId = Brand<number, "TaskId">;
/** Names a trigger of a task. */
export type TriggerId = Brand<number, "TriggerId">;
/** Names a run. */
export type RunId = Brand<number, "RunId">;
/** Names one start of a worker process. */
export type WorkerId = Brand<number, "WorkerId">;
/** Names an API token (not the secret). */
export type TokenId = Brand<number, "TokenId">;
/** A number that grows with each claim and is required by each write-back. */
export type FencingToken = Brand<number, "FencingToken">;

/** Any of the identifier types. */
export type Id = TaskTypeId | TaskId | TriggerId | RunId | WorkerId | TokenId | FencingToken;

/**
 * Checks that `value` is a positive whole number and marks it as the kind of id that is wanted.
 * @throws InvalidInputError `ORR_INPUT_INVALID`, naming `field`
 */
export function toId<T extends Id>(value: unknown, field: string): T {
  const id = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 1) {
    throw new InvalidInputError("ORR_INPUT_INVALID", `${field} must be a positive whole number`, {
      details: { field, value: typeof value === "string" ? value : String(value) },
    });
  }
  return id as T;
}
