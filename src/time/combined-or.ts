/** The union of several series. */

import type { Instant } from "../kernel/instant.ts";
import type { FireSeries, Occurrence } from "./firing.ts";

/** Fires when any member does; an instant common to several is one fire. */
export function unionOf(members: readonly FireSeries[]): FireSeries {
  return {
    next: (after) => earliest(members.map((member) => member.next(after))),
    previous: (before) => latest(members.map((member) => member.previous(before))),
    between: (from, to, limit) =>
      merge(members.map((member) => member.between(from, to, limit))).slice(0, limit),
  };
}

function earliest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  let least: Instant | undefined;
  for (const at of instants) {
    if (at !== undefined && (least === undefined || at < least)) least = at;
  }
  return least;
}

function latest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  let most: Instant | undefined;
  for (const at of instants) {
    if (at !== undefined && (most === undefined || at > most)) most = at;
  }
  return most;
}

/** Sorted lists into one; of equal instants the one with a note stays. */
function merge(lists: readonly (readonly Occurrence[])[]): readonly Occurrence[] {
  const sorted = lists.flat().toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  const merged: Occurrence[] = [];
  for (const occurrence of sorted) {
    const last = merged.at(-1);
    if (last?.at !== occurrence.at) merged.push(occurrence);
    else if (last.note === undefined) merged[merged.length - 1] = occurrence;
  }
  return merged;
}
