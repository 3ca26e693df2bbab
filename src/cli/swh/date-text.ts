/**
 * Dates as the reference's command line reads them, from the strict to the loose: ISO 8601, the
 * form of mail, dates with the month in words, and a few ways to speak of the time from now. What
 * names no zone is UTC. What could mean two things is refused instead of guessed.
 */

import { readIsoTime } from "../../compat/swh/wire/iso-time.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { invalidField } from "../../kernel/fields.ts";
import { type Instant, instantFromMicros, parseInstant } from "../../kernel/instant.ts";
import { intervalOf } from "../../kernel/interval.ts";

/** Where a date was typed, and what now is. */
export interface DateContext {
  readonly field: string;
  readonly now: Instant;
}

/** @throws InvalidInputError `ORR_INPUT_INVALID`, naming the field */
export function parseDate(text: string, { field, now }: DateContext): Instant {
  const trimmed = text.trim();
  try {
    const found = isoDate(trimmed) ?? wordedDate(trimmed) ?? spokenDate(trimmed, now);
    if (found !== undefined) return found;
  } catch (thrown) {
    // It has the form of a date, but there is no such day or hour.
    if (!(thrown instanceof InvalidInputError)) throw thrown;
  }
  const expected = "a date such as 2026-11-21, 2026-11-21T07:00:00+00:00, tomorrow or in 2 days";
  throw invalidField(field, { expected, value: text });
}

function isoDate(text: string): Instant | undefined {
  return /^\d{4}-?\d\d-?\d\d(?:[T ]|$)/.test(text) ? readIsoTime(text).instant : undefined;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const month = "(?<month>[a-z]{3,9})\\.?";
const day = "(?<day>\\d{1,2})(?:st|nd|rd|th)?";
const year = "(?<year>\\d{4})";
const clock = "(?:[ T]+(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d))?)?";
const zone = "(?: *(?<zone>Z|UTC|UT|GMT|[+-]\\d\\d:?\\d\\d)(?: *\\([^()]*\\))?)?";
const weekday = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +)?";

/** `Tue, 3 May 2016 17:16:32 +0200`, `May 3, 2016`. */
const worded = [
  new RegExp(`^${weekday}${day} +${month},? +${year}${clock}${zone}$`, "i"),
  new RegExp(`^${weekday}${month} +${day},? +${year}${clock}${zone}$`, "i"),
];

function wordedDate(text: string): Instant | undefined {
  const parts = worded.map((form) => form.exec(text)?.groups).find((groups) => groups);
  if (parts === undefined) return undefined;
  const number = months.indexOf((parts["month"] ?? "").slice(0, 3).toLowerCase()) + 1;
  if (number === 0 || !isMonthName(parts["month"] ?? "", number)) return undefined;
  const two = (value: string | number): string => String(value).padStart(2, "0");
  const { hour = "0", minute = "0", second = "0", zone: offset = "Z" } = parts;
  const date = `${parts["year"]}-${two(number)}-${two(parts["day"] ?? "")}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}`;
  return parseInstant(`${date}T${time}${/^[+-]/.test(offset) ? offset : "Z"}`);
}

const monthNames =
  "january february march april may june july august september october november december".split(
    " ",
  );

function isMonthName(text: string, number: number): boolean {
  return monthNames[number - 1]?.startsWith(text.toLowerCase()) === true;
}

const unit = "(?<unit>second|minute|hour|day|week)s?";
const ahead = new RegExp(`^in (?<count>\\d{1,9}|an?) ${unit}$`, "i");
const behind = new RegExp(`^(?<count>\\d{1,9}|an?) ${unit} ago$`, "i");
const named: Readonly<Record<string, number>> = { now: 0, today: 0, tomorrow: 1, yesterday: -1 };

/** `now`, `tomorrow` at this time of the day, `in 2 hours`, `3 days ago`. */
function spokenDate(text: string, now: Instant): Instant | undefined {
  const days = named[text.toLowerCase()];
  if (days !== undefined) return instantFromMicros(now + intervalOf({ days }));
  const forward = ahead.exec(text)?.groups;
  const parts = forward ?? behind.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const count = /^\d/.test(parts["count"] ?? "") ? Number(parts["count"]) : 1;
  const span = spanOf((parts["unit"] ?? "").toLowerCase(), count);
  return instantFromMicros(forward === undefined ? now - span : now + span);
}

function spanOf(name: string, count: number): bigint {
  if (name === "week") return intervalOf({ days: 7 * count });
  return intervalOf({ [`${name}s`]: count });
}
