/**
 * Fire times of a compiled pattern in a zone. The time line is cut where the zone's offset
 * changes; inside a piece local time is UTC plus a constant, so the pattern is searched there in
 * local readings, and what happens between pieces is decided by the clock-change policy.
 */

import type { Instant } from "../kernel/instant.ts";
import { daySeconds } from "./calendar-date.ts";
import type { CronPattern } from "./cron-pattern.ts";
import { createCronSearch, type CronSearch, localFrom, localTo } from "./cron-search.ts";
import { type CronWalk, enumerateCron } from "./cron-enumerate.ts";
import type { FireSeries, Occurrence } from "./firing.ts";
import { daemonGapSecondsMax, daemonOverlapSecondsMax } from "./local-fires.ts";
import {
  ceilSecondsOf,
  firstSecond,
  floorSecondsOf,
  instantOfSeconds,
  lastSecond,
} from "./seconds.ts";
import type { ClockChangePolicy } from "./trigger-spec.ts";
import type { ZonePiece, ZoneTable } from "./zone-table.ts";

/** After a gap this short, in seconds, the daemon runs every missed minute of all jobs. */
const daemonShortGapSecondsMax = 4 * 60;
/** A search result this far ahead is approached by a jump, not piece by piece. */
const farSeconds = 4 * daySeconds;
/** How far before it the jump lands; more than any offset. */
const landingSeconds = 2 * daySeconds;

/** The fire times of cron, on whole seconds. */
export class CronSeries implements FireSeries, CronWalk {
  readonly search: CronSearch;
  readonly zone: ZoneTable;
  readonly policy: ClockChangePolicy;
  /** The longest gap, in seconds, whose times run at its end. */
  readonly #caughtUpGapMax: number;
  /** How the second pass of an overlap is treated. */
  readonly #overlap: "both" | "daemon" | "once";

  constructor(pattern: CronPattern, zone: ZoneTable, policy: ClockChangePolicy) {
    this.search = createCronSearch(pattern);
    this.zone = zone;
    this.policy = policy;
    const fixed = policy === "daemon" && !pattern.followsClock;
    const gapMax = fixed ? daemonGapSecondsMax : daemonShortGapSecondsMax;
    this.#caughtUpGapMax = policy === "daemon" ? gapMax : 0;
    if (policy === "once") this.#overlap = "once";
    else this.#overlap = fixed ? "daemon" : "both";
  }

  next(after: Instant): Instant | undefined {
    const second = this.nextSecond(floorSecondsOf(after));
    return second > lastSecond ? undefined : instantOfSeconds(second);
  }

  previous(before: Instant): Instant | undefined {
    const second = this.previousSecond(ceilSecondsOf(before));
    return second < firstSecond ? undefined : instantOfSeconds(second);
  }

  between(from: Instant, to: Instant, limit: number): readonly Occurrence[] {
    return enumerateCron(this, { from: floorSecondsOf(from), to: floorSecondsOf(to), limit });
  }

  /** The first second after `after` at which it fires; Infinity when there is none. */
  nextSecond(after: number): number {
    let at = after + 1;
    let piece = this.zone.pieceAt(at);
    for (;;) {
      if (at === piece.start && this.runsAtGapEnd(piece)) return at;
      const from = Math.max(at, this.firstSecondOf(piece));
      const asked = from + piece.offset;
      const local = localFrom(this.search, asked);
      const found = local - piece.offset;
      if (found < piece.end || piece.end === Infinity) return found;
      const following = this.zone.pieceAt(piece.end);
      at = following.start;
      // Unless the clock goes back behind the question, no piece before `found` has a match.
      if (at + following.offset >= asked) {
        if (local === Infinity) return Infinity;
        if (found - at > farSeconds) at = local - landingSeconds;
      }
      piece = this.zone.pieceAt(at);
    }
  }

  /** The last second before `before` at which it fires; -Infinity when there is none. */
  previousSecond(before: number): number {
    let at = before - 1;
    let piece = this.zone.pieceAt(at);
    for (;;) {
      const asked = at + piece.offset;
      const local = localTo(this.search, asked);
      const found = local - piece.offset;
      if (found >= this.firstSecondOf(piece)) return found;
      if (this.runsAtGapEnd(piece)) return piece.start;
      if (piece.start === -Infinity) return -Infinity;
      // The mirror image of the forward search: before an overlap readings are later.
      const landing = local + landingSeconds;
      const clear = piece.start - 1 + piece.offsetBefore <= asked;
      if (clear && local === -Infinity) return -Infinity;
      at = piece.start - 1;
      if (clear && at - found > farSeconds) at = landing;
      piece = this.zone.pieceAt(at);
    }
  }

  /** Whether times lost in the gap before a piece run at its first second. */
  runsAtGapEnd(piece: ZonePiece): boolean {
    const gap = piece.offset - piece.offsetBefore;
    return gap > 0 && gap <= this.#caughtUpGapMax && this.lostInGap(piece) !== undefined;
  }

  /** The first matching reading that the gap before a piece skips, if there is one. */
  lostInGap(piece: ZonePiece): number | undefined {
    if (piece.offset <= piece.offsetBefore) return undefined;
    const local = localFrom(this.search, piece.start + piece.offsetBefore);
    return local < piece.start + piece.offset ? local : undefined;
  }

  /** From when on a piece's readings count: after the second pass of an overlap, or at once. */
  firstSecondOf(piece: ZonePiece): number {
    if (this.#overlap === "both") return piece.start;
    if (this.#overlap === "once") return Math.max(piece.start, piece.seenUntil - piece.offset);
    const overlap = piece.offsetBefore - piece.offset;
    return overlap > 0 && overlap <= daemonOverlapSecondsMax ? piece.start + overlap : piece.start;
  }
}
