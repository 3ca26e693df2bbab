/**
 * The loop that claims due runs for the free slots of a worker.
 *
 * Slots go to priority levels by their shares (`policy/slot-shares.ts`) and, within a level, to the
 * task types in turn. Levels and types that yielded nothing lately are asked first but counted as
 * idle, so that they cost nothing, keep nobody waiting, and are noticed as soon as they have work.
 * While there is a backlog the scan starts at the due time where the last one did: what lies before
 * is claimed already. When a scan yields less than asked, the next one starts from the beginning.
 */

import type { TaskTypeId, WorkerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { ClaimProbe, ClaimRequest, Store } from "../model/store.ts";
import {
  allocateSlots,
  chargeCredit,
  type PerPriority,
  priorities,
  type Priority,
  type ServiceCredit,
  serviceCreditStart,
} from "../policy/slot-shares.ts";

/** A task type that the worker serves. */
export interface ServedType {
  readonly id: TaskTypeId;
  /** Whether claims are counted against limits. */
  readonly isLimited: boolean;
}

/** What a worker claims with. */
export interface ClaimingOptions {
  readonly store: Store;
  readonly shares: PerPriority;
  readonly leaseMs: number;
}

/** Scans from the beginning at least after so many bounded ones, to find retries and late commits. */
const boundedScansMax = 20;

/** Claims runs and remembers what it learnt about where the work is. */
export class Claiming {
  readonly #options: ClaimingOptions;
  #credit: ServiceCredit = serviceCreditStart;
  #busyLevels: ReadonlySet<Priority> = new Set(priorities);
  #busyTypes: ReadonlySet<TaskTypeId> = new Set();
  #bounds = new Map<string, Instant>();
  #boundedScans = 0;
  #rotation = 0;

  constructor(options: ClaimingOptions) {
    this.#options = options;
  }

  /** Claims at most `slotCount` runs of the types served, best levels first. */
  async claim(request: {
    readonly workerId: WorkerId;
    readonly slotCount: number;
    readonly types: readonly ServedType[];
  }): Promise<readonly ClaimedRun[]> {
    const claimed: ClaimedRun[] = [];
    // Bounded: each further scan needs that the one before found a level with more to give.
    for (let scan = 0; scan < priorities.length + 1; scan += 1) {
      const slotCount = request.slotCount - claimed.length;
      if (slotCount <= 0 || request.types.length === 0) break;
      const scanRequest = this.#plan({ ...request, slotCount });
      const found = await this.#options.store.runs.claim(scanRequest);
      claimed.push(...found);
      if (!this.#learn(scanRequest, found)) break;
    }
    return claimed.toSorted(byPriorityAndDueTime);
  }

  #plan(request: {
    readonly workerId: WorkerId;
    readonly slotCount: number;
    readonly types: readonly ServedType[];
  }): ClaimRequest {
    const grants = this.#allocate(request.slotCount);
    const quiet = priorities.filter((level) => !this.#busyLevels.has(level));
    const busy = priorities.filter((level) => this.#busyLevels.has(level));
    const levels = [...quiet, ...busy].map((level) => ({
      level: priorities.indexOf(level) + 1,
      limit: Math.max(grants[level], 1),
    }));
    if (this.#boundedScans >= boundedScansMax) this.#forgetBounds();
    this.#boundedScans += 1;
    this.#rotation += 1;
    const types = rotated(request.types, this.#rotation);
    return {
      workerId: request.workerId,
      levels,
      probes: levels.flatMap(({ level, limit }) =>
        types.map((type) => this.#probe({ type, level, levelLimit: limit })),
      ),
      limited: types.filter((type) => type.isLimited).map((type) => type.id),
      limit: request.slotCount,
      leaseMs: this.#options.leaseMs,
    };
  }

  /** The share of each level: of the busy ones exactly, of a quiet one as if it alone were busy. */
  #allocate(slotCount: number): PerPriority {
    const { shares } = this.#options;
    const waitingOf = (levels: ReadonlySet<Priority>): PerPriority => ({
      high: levels.has("high") ? slotCount : 0,
      normal: levels.has("normal") ? slotCount : 0,
      low: levels.has("low") ? slotCount : 0,
    });
    const credit = this.#credit;
    const grantOf = (level: Priority): number =>
      allocateSlots({
        slotCount,
        shares,
        credit,
        waiting: waitingOf(new Set([...this.#busyLevels, level])),
      })[level];
    return { high: grantOf("high"), normal: grantOf("normal"), low: grantOf("low") };
  }

  #probe(wanted: {
    readonly type: ServedType;
    readonly level: number;
    readonly levelLimit: number;
  }): ClaimProbe {
    const { type, level, levelLimit } = wanted;
    // The types with work share the level; the others get as much as one of them would.
    const sharers = Math.max(this.#busyTypes.size + (this.#busyTypes.has(type.id) ? 0 : 1), 1);
    return {
      typeId: type.id,
      level,
      limit: Math.ceil(levelLimit / sharers),
      dueFrom: this.#bounds.get(boundKey(type.id, level)) ?? null,
    };
  }

  /** Takes note of what a scan found; answers whether another one now may find more. */
  #learn(request: ClaimRequest, found: readonly ClaimedRun[]): boolean {
    const granted: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
    const oldest = new Map<string, Instant>();
    for (const run of found) {
      granted[run.priority] += 1;
      const key = boundKey(run.typeId, priorities.indexOf(run.priority) + 1);
      const known = oldest.get(key);
      if (known === undefined || run.dueAt < known) oldest.set(key, run.dueAt);
    }
    const wasBounded = this.#bounds.size > 0;
    const wasBusy = this.#busyLevels;
    this.#busyLevels = new Set(priorities.filter((level) => granted[level] > 0));
    this.#busyTypes = new Set(found.map((run) => run.typeId));
    this.#credit = chargeCredit({
      credit: this.#credit,
      granted,
      waiting: granted,
      shares: this.#options.shares,
    });
    if (found.length >= request.limit) {
      for (const [key, due] of oldest) this.#bounds.set(key, due);
      return false;
    }
    this.#forgetBounds();
    // Less than asked: there is more only where a limit, a bound or an idle guess held us back.
    return found.length > 0 || wasBounded || wasBusy.size === 0;
  }

  #forgetBounds(): void {
    this.#bounds.clear();
    this.#boundedScans = 0;
  }
}

function boundKey(typeId: TaskTypeId, level: number): string {
  return `${typeId}/${level}`;
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function byPriorityAndDueTime(one: ClaimedRun, other: ClaimedRun): number {
  const levels = priorities.indexOf(one.priority) - priorities.indexOf(other.priority);
  if (levels !== 0) return levels;
  return one.dueAt < other.dueAt ? -1 : one.dueAt > other.dueAt ? 1 : one.id - other.id;
}
