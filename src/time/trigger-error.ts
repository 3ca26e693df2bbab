/**
 * How triggers are refused: always `InvalidInputError`, always with `details.field` (which part),
 * `details.expression` (what it was given), `details.reason` (a sentence) and
 * `details.reasonCode`, which is stable and what programs compare.
 */

import { InvalidInputError } from "../kernel/errors.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";

/** Why a trigger was refused; each with its meaning. */
export const triggerRefusals = {
  unrecognized: "no form of this field looks like it",
  unknown_name: "not the name of a month or weekday",
  trailing_text: "text follows a complete expression",
  above_maximum: "the value is above the field's maximum",
  below_minimum: "the value is below the field's minimum",
  range_reversed: "a range must not end before it starts",
  step_zero: "a step must be at least 1",
  step_too_large: "the step is larger than the range it divides",
  step_without_range: "a step needs a range or * before it",
  field_count: "the number of fields is wrong",
  unknown_field: "there is no such field",
  unknown_nickname: "there is no such nickname",
  unknown_kind: "there is no such kind of trigger",
  missing: "a required field is missing",
  wrong_type: "the value has the wrong type",
  not_a_choice: "the value is none of the choices",
  not_a_time: "the text is no date or time",
  out_of_range: "the value is outside its bounds",
  unanchored_member: "an interval in a combination needs anchorAt",
  jittered_member: "members that are late by chance never agree; put jitter on the whole",
  unknown_zone: "the runtime knows no such time zone",
} as const;

/** A stable code for a refusal. */
export type TriggerRefusal = keyof typeof triggerRefusals;

/** The longest excerpt of refused input that an error repeats, in characters. */
const excerptLengthMax = 200;

/** Which part was refused, what it held, and why. */
export interface TriggerFault {
  /** The field as its owner writes it: `day_of_week`, `dow`, `startAt`, `triggers[1].everyMs`. */
  readonly field: string;
  /** What was given. */
  readonly expression: unknown;
  readonly reasonCode: TriggerRefusal;
  /** A sentence for people; the code's meaning when absent. */
  readonly reason?: string;
}

/** The error that refuses a trigger; the caller throws it. */
export function triggerError(fault: TriggerFault, more: JsonObject = {}): InvalidInputError {
  const reason = fault.reason ?? triggerRefusals[fault.reasonCode];
  const expression = plainOf(fault.expression);
  const code = fault.reasonCode === "unknown_zone" ? "ORR_INPUT_ZONE" : "ORR_INPUT_TRIGGER";
  const shown = typeof expression === "string" ? `"${expression}"` : JSON.stringify(expression);
  return new InvalidInputError(code, `${fault.field}: ${reason}, not ${shown}`, {
    details: {
      field: fault.field,
      expression,
      value: expression,
      reason,
      reasonCode: fault.reasonCode,
      ...more,
    },
  });
}

/** Refused input as plain data, cut to a length fit for logs. */
function plainOf(input: unknown): JsonValue {
  if (input === undefined || input === null) return null;
  if (typeof input === "boolean") return input;
  if (typeof input === "number") return Number.isFinite(input) ? input : String(input);
  const text = typeof input === "string" ? input : describeUnplain(input);
  return text.length > excerptLengthMax ? `${text.slice(0, excerptLengthMax)}…` : text;
}

function describeUnplain(input: unknown): string {
  if (typeof input === "object") return Array.isArray(input) ? "[an array]" : "[an object]";
  return typeof input === "bigint" ? `${input}n` : `[a ${typeof input}]`;
}
