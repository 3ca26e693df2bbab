/**
 * Claims due runs for the free slots of a worker.
 *
 * Slots go to priority levels by their shares (`policy/slot-shares.ts`) and, within a level, to the
 * task types, those first that were served longest ago. A level or type counts as busy while it had
 * more to give than it was asked for. Who is quiet costs nothing and keeps nobody waiting, but is
 * asked as soon as its turn has come, so that new work is noticed.
 * While there is a backlog the scan starts at the due time where the last one did: what lies before
 * is claimed already. Retries and late commits may lie before it, so a bound is soon forgotten.
 */

import type { Clock } from "../kernel/clock.ts";
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
import { surveyClaim, type ClaimSurvey } from "./claim-survey.ts";

/** A task type that the worker serves. */
export interface ServedType {
  readonly id: TaskTypeId;
  /** Whether claims are counted against limits. */
  readonly isLimited: boolean;
}

/** What a worker claims with. */
export interface ClaimingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly shares: PerPriority;
  readonly leaseMs: number;
}

/** What a worker asks for. */
export interface ClaimWish {
  readonly workerId: WorkerId;
  /** The most runs. */
  readonly slotCount: number;
  /** The most of types with limits: held and not started they would count against them. */
  readonly limitedCount: number;
  readonly types: readonly ServedType[];
}

/** What it got. */
export interface ClaimAnswer {
  readonly runs: readonly ClaimedRun[];
  /** Types were passed over that another process was claiming from: worth another try soon. */
  readonly isPassedOver: boolean;
}

/** Milliseconds for which a lower bound holds: then a scan starts from the beginning again. */
const boundsMsMax = 1_000;

/** Scans of one claim: each but the first needs that the one before was held back by its plan. */
const scansMax = 4;

/** Claims runs and remembers what it learnt about where the work is. */
export class Claiming {
  readonly #options: ClaimingOptions;
  #credit: ServiceCredit = serviceCreditStart;
  /** At first all: the best one is not to get everything until the others have been asked. */
  #busyLevels: ReadonlySet<Priority> = new Set(priorities);
  /** The types that had work lately, by level. */
  readonly #busyTypes = new Map<number, ReadonlySet<TaskTypeId>>();
  /** When each type was served last, as a number that grows. */
  readonly #servedAt = new Map<TaskTypeId, number>();
  readonly #bounds = new Map<string, Instant>();
  #boundsUntilMs = Number.NEGATIVE_INFINITY;
  #scanCount = 0;

  constructor(options: ClaimingOptions) {
    this.#options = options;
  }

  /** Claims at most `slotCount` runs of the types served, best levels first. */
  async claim(wish: ClaimWish): Promise<ClaimAnswer> {
    const runs: ClaimedRun[] = [];
    let isPassedOver = false;
    for (let scan = 0; scan < scansMax; scan += 1) {
      const slotCount = wish.slotCount - runs.length;
      const limitedCount = Math.max(wish.limitedCount - runs.length, 0);
      if (slotCount <= 0 || wish.types.length === 0) break;
      const request = this.#plan({ ...wish, slotCount, limitedCount });
      const claimed = await this.#options.store.runs.claim(request);
      isPassedOver = claimed.isPassedOver;
      runs.push(...claimed.runs);
      const survey = surveyClaim(request, claimed);
      this.#learn(request, survey);
      if (!survey.mayHaveMore) break;
    }
    return { runs: runs.toSorted(byPriorityAndDueTime), isPassedOver };
  }

