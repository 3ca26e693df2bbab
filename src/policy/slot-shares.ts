/**
 * Which priority levels get the free slots of a worker. Under contention each level is served in
 * proportion to its share (weighted fair queueing over levels); a share that nobody waits for goes
 * to the others. The order within a level is by due time and not decided here.
 */

/** The levels, best first. */
export const priorities = ["high", "normal", "low"] as const;

/** A level; a run without one counts as `normal`. */
export type Priority = (typeof priorities)[number];

/** A number for each level. */
export type PerPriority = Readonly<Record<Priority, number>>;

/** The parts of contended slots, by default. */
export const slotSharesDefault: PerPriority = { high: 0.5, normal: 0.3, low: 0.2 };

/**
 * Virtual service time received by each level: slots divided by share. The level that is furthest
 * behind is served next, so that the shares hold over time even if slots come one by one.
 */
export type ServiceCredit = PerPriority;

/** Nobody has been served yet. */
export const serviceCreditStart: ServiceCredit = { high: 0, normal: 0, low: 0 };

/**
 * Splits `slotCount` slots among the levels that have `waiting` runs (at most that many each).
 * Ties go to the better level. Levels without a share are served last.
 */
export function allocateSlots(request: {
  readonly slotCount: number;
  readonly waiting: PerPriority;
  readonly shares: PerPriority;
  readonly credit: ServiceCredit;
}): PerPriority {
  const grants: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
  const served: Record<Priority, number> = { ...request.credit };
  for (let left = request.slotCount; left > 0;) {
    const open = priorities.filter((each) => grants[each] < request.waiting[each]);
    const parts = partsOf(open, { left, served, shares: request.shares });
    if (parts.length === 0) break;
    for (const [level, part] of parts) {
      const count = Math.min(part, request.waiting[level] - grants[level]);
      grants[level] += count;
      served[level] += count * cost(request.shares[level]);
      left -= count;
    }
  }
  return grants;
}

/**
 * The credit after `granted` slots went out while the levels in `waiting` had work. A level that
 * was idle is brought forward to the busy ones, so that it cannot claim the past.
 */
export function chargeCredit(request: {
  readonly credit: ServiceCredit;
  readonly granted: PerPriority;
  readonly waiting: PerPriority;
  readonly shares: PerPriority;
}): ServiceCredit {
  const charged: Record<Priority, number> = { ...request.credit };
  for (const level of priorities) {
    charged[level] += request.granted[level] * cost(request.shares[level]);
  }
  const busy = priorities.filter((level) => request.waiting[level] > 0);
  const floor = Math.min(...busy.map((level) => charged[level]));
  // Only differences matter: keeping the floor at zero keeps the numbers small for ever.
  const base = Number.isFinite(floor) ? floor : Math.max(...Object.values(charged));
  for (const level of priorities) charged[level] = Math.max(charged[level] - base, 0);
  return charged;
}

/** Slots of which most are given at once; the others even out what rounding cuts off. */
const manySlots = 40;

/**
 * Who gets the next slots, and how many: the only level that is open all of them; levels that are
 * behind the others, and within a slot of each other, most of what they need to come up to them;
 * and else the one that is furthest behind one.
 */
function partsOf(
  open: readonly Priority[],
  given: { readonly left: number; readonly served: PerPriority; readonly shares: PerPriority },
): readonly (readonly [Priority, number])[] {
  const { left, served, shares } = given;
  const next = furthestBehind(open, given);
  if (next === undefined) return [];
  if (open.length === 1) return [[next, left]];
  const least = Math.min(...open.map((level) => served[level]));
  const isBehind = (level: Priority): boolean => served[level] - least <= cost(shares[level]);
  const behind = open.filter(isBehind);
  const others = open.filter((level) => !isBehind(level));
  const total = behind.reduce((sum, level) => sum + shares[level], 0);
  const gap =
    Math.min(...others.map((level) => served[level])) -
    Math.max(...behind.map((level) => served[level]));
  const many = Math.min(left, gap * total) - manySlots / 2;
  // Nor where none of them has a share, which makes it no number.
  if (!(many > manySlots / 2)) return [[next, 1]];
  return behind.map((level) => [level, Math.floor((many * shares[level]) / total)]);
}

/** A level without a share pays so much that every other level goes first. */
const costWithoutShare = 1_000_000;

function cost(share: number): number {
  return share > 0 ? 1 / share : costWithoutShare;
}

/**
 * Of the levels that are not ahead of the others the one that would be done first. Without the
 * first condition a big share takes its slots in a bunch, which can put it more than one ahead.
 */
function furthestBehind(
  levels: readonly Priority[],
  { served, shares }: { readonly served: PerPriority; readonly shares: PerPriority },
): Priority | undefined {
  const finish = (level: Priority): number => served[level] + cost(shares[level]);
  const average = meanService(levels, { served, shares });
  let best: Priority | undefined;
  for (const level of levels) {
    if (served[level] > average + roundingError) continue;
    if (best === undefined || finish(level) < finish(best) - roundingError) best = level;
  }
  return best;
}

/** Where all would stand if each had exactly its share; levels without share do not count. */
function meanService(
  levels: readonly Priority[],
  { served, shares }: { readonly served: PerPriority; readonly shares: PerPriority },
): number {
  const total = levels.reduce((sum, level) => sum + shares[level], 0);
  if (total === 0) return Number.POSITIVE_INFINITY;
  return levels.reduce((sum, level) => sum + shares[level] * served[level], 0) / total;
}

/** Sums of fractions are taken to be equal within this. */
const roundingError = 1e-9;
