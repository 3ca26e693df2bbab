/**
 * A zone as a list of pieces of constant offset. Changes are read from the runtime once per zone,
 * up to a year from which every zone follows fixed rules; after that the pieces are computed, for
 * any year, from the rules. All times are whole seconds, as exact numbers.
 */

import { present } from "../kernel/assert.ts";
import {
  firstDayOfYear,
  daySeconds,
  isLeapYear,
  weekdayOfDay,
  yearOfDay,
} from "./calendar-date.ts";
import { type OffsetChange, type OffsetHistory, readOffsetHistory } from "./zone-changes.ts";
import { canonicalZoneName } from "./zone-names.ts";

/** A stretch of time in which local time is UTC plus a constant. */
export interface ZonePiece {
  /** First second, UTC; -Infinity for the first piece. */
  readonly start: number;
  /** The second after its last, UTC; Infinity for the last piece. */
  readonly end: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** The offset of the piece before; the same as `offset` for the first piece. */
  readonly offsetBefore: number;
  /** Local readings below this one have been shown before the piece began. */
  readonly seenUntil: number;
}

/**
 * From this year on every zone's changes depend on the year's length and first weekday alone. The
 * last zones with listed dates (Morocco's Ramadan, Gaza) end in 2087.
 */
const rulesFromYear = 2101;
/** Years in which each of the fourteen kinds of year occurs; 2101 to 2128 have no odd century. */
const rulesSampleYears = 28;
const rulesReadToYear = rulesFromYear + rulesSampleYears;

/** Changes of a year that follows the rules; `at` counts from the start of the year in UTC. */
type YearRule = readonly OffsetChange[];

/** The pieces of one zone. */
export class ZoneTable {
  /** The zone's name as the runtime spells it. */
  readonly name: string;
  readonly #pieces: readonly ZonePiece[];
  /** By kind of year; empty when the offset no longer changes. */
  readonly #rules: readonly YearRule[];
  /** The piece that was asked for last; walks ask for the same one again and again. */
  #recent: ZonePiece;

  constructor(name: string, history: OffsetHistory) {
    this.name = name;
    this.#rules = rulesOf(history.changes);
    this.#pieces = piecesOf(history, this.#firstRuledChange());
    this.#recent = present(this.#pieces.at(-1), "a zone's last piece");
  }

  /** The piece that holds the second `at`, UTC. */
  pieceAt(at: number): ZonePiece {
    const recent = this.#recent;
    if (at >= recent.start && at < recent.end) return recent;
    const last = present(this.#pieces.at(-1), "a zone's last piece");
    const piece = at >= last.end ? this.#ruledPieceAt(at) : this.#listedPieceAt(at);
    this.#recent = piece;
    return piece;
  }

  #listedPieceAt(at: number): ZonePiece {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (present(this.#pieces[middle], "a piece").start <= at) low = middle;
      else high = middle - 1;
    }
    return present(this.#pieces[low], "a piece");
  }

  #ruledPieceAt(at: number): ZonePiece {
    const year = yearOfDay(Math.floor(at / daySeconds));
    // A year has at least one change, so the years around hold the one before and the one after.
    const changes = [
      ...this.#changesOfYear(year - 2),
      ...this.#changesOfYear(year - 1),
      ...this.#changesOfYear(year),
      ...this.#changesOfYear(year + 1),
    ];
    const index = changes.findLastIndex((change) => change.at <= at);
    const change = present(changes[index], "the change before");
    const before = present(changes[index - 1], "the second change before").offset;
    return {
      start: change.at,
      end: present(changes[index + 1], "the change after").at,
      offset: change.offset,
      offsetBefore: before,
      seenUntil: change.at + before,
    };
  }

  #changesOfYear(year: number): readonly OffsetChange[] {
    const start = firstDayOfYear(year) * daySeconds;
    const rule = this.#rules[kindOfYear(year)] ?? [];
    return rule.map((change) => ({ at: start + change.at, offset: change.offset }));
  }

  #firstRuledChange(): number {
    return this.#changesOfYear(rulesReadToYear)[0]?.at ?? Infinity;
  }
}

/** 0 to 13: the weekday of January 1, and whether there is a February 29. */
function kindOfYear(year: number): number {
  return weekdayOfDay(firstDayOfYear(year)) + (isLeapYear(year) ? 7 : 0);
}

function rulesOf(changes: readonly OffsetChange[]): readonly YearRule[] {
  const rules: OffsetChange[][] = Array.from({ length: 14 }, () => []);
  let ruled = false;
  for (let year = rulesFromYear; year < rulesReadToYear; year += 1) {
    const start = firstDayOfYear(year) * daySeconds;
    const end = firstDayOfYear(year + 1) * daySeconds;
    const inYear = changes.filter((change) => change.at >= start && change.at < end);
    ruled ||= inYear.length > 0;
    rules[kindOfYear(year)] = inYear.map(({ at, offset }) => ({ at: at - start, offset }));
  }
  return ruled ? rules : [];
}

function piecesOf(history: OffsetHistory, end: number): readonly ZonePiece[] {
  const pieces: ZonePiece[] = [];
  let start = -Infinity;
  let offset = history.initialOffset;
  let offsetBefore = offset;
  let seenUntil = -Infinity;
  for (const change of history.changes) {
    pieces.push({ start, end: change.at, offset, offsetBefore, seenUntil });
    seenUntil = Math.max(seenUntil, change.at + offset);
    start = change.at;
    offsetBefore = offset;
    offset = change.offset;
  }
  pieces.push({ start, end, offset, offsetBefore, seenUntil });
  return pieces;
}

/** Tables by the runtime's spelling of the name, so that their number is bounded. */
const tables = new Map<string, ZoneTable>();

/**
 * The table of a zone, read from the runtime on first use and kept.
 * @throws InvalidInputError `ORR_INPUT_ZONE` with `details.nearest` for an unknown zone
 */
export function zoneTable(zone: string): ZoneTable {
  const known = tables.get(zone);
  if (known !== undefined) return known;
  const name = canonicalZoneName(zone);
  let table = tables.get(name);
  if (table === undefined) {
    table = new ZoneTable(name, readOffsetHistory(name, rulesReadToYear));
    tables.set(name, table);
  }
  return table;
}
