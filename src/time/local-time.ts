/**
 * Local readings of a zone's clock and the instants they mean. A local reading is counted in
 * seconds as if it were UTC. Readings that do not exist or exist twice follow the `compatible`
 * rule: the earlier instant in an overlap, shifted forward by the gap's length in a gap.
 */

import { dateOfDay, dayOfDate, daysInMonth, daySeconds, monthNumberOf } from "./calendar-date.ts";
import { firstSecond, lastSecond } from "./seconds.ts";
import type { ZoneTable } from "./zone-table.ts";

/** No zone has ever been further from UTC than this, in seconds. */
export const offsetSecondsMax: number = 26 * 3600;

/** The second, UTC, that a local reading means by the `compatible` rule. */
export function secondOfLocal(zone: ZoneTable, local: number): number {
  let piece = zone.pieceAt(local - offsetSecondsMax);
  // The pieces that can show the reading lie within two days: seven hold more than any zone has.
  while (local >= piece.end + piece.offset) {
    const next = zone.pieceAt(piece.end);
    if (local < next.start + next.offset) {
      // In the gap between the two: the offset before it moves the reading forward.
      return local - piece.offset;
    }
    piece = next;
  }
  return local - piece.offset;
}

/** The parts of a local date and time. */
export interface LocalParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The reading in seconds; undefined when there is no such date or time. */
export function localOfParts(parts: LocalParts): number | undefined {
  const { year, month, day, hour, minute, second } = parts;
  if (year < 1 || year > 9999 || month < 1 || month > 12) return undefined;
  if (day < 1 || day > daysInMonth(monthNumberOf(parts))) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return dayOfDate(parts) * daySeconds + hour * 3600 + minute * 60 + second;
}

/** `2027-03-14T02:30:00` for a local reading in seconds. */
export function formatLocal(local: number): string {
  const dayNumber = Math.floor(local / daySeconds);
  const { year, month, day } = dateOfDay(dayNumber);
  const date = `${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}`;
  return `${date}T${formatTimeOfDay(local - dayNumber * daySeconds)}`;
}

/** `02:30:00` for seconds after midnight. */
export function formatTimeOfDay(seconds: number): string {
  const hour = Math.floor(seconds / 3600);
  const minute = Math.floor((seconds % 3600) / 60);
  return `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(seconds % 60)}`;
}

/** Whether a second is one that instants can hold. */
export function isHoldableSecond(second: number): boolean {
  return second >= firstSecond && second <= lastSecond;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
