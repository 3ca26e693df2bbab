/** Cron expressions in plain English, worded from their text so that nothing is expanded. */

import { withDefaults } from "./cron-aps.ts";
import { splitVixie, type VixieLine } from "./cron-vixie.ts";
import { joinWords } from "./describe-duration.ts";
import type { ApsCronFields } from "./trigger-spec.ts";

/** The words for `aps` fields, such as `at 02:30 on day 13 if it is a Friday, in UTC`. */
export function describeAps(fields: ApsCronFields, zone: string): string {
  const text = withDefaults(fields);
  const days = text.day === "*" ? "" : `on ${dayWords(text.day)}`;
  const weekdays = listWords(text.day_of_week, apsWeekday);
  let dates = days;
  if (text.day_of_week !== "*") {
    dates = days === "" ? `on ${weekdays}` : `${days} if it is ${article(weekdays)}`;
  }
  return joinPhrases([
    timeWords(text),
    dates,
    text.week === "*" ? "" : `in ISO week ${listWords(text.week, week)}`,
    text.month === "*" ? "" : `in ${listWords(text.month, month)}`,
    text.year === "*" ? "" : `in the year ${listWords(text.year, year)}`,
    zone,
  ]);
}

/** The words for a `vixie` line, such as `at 00:00 on day 13 or on Friday, in UTC`. */
export function describeVixie(line: VixieLine, zone: string): string {
  const text = splitVixie(line);
  const days = text.day === "*" ? "" : `on ${dayWords(text.day)}`;
  const weekdays = text.weekday === "*" ? "" : listWords(text.weekday, vixieWeekday);
  const both = text.day.startsWith("*") || text.weekday.startsWith("*");
  let dates = days;
  if (weekdays !== "" && days === "") dates = `on ${weekdays}`;
  else if (weekdays !== "") {
    dates = both ? `${days} if it is ${article(weekdays)}` : `${days} or on ${weekdays}`;
  }
  return joinPhrases([
    timeWords(text),
    dates,
    text.month === "*" ? "" : `in ${listWords(text.month, month)}`,
    zone,
  ]);
}

/** The last phrase is the zone; the others follow each other without commas. */
function joinPhrases(phrases: readonly string[]): string {
  const zone = phrases.at(-1) ?? "";
  const rest = phrases.slice(0, -1).filter((phrase) => phrase !== "");
  // "at 02:30" alone leaves open how often.
  const daily = rest.length === 1 && rest[0]?.startsWith("at ") === true && !hasEvery(rest[0]);
  return `${rest.join(" ")}${daily ? " every day" : ""}, in ${zone}`;
}

function hasEvery(phrase: string): boolean {
  return /\bevery (\w+ )?(hour|minute)\b/.test(phrase);
}

/** How the values of a field are worded. */
interface FieldWords {
  readonly unit: string;
  /** What `*` starts at. */
  readonly min: number;
  /** The number of values, where steps that divide it are even. */
  readonly cycle?: number;
  readonly nameOf: (value: string) => string;
}

const plain = (value: string): string => String(Number(value));
const second: FieldWords = { unit: "second", min: 0, cycle: 60, nameOf: plain };
const minute: FieldWords = { unit: "minute", min: 0, cycle: 60, nameOf: plain };
const hour: FieldWords = { unit: "hour", min: 0, cycle: 24, nameOf: plain };
const day: FieldWords = { unit: "day", min: 1, nameOf: plain };
const week: FieldWords = { unit: "week", min: 1, nameOf: plain };
const year: FieldWords = { unit: "year", min: 1970, nameOf: plain };
const month: FieldWords = { unit: "month", min: 1, nameOf: (value) => named(value, months, 1) };
const apsWeekday: FieldWords = {
  unit: "weekday",
  min: 0,
  nameOf: (value) => named(value, weekdays, 0),
};
const vixieWeekday: FieldWords = {
  unit: "weekday",
  min: 0,
  nameOf: (value) => named(value, sundayFirst, 0),
};

const weekdays: readonly string[] =
  "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const sundayFirst: readonly string[] = ["Sunday", ...weekdays];
const months: readonly string[] =
  "January February March April May June July August September October November December".split(
    " ",
  );

