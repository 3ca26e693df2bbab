/**
 * Claims due runs for the free slots of a worker.
 *
 * Slots go to priority levels by their shares (`policy/slot-shares.ts`) and, within a level, to the
 * task types, those first that were served longest ago. A level or type counts as busy while it had
 * more to give than it was asked for. Who is quiet costs nothing and keeps nobody waiting, but is
 * asked as soon as its turn has come, so that new work is noticed.
 * A scan starts at the due time where the last one did: what lies before is claimed already, unless
 * it came in later, which hints tell of (`claim-bounds.ts`). Runs whose key was full may lie before
 * as well, so bounds of types with limits for keys are soon forgotten.
 */

import type { Clock } from "../kernel/clock.ts";
import type { TaskTypeId, WorkerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Claimed, ClaimProbe, ClaimRequest, LevelLimit } from "../model/claim-request.ts";
import type { Store } from "../model/store.ts";
import {
  allocateSlots,
  chargeCredit,
  type PerPriority,
  priorities,
  type Priority,
  type ServiceCredit,
  serviceCreditStart,
} from "../policy/slot-shares.ts";
import { ClaimBounds } from "./claim-bounds.ts";
import { surveyClaim, type ClaimSurvey } from "./claim-survey.ts";
import { TypeStandings } from "./type-standings.ts";

/** A task type that the worker serves. */
export interface ServedType {
  readonly id: TaskTypeId;
  /** Whether claims are counted against limits. */
  readonly isLimited: boolean;
  /** Whether there is a limit for each key: runs of one that is full are left behind. */
  readonly isKeyed: boolean;
  /** Whether some of its runs may be claimed ahead of free slots. */
  readonly mayWait: boolean;
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
  /** How many of them start at once. */
  readonly startCount: number;
  readonly types: readonly ServedType[];
}

/** What it got. */
export interface ClaimAnswer {
  readonly runs: readonly ClaimedRun[];
  /** Types were passed over that another process was claiming from: worth another try soon. */
  readonly isPassedOver: boolean;
}

/** The answer to a request, and the due times of what came in meanwhile. */
interface Scanned extends Claimed {
  readonly arrivals: readonly (Instant | undefined)[];
}

/** Milliseconds for which the bounds of types with limits for keys hold. */
const boundsMsMax = 1_000;

/** Scans of one claim: each but the first needs that the one before was held back by its plan. */
const scansMax = 4;

/** Claims runs and remembers what it learnt about where the work is. */
export class Claiming {
  readonly #options: ClaimingOptions;
  #credit: ServiceCredit = serviceCreditStart;
  /** At first all: the best one is not to get everything until the others have been asked. */
  #busyLevels: ReadonlySet<Priority> = new Set(priorities);
  readonly #standings = new TypeStandings();
  /** When each type was served last, as a number that grows. */
  readonly #servedAt = new Map<TaskTypeId, number>();
  /** Where the scans begin. */
  readonly bounds: ClaimBounds = new ClaimBounds();
  /** What has come into the queue since the scan under way began, which may not have seen it. */
  #arrivals: (Instant | undefined)[] | undefined;
  #boundsUntilMs = Number.NEGATIVE_INFINITY;
  #scanCount = 0;

  constructor(options: ClaimingOptions) {
    this.#options = options;
  }

  /** Takes word that something has come in that is due then; undefined for at any time. */
  onQueued(dueFrom: Instant | undefined): void {
    this.bounds.lower(dueFrom);
    this.#arrivals?.push(dueFrom);
  }

  /** Claims at most `slotCount` runs of the types served, best levels first. */
  async claim(wish: ClaimWish): Promise<ClaimAnswer> {
    const runs: ClaimedRun[] = [];
    const keyed = idsOf(wish.types.filter((type) => type.isKeyed));
    let isPassedOver = false;
    for (let scan = 0; scan < scansMax; scan += 1) {
      const slotCount = wish.slotCount - runs.length;
      const startCount = Math.max(wish.startCount - runs.length, 0);
      if (slotCount <= 0 || wish.types.length === 0) break;
      const request = this.#plan({ ...wish, slotCount, startCount });
      const claimed = await this.#scan(request);
      isPassedOver = claimed.isPassedOver;
      runs.push(...claimed.runs);
      const survey = surveyClaim(request, claimed, keyed);
      this.#learn(request, survey);
      this.#learnBounds(request, survey, keyed);
      for (const dueFrom of claimed.arrivals) this.bounds.lower(dueFrom);
      if (!survey.mayHaveMore) break;
    }
    return { runs: runs.toSorted(byPriorityAndDueTime), isPassedOver };
  }

