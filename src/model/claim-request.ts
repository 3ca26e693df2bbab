/** What a worker asks the queue for, and what it gets. */

import type { TaskTypeId, WorkerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimedRun } from "./run.ts";

/** How many runs of one priority a worker would take. */
export interface LevelLimit {
  /** 1 high, 2 normal, 3 low. */
  readonly level: number;
  readonly limit: number;
}

/** How many runs of one type and priority a worker would take. */
export interface ClaimProbe {
  readonly typeId: TaskTypeId;
  /** 1 high, 2 normal, 3 low. */
  readonly level: number;
  readonly limit: number;
  /** The lower bound: scan from this due time; null scans from the beginning. */
  readonly dueFrom: Instant | null;
}

/** A lower bound that a worker has learnt. */
export interface ClaimBound {
  readonly typeId: TaskTypeId;
  /** 1 high, 2 normal, 3 low. */
  readonly level: number;
  readonly dueFrom: Instant;
}

/** What a worker asks for. */
export interface ClaimRequest {
  readonly workerId: WorkerId;
  /** Served in this order; the probes of each in theirs. */
  readonly levels: readonly LevelLimit[];
  readonly probes: readonly ClaimProbe[];
  /** Types among the probes that have limits: their claims are counted, one process a time. */
  readonly limited: readonly TaskTypeId[];
  /**
   * Those of them that are known to have due runs: the others are asked before any is locked.
   * @defaultValue none
   */
  readonly busy?: readonly TaskTypeId[];
  /** Whether the types with limits come before the others. @defaultValue false */
  readonly limitedFirst?: boolean;
  /** The most runs, over all probes. */
  readonly limit: number;
  /**
   * How many of them start at once. What is claimed of a type with limits beyond that waits for a
   * slot and counts all the while: it leaves half of the type's limit free, and is none where keys
   * have a limit. @defaultValue the limit
   */
  readonly startCount?: number;
  readonly leaseMs: number;
}

/** What a worker got. */
export interface Claimed {
  readonly runs: readonly ClaimedRun[];
  /** Types with due runs were passed over because another process was counting theirs. */
  readonly isPassedOver: boolean;
}
