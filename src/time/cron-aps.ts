/**
 * The `aps` dialect: eight named fields, each a comma-separated list. Default rule, forms and
 * bounds are those of APScheduler 3; text after a complete name, which it ignores, is refused.
 */

import {
  allDays,
  allMonths,
  allWeekdays,
  cronYearMax,
  type CronPattern,
  emptySet,
  lowMask,
  type NthWeekday,
  type SmallSet,
  type ValueRange,
  withRange,
} from "./cron-pattern.ts";
import { monthNames, weekdayNames } from "./cron-names.ts";
import { triggerError, type TriggerRefusal } from "./trigger-error.ts";
import type { ApsCronFields, ApsFieldName } from "./trigger-spec.ts";

/** Bounds of a field and the names it takes. */
interface ApsField {
  readonly name: ApsFieldName;
  readonly min: number;
  readonly max: number;
  /** Names for the values from `min` on. */
  readonly names?: readonly string[];
  /** What names are called in errors. */
  readonly nameKind?: "month" | "weekday";
}

/** The first year of the dialect. */
const apsYearMin = 1970;

/** The fields, most significant first. */
const apsFields: readonly ApsField[] = [
  { name: "year", min: apsYearMin, max: cronYearMax },
  { name: "month", min: 1, max: 12, names: monthNames, nameKind: "month" },
  { name: "day", min: 1, max: 31 },
  { name: "week", min: 1, max: 53 },
  { name: "day_of_week", min: 0, max: 6, names: weekdayNames, nameKind: "weekday" },
  { name: "hour", min: 0, max: 23 },
  { name: "minute", min: 0, max: 59 },
  { name: "second", min: 0, max: 59 },
];

/** The names of the fields, most significant first. */
export const apsFieldNames: readonly ApsFieldName[] = apsFields.map(({ name }) => name);

/** The longest text of a field, in characters. */
const fieldLengthMax = 1000;

/** What a list of expressions came to; the caller picks what its field can hold. */
interface FieldValues {
  readonly set: SmallSet;
  readonly years?: Uint8Array;
  readonly lastDay: boolean;
  readonly nthWeekdays: readonly NthWeekday[];
}

/**
 * Compiles fields; those absent follow the default rule.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, naming field, expression and reason
 */
export function compileApsFields(fields: ApsCronFields): CronPattern {
  const text = withDefaults(fields);
  const year = text.year === "*" ? undefined : valuesOf("year", text.year).years;
  const month = text.month === "*" ? allMonths : lowMask(valuesOf("month", text.month).set);
  const day = text.day === "*" ? undefined : valuesOf("day", text.day);
  const weekday = text.day_of_week;
  return {
    ...(year === undefined ? {} : { years: year }),
    yearMin: apsYearMin,
    months: month,
    // Days are bits from 0, the values of the field start at 1.
    days: day === undefined ? allDays : lowMask(day.set) >>> 1,
    lastDay: day?.lastDay ?? false,
    nthWeekdays: day?.nthWeekdays ?? [],
    weekdays: weekday === "*" ? allWeekdays : lowMask(valuesOf("day_of_week", weekday).set),
    dayRule: "and",
    ...(text.week === "*" ? {} : { weeks: valuesOf("week", text.week).set }),
    hours: lowMask(valuesOf("hour", text.hour).set),
    minutes: valuesOf("minute", text.minute).set,
    seconds: valuesOf("second", text.second).set,
    followsClock: text.minute.startsWith("*") || text.hour.startsWith("*"),
  };
}

/** The text of every field, by the default rule where none was given. */
export function withDefaults(fields: ApsCronFields): Readonly<Record<ApsFieldName, string>> {
  const least = apsFields.findLastIndex(({ name }) => fields[name] !== undefined);
  const textOf = (name: ApsFieldName, index: number, minimum: string): string =>
    fields[name]?.trim() ?? (least === -1 || index < least ? "*" : minimum);
  return {
    year: textOf("year", 0, "*"),
    month: textOf("month", 1, "1"),
    day: textOf("day", 2, "1"),
    week: textOf("week", 3, "*"),
    day_of_week: textOf("day_of_week", 4, "*"),
    hour: textOf("hour", 5, "0"),
    minute: textOf("minute", 6, "0"),
    second: textOf("second", 7, "0"),
  };
}

function fieldOf(name: ApsFieldName): ApsField {
  const field = apsFields.find((candidate) => candidate.name === name);
  return field ?? { name, min: 0, max: 0 };
}

function valuesOf(name: ApsFieldName, text: string): FieldValues {
  const field = fieldOf(name);
  if (text.length > fieldLengthMax) throw refuse(field, text, "out_of_range");
  const values: { set: SmallSet; lastDay: boolean; nthWeekdays: NthWeekday[]; years?: Uint8Array } =
    { set: emptySet, lastDay: false, nthWeekdays: [] };
  for (const part of text.split(",")) {
    const expression = part.trim();
    const range = numericRange(field, expression);
    if (range !== undefined) {
      if (name === "year") values.years = markYears(values.years, range);
      else values.set = withRange(values.set, range);
    } else if (field.names !== undefined) {
      values.set = withRange(values.set, namedRange(field, expression));
    } else if (name === "day") {
      const named = namedDay(field, expression);
      if (named === "last") values.lastDay = true;
      else values.nthWeekdays.push(named);
    } else {
      throw refuse(field, expression, "unrecognized");
    }
  }
  return values;
}