/** A number counted from `base`, or a name by its first three letters, in full. */
function named(value: string, names: readonly string[], base: number): string {
  const byNumber = /^\d+$/.test(value) ? names[Number(value) - base] : undefined;
  const byName = names.find((name) => name.toLowerCase().startsWith(value.toLowerCase()));
  return byNumber ?? byName ?? value;
}

/** The words of a comma-separated list. */
function listWords(text: string, words: FieldWords): string {
  return joinWords(text.split(",").map((item) => itemWords(item, words)));
}

function itemWords(item: string, words: FieldWords): string {
  const [range = "", step] = item.split("/");
  const [first = "", last] = range.split("-");
  const isStar = range === "*";
  if (step === undefined || Number(step) === 1) {
    if (isStar) return `every ${words.unit}`;
    const openEnd = step !== undefined && last === undefined;
    if (openEnd) return `every ${words.unit} from ${words.nameOf(first)}`;
    const from = words.nameOf(first);
    return last === undefined ? from : `${from} through ${words.nameOf(last)}`;
  }
  const count = Number(step);
  const even = words.cycle !== undefined && words.cycle % count === 0;
  if (isStar && even) return `every ${count} ${words.unit}s`;
  const from = isStar ? words.nameOf(String(words.min)) : words.nameOf(first);
  const to = last === undefined ? "" : ` through ${words.nameOf(last)}`;
  return `every ${ordinal(count)} ${words.unit} from ${from}${to}`;
}

/** The day field of either dialect, `last` and `2nd tue` included. */
function dayWords(text: string): string {
  if (!/[a-z]/i.test(text)) return countedWords(text, day);
  const items = text.split(",").map((item) => {
    const lower = item.trim().toLowerCase();
    if (lower === "last") return "the last day of the month";
    const [position = "", weekday] = lower.split(/\s+/);
    if (weekday !== undefined) return `the ${position} ${named(weekday, weekdays, 0)} of the month`;
    return countedWords(lower, day);
  });
  return joinWords(items);
}

/** `minute 5`, `minutes 5 and 7`, `hours 9 through 17`; steps speak for themselves. */
function countedWords(text: string, words: FieldWords): string {
  const list = listWords(text, words);
  if (list.startsWith("every")) return list;
  return `${words.unit}${/[-,]/.test(text) ? "s" : ""} ${list}`;
}

/** Times of day as clock readings where there are few, else by field. */
function timeWords(text: {
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}): string {
  const isValue = (field: string): boolean => /^\d+$/.test(field);
  if (isValue(text.minute) && isValue(text.second) && /^\d+(,\d+)*$/.test(text.hour)) {
    const readings = text.hour.split(",").map((value) => reading(value, text));
    return `at ${joinWords(readings)}`;
  }
  const seconds = /^0+$/.test(text.second) ? "" : countedWords(text.second, second);
  const minutes = countedWords(text.minute, minute);
  // "every 15 seconds" needs no "of every minute" after it, "second 30" does.
  const everyMinute = text.minute === "*" && seconds.startsWith("every");
  const inner = [seconds, everyMinute ? "" : minutes].filter((part) => part !== "").join(" of ");
  const start = inner.startsWith("every") ? inner : `at ${inner}`;
  if (text.hour === "*") return inner.includes("every") ? start : `${start} of every hour`;
  const stepped = /^\*\/(\d+)$/.exec(text.hour);
  if (stepped !== null) return `${start} of every ${ordinal(Number(stepped[1]))} hour from 0`;
  return `${start} during ${countedWords(text.hour, hour)}`;
}

function reading(
  hourValue: string,
  text: { readonly minute: string; readonly second: string },
): string {
  const two = (value: string): string => String(Number(value)).padStart(2, "0");
  const seconds = Number(text.second) === 0 ? "" : `:${two(text.second)}`;
  return `${two(hourValue)}:${two(text.minute)}${seconds}`;
}

function article(words: string): string {
  return words.startsWith("every") ? words : `a ${words}`;
}

/** `1st`, `2nd`, `3rd`, `4th`, `11th`. */
function ordinal(count: number): string {
  const lastTwo = count % 100;
  const suffix =
    lastTwo > 10 && lastTwo < 14 ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${suffix}`;
}
