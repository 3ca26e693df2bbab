/**
 * What a claim says about where work is left. Pure. Levels and types are asked in an order and up
 * to limits until the slots are gone, so silence means something only where the asking came by.
 */

import type { TaskTypeId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Claimed, ClaimProbe, ClaimRequest, LevelLimit } from "../model/claim-request.ts";
import { type PerPriority, priorities, type Priority } from "../policy/slot-shares.ts";
import type { TypeStanding } from "./type-standings.ts";

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
  /** Of the types and levels that were asked. */
  readonly standings: readonly TypeStanding[];
  /** Types of which nothing is known, since another process may have held them. */
  readonly unknown: ReadonlySet<TaskTypeId>;
  /** Whether another claim at once may fill slots that this one left. */
  readonly mayHaveMore: boolean;
}

/** Reads the answer to a request, in which these types have limits for keys. */
export function surveyClaim(
  request: ClaimRequest,
  claimed: Claimed,
  keyed: ReadonlySet<TaskTypeId>,
): ClaimSurvey {
  const { runs, isPassedOver } = claimed;
  const byPlace = Map.groupBy(runs, (run) => keyOf(run.typeId, levelOf(run)));
  const countOf: ProbeCount = ({ typeId, level }) => byPlace.get(keyOf(typeId, level))?.length ?? 0;
  const granted = { high: 0, normal: 0, low: 0 };
  for (const run of runs) granted[run.priority] += 1;
  const parts = partsOf(request, claimed);
  const cut = cutLevels(request, { parts, isPassedOver });
  const open = new Set<Priority>(
    request.levels.flatMap(({ level, limit }) => {
      const priority = priorities[level - 1];
      return priority !== undefined && granted[priority] >= limit ? [priority] : [];
    }),
  );
  for (const probe of request.probes) {
    const priority = priorities[probe.level - 1];
    if (priority !== undefined && countOf(probe) >= probe.limit) open.add(priority);
  }
  const left = request.limit - runs.length;
  // Only what the limit of a key held back may lie before a bound.
  const isBounded = request.probes.some(
    ({ typeId, dueFrom }) => dueFrom !== null && keyed.has(typeId),
  );
  return {
    count: runs.length,
    granted,
    open,
    idle: new Set(priorities.filter((level) => !open.has(level) && !cut.has(level))),
    found: [...byPlace.values()].flatMap((each) => foundOf(each, { open, cut })),
    standings: parts.flatMap((part) => standingsOf(part, { countOf, isPassedOver })),
    unknown: isPassedOver ? silentOf(request, runs) : new Set(),
    mayHaveMore: left > 0 && (open.size > 0 || isBounded),
  };
}

/** How many runs of the type and level of a probe were given. */
type ProbeCount = (probe: ClaimProbe) => number;

/** One of the two statements of a claim: what it was asked for, and what it gave. */
interface ClaimPart {
  readonly isLimited: boolean;
  readonly levels: readonly LevelLimit[];
  readonly probes: readonly ClaimProbe[];
  readonly limit: number;
  readonly runs: readonly ClaimedRun[];
}

/** In the order of service; what the first gave is taken off the limits of the second. */
function partsOf(request: ClaimRequest, { runs }: Claimed): readonly ClaimPart[] {
  const limited = new Set(request.limited);
  const kinds = limited.size === 0 ? [false] : [false, true];
  if (request.limitedFirst === true) kinds.reverse();
  const parts: ClaimPart[] = [];
  let { limit, levels } = request;
  for (const isLimited of kinds) {
    const given = runs.filter((run) => limited.has(run.typeId) === isLimited);
    const probes = request.probes.filter((probe) => limited.has(probe.typeId) === isLimited);
    parts.push({ isLimited, levels, probes, limit, runs: given });
    const byLevel = Map.groupBy(given, levelOf);
    levels = levels.map((each) => ({
      ...each,
      limit: each.limit - (byLevel.get(each.level)?.length ?? 0),
    }));
    limit -= given.length;
  }
  return parts;
}

/** The levels at which the asking ended early, because the slots were gone or types were held. */
function cutLevels(
  request: ClaimRequest,
  { parts, isPassedOver }: { readonly parts: readonly ClaimPart[]; readonly isPassedOver: boolean },
): ReadonlySet<Priority> {
  const order = request.levels.flatMap(({ level }) => priorities[level - 1] ?? []);
  if (isPassedOver) return new Set(order);
  return new Set(parts.flatMap((part) => cutOf(order, part)));
}

/** Of one statement: from the level on that gave the last run, if it came to its limit. */
function cutOf(
  order: readonly Priority[],
  { runs, limit }: Pick<ClaimPart, "runs" | "limit">,
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
      level: levelOf(first),
      count: runs.length,
      oldestDueAt,
      isOpen: open.has(first.priority) || cut.has(first.priority),
    },
  ];
}

/**
 * What the statement says of those whom it asked: it went through the probes of each level until
 * the level had what it may get, or until the slots were gone. The one that it ended with was cut.
 */
function standingsOf(
  part: ClaimPart,
  { countOf, isPassedOver }: { readonly countOf: ProbeCount; readonly isPassedOver: boolean },
): readonly TypeStanding[] {
  const isFull = part.runs.length >= part.limit;
  const end = isFull ? part.probes.findLastIndex((probe) => countOf(probe) > 0) : Infinity;
  return part.levels.flatMap(({ level, limit }) => {
    const probes = [...part.probes.entries()].filter(([, probe]) => probe.level === level);
    const given = probes.reduce((sum, [, probe]) => sum + countOf(probe), 0);
    const last = probes.findLast(([, probe]) => countOf(probe) > 0);
    const levelEnd = given >= limit ? Math.min(last?.[0] ?? -1, end) : end;
    return probes.flatMap(([place, probe]): readonly TypeStanding[] => {
      const count = countOf(probe);
      if (place > levelEnd || (count === 0 && part.isLimited && isPassedOver)) return [];
      const hasMore = count >= probe.limit || (count > 0 && place === levelEnd);
      return [{ typeId: probe.typeId, level, hasMore }];
    });
  });
}

/** Types with limits that gave nothing. */
function silentOf(request: ClaimRequest, runs: readonly ClaimedRun[]): ReadonlySet<TaskTypeId> {
  const silent = new Set(request.limited);
  for (const run of runs) silent.delete(run.typeId);
  return silent;
}

function keyOf(typeId: TaskTypeId, level: number): string {
  return `${typeId}/${level}`;
}

function levelOf(run: ClaimedRun): number {
  return priorities.indexOf(run.priority) + 1;
}
