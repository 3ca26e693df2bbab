/** Intervals as the reference's command line has them: `12 hours`, `64 days, 0:00:00`. */

import { invalidField } from "../../kernel/fields.ts";
import { type Interval, intervalOf, normalInterval } from "../../kernel/interval.ts";

const number = "(\\d+(?:\\.\\d+)?) ?";
const pattern = new RegExp(
  `^(?:${number}(?:days?|d))? ?(?:${number}(?:hours?|hrs?|h))?` +
    ` ?(?:${number}(?:minutes?|mins?|m))? ?(?:${number}(?:seconds?|sec|s))?$`,
);

/**
 * Reads days, hours, minutes and seconds in this order, one of them at least.
 * @throws InvalidInputError `ORR_INPUT_INVALID`, naming `field`
 */
export function parseInterval(text: string, { field }: { readonly field: string }): Interval {
  const parts = pattern.exec(text)?.slice(1);
  if (parts === undefined || parts.every((part) => part === undefined)) {
    const expected = 'an interval such as "12 hours", "90 days" or "1 day 30 min"';
    throw invalidField(field, { expected, value: text });
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return intervalOf({ days, hours, minutes, seconds });
}

/** `3:25:42.857143`, `1 day, 0:00:00`, `None`. */
export function intervalText(interval: Interval | null): string {
  if (interval === null) return "None";
  const { days, seconds, microseconds } = normalInterval(interval);
  const two = (count: number): string => String(count).padStart(2, "0");
  const fraction = microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0")}`;
  const minutes = Math.floor(seconds / 60);
  const clock = `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}${fraction}`;
  if (days === 0) return clock;
  return `${days} ${Math.abs(days) === 1 ? "day" : "days"}, ${clock}`;
}
