/** Errors in the words of the data: thrown by its tasks, and written down in its events. */

import { ExceptionGroup } from "../../src/graph/exception-group.ts";
import { TaskInterrupt } from "../../src/graph/task-interrupt.ts";
import { messageOf, OrreryError } from "../../src/kernel/errors.ts";

/** An error of a task: `Signal` is an interrupt, the others are unrelated to each other. */
export function namedError(type: string, message: string): Error {
  const error = type === "Signal" ? new TaskInterrupt(message) : new Error(message);
  error.name = type;
  return error;
}

/** What the data call our errors. */
const typesByCode: Readonly<Record<string, string>> = {
  ORR_INPUT_INVALID: "Misuse",
  ORR_STATE_RUNNER: "Misuse",
  ORR_INPUT_CYCLE: "CircularDependency",
  ORR_NOT_FOUND_NODE: "UnknownNode",
  ORR_EXEC_CLOSE_IGNORED: "CloseIgnored",
  ORR_TIMEOUT_TASK: "Timeout",
};

/** Types whose messages everybody words in their own way. */
const ownWords = new Set(["Misuse", "UnknownNode", "CloseIgnored"]);

/** An error as an event shows it. */
export function described(error: unknown): object {
  if (error instanceof ExceptionGroup) {
    return { type: "Group", message: error.message, errors: error.errors.map(described) };
  }
  const type = typeOf(error);
  return ownWords.has(type) ? { type } : { type, message: messageOf(error) };
}

function typeOf(error: unknown): string {
  const code = error instanceof OrreryError ? typesByCode[error.code] : undefined;
  return code ?? (error instanceof Error ? error.name : String(error));
}

/** A part of an event. */
export function shown(part: unknown): unknown {
  return part instanceof Error ? described(part) : (part ?? null);
}

/** A recorded part without the messages that everybody words in their own way. */
export function inOurWords(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inOurWords);
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).filter(
    ([key]) => key !== "message" || !("type" in part) || !ownWords.has(String(part.type)),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, inOurWords(value)]));
}
