/**
 * Back-pressure of visits: a queue is topped up when enough of it has been worked off, never beyond
 * its length, and looked at again when that is likely to be of use.
 */

/** How a queue is kept. */
export interface QueueRule {
  /** Runs that have not ended, at most. */
  readonly queueLength: number;
  /** From 0 to 1: the part of the length that must be free before it is filled. */
  readonly refillPart: number;
}

/** The fewest free places that are worth a choice; at least one. */
export function roomWanted({ queueLength, refillPart }: QueueRule): number {
  return Math.max(Math.ceil(queueLength * refillPart), 1);
}

/** Places to fill now: 0 until enough are free. */
export function roomToFill(rule: QueueRule, unfinishedCount: number): number {
  const room = rule.queueLength - unfinishedCount;
  return room < roomWanted(rule) ? 0 : room;
}

/**
 * What a look at the queue came to. `paused`: nothing was looked for. `full`: too little room.
 * `filled`: as many origins as were looked for. `dry`: fewer, because no more are to be visited now.
 */
export const refillStates = ["paused", "full", "filled", "dry"] as const;
/** One of them. */
export type RefillState = (typeof refillStates)[number];

/** When to look again, in milliseconds. */
export interface RefillTiming {
  /** While runs wait or something is paused. */
  readonly pollMs: number;
  /** After a look that left nothing to visit. */
  readonly idleMs: number;
}

/** Milliseconds until the next look; 0 when there is room that one batch has not filled. */
export function nextRefillMs(
  look: { readonly state: RefillState; readonly hasRoom: boolean },
  { pollMs, idleMs }: RefillTiming,
): number {
  if (look.state === "dry") return idleMs;
  return look.state === "filled" && look.hasRoom ? 0 : pollMs;
}
