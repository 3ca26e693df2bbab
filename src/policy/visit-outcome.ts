/**
 * What a visit changes of what is known of its origin: dates, how far back the origin goes in its
 * queue, and when it is given up.
 */

import type { Instant } from "../kernel/instant.ts";
import type { VisitStatus } from "./visit-cooldown.ts";

/** What is known of an origin's visits. */
export interface VisitMemory {
  readonly lastSuccessfulAt: Instant | null;
  readonly lastVisitAt: Instant | null;
  readonly lastVisitStatus: VisitStatus | null;
  readonly lastSnapshot: Uint8Array | null;
  readonly queuePosition: bigint | null;
  /** 0 to 10: how far back it goes, on the scale of `daysBack`. */
  readonly positionOffset: number;
  /** How many visits in a row have ended alike. */
  readonly successiveVisits: number;
}

/** Of an origin that nobody has visited. */
export const noMemory: VisitMemory = {
  lastSuccessfulAt: null,
  lastVisitAt: null,
  lastVisitStatus: null,
  lastSnapshot: null,
  queuePosition: null,
  positionOffset: 4,
  successiveVisits: 1,
};

/** A visit that has ended. */
export interface EndedVisit {
  readonly at: Instant;
  readonly outcome: VisitStatus;
  /** Without one a visit counts as failed. */
  readonly snapshot: Uint8Array | null;
}

/** Where positions are counted from. */
export interface PositionBase {
  /** The position of the visit type's queue, for an origin that has none. */
  readonly queuePosition: bigint;
  /** From -1 to 1: where in the tenth around its days it comes to stand. */
  readonly spread: number;
}

const offsetMax = 10;
const secondsPerDay = 86_400;
/** Of the days, how much is left to chance either way. */
const spreadPart = 0.1;
/** So many failures in a row, and an origin is given up. */
const failuresMax = 3;

/** What is known after a visit; one that is not later than the last changes nothing. */
export function afterVisit(
  memory: VisitMemory,
  visit: EndedVisit,
  base: PositionBase,
): VisitMemory {
  const { lastVisitAt, lastVisitStatus, lastSuccessfulAt } = memory;
  if (lastVisitAt !== null && visit.at <= lastVisitAt) return memory;
  const snapshot = visit.outcome === "successful" ? visit.snapshot : null;
  const status = visit.outcome === "successful" && snapshot === null ? "failed" : visit.outcome;
  const isEventful = snapshot !== null && !isSame(snapshot, memory.lastSnapshot);
  const isFirst = lastVisitAt === null;
  const positionOffset = isFirst
    ? memory.positionOffset
    : clamp(memory.positionOffset + (isEventful ? -2 : 1));
  const known = { ...memory, positionOffset, lastVisitAt: visit.at, lastVisitStatus: status };
  const isLater = lastSuccessfulAt === null || visit.at > lastSuccessfulAt;
  return {
    ...known,
    ...(snapshot === null
      ? {}
      : { lastSuccessfulAt: isLater ? visit.at : lastSuccessfulAt, lastSnapshot: snapshot }),
    queuePosition: nextPosition(known, base),
    successiveVisits: !isFirst && status === lastVisitStatus ? memory.successiveVisits + 1 : 1,
  };
}

/** Whether an origin has failed so often in a row that it is no longer to be visited. */
export function isGivenUp({ lastVisitStatus, successiveVisits }: VisitMemory): boolean {
  const isBad = lastVisitStatus === "failed" || lastVisitStatus === "not_found";
  return isBad && successiveVisits >= failuresMax;
}

/** Days that an offset stands for: 1, 1, 2, 2, 2, and four times as many with each step on. */
export function daysBack(offset: number): number {
  if (offset <= 1) return 1;
  return offset <= 4 ? 2 : 4 ** (offset - 4);
}

function nextPosition(memory: VisitMemory, base: PositionBase): bigint {
  const { queuePosition, positionOffset } = memory;
  const from = queuePosition === null || queuePosition === 0n ? base.queuePosition : queuePosition;
  const seconds = daysBack(positionOffset) * secondsPerDay * (1 + spreadPart * base.spread);
  return from + BigInt(Math.trunc(seconds));
}

function clamp(offset: number): number {
  return Math.min(Math.max(offset, 0), offsetMax);
}

function isSame(snapshot: Uint8Array, other: Uint8Array | null): boolean {
  return (
    snapshot.length === other?.length && snapshot.every((byte, index) => byte === other[index])
  );
}

/** A number from -1 to 1 that a text always has, and that similar texts do not share. */
export function spreadOf(text: string): number {
  // FNV-1a, then a last mix: its high bits alone would follow the text's beginning.
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x8000_0000 - 1;
}
