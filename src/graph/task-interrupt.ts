/**
 * Interrupts: what is thrown into a stepped task to end it, as opposed to errors that tell of a
 * failure. A group never counts an interrupt as a failure of a node: it closes all nodes and lets
 * the interrupt pass.
 */

import type { ErrorCode } from "../kernel/error-codes.ts";
import { type ErrorContext, OrreryError } from "../kernel/errors.ts";

/** The base of all interrupts; extend it for signals of your own. */
export class TaskInterrupt extends OrreryError {
  constructor(message: string, context: ErrorContext & { readonly code?: ErrorCode } = {}) {
    super(context.code ?? "ORR_CANCELLED_TASK", message, context);
  }
}

/**
 * Throws the error again when it is an interrupt. A task that catches everything calls it first:
 * JavaScript has no `catch` for failures only.
 * @example
 * ```ts
 * try {
 *   yield* child();
 * } catch (error) {
 *   rethrowInterrupt(error);
 *   note(error);
 * }
 * ```
 */
export function rethrowInterrupt(error: unknown): void {
  if (error instanceof TaskInterrupt) throw error;
}
