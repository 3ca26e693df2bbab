/**
 * A worker: its slots, and the loops that fill them, keep what they hold alive, and report what
 * comes of it. It starts by entering itself in the database and ends by leaving nothing behind.
 */

import { present } from "../kernel/assert.ts";
import type { Clock } from "../kernel/clock.ts";
import { delay } from "../kernel/clock.ts";
import type { RunId, TaskTypeId, WorkerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Rng } from "../kernel/rng.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { Executor } from "../model/executor.ts";
import type { ExecutorKind } from "../model/task-type.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Hint } from "../model/notifier.ts";
import type { SlotReservation } from "../model/early-start.ts";
import type { LeaseKeeper, Store } from "../model/store.ts";
import type { Visiting } from "../model/visiting.ts";
import { meanDurationMs, prefetchCount } from "../policy/prefetch.ts";
import type { PerPriority } from "../policy/slot-shares.ts";
import { Attempts, runOfEvent } from "./attempts.ts";
import { Claiming } from "./claim.ts";
import type { EngineListener } from "./events.ts";
import { Finishing, type Reported } from "./finish.ts";
import { type HeldAttempt, HeldRuns } from "./held-runs.ts";
import { LookBack } from "./look-back.ts";
import { Loop, type NextTurn } from "./loop.ts";
import { Recording } from "./record.ts";
import { RunBuffer } from "./run-buffer.ts";
import { type Served, servedOf } from "./served-types.ts";
import { Renewal } from "./renew.ts";
import { SlotReservations } from "./slot-reservations.ts";
import { CancelWatch } from "./watch.ts";

/** What a worker needs. */
export interface WorkerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly catalogue: Catalogue;
  readonly executors: Readonly<Record<ExecutorKind, Executor>>;
  readonly visiting: Visiting;
  readonly onEvent: EngineListener;
  readonly settings: WorkerSettings;
}

/** What can be set of a worker. */
export interface WorkerSettings {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Runs that it works on at one time. */
  readonly slotCount: number;
  /** Parts of contended slots by priority. */
  readonly shares: PerPriority;
  /** Milliseconds after which a worker that gives no sign of life has lost its runs. */
  readonly leaseMs: number;
  /** Milliseconds between looks at the queue when no hint comes. */
  readonly pollMs: number;
}

/** A turn that is not to come at once. */
type TimedTurn = Exclude<NextTurn, "again">;

/** Milliseconds for which the list of task types is taken to be current without a hint. */
const typesMs = 5_000;

/** Milliseconds until the next try for types that another process was claiming from. */
const passedOverMs = 25;

/**
 * Runs held at most, as a multiple of those that may be started or wait for a slot: the others have
 * ended and wait to be reported. All are repeated when the worker dies. One would leave the slots
 * idle during a report.
 */
const heldFactor = 2;

/** Part of the runs claimed ahead at which more are claimed. */
const refillPart = 0.5;

/**
 * Milliseconds that a claimed run waits for a slot at most. A slot that was expected to be free is
 * held by a longer run than usual then, and another worker may have one.
 */
const waitMsMax = 500;

/** Part of the slots that early starts may fill: the rest is for what other processes queue. */
const earlyPart = 0.5;

/** Runs queued by one call that may start early: more of them are for all workers. */
const earlyRunsMax = 10;

/** Leases for which a main thread that gives no sign of life is taken to be busy, not dead. */
const stuckLeases = 8;

