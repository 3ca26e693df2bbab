/**
 * Early starts: a run that is queued in a process which has a free slot for it starts there at
 * once. It is queued and claimed in one transaction, instead of being queued, told of, looked for
 * and claimed.
 */

import type { WorkerId } from "../kernel/ids.ts";
import type { ClaimedRun, NamedRun } from "./run.ts";

/** Whom a claim is for, and how long it holds without a sign of life. */
export interface ClaimLease {
  readonly workerId: WorkerId;
  /** Milliseconds. */
  readonly leaseMs: number;
}

/** The part of the queue that early starts need. */
export interface EarlyRunStore {
  /**
   * Queues runs and claims them in the same moment, if nothing is paused and none of the types is
   * unknown or has a limit; undefined, and nothing is queued, if not.
   */
  enqueueClaimed(
    runs: readonly NamedRun[],
    lease: ClaimLease,
  ): Promise<readonly ClaimedRun[] | undefined>;
}

/** Slots that are kept free until they are used or the reservation is disposed of. */
export interface SlotReservation extends ClaimLease, Disposable {
  /** Starts runs that have been claimed for the worker, as many as slots were asked for at most. */
  start(runs: readonly ClaimedRun[]): void;
}

/**
 * Asks for a slot for a run of each of these task types, named as often as it has runs. Undefined
 * if there are none to spare, or if limits have to be counted first.
 */
export type ReserveSlots = (typeNames: readonly string[]) => SlotReservation | undefined;
