/**
 * The `vixie` dialect: crontab lines of five fields, or six with seconds at a stated end, and
 * nicknames. Weekdays count from Sunday, which is 0 and 7. Extensions of other tools (`L`, `#`,
 * `W`, `?`, `a/n`) are refused, as cron itself refuses them.
 */

import {
  type CronPattern,
  emptySet,
  lowMask,
  type SmallSet,
  type ValueRange,
  withRange,
} from "./cron-pattern.ts";
import { monthNames } from "./cron-names.ts";
import { triggerError, type TriggerRefusal } from "./trigger-error.ts";

/** Bounds of a field and the names it takes. */
interface VixieField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for the values from `min` on. */
  readonly names?: readonly string[];
}

const sundayFirstNames: readonly string[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const secondField: VixieField = { name: "second", min: 0, max: 59 };
const minuteField: VixieField = { name: "minute", min: 0, max: 59 };
const hourField: VixieField = { name: "hour", min: 0, max: 23 };
const dayField: VixieField = { name: "dom", min: 1, max: 31 };
const monthField: VixieField = { name: "month", min: 1, max: 12, names: monthNames };
const weekdayField: VixieField = { name: "dow", min: 0, max: 7, names: sundayFirstNames };

/** Nicknames and the lines they stand for; `@reboot` is no time. */
const nicknames: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

/** The longest line, in characters. */
const expressionLengthMax = 1000;

/** A crontab line and where the seconds stand in it. */
export interface VixieLine {
  readonly expression: string;
  readonly seconds?: "first" | "last" | undefined;
}

/** The texts of a line's fields. */
export interface VixieTexts {
  readonly second: string;
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
}

/**
 * Compiles a crontab line.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, naming field, expression and reason; the fields
 * are `second`, `minute`, `hour`, `dom`, `month`, `dow`, or `fields` when their number is wrong
 */
export function compileVixie(line: VixieLine): CronPattern {
  const texts = splitVixie(line);
  const weekdays = lowMask(valuesOf(weekdayField, texts.weekday));
  // The rule looks at the text: a star with a step counts, `1-31` does not.
  const hasStar = texts.day.startsWith("*") || texts.weekday.startsWith("*");
  return {
    seconds: valuesOf(secondField, texts.second),
    minutes: valuesOf(minuteField, texts.minute),
    hours: lowMask(valuesOf(hourField, texts.hour)),
    days: lowMask(valuesOf(dayField, texts.day)) >>> 1,
    lastDay: false,
    nthWeekdays: [],
    months: lowMask(valuesOf(monthField, texts.month)),
    weekdays: mondayFirst(weekdays),
    dayRule: hasStar ? "and" : "or",
    yearMin: 1,
    followsClock: texts.minute.startsWith("*") || texts.hour.startsWith("*"),
  };
}

/**
 * Splits a line into its fields, nicknames resolved.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` when the number of fields is wrong
 */
export function splitVixie(line: VixieLine): VixieTexts {
  const expression = line.expression.trim();
  if (expression.length > expressionLengthMax) {
    throw triggerError({ field: "fields", expression, reasonCode: "out_of_range" });
  }
  const nickname = expression.startsWith("@") ? resolveNickname(expression) : undefined;
  const withSeconds = line.seconds !== undefined && nickname === undefined;
  const parts = (nickname ?? expression).split(/\s+/);
  const expected = withSeconds ? 6 : 5;
  if (parts.length !== expected || parts[0] === "") {
    const got = parts[0] === "" ? 0 : parts.length;
    throw triggerError({
      field: "fields",
      expression,
      reasonCode: "field_count",
      reason: `must have ${expected} fields, it has ${got}`,
    });
  }
  const first = withSeconds && line.seconds === "first" ? 1 : 0;
  const part = (index: number): string => parts[index] ?? "";
  return {
    second: withSeconds ? part(first === 1 ? 0 : 5) : "0",
    minute: part(first),
    hour: part(first + 1),
    day: part(first + 2),
    month: part(first + 3),
    weekday: part(first + 4),
  };
}

function resolveNickname(expression: string): string {
  const line = nicknames.get(expression.toLowerCase());
  if (line !== undefined) return line;
  throw triggerError({
    field: "fields",
    expression,
    reasonCode: "unknown_nickname",
    reason: `must be one of ${[...nicknames.keys()].join(", ")}`,
  });
}

/** Moves a Sunday-first mask of 0 to 7 to Monday-first bits 0 to 6. */
function mondayFirst(weekdays: number): number {
  const sunday = (weekdays | (weekdays >>> 7)) & 1;
  return ((weekdays >>> 1) & 0x3f) | (sunday << 6);
}

function valuesOf(field: VixieField, text: string): SmallSet {
  if (text === "*") return withRange(emptySet, { first: field.min, last: field.max, step: 1 });
  let set = emptySet;
  for (const item of text.split(",")) set = withRange(set, rangeOf(field, item));
  return set;
}

const itemForm = /^(?:\*|([0-9]{1,9}|[a-z]{3})(?:-([0-9]{1,9}|[a-z]{3}))?)(?:\/([0-9]{1,9}))?$/i;

function rangeOf(field: VixieField, item: string): ValueRange {
  const match = itemForm.exec(item);
  if (match === null) throw refuse(field, item, "unrecognized");
  const step = match[3] === undefined ? 1 : Number(match[3]);
  if (step === 0) throw refuse(field, item, "step_zero");
  // A step beyond the range leaves its first value, which the loop over the range does by itself.
  if (match[1] === undefined) return { first: field.min, last: field.max, step };
  const first = valueOf(field, { item, text: match[1] });
  if (match[2] === undefined) {
    if (match[3] !== undefined) throw refuse(field, item, "step_without_range");
    return { first, last: first, step: 1 };
  }
  const last = valueOf(field, { item, text: match[2] });
  if (first > last) throw refuse(field, item, "range_reversed");
  return { first, last, step };
}

function valueOf(
  field: VixieField,
  { item, text }: { readonly item: string; readonly text: string },
): number {
  const isNumber = text.charCodeAt(0) <= 57;
  if (!isNumber) {
    const index = field.names?.indexOf(text.toLowerCase()) ?? -1;
    if (index < 0) throw refuse(field, item, "unknown_name");
    return field.min + index;
  }
  const value = Number(text);
  if (value > field.max) throw refuse(field, item, "above_maximum");
  if (value < field.min) throw refuse(field, item, "below_minimum");
  return value;
}

function refuse(field: VixieField, expression: string, reasonCode: TriggerRefusal): Error {
  const outside = reasonCode === "above_maximum" || reasonCode === "below_minimum";
  return triggerError({
    field: field.name,
    expression,
    reasonCode,
    ...(outside ? { reason: `the values of this field are ${field.min} to ${field.max}` } : {}),
  });
}
