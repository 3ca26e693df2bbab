/**
 * What a claim says about where work is left. Pure. Levels and types are asked in an order and up
 * to limits until the slots are gone, so silence means something only where the asking came by.
 */

import type { TaskTypeId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Claimed, ClaimRequest } from "../model/store.ts";
import { type PerPriority, priorities, type Priority } from "../policy/slot-shares.ts";

/** Runs of one type and level that a claim found. */
export interface FoundRuns {
  readonly typeId: TaskTypeId;
  /** 1 high, 2 normal, 3 low. */
  readonly level: number;
  readonly count: number;
  readonly oldestDueAt: Instant;
  /** Whether more may be left. */
  readonly isOpen: boolean;
}

/** What a claim says. */
export interface ClaimSurvey {
  readonly count: number;
  readonly granted: PerPriority;
  /** Levels that may have more. */
  readonly open: ReadonlySet<Priority>;
  /** Levels that have no more, as far as limits of types let them give. */
  readonly idle: ReadonlySet<Priority>;
  readonly found: readonly FoundRuns[];
  /** Whether another claim at once may fill slots that this one left. */
  readonly mayHaveMore: boolean;
}

/** Reads the answer to a request. */
export function surveyClaim(request: ClaimRequest, claimed: Claimed): ClaimSurvey {
  const { runs } = claimed;
  const byKey = Map.groupBy(runs, (run) => `${run.typeId}/${run.priority}`);
  const granted = { high: 0, normal: 0, low: 0 };
  for (const run of runs) granted[run.priority] += 1;
  const cut = cutLevels(request, claimed);
  const open = new Set<Priority>(
    request.levels.flatMap(({ level, limit }) => {
      const priority = priorities[level - 1];
      return priority !== undefined && granted[priority] >= limit ? [priority] : [];
    }),
  );
  for (const { typeId, level, limit } of request.probes) {
    const priority = priorities[level - 1];
    const count = byKey.get(`${typeId}/${priority}`)?.length ?? 0;
    if (priority !== undefined && count >= limit) open.add(priority);
  }
  const left = request.limit - runs.length;
  // Only what a limit held back may lie before a bound.
  const limited = new Set(request.limited);
  const isBounded = request.probes.some(
    ({ typeId, dueFrom }) => dueFrom !== null && limited.has(typeId),
  );
  return {
    count: runs.length,
    granted,
    open,
    idle: new Set(priorities.filter((level) => !open.has(level) && !cut.has(level))),
    found: [...byKey.values()].flatMap((each) => foundOf(each, { open, cut })),
    mayHaveMore: left > 0 && (open.size > 0 || isBounded),
  };
}

/** The levels at which the asking ended early, because the slots were gone or types were held. */
function cutLevels(request: ClaimRequest, claimed: Claimed): ReadonlySet<Priority> {
  const order = request.levels.flatMap(({ level }) => priorities[level - 1] ?? []);
  if (claimed.isPassedOver) return new Set(order);
  const isLimited = (run: ClaimedRun): boolean => request.limited.includes(run.typeId);
  const free = claimed.runs.filter((run) => !isLimited(run));
  const bounded = claimed.runs.filter(isLimited);
  const parts = request.limited.length === 0 ? [free] : [free, bounded];
  if (request.limitedFirst === true) parts.reverse();
  const cut = new Set<Priority>();
  let limit = request.limit;
  for (const runs of parts) {
    for (const level of cutOf(order, { runs, limit })) cut.add(level);
    limit -= runs.length;
  }
  return cut;
}

/** Of one statement: from the level on that gave the last run, if it came to its limit. */
function cutOf(
  order: readonly Priority[],
  { runs, limit }: { readonly runs: readonly ClaimedRun[]; readonly limit: number },
): readonly Priority[] {
  if (runs.length < limit) return [];
  const given = new Set(runs.map((run) => run.priority));
  const last = order.findLastIndex((level) => given.has(level));
  return order.slice(Math.max(last, 0));
}

function foundOf(
  runs: readonly ClaimedRun[],
  { open, cut }: { readonly open: ReadonlySet<Priority>; readonly cut: ReadonlySet<Priority> },
): readonly FoundRuns[] {
  const [first] = runs;
  if (first === undefined) return [];
  const oldestDueAt = runs.reduce((due, run) => (run.dueAt < due ? run.dueAt : due), first.dueAt);
  return [
    {
      typeId: first.typeId,
      level: priorities.indexOf(first.priority) + 1,
      count: runs.length,
      oldestDueAt,
      isOpen: open.has(first.priority) || cut.has(first.priority),
    },
  ];
}
