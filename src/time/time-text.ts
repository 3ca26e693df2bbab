/**
 * Text to instants, in two grammars that differ in what a fraction means. Text without an offset
 * is local and means an instant by the `compatible` rule of `local-time.ts`.
 */

import { type Instant, instantMax, instantMin } from "../kernel/instant.ts";
import { isHoldableSecond, localOfParts, secondOfLocal } from "./local-time.ts";
import { instantOfSeconds } from "./seconds.ts";
import { triggerError } from "./trigger-error.ts";
import type { ZoneTable } from "./zone-table.ts";

/** Text that names a time, and which field it stands in. */
export interface TimeText {
  readonly field: string;
  readonly text: string;
}

/** Date, then optionally a time to the minute or finer, then optionally an offset. */
const isoText: RegExp = new RegExp(
  String.raw`^(\d{4})-(\d\d)-(\d\d)` +
    String.raw`(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?)?$`,
);

/**
 * Reads ISO 8601 text: `2027-03-14`, `2027-03-14T02:30`, `2027-03-14 02:30:00.25+01:00`. A date
 * alone is local midnight; a fraction is one of a second, cut to microseconds.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `not_a_time`
 */
export function instantOfText({ field, text }: TimeText, zone: ZoneTable): Instant {
  const match = isoText.exec(text);
  const micros = BigInt((match?.[7] ?? "").slice(0, 6).padEnd(6, "0"));
  const instant = match === null ? undefined : instantOfMatch({ match, micros }, zone);
  if (instant !== undefined) return instant;
  throw triggerError({
    field,
    expression: text,
    reasonCode: "not_a_time",
    reason: "must be a date or time such as 2027-03-14T02:30:00 or 2027-03-14T02:30:00Z",
  });
}

/** One or two digits a part; with a time the seconds are required. */
const apsText: RegExp = new RegExp(
  String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})` +
    String.raw`(?:[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?)?$`,
);

/**
 * Reads text as APScheduler 3 does: `2027-3-14`, `2027-03-14 2:30:0`, with `Z` or an offset only
 * after a time. The digits of a fraction are a count of microseconds, so `.5` is 5 µs.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `not_a_time`
 */
export function instantOfApsText({ field, text }: TimeText, zone: ZoneTable): Instant {
  const match = apsText.exec(text);
  const micros = BigInt(match?.[7] ?? 0);
  const instant = match === null ? undefined : instantOfMatch({ match, micros }, zone);
  if (instant !== undefined) return instant;
  throw triggerError({
    field,
    expression: text,
    reasonCode: "not_a_time",
    reason: "must be a date or time such as 2027-03-14 or 2027-03-14 02:30:00",
  });
}

/** What the two patterns share: six numbers, a fraction, an offset. */
function instantOfMatch(
  { match, micros }: { readonly match: RegExpExecArray; readonly micros: bigint },
  zone: ZoneTable,
): Instant | undefined {
  const part = (index: number): number => Number(match[index] ?? 0);
  const local = localOfParts({
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
  });
  if (local === undefined) return undefined;
  const offset = match[8] === undefined ? undefined : offsetOfText(match[8]);
  if (Number.isNaN(offset)) return undefined;
  const second = offset === undefined ? secondOfLocal(zone, local) : local - offset;
  if (!isHoldableSecond(second)) return undefined;
  const instant = instantOfSeconds(second) + micros;
  return instant < instantMin || instant > instantMax ? undefined : (instant as Instant);
}

/** Seconds east of UTC; NaN for an offset that no clock has. */
function offsetOfText(text: string): number {
  if (text === "Z" || text === "z") return 0;
  const digits = text.slice(1).replace(":", "");
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 23 || minutes > 59) return NaN;
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}
