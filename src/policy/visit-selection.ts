/**
 * Selection policies of the frontier: which origins are candidates for a visit, and in what order
 * they are chosen. The database chooses by the same rules; these say what is right.
 */

import type { Instant } from "../kernel/instant.ts";
import {
  coversDefaults,
  type VisitCooldowns,
  type VisitStatus,
  type VisitTimes,
} from "./visit-cooldown.ts";

/** The policies, by name. */
export const visitPolicies = [
  "oldest-scheduled-first",
  "never-visited-oldest-update-first",
  "already-visited-by-lag",
  "without-last-update",
  "stop-after-success",
  "first-visits-after-listing",
] as const;
/** One of them. */
export type VisitPolicy = (typeof visitPolicies)[number];

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

/**
 * Where candidates are looked for. `ready`: along the policy's order through what the default
 * cool-downs let go. `lister`: the same of one small lister, put in order. `all`: what is cooling
 * down as well. `disabled`: what is not enabled.
 */
export type SelectionPath = "ready" | "lister" | "all" | "disabled";

/** A path, and why none that is faster is exact. */
export interface PlannedPath {
  readonly path: SelectionPath;
  readonly reason: string;
}

/** What the path depends on. */
export interface PathQuestion {
  readonly cooldowns: VisitCooldowns;
  readonly enabled: boolean;
  /** The time of the choice, and that of the database. */
  readonly timestamp: Instant;
  readonly now: Instant;
  /**
   * Ready origins of the listers that are asked for, counted no further than needed. Null when all
   * are asked for, or the policy has a queue for each lister.
   */
  readonly readyOfListers: number | null;
}

/** Ready origins of a lister up to which putting them in order beats looking for them. */
export const smallListerMax = 10_000;

/** Chooses the fastest path that is exact. */
export function planPath(question: PathQuestion): PlannedPath {
  const { cooldowns, enabled, timestamp, now, readyOfListers } = question;
  if (!enabled) return { path: "disabled", reason: "disabled origins are in no queue" };
  if (!coversDefaults(cooldowns)) {
    return { path: "all", reason: "a cool-down is shorter than the default" };
  }
  if (timestamp > now) return { path: "all", reason: "the time of the choice is still to come" };
  if (readyOfListers !== null && readyOfListers <= smallListerMax) {
    return { path: "lister", reason: "the listers have few origins ready" };
  }
  return { path: "ready", reason: "the policy's queue holds every candidate" };
}
