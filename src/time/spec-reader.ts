/**
 * Reads the fields of a trigger's stored form from unknown input. Unknown fields are refused with
 * the nearest known one, so that a misspelt option is never silently ignored.
 */

import { formatInstant, type Instant } from "../kernel/instant.ts";
import { isRecord } from "../kernel/json.ts";
import { nearestWord } from "./nearest-word.ts";
import { instantOfText } from "./time-text.ts";
import { triggerError } from "./trigger-error.ts";
import type { TriggerWindow } from "./trigger-spec.ts";
import type { FireWindow } from "./window.ts";
import type { ZoneTable } from "./zone-table.ts";

/** An object that was checked to be one. */
export type SpecRecord = Readonly<Record<string, unknown>>;

/** The fields of the window, which most kinds share. */
export const windowFields: readonly string[] = ["startAt", "endAt", "jitterMs", "jitterSeed"];

/** The longest jitter, a day. */
const jitterMsMax = 86_400_000;

/**
 * The input as an object.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `wrong_type`
 */
export function readRecord(input: unknown, field: string): SpecRecord {
  if (isRecord(input)) return input;
  throw triggerError({
    field,
    expression: input,
    reasonCode: "wrong_type",
    reason: "must be an object",
  });
}

/**
 * Refuses fields outside `known`; undefined values count as absent.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `unknown_field`
 */
export function refuseUnknownFields(record: SpecRecord, known: readonly string[]): void {
  for (const field of Object.keys(record)) {
    if (record[field] === undefined || known.includes(field)) continue;
    throw triggerError({
      field,
      expression: record[field],
      reasonCode: "unknown_field",
      reason: `there is no such field; the nearest is ${nearestWord(field, known)}`,
    });
  }
}

/**
 * A text field; undefined when it is absent.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `wrong_type`
 */
export function readText(record: SpecRecord, field: string): string | undefined {
  const value = record[field];
  if (value === undefined || typeof value === "string") return value;
  throw triggerError({
    field,
    expression: value,
    reasonCode: "wrong_type",
    reason: "must be text",
  });
}

/**
 * A text field that must be there.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason codes `missing`, `wrong_type`
 */
export function requireText(record: SpecRecord, field: string): string {
  return readText(record, field) ?? refuseMissing(field);
}

/**
 * Refuses that a field is absent.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `missing`
 */
export function refuseMissing(
  field: string,
  { reason }: { readonly reason: string } = { reason: "is required" },
): never {
  throw triggerError({ field, expression: undefined, reasonCode: "missing", reason });
}

/**
 * A field whose value is one of a few texts; undefined when it is absent.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `not_a_choice`
 */
export function readChoice<Choice extends string>(
  record: SpecRecord,
  field: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = record[field];
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw triggerError({
    field,
    expression: value,
    reasonCode: "not_a_choice",
    reason: `must be one of ${choices.join(", ")}`,
  });
}

/** Bounds of a number field, inclusive. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** Whether fractions are refused. */
  readonly whole: boolean;
}

/**
 * A number field; undefined when it is absent.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason codes `wrong_type`, `out_of_range`
 */
export function readNumber(
  record: SpecRecord,
  field: string,
  bounds: NumberBounds,
): number | undefined {
  const value = record[field];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || (bounds.whole && !Number.isInteger(value))) {
    const reason = bounds.whole ? "must be a whole number" : "must be a number";
    throw triggerError({ field, expression: value, reasonCode: "wrong_type", reason });
  }
  if (value >= bounds.min && value <= bounds.max) return value;
  throw triggerError({
    field,
    expression: value,
    reasonCode: "out_of_range",
    reason: `must be ${bounds.min} to ${bounds.max}`,
  });
}

/**
 * A field that holds a time as text, local to `zone` unless it carries an offset; undefined when
 * it is absent.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason codes `wrong_type`, `not_a_time`
 */
export function readTime(record: SpecRecord, field: string, zone: ZoneTable): Instant | undefined {
  const text = readText(record, field);
  return text === undefined ? undefined : instantOfText({ field, text }, zone);
}

/**
 * The window's fields.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`
 */
export function readWindow(record: SpecRecord, zone: ZoneTable): FireWindow {
  return {
    startAt: readTime(record, "startAt", zone),
    endAt: readTime(record, "endAt", zone),
    jitterMs: readNumber(record, "jitterMs", { min: 0, max: jitterMsMax, whole: false }) ?? 0,
    jitterSeed: readNumber(record, "jitterSeed", { min: 0, max: 0xffff_ffff, whole: true }) ?? 0,
  };
}

/** The stored form of a window: what says nothing is left out. */
export function windowSpec(window: FireWindow): TriggerWindow {
  const { startAt, endAt, jitterMs, jitterSeed } = window;
  return {
    ...(startAt === undefined ? {} : { startAt: formatInstant(startAt) }),
    ...(endAt === undefined ? {} : { endAt: formatInstant(endAt) }),
    ...(jitterMs === 0 ? {} : { jitterMs }),
    ...(jitterMs === 0 || jitterSeed === 0 ? {} : { jitterSeed }),
  };
}
