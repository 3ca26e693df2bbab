/**
 * The choice of what to visit next: what has cooled down is made ready, and the fastest path that
 * is exact is taken.
 */

import type { Instant } from "../kernel/instant.ts";
import type { FrontierStore, ListedOrigin, Lister } from "../model/frontier.ts";
import type { WholeNumber } from "../model/swh-task.ts";
import { cooldownLimits, type VisitCooldowns } from "../policy/visit-cooldown.ts";
import {
  type PlannedPath,
  planPath,
  smallListerMax,
  type VisitPolicy,
} from "../policy/visit-selection.ts";

/** What is wanted. */
export interface VisitWish {
  readonly visitType: string;
  readonly policy: VisitPolicy;
  /** Null for all. */
  readonly limit: WholeNumber | null;
  readonly enabled: boolean;
  /** Only what these list; null for all. First visits are asked for of one. */
  readonly listers: readonly Lister[] | null;
  /** The time of the choice; null is now. */
  readonly timestamp: Instant | null;
  readonly cooldowns: VisitCooldowns;
  /** Whether the chosen ones are marked as scheduled. */
  readonly marks: boolean;
}

/** What was chosen, and how. */
export interface VisitChoice extends PlannedPath {
  /** In the order of the policy. */
  readonly origins: readonly ListedOrigin[];
  /** The time of the choice. */
  readonly timestamp: Instant;
  /** How many origins have become ready for it. */
  readonly promoted: number;
}

/** Chooses. */
export async function chooseVisits(store: FrontierStore, wish: VisitWish): Promise<VisitChoice> {
  const { visitType, policy, enabled, listers, cooldowns, limit } = wish;
  const { now, promoted } = await store.promote(visitType, wish.timestamp);
  const timestamp = wish.timestamp ?? now;
  const listerIds = listers === null ? null : listers.map(({ id }) => id);
  const question = { cooldowns, enabled, timestamp, now };
  let plan = planPath({ ...question, readyOfListers: null });
  // First visits have a queue for each lister.
  const hasQueue = policy === "first-visits-after-listing";
  if (plan.path === "ready" && listerIds !== null && !hasQueue) {
    const readyOfListers = await store.countReady(visitType, listerIds, smallListerMax + 1);
    plan = planPath({ ...question, readyOfListers });
  }
  const selection = {
    visitType,
    policy,
    path: plan.path,
    enabled,
    listerIds,
    limits: cooldownLimits(cooldowns, timestamp),
    listingFinishedAt: listers?.[0]?.listingFinishedAt ?? null,
    timestamp,
    limit,
  };
  const origins = await (wish.marks ? store.takeVisits(selection) : store.peekVisits(selection));
  return { ...plan, origins, timestamp, promoted };
}
