/** When a single wanted local reading fires, by the clock-change policy. */

import type { OccurrenceNote } from "./firing.ts";
import { offsetSecondsMax } from "./local-time.ts";
import type { ClockChangePolicy } from "./trigger-spec.ts";
import type { ZonePiece, ZoneTable } from "./zone-table.ts";

/** After a longer gap, or in a longer overlap, the daemon follows the clock, in seconds. */
export const daemonGapSecondsMax: number = 179 * 60;
/** See above; three hours. */
export const daemonOverlapSecondsMax: number = 180 * 60;

/** The fires of a reading. */
export interface LocalFires {
  /** None, one or two seconds, UTC, in order. */
  readonly seconds: readonly number[];
  /** What a clock change did to the reading, where it fires. */
  readonly note?: OccurrenceNote;
  /** The change that swallowed the reading; -Infinity when none did. */
  readonly changeAt: number;
}

/** The fires of a fixed local reading, which never follows the clock as `*` jobs do. */
export function firesOfLocal(
  zone: ZoneTable,
  local: number,
  policy: ClockChangePolicy,
): LocalFires {
  const seconds: number[] = [];
  let overlap = 0;
  let gapEnd: ZonePiece | undefined;
  let piece = zone.pieceAt(local - offsetSecondsMax);
  while (piece.start <= local + offsetSecondsMax) {
    const second = local - piece.offset;
    if (second >= piece.start && second < piece.end) {
      seconds.push(second);
      overlap = piece.offsetBefore - piece.offset;
    }
    const inGap = local >= piece.start + piece.offsetBefore && local < piece.start + piece.offset;
    if (inGap) gapEnd = piece;
    if (piece.end === Infinity) break;
    piece = zone.pieceAt(piece.end);
  }
  if (seconds.length > 1) {
    const both = policy === "match" || (policy === "daemon" && overlap > daemonOverlapSecondsMax);
    const fires = both ? seconds : seconds.slice(0, 1);
    return { seconds: fires, note: "repeated", changeAt: -Infinity };
  }
  if (seconds.length === 1 || gapEnd === undefined) return { seconds, changeAt: -Infinity };
  const gap = gapEnd.offset - gapEnd.offsetBefore;
  if (policy === "daemon" && gap <= daemonGapSecondsMax) {
    return { seconds: [gapEnd.start], note: "shifted", changeAt: gapEnd.start };
  }
  return { seconds, changeAt: gapEnd.start };
}
