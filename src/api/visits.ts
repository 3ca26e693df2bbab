/** Visits of origins by this installation's own workers: what can be set of them, and how they stand. */

import type { Priority } from "../policy/slot-shares.ts";
import type { RefillState } from "../policy/visit-refill.ts";
import type { VisitPolicy } from "../policy/visit-selection.ts";
import type { RecurrentPolicy } from "../policy/visit-shares.ts";
import type { VisitCooldownOptions } from "./frontier.ts";

/** Queues of visits, by visit type. */
export type VisitsOptions = Readonly<Record<string, VisitTypeOptions>>;

/** How origins of one visit type are visited. */
export interface VisitTypeOptions {
  /** The name of the task type whose runs visit them; each visit type needs one of its own. */
  readonly task: string;
  /**
   * Runs of the task type that have not ended, 1 to 100000: the queue is filled so far and never
   * beyond, by however many processes. A long one keeps many workers busy, a short one follows
   * changes of the frontier sooner.
   * @defaultValue 1000
   */
  readonly queueLength?: number;
  /**
   * The part of the length that must be free before it is filled, 0 to 1.
   * @defaultValue 0.05
   */
  readonly refillPart?: number;
  /**
   * Which policies choose, and their weights relative to each other; those that are not named
   * choose nothing.
   * @defaultValue by visit type, as docs/visits.md says
   */
  readonly policies?: Readonly<Partial<Record<RecurrentPolicy, number | VisitPolicyOptions>>>;
  /** First visits for listers that ask for them; false makes none. */
  readonly firstVisits?: FirstVisitOptions | false;
  /**
   * Milliseconds between looks at the queue, 10 to an hour. Runs that end in this process make it
   * look sooner; this bounds the wait for what ends elsewhere.
   * @defaultValue 5000
   */
  readonly pollMs?: number;
  /**
   * Milliseconds until the next look when there was nothing more to visit, 10 to a day.
   * @defaultValue 60000
   */
  readonly idleMs?: number;
}

/** A policy with cool-downs of its own. */
export interface VisitPolicyOptions {
  /** 0 to 1000000. */
  readonly weight: number;
  readonly cooldowns?: VisitCooldownOptions;
}

/** How first visits share the room with the others. */
export interface FirstVisitOptions {
  /**
   * Their part of the room while there are any to make, above 0 to 1. What one side leaves, the
   * other may have.
   * @defaultValue 0.5
   */
  readonly part?: number;
  /** @defaultValue high */
  readonly priority?: Priority;
}

/** The queue of a visit type. */
export interface VisitQueueRecord {
  readonly visitType: string;
  readonly task: string;
  readonly queueLength: number;
  /** Runs of the task type that have not ended; counted no further than the length. */
  readonly unfinishedCount: number;
  /** Parts of the room by policy; they add up to 1. */
  readonly shares: Readonly<Partial<Record<RecurrentPolicy, number>>>;
}

/** What a look at a queue came to. */
export interface RefillRecord {
  readonly visitType: string;
  /**
   * `paused`: nothing was looked for. `full`: too little room. `filled`: as many origins as were
   * looked for, 1000 at most. `dry`: fewer, since no more are to be visited now.
   */
  readonly state: RefillState;
  /** Runs in the queue before. */
  readonly unfinishedCount: number;
  /** Free places that are left. */
  readonly roomLeft: number;
  /** How many visits each policy chose. */
  readonly taken: Readonly<Partial<Record<VisitPolicy, number>>>;
}

/** The queues of visits that this process was opened with. */
export interface Visits {
  /** All of them, by visit type. */
  list(): Promise<readonly VisitQueueRecord[]>;
  /**
   * Fills the queue of a visit type now, one batch, as its loop does by itself.
   * @throws InvalidInputError `ORR_INPUT_INVALID` for a visit type without a queue here
   */
  refill(visitType: string): Promise<RefillRecord>;
}
