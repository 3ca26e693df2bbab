/**
 * A worker: its slots, and the loops that fill them, keep what they hold alive, and report what
 * comes of it. It starts by entering itself in the database and ends by leaving nothing behind.
 */

import type { Clock } from "../kernel/clock.ts";
import { delay } from "../kernel/clock.ts";
import type { TaskTypeId, WorkerId } from "../kernel/ids.ts";
import type { Rng } from "../kernel/rng.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { Executor } from "../model/executor.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { ExecutorKind, TaskType } from "../model/task-type.ts";
import type { Hint, LeaseKeeper, Store } from "../model/store.ts";
import type { PerPriority } from "../policy/slot-shares.ts";
import { Attempts, runOfEvent } from "./attempts.ts";
import { Claiming, type ServedType } from "./claim.ts";
import type { EngineListener } from "./events.ts";
import { Finishing, type Reported } from "./finish.ts";
import { HeldRuns } from "./held-runs.ts";
import { Loop, type NextTurn } from "./loop.ts";
import { Recording } from "./record.ts";
import { Renewal } from "./renew.ts";
import { CancelWatch } from "./watch.ts";

/** What a worker needs. */
export interface WorkerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly catalogue: Catalogue;
  readonly executors: Readonly<Record<ExecutorKind, Executor>>;
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

/** A type that this worker has code for. */
interface Served extends ServedType {
  readonly definition: TaskDefinition;
}

/** Milliseconds for which the list of task types is taken to be current without a hint. */
const typesMs = 5_000;

/** Milliseconds until the next try for types that another process was claiming from. */
const passedOverMs = 25;

/**
 * Runs held for each slot at most, those included that have ended and wait to be reported: all of
 * them are repeated when the worker dies. One would leave the slots idle during a report.
 */
const heldPerSlot = 2;

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
  #served: ReadonlyMap<TaskTypeId, Served> = new Map();
  #servedUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether the last look at the queue left nothing behind that a free slot could take. */
  #isDrained = false;
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
        this.#finishing.add(conclusion);
        this.#started?.finish.wake();
      },
      // After a look that left nothing behind, new work says so itself.
      onFree: () => {
        if (!this.#isDrained) this.#started?.claim.wake();
      },
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
    const watch = new CancelWatch({ store, held: this.#held, attempts: this.#attempts });
    this.#started = {
      workerId,
      keeper,
      renewal,
      claim: this.#loop("claim", async () => await this.#claimTurn(workerId)),
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
  onHint(hint: Hint): void {
    if (hint === "queued") this.#started?.claim.wake();
    if (hint === "cancel") this.#started?.watch.wake();
    if (hint === "settings") {
      this.#servedUntilMs = Number.NEGATIVE_INFINITY;
      this.#started?.claim.wake();
    }
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
    await started.watch.stop();
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
    const slotRoom = settings.slotCount - this.#attempts.runningCount;
    const heldRoom = settings.slotCount * heldPerSlot - this.#held.count;
    this.#isBackedUp = heldRoom < slotRoom;
    const freeCount = Math.min(slotRoom, heldRoom);
    if (freeCount <= 0) return { inMs: settings.pollMs };
    await this.#refreshServed();
    const types = [...this.#served.values()];
    // Before the claim: what becomes due between the two is claimed. The other way around neither
    // would see it, and it would wait for the next poll.
    const next = wasDry ? await this.#nextDue(types) : undefined;
    const { runs, isPassedOver } = await this.#claiming.claim({
      workerId,
      slotCount: freeCount,
      types,
    });
    for (const run of runs) {
      const served = this.#served.get(run.typeId);
      if (served !== undefined) this.#attempts.start(run, workerId, served.definition);
    }
    if (runs.length >= freeCount) return { inMs: settings.pollMs };
    if (isPassedOver) return { inMs: passedOverMs };
    this.#isDry = true;
    if (next === undefined) return "again";
    this.#isDrained = true;
    return next();
  }

  /** Asks when the next run becomes due, and answers what that means when it is gone by. */
  async #nextDue(types: readonly Served[]): Promise<() => NextTurn> {
    const { settings, store, clock } = this.#options;
    const askedMs = clock.monotonicMs();
    const dueMs = await store.runs.findNextDueMs(types.map((type) => type.id));
    return () => {
      const leftMs = (dueMs ?? Infinity) - (clock.monotonicMs() - askedMs);
      if (leftMs >= settings.pollMs) return { inMs: settings.pollMs };
      return { inMs: Math.max(leftMs, 1), isExact: true };
    };
  }

  async #refreshServed(): Promise<void> {
    const { clock, store, catalogue } = this.#options;
    if (clock.monotonicMs() < this.#servedUntilMs) return;
    const types = await store.taskTypes.list();
    this.#servedUntilMs = clock.monotonicMs() + typesMs;
    const served = types.flatMap((type): Served[] => {
      const definition = catalogue.find(type.name);
      return definition === undefined || type.pausedAt !== null
        ? []
        : [{ id: type.id, isLimited: isLimited(type), definition }];
    });
    this.#served = new Map(served.map((each) => [each.id, each]));
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
    name: "claim" | "finish" | "record" | "renew" | "watch",
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
  readonly finish: Loop;
  readonly record: Loop;
  readonly renew: Loop;
  readonly watch: Loop;
}

function loopsOf({ claim, finish, record, renew, watch }: StartedWorker): readonly Loop[] {
  return [claim, finish, record, renew, watch];
}

function isLimited({ limits }: TaskType): boolean {
  return limits.runningMax !== null || limits.runningPerKeyMax !== null;
}
