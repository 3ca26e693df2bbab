/** Why nodes are asked to stop: the errors that travel as the reason of their signals. */

import { CancelledError, messageOf, TimeoutError } from "../kernel/errors.ts";

/** The time of one node is over. */
export function nodeTimeout(node: string, timeoutMs: number): TimeoutError {
  const message = `node ${node} took longer than ${timeoutMs} ms`;
  return new TimeoutError("ORR_TIMEOUT_NODE", message, { details: { node, timeoutMs } });
}

/** The time of the run is over. */
export function graphTimeout(timeoutMs: number): TimeoutError {
  const message = `the graph took longer than ${timeoutMs} ms`;
  return new TimeoutError("ORR_TIMEOUT_GRAPH", message, { details: { timeoutMs } });
}

/** Another node failed. */
export function failureElsewhere(node: string, error: unknown): CancelledError {
  const message = `node ${node} failed: ${messageOf(error)}`;
  return new CancelledError("ORR_CANCELLED_GRAPH", message, { cause: error, details: { node } });
}

/** The run is cancelled by whatever was thrown: itself where it is an error. */
export function cancelReason(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new CancelledError("ORR_CANCELLED_GRAPH", messageOf(thrown), { cause: thrown });
}
