/**
 * What is right for a choice of origins, written out one by one: which are candidates for a visit,
 * and in what order a policy chooses them. The database chooses by statements of its own; tests
 * hold them against these rules.
 */

import type { Instant } from "../../src/kernel/instant.ts";
import type { CooldownLimits, VisitStatus } from "../../src/policy/visit-cooldown.ts";
import type { VisitPolicy } from "../../src/policy/visit-selection.ts";

/** What cool-downs look at. */
export interface VisitTimes {
  readonly lastScheduledAt: Instant | null;
  readonly lastVisitAt: Instant | null;
  readonly lastVisitStatus: VisitStatus | null;
}

/** Whether an origin has cooled down. */
export function hasCooledDown(times: VisitTimes, limits: CooldownLimits): boolean {
  const { lastScheduledAt, lastVisitAt, lastVisitStatus } = times;
  const { scheduledBefore, unvisitedBefore, failedBefore, notFoundBefore } = limits;
  if (lastScheduledAt !== null) {
    if (scheduledBefore !== null && lastScheduledAt >= scheduledBefore) return false;
    const isVisited = lastVisitAt !== null && lastScheduledAt < lastVisitAt;
    if (unvisitedBefore !== null && !isVisited && lastScheduledAt >= unvisitedBefore) return false;
  }
  const limit = { successful: null, failed: failedBefore, not_found: notFoundBefore };
  const visitedBefore = lastVisitStatus === null ? null : limit[lastVisitStatus];
  return visitedBefore === null || (lastVisitAt !== null && lastVisitAt < visitedBefore);
}

/** What a policy looks at. */
export interface Candidate extends VisitTimes {
  readonly lastUpdateAt: Instant | null;
  readonly firstSeenAt: Instant;
  readonly lastSuccessfulAt: Instant | null;
  readonly hasSnapshot: boolean;
  readonly queuePosition: bigint | null;
  readonly lastVisitStatus: VisitStatus | null;
}

/** What `first-visits-after-listing` needs besides. */
export interface SelectionFacts {
  /** When the lister has last listed all of its origins. */
  readonly listingFinishedAt: Instant | null;
}

/**
 * A place in the order of a policy: smaller numbers first, part by part; null as the policy says.
 */
export type SortKey = readonly (bigint | "first" | "last")[];

interface Rule {
  /** Whether the policy takes it at all. */
  readonly takes: (candidate: Candidate, facts: SelectionFacts) => boolean;
  readonly key: (candidate: Candidate) => SortKey;
}

const byLastScheduled = ({ lastScheduledAt }: Candidate): SortKey => [lastScheduledAt ?? "first"];

const rules: Readonly<Record<VisitPolicy, Rule>> = {
  "oldest-scheduled-first": { takes: () => true, key: byLastScheduled },
  "never-visited-oldest-update-first": {
    takes: ({ hasSnapshot, lastUpdateAt }) => !hasSnapshot && lastUpdateAt !== null,
    key: ({ lastUpdateAt }) => [lastUpdateAt ?? "last"],
  },
  "already-visited-by-lag": {
    takes: (candidate) => candidate.hasSnapshot && lagOf(candidate) > 0n,
    key: (candidate) => [-lagOf(candidate)],
  },
  "without-last-update": {
    takes: ({ lastUpdateAt }) => lastUpdateAt === null,
    key: ({ queuePosition, firstSeenAt }) => [queuePosition ?? "first", firstSeenAt],
  },
  "stop-after-success": {
    takes: ({ lastVisitStatus }) => lastVisitStatus !== "successful",
    key: ({ lastUpdateAt, firstSeenAt }) => [lastUpdateAt ?? "last", firstSeenAt],
  },
  "first-visits-after-listing": {
    takes: ({ lastScheduledAt }, { listingFinishedAt }) =>
      lastScheduledAt === null ||
      (listingFinishedAt !== null && lastScheduledAt < listingFinishedAt),
    key: byLastScheduled,
  },
};

/** Microseconds from the last successful visit to an update after it; 0 when there is none. */
function lagOf({ lastUpdateAt, lastSuccessfulAt }: Candidate): bigint {
  if (lastUpdateAt === null || lastSuccessfulAt === null) return 0n;
  return lastUpdateAt > lastSuccessfulAt ? lastUpdateAt - lastSuccessfulAt : 0n;
}

/** Whether a policy takes a candidate; cool-downs are apart. */
export function isTaken(policy: VisitPolicy, candidate: Candidate, facts: SelectionFacts): boolean {
  return rules[policy].takes(candidate, facts);
}

/** Where a candidate stands in the order of a policy. */
export function sortKeyOf(policy: VisitPolicy, candidate: Candidate): SortKey {
  return rules[policy].key(candidate);
}

/** Negative when `left` comes first, positive when `right` does; ties have no order. */
export function compareSortKeys(pair: { readonly left: SortKey; readonly right: SortKey }): number {
  for (const [index, left] of pair.left.entries()) {
    const order = comparePart(left, pair.right[index] ?? "last");
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(left: SortKey[number], right: SortKey[number]): number {
  if (left === right) return 0;
  if (left === "first" || right === "last") return -1;
  if (right === "first" || left === "last") return 1;
  return left < right ? -1 : 1;
}