/** Runs work. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #held = new HeldRuns();
  readonly #recording: Recording;
  readonly #finishing: Finishing;
  readonly #attempts: Attempts;
  readonly #claiming: Claiming;
  readonly #buffer = new RunBuffer();
  readonly #reservations = new SlotReservations();
  /** Claimed runs that are to go back to the queue. */
  #returning: HeldAttempt[] = [];
  /**
   * Whether the last claim had runs that a worker was lost with. The one among them that takes its
   * worker down is not to take those down with it that only waited.
   */
  #isWary = false;
  /** How long runs took lately. */
  #meanMs: number | undefined;
  #served: ReadonlyMap<TaskTypeId, Served> = new Map();
  #servedUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether the last look at the queue left nothing behind that a free slot could take. */
  #isDrained = false;
  /** Whether the last claim got less than it asked for: nothing waits for a slot of this worker. */
  #isCaughtUp = false;
  /** Whether the last look found less than it asked for, so that the next asks what comes. */
  #isDry = false;
  /** Whether the last look at the queue took less than there is room for, until reports are in. */
  #isBackedUp = false;
  #started: StartedWorker | undefined;

  constructor(options: WorkerOptions) {
    const { store, clock, settings } = options;
    this.#options = options;
    this.#recording = new Recording(store, clock);
    this.#finishing = new Finishing({
      store,
      visiting: options.visiting,
      // Whoever sees that a run has ended finds its whole log.
      beforeReport: async () => await this.#recording.flush(),
      onReported: (reported) => this.#onReported(reported),
    });
    this.#claiming = new Claiming({ ...settings, store, clock });
    this.#attempts = new Attempts({
      ...options,
      held: this.#held,
      recording: this.#recording,
      onConcluded: (conclusion) => {
        this.#meanMs = meanDurationMs(this.#meanMs, conclusion.run.durationMs);
        this.#finishing.add(conclusion);
        this.#started?.finish.wake();
      },
      onFree: () => this.#onFree(),
    });
  }

  /** Runs under way. */
  get runningCount(): number {
    return this.#attempts.runningCount;
  }

  /** Enters the worker and starts its loops. */
  async start(): Promise<WorkerId> {
    if (this.#started !== undefined) return this.#started.workerId;
    const { store, settings, onEvent } = this.#options;
    const { leaseMs } = settings;
    const workerId = await store.workers.start(settings, leaseMs);
    const stuckMs = leaseMs * stuckLeases;
    const keeper = await store.workers.startKeeper({ workerId, leaseMs, stuckMs });
    const renewal = new Renewal({
      store,
      workerId,
      held: this.#held,
      attempts: this.#attempts,
      keeper,
      leaseMs,
    });
    const { bounds } = this.#claiming;
    const onFound = (dueFrom: Instant): void => this.onHint("queued", dueFrom);
    const lookBack = new LookBack({ store, clock: this.#options.clock, bounds, onFound });
    const watch = new CancelWatch({ store, held: this.#held, attempts: this.#attempts });
    this.#started = {
      workerId,
      keeper,
      renewal,
      claim: this.#loop("claim", async () => await this.#claimTurn(workerId)),
      lookBack: this.#loop("look-back", async () => await lookBack.turn()),
      finish: this.#loop("finish", async () => await this.#finishing.turn()),
      record: this.#loop("record", async () => await this.#recording.turn()),
      renew: this.#loop("renew", async () => await renewal.turn()),
      watch: this.#loop("watch", async () => await watch.turn()),
    };
    for (const loop of loopsOf(this.#started)) loop.start();
    onEvent({ kind: "worker_started", workerId });
    return workerId;
  }

  /** Takes a hint from another process. */
  onHint(hint: Hint, dueFrom?: Instant): void {
    if (hint === "queued") {
      this.#claiming.onQueued(dueFrom);
      // There is something to claim; what comes next is asked for when that has started.
      this.#isDry = false;
      this.#started?.claim.wake();
    }
    if (hint === "cancel") this.#started?.watch.wake();
    if (hint === "settings") {
      this.#servedUntilMs = Number.NEGATIVE_INFINITY;
      this.#claiming.onQueued(undefined);
      // A type, or everything, may be paused: nothing of it starts any more.
      this.#returning.push(...this.#buffer.takeAll());
      this.#started?.claim.wake();
    }
  }

  /** Reserves slots for runs that this process is about to queue; see `ReserveSlots`. */
  reserve(typeNames: readonly string[]): SlotReservation | undefined {
    const started = this.#started;
    const { leaseMs, slotCount } = this.#options.settings;
    const count = typeNames.length;
    // What was lost may run on for a while, and what has ended may not be reported yet.
    const heldCount = Math.max(this.#held.count, this.#attempts.runningCount);
    const busyCount = heldCount + this.#reservations.count;
    const hasRoom = count <= earlyRunsMax && busyCount + count <= slotCount * earlyPart;
    if (started === undefined || !this.#isCaughtUp || !hasRoom) return undefined;
    const served = [...this.#served.values()];
    const types = typeNames.flatMap((name) => served.find((type) => type.name === name) ?? []);
    if (types.length < count || !types.every((type) => type.mayStartEarly)) return undefined;
    const release = this.#reservations.add(count);
    const byId = new Map(types.map((type) => [type.id, type]));
    return {
      workerId: started.workerId,
      leaseMs,
      start: (runs) => {
        release();
        for (const run of runs) {
          const { definition } = present(byId.get(run.typeId), "the type of a reservation");
          this.#attempts.start(this.#attempts.hold(run, definition), started.workerId);
        }
      },
      // What was claimed or hinted at meanwhile may have wanted the slots.
      [Symbol.dispose]: () => {
        if (release()) this.#onFree();
      },
    };
  }

  /**
   * Drains: takes on nothing more and lets what runs end within `drainMs`; then asks it to stop,
   * and puts back what was interrupted. Legal before start, and twice.
   */
  async stop({ drainMs }: { readonly drainMs: number }): Promise<void> {
    const started = this.#started;
    if (started === undefined) return;
    const { store, clock, onEvent } = this.#options;
    await started.claim.stop();
    this.#isCaughtUp = false;
    await this.#reservations.none();
    this.#returning.push(...this.#buffer.takeAll());
    // The leases run out by themselves where this fails.
    await this.#returnRuns().catch(() => undefined);
    // Whether or not the database can note it, the worker drains.
    await store.workers.drain(started.workerId).catch(() => undefined);
    const calledOff = new AbortController();
    await Promise.race([
      this.#attempts.ended(),
      delay(clock, drainMs, calledOff.signal).catch(() => undefined),
    ]);
    calledOff.abort();
    if (this.#attempts.runningCount > 0) {
      this.#attempts.interrupt();
      // Bounded: executors give up on code that does not answer within its grace.
      await this.#attempts.ended();
    }
    await this.#stopLoops(started);
    this.#started = undefined;
    const abandoned = this.#held.count;
    if (abandoned === 0) await store.workers.stop(started.workerId).catch(() => undefined);
    onEvent({ kind: "worker_stopped", workerId: started.workerId, abandoned });
  }

  /** Reports what is left, as long as the database answers within the time of a lease. */
  async #stopLoops(started: StartedWorker): Promise<void> {
    const { clock, settings } = this.#options;
    await Promise.all([started.watch.stop(), started.lookBack.stop()]);
    await started.finish.stop();
    await started.record.stop();
    const deadlineMs = clock.monotonicMs() + settings.leaseMs;
    while (this.#finishing.pendingCount > 0 || !this.#recording.isEmpty) {
      try {
        await this.#finishing.turn();
        await this.#recording.turn();
      } catch {
        // The leases run out by themselves, and others take the runs up again.
        if (clock.monotonicMs() > deadlineMs) break;
        await delay(clock, 100);
      }
    }
    await started.renew.stop();
    await started.keeper[Symbol.asyncDispose]();
    await started.renewal.forgetClaims().catch(() => undefined);
  }

  async #claimTurn(workerId: WorkerId): Promise<NextTurn> {
    const { settings } = this.#options;
    const wasDry = this.#isDry;
    this.#isDrained = false;
    this.#isDry = false;
    await this.#returnRuns();
    const slotRoom = this.#freeSlotCount();
    const aheadCount = this.#aheadCount();
    const room = slotRoom + aheadCount - this.#buffer.size;
    const heldRoom = (settings.slotCount + aheadCount) * heldFactor - this.#held.count;
    this.#isBackedUp = heldRoom < room;
    const wanted = Math.min(room, heldRoom);
    // With all slots busy, a claim waits until it is worth its while.
    const isStocked = slotRoom <= this.#buffer.size && room < aheadCount * (1 - refillPart);
    if (wanted <= 0 || isStocked) return { inMs: this.#pollMs() };
    // Otherwise what has just come would wait for it.
    if (this.#servedUntilMs === Number.NEGATIVE_INFINITY) await this.#refreshServed();
    const types = [...this.#served.values()];
    const startCount = Math.max(slotRoom - this.#buffer.size, 0);
    const wish = { workerId, slotCount: wanted, startCount, types };
    // Before the claim: what becomes due between the two is claimed. The other way around neither
    // would see it, and it would wait for the next poll.
    const next = wasDry ? await this.#nextDue(types) : undefined;
    // Claims that are over count by way of estimate. Where this fails, the next renewal does it.
    const isLimited = types.some((type) => type.isLimited);
    if (isLimited) void this.#started?.renewal.forgetClaims().catch(() => undefined);
    const { runs, isPassedOver } = await this.#claiming.claim(wish);
    this.#isCaughtUp = runs.length < wanted;
    this.#enter(runs);
    this.#startWaiting();
    if (this.#isWary) this.#returning.push(...this.#buffer.takeAll());
    await this.#returnRuns();
    await this.#refreshServed();
    if (runs.length >= wanted) return { inMs: this.#pollMs() };
    if (isPassedOver) return { inMs: passedOverMs };
    this.#isDry = true;
    if (next === undefined) return "again";
    // Types with limits may have more for slots that get free than they had to wait for one.
    this.#isDrained = runs.length < startCount || !isLimited;
    const turn = next();
    // Something will be due then; what follows it is asked for when that has started.
    if (turn.isExact === true) this.#isDry = false;
    return turn;
  }

  /** Asks when the next run becomes due, and answers what that means when it is gone by. */
  async #nextDue(types: readonly Served[]): Promise<() => TimedTurn> {
    const { store, clock } = this.#options;
    const askedMs = clock.monotonicMs();
    const dueMs = await store.runs.findNextDueMs(types.map((type) => type.id));
    return () => {
      const leftMs = (dueMs ?? Infinity) - (clock.monotonicMs() - askedMs);
      const pollMs = this.#pollMs();
      return leftMs >= pollMs ? { inMs: pollMs } : { inMs: Math.max(leftMs, 1), isExact: true };
    };
  }

  /** Holds claimed runs and lines them up for a slot. */
  #enter(runs: readonly ClaimedRun[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#isWary = runs.some((run) => run.lostCount > 0);
    for (const run of runs) {
      const served = this.#served.get(run.typeId);
      if (served === undefined) continue;
      this.#buffer.add(this.#attempts.hold(run, served.definition), nowMs);
    }
  }

  /** Slots that are neither taken nor promised. */
  #freeSlotCount(): number {
    const { slotCount } = this.#options.settings;
    return slotCount - this.#attempts.runningCount - this.#reservations.count;
  }

  /** Runs to claim ahead of free slots. */
  #aheadCount(): number {
    return this.#isWary ? 0 : prefetchCount(this.#options.settings.slotCount, this.#meanMs);
  }

  /** Milliseconds until the next look: sooner while runs wait, which must not do so for long. */
  #pollMs(): number {
    const { pollMs } = this.#options.settings;
    return this.#buffer.size === 0 ? pollMs : Math.min(pollMs, waitMsMax);
  }

  /** Starts waiting runs in free slots. */
  #startWaiting(): void {
    const workerId = this.#started?.workerId;
    if (workerId === undefined) return;
    while (this.#freeSlotCount() > 0) {
      const attempt = this.#buffer.take();
      if (attempt === undefined) return;
      this.#attempts.start(attempt, workerId);
    }
  }

  /** After a look that left nothing behind, new work says so itself. */
  #onFree(): void {
    this.#startWaiting();
    const isLow = this.#buffer.size <= this.#aheadCount() * refillPart;
    if (isLow && !this.#isDrained) this.#started?.claim.wake();
  }

  /** Puts back what is not to start here, and what has waited for a slot for too long. */
  async #returnRuns(): Promise<void> {
    const { store, clock } = this.#options;
    if (this.#buffer.oldestMs(clock.monotonicMs()) > waitMsMax) {
      this.#returning.push(...this.#buffer.takeAll());
      // Claimed ahead again only when runs have proved to be short.
      this.#meanMs = undefined;
    }
    const attempts = this.#returning.filter((each) => this.#held.find(each.run) === each);
    this.#returning = [];
    if (attempts.length === 0) return;
    const released = new Set<RunId>();
    try {
      for (const id of await store.runs.release(attempts.map(({ run }) => run))) released.add(id);
    } catch (thrown) {
      this.#returning.push(...attempts);
      throw thrown;
    }
    for (const { run } of attempts) if (released.has(run.id)) this.#held.remove(run);
    // The others were taken from this worker while it slept.
    this.#attempts.drop(attempts.filter(({ run }) => !released.has(run.id)));
  }

  async #refreshServed(): Promise<void> {
    const { clock, store, catalogue } = this.#options;
    if (clock.monotonicMs() < this.#servedUntilMs) return;
    const types = await store.taskTypes.list();
    this.#servedUntilMs = clock.monotonicMs() + typesMs;
    this.#served = servedOf(types, catalogue);
  }

  #onReported({ conclusion, isAccepted }: Reported): void {
    const { onEvent } = this.#options;
    const { run } = conclusion;
    const attempt = this.#held.find(run);
    if (attempt === undefined) return;
    if (!isAccepted) {
      this.#attempts.drop([attempt]);
      return;
    }
    this.#held.remove(run);
    // Room under a limit is only free now; a run that comes back may be due before the next look.
    const hasLimits = this.#served.get(attempt.run.typeId)?.isLimited === true;
    if (hasLimits || this.#isBackedUp || conclusion.kind === "requeue") {
      this.#started?.claim.wake();
    }
    const { outcome, durationMs } = run;
    const common = { ...runOfEvent(attempt), outcome, durationMs };
    if (conclusion.kind === "finish") onEvent({ kind: "run_ended", ...common });
    else onEvent({ kind: "run_requeued", ...common, delayMs: conclusion.run.delayMs });
  }

  #loop(
    name: "claim" | "look-back" | "finish" | "record" | "renew" | "watch",
    turn: () => Promise<NextTurn>,
  ): Loop {
    const { clock, rng, onEvent } = this.#options;
    return new Loop({ name, clock, rng, onEvent, turn });
  }
}

/** A worker that has been entered. */
interface StartedWorker {
  readonly workerId: WorkerId;
  readonly keeper: LeaseKeeper;
  readonly renewal: Renewal;
  readonly claim: Loop;
  readonly lookBack: Loop;
  readonly finish: Loop;
  readonly record: Loop;
  readonly renew: Loop;
  readonly watch: Loop;
}

function loopsOf(started: StartedWorker): readonly Loop[] {
  const { claim, lookBack, finish, record, renew, watch } = started;
  return [claim, lookBack, finish, record, renew, watch];
}
