/** Whatever was thrown, as the error that the history keeps: bounded, and never failing itself. */

import { isErrorCode } from "../../kernel/error-codes.ts";
import { isRecord, type JsonObject } from "../../kernel/json.ts";
import type { FailedOutcome, RunError } from "../../model/outcome.ts";
import { keptJson } from "./kept-json.ts";
import { keptText } from "./kept-text.ts";

/** Letters of a message. */
const messageLettersMax = 4_096;
/** Letters of a stack, with those of its causes. */
const stackLettersMax = 16_384;
/** Bytes of the details as JSON. */
const detailsBytesMax = 16_384;
/** Causes of causes that a stack tells of. */
const causeCountMax = 5;

/** `failed` with what was thrown, which may be anything. */
export function failureOf(thrown: unknown): FailedOutcome {
  return { kind: "failed", error: keptErrorOf(thrown) };
}

/**
 * The error to keep of anything: of an `Error`, of one from another realm or another copy of this
 * package, of an error already in its kept form, and of values that are no errors.
 */
export function keptErrorOf(thrown: unknown): RunError {
  try {
    return isRecord(thrown) ? errorOfObject(thrown) : errorOfMessage(shown(thrown));
  } catch {
    // A proxy, or a getter that throws: nothing of it can be read.
    return errorOfMessage("something was thrown that cannot be read");
  }
}

function errorOfObject(thrown: Readonly<Record<string, unknown>>): RunError {
  const { code } = thrown;
  return {
    code: isErrorCode(code) ? code : "ORR_EXEC_FAILED",
    message: keptText(messageOfObject(thrown), messageLettersMax),
    details: { ...factsOf(thrown), ...detailsOf(thrown["details"]) },
    stack: stackOf(thrown),
  };
}

function messageOfObject(thrown: Readonly<Record<string, unknown>>): string {
  const { message, errors } = thrown;
  if (typeof message !== "string") return shown(thrown);
  // Node's failed connections are an AggregateError without a message of its own.
  if (message !== "" || !Array.isArray(errors)) return message;
  return errors
    .slice(0, causeCountMax)
    .map((each: unknown) => (isRecord(each) ? messageOfObject(each) : shown(each)))
    .join("; ");
}

function errorOfMessage(message: string): RunError {
  return {
    code: "ORR_EXEC_FAILED",
    message: keptText(message, messageLettersMax),
    details: {},
    stack: null,
  };
}

/** What the system or a driver says beside its message, such as `ECONNREFUSED` or an SQLSTATE. */
function factsOf(thrown: Readonly<Record<string, unknown>>): JsonObject {
  const { code, name } = thrown;
  if (isErrorCode(code)) return {};
  return {
    ...(typeof name === "string" && name !== "Error" ? { name: keptText(name, 200) } : {}),
    ...(typeof code === "string" ? { code: keptText(code, 200) } : {}),
  };
}

function detailsOf(details: unknown): JsonObject {
  if (!isRecord(details)) return {};
  try {
    const members = Object.entries(details).map(
      ([key, value]) => [key, keptJson(value, { field: key, bytesMax: detailsBytesMax })] as const,
    );
    const kept: JsonObject = Object.fromEntries(members);
    keptJson(kept, { field: "details", bytesMax: detailsBytesMax });
    return kept;
  } catch (problem) {
    return { detailsLeftOut: problem instanceof Error ? keptText(problem.message, 200) : "" };
  }
}

function stackOf(thrown: Readonly<Record<string, unknown>>): string | null {
  const stacks: string[] = [];
  let link: unknown = thrown;
  while (isRecord(link) && stacks.length <= causeCountMax) {
    const { stack, message } = link;
    if (typeof stack !== "string" && typeof message !== "string") break;
    stacks.push(typeof stack === "string" ? stack : String(message));
    link = link["cause"];
  }
  if (typeof thrown["stack"] !== "string") return null;
  return keptText(stacks.join("\ncaused by: "), stackLettersMax);
}

function shown(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  if (!isRecord(thrown) && !Array.isArray(thrown)) return `${String(thrown)} was thrown, no Error`;
  const text = JSON.stringify(thrown) ?? Object.prototype.toString.call(thrown);
  return `${text} was thrown, no Error`;
}