  async #scan(request: ClaimRequest): Promise<Scanned> {
    const arrivals: (Instant | undefined)[] = [];
    this.#arrivals = arrivals;
    try {
      return { ...(await this.#options.store.runs.claim(request)), arrivals };
    } finally {
      this.#arrivals = undefined;
    }
  }

  #plan(wish: ClaimWish): ClaimRequest {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs >= this.#boundsUntilMs) {
      this.bounds.deleteTypes(idsOf(wish.types.filter((type) => type.isKeyed)));
      this.#boundsUntilMs = nowMs + boundsMsMax;
    }
    this.#scanCount += 1;
    const levels = this.#levels(wish.slotCount);
    const types = wish.types
      .filter((type) => wish.startCount > 0 || type.mayWait)
      .toSorted((one, other) => this.#lastServed(one) - this.#lastServed(other));
    const limited = types.filter((type) => type.isLimited).map((type) => type.id);
    return {
      workerId: wish.workerId,
      levels,
      probes: levels.flatMap((level) => this.#probesOf(level, types)),
      limited,
      busy: limited.filter((id) => this.#standings.isBusy(id)),
      // In turns, since the slots may be gone after those that come first.
      limitedFirst: this.#scanCount % 2 === 0,
      limit: wish.slotCount,
      startCount: wish.startCount,
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

  #probesOf({ level, limit }: LevelLimit, types: readonly ServedType[]): readonly ClaimProbe[] {
    const isSharer = ({ id }: ServedType): boolean => this.#standings.isSharer(id, level);
    const sharerCount = types.filter(isSharer).length;
    return types.map((type) => ({
      typeId: type.id,
      level,
      // Types with work at the level share it; the others get as much as one of them would.
      limit: Math.ceil(limit / (sharerCount + (isSharer(type) ? 0 : 1))),
      dueFrom: this.bounds.find(type.id, level),
    }));
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
    this.#standings.forget(survey.unknown);
    this.#standings.note(survey.standings);
    const places = new Map(request.probes.map(({ typeId }, place) => [typeId, place]));
    for (const typeId of new Set(survey.found.map((each) => each.typeId))) {
      // Of those served by one scan the last goes first next time: it may have been cut short.
      const place = (places.get(typeId) ?? 0) / (request.probes.length + 1);
      this.#servedAt.set(typeId, this.#scanCount + 1 - place);
    }
  }

  #learnBounds(request: ClaimRequest, survey: ClaimSurvey, keyed: ReadonlySet<TaskTypeId>): void {
    if (survey.count < request.limit) this.bounds.deleteTypes(keyed);
    for (const { typeId, level, oldestDueAt, isOpen } of survey.found) {
      const mayHaveLeft = keyed.has(typeId) && !(isOpen && survey.count >= request.limit);
      if (mayHaveLeft) this.bounds.delete(typeId, level);
      else this.bounds.set({ typeId, level, dueFrom: oldestDueAt });
    }
  }

  #lastServed(type: ServedType): number {
    return this.#servedAt.get(type.id) ?? 0;
  }
}

function idsOf(types: readonly ServedType[]): ReadonlySet<TaskTypeId> {
  return new Set(types.map((type) => type.id));
}

function byPriorityAndDueTime(one: ClaimedRun, other: ClaimedRun): number {
  const levels = priorities.indexOf(one.priority) - priorities.indexOf(other.priority);
  if (levels !== 0) return levels;
  return one.dueAt < other.dueAt ? -1 : one.dueAt > other.dueAt ? 1 : one.id - other.id;
}