function markYears(marked: Uint8Array | undefined, range: ValueRange): Uint8Array {
  const years = marked ?? new Uint8Array(cronYearMax + 1);
  for (let year = range.first; year <= range.last; year += range.step) years[year] = 1;
  return years;
}

const numericForm = /^(?:\*|(\d{1,9})(?:-(\d{1,9}))?)(?:\/(\d{1,9}))?$/;

/** A star, a value or a range, each perhaps with a step; undefined for any other form. */
function numericRange(field: ApsField, expression: string): ValueRange | undefined {
  const match = numericForm.exec(expression);
  if (match === null) return undefined;
  const step = match[3] === undefined ? undefined : Number(match[3]);
  if (step === 0) throw refuse(field, expression, "step_zero");
  if (match[1] === undefined) {
    const width = field.max - field.min;
    if (step !== undefined && step > width) throw refuse(field, expression, "step_too_large");
    return { first: field.min, last: field.max, step: step ?? 1 };
  }
  const first = Number(match[1]);
  const last = match[2] === undefined ? undefined : Number(match[2]);
  checkRange(field, expression, { first, last, step });
  // A single value with a step goes on to the field's maximum.
  return { first, last: last ?? (step === undefined ? first : field.max), step: step ?? 1 };
}

function checkRange(
  field: ApsField,
  expression: string,
  range: {
    readonly first: number;
    readonly last: number | undefined;
    readonly step: number | undefined;
  },
): void {
  const { first, last, step } = range;
  if (last !== undefined && first > last) throw refuse(field, expression, "range_reversed");
  if (first < field.min) throw refuse(field, expression, "below_minimum");
  if ((last ?? first) > field.max) throw refuse(field, expression, "above_maximum");
  // An upper bound of 0 counts as none here, so `0-0/5` passes, as it does in APScheduler.
  const width = (last === undefined || last === 0 ? field.max : last) - first;
  if (step !== undefined && step > width) throw refuse(field, expression, "step_too_large");
}

const namedForm = /^([a-z]+)(?:-([a-z]+))?(.*)$/is;

/** `mon`, `mon-fri`, `jan`, `jan-mar`; the names of the field only. */
function namedRange(field: ApsField, expression: string): ValueRange {
  const match = namedForm.exec(expression);
  if (match?.[1] === undefined) throw refuse(field, expression, "unrecognized");
  if (match[3] !== "") {
    const known = isName(field, match[1]) || isName(field, match[1].slice(0, 3));
    throw refuse(field, expression, known ? "trailing_text" : "unrecognized");
  }
  const first = valueOfName(field, { expression, name: match[1] });
  const last = match[2] === undefined ? first : valueOfName(field, { expression, name: match[2] });
  if (first > last) throw refuse(field, expression, "range_reversed");
  return { first, last, step: 1 };
}

function isName(field: ApsField, name: string): boolean {
  return field.names?.includes(name.toLowerCase()) ?? false;
}

function valueOfName(
  field: ApsField,
  { expression, name }: { readonly expression: string; readonly name: string },
): number {
  const index = field.names?.indexOf(name.toLowerCase()) ?? -1;
  if (index >= 0) return field.min + index;
  throw triggerError({
    field: field.name,
    expression,
    reasonCode: "unknown_name",
    reason: `must name a ${field.nameKind ?? "value"} by its first three letters`,
  });
}

const namedDayForm = /^(?:(last)|(1st|2nd|3rd|4th|5th|last)\s+(\w+)(.*))$/is;
const positions: readonly string[] = ["last", "1st", "2nd", "3rd", "4th", "5th"];

/** `last`, `2nd tue`, `last fri`. */
function namedDay(field: ApsField, expression: string): NthWeekday | "last" {
  const match = namedDayForm.exec(expression);
  if (match === null) {
    const code = /^last/i.test(expression) ? "trailing_text" : "unrecognized";
    throw refuse(field, expression, code);
  }
  if (match[1] !== undefined) return "last";
  const weekday = weekdayNames.indexOf((match[3] ?? "").toLowerCase());
  if (weekday < 0) throw refuse(field, expression, "unknown_name");
  if (match[4] !== "") throw refuse(field, expression, "trailing_text");
  return { nth: positions.indexOf((match[2] ?? "").toLowerCase()), weekday };
}

function refuse(field: ApsField, expression: string, reasonCode: TriggerRefusal): Error {
  const bounds = `${field.min} to ${field.max}`;
  const outside = reasonCode === "above_maximum" || reasonCode === "below_minimum";
  return triggerError({
    field: field.name,
    expression,
    reasonCode,
    ...(outside ? { reason: `the values of this field are ${bounds}` } : {}),
  });
}
