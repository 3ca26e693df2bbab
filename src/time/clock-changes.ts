/** Which clock changes a trigger will meet, and what each does to it: the warning of a preview. */

import type { Instant } from "../kernel/instant.ts";
import type { Occurrence, Trigger } from "./firing.ts";
import { clampInstant, floorSecondsOf, instantOfSeconds } from "./seconds.ts";
import { triggerFromSpec } from "./trigger.ts";
import { zoneTable } from "./zone-table.ts";

/** A change of a zone's clock that touches a trigger. */
export interface ClockChange {
  /** When the clock is set. */
  readonly at: Instant;
  readonly zone: string;
  /** Milliseconds by which it is set: forward above 0, back below. */
  readonly shiftMs: number;
  /** The occurrences that it skipped times before, shifted or repeated; at most 100. */
  readonly occurrences: readonly Occurrence[];
}

/** The most occurrences that one change lists. */
const occurrencesPerChangeMax = 100;
/** The most changes that one answer lists; a zone has two a year. */
const changeCountMax = 1000;

/**
 * The changes in (`from`, `to`] that touch an occurrence, in order; those that leave the trigger
 * alone are left out. Of a combination they are those of its members.
 */
export function clockChangesOf(
  trigger: Trigger,
  range: { readonly from: Instant; readonly to: Instant },
): readonly ClockChange[] {
  return leavesOf(trigger)
    .flatMap((leaf) => changesOfLeaf(leaf, range))
    .toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

function leavesOf(trigger: Trigger): readonly Trigger[] {
  const { spec } = trigger;
  if (spec.kind !== "and" && spec.kind !== "or") return [trigger];
  return spec.triggers.flatMap((member) => leavesOf(triggerFromSpec(member)));
}

function changesOfLeaf(
  trigger: Trigger,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): readonly ClockChange[] {
  const { spec } = trigger;
  if (spec.kind !== "cron" && spec.kind !== "calendar") return [];
  const touching: ClockChange[] = [];
  const table = zoneTable(spec.zone);
  const last = floorSecondsOf(to);
  let piece = table.pieceAt(floorSecondsOf(from));
  for (let count = 0; piece.end <= last && count < changeCountMax; count += 1) {
    piece = table.pieceAt(piece.end);
    const shift = piece.offset - piece.offsetBefore;
    const occurrences = touchedBy(trigger, { second: piece.start, shift });
    if (occurrences.length === 0) continue;
    const at = instantOfSeconds(piece.start);
    touching.push({ at, zone: table.name, shiftMs: shift * 1000, occurrences });
  }
  return touching;
}

/** The noted occurrences of one change: both passes of an overlap, the first fire after a gap. */
function touchedBy(
  trigger: Trigger,
  change: { readonly second: number; readonly shift: number },
): readonly Occurrence[] {
  const at = instantOfSeconds(change.second);
  const justBefore = clampInstant(at - 1n);
  if (change.shift > 0) {
    const next = trigger.next(justBefore);
    const first = next === undefined ? [] : trigger.between(justBefore, next, 1);
    return first.filter(({ note }) => note === "skipped" || note === "shifted");
  }
  const length = BigInt(-change.shift) * 1_000_000n;
  return trigger
    .between(
      clampInstant(justBefore - length),
      clampInstant(justBefore + length),
      occurrencesPerChangeMax,
    )
    .filter(({ note }) => note === "repeated");
}
