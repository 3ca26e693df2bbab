/**
 * Which policies recurrent visits are chosen by, and how the room in a queue is shared among them.
 * Weights are relative: only their proportions count.
 */

import type { Rng } from "../kernel/rng.ts";
import type { VisitPolicy } from "./visit-selection.ts";

/** Policies of recurrent visits: all that need no lister. */
export const recurrentPolicies = [
  "already-visited-by-lag",
  "never-visited-oldest-update-first",
  "without-last-update",
  "stop-after-success",
  "oldest-scheduled-first",
] as const satisfies readonly VisitPolicy[];
/** One of them. */
export type RecurrentPolicy = (typeof recurrentPolicies)[number];

/** Parts by policy; a policy that is absent has none. */
export type PolicyWeights = Readonly<Partial<Record<RecurrentPolicy, number>>>;

const usual: PolicyWeights = {
  "already-visited-by-lag": 40,
  "never-visited-oldest-update-first": 40,
  "without-last-update": 20,
};
/** Where listers nearly always know when an origin was updated. */
const dated: PolicyWeights = {
  "already-visited-by-lag": 49,
  "never-visited-oldest-update-first": 49,
  "without-last-update": 2,
};
/** What never changes: one success is enough. */
const fixed: PolicyWeights = { "stop-after-success": 100 };

const weightsByType: ReadonlyMap<string, PolicyWeights> = new Map([
  ...["git", "hg", "svn", "cvs", "bzr"].map((type) => [type, dated] as const),
  ...["content", "tarball-directory", "git-checkout", "hg-checkout", "svn-export"].map(
    (type) => [type, fixed] as const,
  ),
]);

/**
 * The weights of a visit type for which nothing else is said.
 * @source swh-scheduler: the default policies of `schedule-recurrent`
 */
export function defaultWeights(visitType: string): PolicyWeights {
  return weightsByType.get(visitType) ?? usual;
}

/**
 * Splits `count` by weights that are not all 0: whole numbers that add up to it, none further from
 * its exact share than rounding takes it. Which ones are rounded up is left to chance, so that over
 * many small counts each gets its share; a weight of 0 gets nothing.
 */
export function splitCount(count: number, weights: readonly number[], rng: Rng): readonly number[] {
  let sum = 0;
  const sums = weights.map((weight) => (sum += weight));
  // One offset for all: the borders between the shares move together, and nothing is lost.
  const offset = rng.next();
  let before = Math.floor(offset);
  return sums.map((upTo) => {
    const border = Math.floor(count * (upTo / sum) + offset);
    const share = border - before;
    before = border;
    return share;
  });
}