  #plan(wish: ClaimWish): ClaimRequest {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs >= this.#boundsUntilMs) {
      this.#bounds.clear();
      this.#boundsUntilMs = nowMs + boundsMsMax;
    }
    this.#scanCount += 1;
    const levels = this.#levels(wish.slotCount);
    const claimable = wish.types.filter((type) => wish.limitedCount > 0 || !type.isLimited);
    const types = claimable.toSorted(
      (one, other) => this.#lastServed(one) - this.#lastServed(other),
    );
    return {
      workerId: wish.workerId,
      levels,
      probes: levels.flatMap(({ level, limit }) =>
        types.map((type) => {
          const levelLimit = type.isLimited ? Math.min(limit, wish.limitedCount) : limit;
          return this.#probe({ type, level, levelLimit });
        }),
      ),
      limited: types.filter((type) => type.isLimited).map((type) => type.id),
      // In turns, since the slots may be gone after those that come first.
      limitedFirst: this.#scanCount % 2 === 0,
      limit: wish.slotCount,
      leaseMs: this.#options.leaseMs,
    };
  }

  /**
   * The levels in the order of service. Quiet ones whose turn it would be, were they busy, come
   * first: if they have nothing they cost nothing. The busy ones follow with their shares, and
   * those whose turn it is not come last, to take what nobody else wants.
   */
  #levels(slotCount: number): ClaimRequest["levels"] {
    const busy = this.#busyLevels;
    const shareOf = (level: Priority): number =>
      this.#allocate(slotCount, new Set([...busy, level]))[level];
    const share = { high: shareOf("high"), normal: shareOf("normal"), low: shareOf("low") };
    const due = priorities.filter((level) => share[level] > 0);
    const idle = priorities.filter((level) => share[level] === 0);
    return [
      ...due.filter((level) => !busy.has(level)),
      ...due.filter((level) => busy.has(level)),
      ...idle.toSorted((one, other) => this.#credit[one] - this.#credit[other]),
    ].map((level) => ({
      level: priorities.indexOf(level) + 1,
      limit: share[level] === 0 ? slotCount : share[level],
    }));
  }

  #allocate(slotCount: number, busy: ReadonlySet<Priority>): PerPriority {
    const waitingOf = (level: Priority): number => (busy.has(level) ? slotCount : 0);
    return allocateSlots({
      slotCount,
      waiting: { high: waitingOf("high"), normal: waitingOf("normal"), low: waitingOf("low") },
      shares: this.#options.shares,
      credit: this.#credit,
    });
  }

  #probe(wanted: {
    readonly type: ServedType;
    readonly level: number;
    readonly levelLimit: number;
  }): ClaimProbe {
    const { type, level, levelLimit } = wanted;
    // Types with work at the level share it; the others get as much as one of them would.
    const busy = this.#busyTypes.get(level) ?? new Set();
    const sharers = busy.size + (busy.has(type.id) ? 0 : 1);
    return {
      typeId: type.id,
      level,
      limit: Math.ceil(levelLimit / sharers),
      dueFrom: this.#bounds.get(boundKey({ typeId: type.id, level })) ?? null,
    };
  }

  #learn(request: ClaimRequest, survey: ClaimSurvey): void {
    const { granted, idle, open } = survey;
    this.#credit = chargeCredit({
      credit: this.#credit,
      granted,
      // Who was not asked keeps its place in the line.
      waiting: { high: waits("high"), normal: waits("normal"), low: waits("low") },
      shares: this.#options.shares,
    });
    function waits(level: Priority): number {
      return idle.has(level) ? 0 : 1;
    }
    const wasBusy = this.#busyLevels;
    this.#busyLevels = new Set(
      priorities.filter((level) => open.has(level) || (!idle.has(level) && wasBusy.has(level))),
    );
    for (const [level, found] of Map.groupBy(survey.found, (each) => each.level)) {
      this.#busyTypes.set(level, new Set(found.map((each) => each.typeId)));
    }
    for (const level of idle) this.#busyTypes.delete(priorities.indexOf(level) + 1);
    const places = new Map(request.probes.map(({ typeId }, place) => [typeId, place]));
    for (const typeId of new Set(survey.found.map((each) => each.typeId))) {
      // Of those served by one scan the last goes first next time: it may have been cut short.
      const place = (places.get(typeId) ?? 0) / (request.probes.length + 1);
      this.#servedAt.set(typeId, this.#scanCount + 1 - place);
    }
    if (survey.count < request.limit) this.#bounds.clear();
    else for (const each of survey.found) this.#bound(each);
  }

  /** Where runs are left the next scan begins where this one did; elsewhere at the beginning. */
  #bound(found: ClaimSurvey["found"][number]): void {
    if (found.isOpen) this.#bounds.set(boundKey(found), found.oldestDueAt);
    else this.#bounds.delete(boundKey(found));
  }

  #lastServed(type: ServedType): number {
    return this.#servedAt.get(type.id) ?? 0;
  }
}

function boundKey({ typeId, level }: Pick<ClaimProbe, "typeId" | "level">): string {
  return `${typeId}/${level}`;
}

function byPriorityAndDueTime(one: ClaimedRun, other: ClaimedRun): number {
  const levels = priorities.indexOf(one.priority) - priorities.indexOf(other.priority);
  if (levels !== 0) return levels;
  return one.dueAt < other.dueAt ? -1 : one.dueAt > other.dueAt ? 1 : one.id - other.id;
}
