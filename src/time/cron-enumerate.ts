/**
 * Lists the fires of cron in bulk, with what clock changes did to them. One search finds the
 * first fire of a piece of constant offset; the others of that piece follow without asking the
 * zone again.
 */

import { daySeconds } from "./calendar-date.ts";
import { type CronSearch, dayFrom, timeFrom } from "./cron-search.ts";
import type { Occurrence } from "./firing.ts";
import { formatLocal } from "./local-time.ts";
import { instantOfSeconds, lastSecond } from "./seconds.ts";
import type { ZonePiece, ZoneTable } from "./zone-table.ts";

/** What the listing asks of a cron series. */
export interface CronWalk {
  readonly search: CronSearch;
  readonly zone: ZoneTable;
  nextSecond(after: number): number;
  /** From when on a piece's readings count. */
  firstSecondOf(piece: ZonePiece): number;
  /** Whether times lost in the gap before a piece run at its first second. */
  runsAtGapEnd(piece: ZonePiece): boolean;
  /** The first matching reading that the gap before a piece skips. */
  lostInGap(piece: ZonePiece): number | undefined;
}

/** Whole seconds later than `from`, not later than `to`; at most `limit` of them. */
export interface CronListing {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** The fires in a range, in order, with notes. */
export function enumerateCron(walk: CronWalk, listing: CronListing): readonly Occurrence[] {
  const occurrences: Occurrence[] = [];
  const to = Math.min(listing.to, lastSecond);
  let after = listing.from;
  while (occurrences.length < listing.limit) {
    const second = walk.nextSecond(after);
    if (second > to) break;
    const piece = walk.zone.pieceAt(second);
    occurrences.push(firstOfPiece(walk, { after, second, piece }));
    after = fillPiece(walk, { piece, second, to, limit: listing.limit }, occurrences);
  }
  return occurrences;
}

/** A fire that was searched for; it may be the first one after a change. */
function firstOfPiece(
  walk: CronWalk,
  found: { readonly after: number; readonly second: number; readonly piece: ZonePiece },
): Occurrence {
  const { after, second, piece } = found;
  const at = instantOfSeconds(second);
  if (second === piece.start && walk.runsAtGapEnd(piece)) {
    return { at, note: "shifted", local: formatLocal(walk.lostInGap(piece) ?? second) };
  }
  const local = second + piece.offset;
  if (local < piece.seenUntil || local >= repeatedFrom(walk.zone, piece)) {
    return { at, note: "repeated", local: formatLocal(local) };
  }
  const lost = firstLost(walk, { after, second });
  return lost === undefined ? { at } : { at, note: "skipped", local: formatLocal(lost) };
}

/** The first reading lost in the gaps after one second, up to and including another. */
function firstLost(
  walk: CronWalk,
  range: { readonly after: number; readonly second: number },
): number | undefined {
  let first: number | undefined;
  let piece = walk.zone.pieceAt(range.second);
  // A search passes at most two changes a year, and few years without a fire.
  while (piece.start > range.after) {
    if (!walk.runsAtGapEnd(piece)) first = walk.lostInGap(piece) ?? first;
    piece = walk.zone.pieceAt(piece.start - 1);
  }
  return first;
}

/** Readings of a piece from here on are shown again after it. */
function repeatedFrom(zone: ZoneTable, piece: ZonePiece): number {
  return piece.end === Infinity ? Infinity : piece.end + zone.pieceAt(piece.end).offset;
}

/** Adds the fires of a piece after `second`; answers the last second that was added. */
function fillPiece(
  walk: CronWalk,
  range: {
    readonly piece: ZonePiece;
    readonly second: number;
    readonly to: number;
    readonly limit: number;
  },
  occurrences: Occurrence[],
): number {
  const { piece, to, limit } = range;
  const { search } = walk;
  const localMax = Math.min(to, piece.end - 1) + piece.offset;
  const repeatsFrom = repeatedFrom(walk.zone, piece);
  // The fire found first may be one shifted to before the readings that count.
  const start = Math.max(range.second + 1, walk.firstSecondOf(piece)) + piece.offset;
  const today = Math.floor(start / daySeconds);
  let day = dayFrom(search, today);
  let time = day === today ? timeFrom(search, start - today * daySeconds) : search.timeFirst;
  let last = range.second;
  while (occurrences.length < limit) {
    if (time < 0) {
      day = dayFrom(search, day + 1);
      time = search.timeFirst;
    }
    const local = day * daySeconds + time;
    if (local > localMax) break;
    last = local - piece.offset;
    const at = instantOfSeconds(last);
    if (local < piece.seenUntil || local >= repeatsFrom) {
      occurrences.push({ at, note: "repeated", local: formatLocal(local) });
    } else {
      occurrences.push({ at });
    }
    time = timeFrom(search, time + 1);
  }
  return last;
}
