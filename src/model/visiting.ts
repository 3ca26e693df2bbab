/**
 * Visits as work: what is set for the queue of a visit type, and the port between those who fill
 * it and those who work it off.
 */

import type { RunId } from "../kernel/ids.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { Priority } from "../policy/slot-shares.ts";
import type { VisitCooldowns } from "../policy/visit-cooldown.ts";
import type { QueueRule, RefillState, RefillTiming } from "../policy/visit-refill.ts";
import type { VisitPolicy } from "../policy/visit-selection.ts";
import type { RecurrentPolicy } from "../policy/visit-shares.ts";
import type { FinishedRun } from "./run.ts";
import type { Store } from "./store.ts";

/** One policy of a visit type. */
export interface PolicySetting {
  readonly policy: RecurrentPolicy;
  /** Its part of the room, relative to the other weights; above 0. */
  readonly weight: number;
  readonly cooldowns: VisitCooldowns;
}

/** How first visits share the room with recurrent ones. */
export interface FirstVisitSetting {
  /** From 0 to 1: their part of the room while there are any to make. */
  readonly part: number;
  readonly priority: Priority;
}

/** All that is set for the queue of one visit type. */
export interface VisitSetting extends QueueRule, RefillTiming {
  readonly visitType: string;
  /** The name of the task type whose runs visit. */
  readonly task: string;
  readonly policies: readonly PolicySetting[];
  /** Null: none are made. */
  readonly firstVisits: FirstVisitSetting | null;
}

/** The input of a run that visits an origin. */
export interface VisitInput extends JsonObject {
  readonly url: string;
  readonly visitType: string;
  /** Who lists it. */
  readonly lister: { readonly name: string; readonly instanceName: string };
  readonly loaderArguments: JsonObject;
  /** What chose it. */
  readonly policy: VisitPolicy;
  /** When it was updated, as far as its lister knows: RFC 3339 or null. */
  readonly lastUpdateAt: string | null;
  /** When it was visited before: RFC 3339 or null. */
  readonly lastVisitAt: string | null;
  /** The id of what was found then, in hexadecimal. */
  readonly lastSnapshot: string | null;
}

/** What a look at a queue came to. */
export interface Refill {
  readonly visitType: string;
  readonly state: RefillState;
  /** Runs in the queue before; counted no further than its length. */
  readonly unfinishedCount: number;
  /** Free places that are left. */
  readonly roomLeft: number;
  /** How many visits each policy chose; those without any are absent. */
  readonly taken: Readonly<Partial<Record<VisitPolicy, number>>>;
}

/** What the engine needs of the frontier. */
export interface Visiting {
  /** The visit types whose queues this process fills. */
  readonly settings: readonly VisitSetting[];
  /**
   * Fills the queue of a visit type with what is to be visited next, one batch, in one transaction:
   * what is chosen is queued, or neither. Any number of processes may do so side by side; together
   * they never go beyond the length.
   */
  refill(setting: VisitSetting): Promise<Refill>;
  /**
   * Ends claimed runs as `RunStore.finish` does. What came of visits is noted in the transaction in
   * which their runs end: once for each, whatever dies when.
   */
  finish(store: Store, runs: readonly FinishedRun[]): Promise<readonly RunId[]>;
}
