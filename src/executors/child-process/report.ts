/**
 * What a program says to Orrery: lines of its standard output that are a JSON object whose only
 * member is `orrery`. All other lines are log lines.
 *
 *   {"orrery": {"progress": 0.4, "message": "4 of 10"}}       null: the end is not known
 *   {"orrery": {"output": {"rows": 17}}}                      any JSON; the last one counts
 *   {"orrery": {"outcome": "uneventful"}}                     the last one counts
 *   {"orrery": {"outcome": "snoozed", "delayMs": 60000}}
 *   {"orrery": {"outcome": "permfailed", "message": "no such repository"}}
 *   {"orrery": {"addNodes": [{"name": "a", "type": "part"}], "before": ["join"]}}
 *
 * Members may stand together in one line.
 */

import { InvalidInputError, messageOf } from "../../kernel/errors.ts";
import {
  type Fields,
  ifPresent,
  invalidField,
  readFields,
  readNumber,
  readOneOf,
} from "../../kernel/fields.ts";
import type { NodeAddition } from "../../model/graph.ts";

/** The outcomes that a program may name; the others are not its own to tell. */
export const reportedOutcomeKinds = [
  "eventful",
  "uneventful",
  "failed",
  "permfailed",
  "snoozed",
] as const;

/** One of them. */
export type ReportedOutcomeKind = (typeof reportedOutcomeKinds)[number];

/** One line that was understood; what it does not name is undefined. */
export interface ChildReport {
  /** 0 to 1, or null when the end is not known. */
  readonly fraction: number | null | undefined;
  readonly message: string | undefined;
  /** In a box, because an output may be null. */
  readonly output: { readonly value: unknown } | undefined;
  readonly outcome: ReportedOutcomeKind | undefined;
  /** Milliseconds of a snooze. */
  readonly delayMs: number | undefined;
  /** Nodes for the graph of the run. */
  readonly addition: NodeAddition | undefined;
}

const additionOptions = ["before", "onFailure"] as const;
const statements = ["progress", "message", "output", "outcome", "delayMs", "addNodes"] as const;
const members: readonly string[] = [...statements, ...additionOptions];

/** No snooze is longer, in milliseconds: ten years. */
const delayMsMax = 10 * 365 * 86_400_000;

/** Bytes in which the beginning of a report is looked for. */
const headBytesMax = 64;

/** Whether a line that begins with these bytes is meant as a report. */
export function looksLikeReport(line: Buffer): boolean {
  return /^\s*\{\s*"orrery"\s*:/.test(line.toString("latin1", 0, headBytesMax));
}

/**
 * Reads a line that looks like a report.
 * @throws InvalidInputError `ORR_INPUT_JSON` or `ORR_INPUT_INVALID`, naming the field at fault
 */
export function readReport(text: string): ChildReport {
  const line = readFields(parsed(text), "", ["orrery"]);
  const fields = readFields(line["orrery"], "orrery", members);
  const { output } = fields;
  return {
    fraction: ifPresent(fields["progress"], readFraction),
    message: ifPresent(fields["message"], readMessage),
    output: output === undefined ? undefined : { value: output },
    outcome: ifPresent(fields["outcome"], readOutcome),
    delayMs: readDelayMs(fields),
    addition: readNodes(fields),
  };
}

/** Whether a report that could not be read may have named nodes, which must not be lost unseen. */
export function mayAddNodes(text: string): boolean {
  return text.includes('"addNodes"');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInputError("ORR_INPUT_JSON", `it is not valid JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function readFraction(value: unknown): number | null {
  if (value === null || typeof value === "number") return value;
  throw invalidField("orrery.progress", { expected: "a number from 0 to 1, or null", value });
}

function readMessage(value: unknown): string {
  if (typeof value === "string") return value;
  throw invalidField("orrery.message", { expected: "a text", value });
}

function readOutcome(value: unknown): ReportedOutcomeKind {
  return readOneOf(value, { field: "orrery.outcome", words: reportedOutcomeKinds });
}

function readDelayMs({ outcome, delayMs }: Fields): number | undefined {
  if (outcome !== "snoozed" && delayMs === undefined) return undefined;
  return readNumber(delayMs, { field: "orrery.delayMs", min: 0, max: delayMsMax });
}

/** What the nodes are is checked where they are stored. */
function readNodes({ addNodes: nodes, ...fields }: Fields): NodeAddition | undefined {
  const options = Object.fromEntries(
    additionOptions.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
  if (nodes !== undefined) return { nodes, options };
  const [stray] = Object.keys(options);
  if (stray === undefined) return undefined;
  throw invalidField(`orrery.${stray}`, { expected: "beside addNodes", value: fields[stray] });
}
