/**
 * The engine of one process: it fires, reaps, prunes and counts for everybody, and works if it has
 * slots. Processes need no leader: every loop is safe beside the same loop of any other process.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Rng } from "../kernel/rng.ts";
import type { Catalogue } from "../model/catalogue.ts";
import type { SlotReservation } from "../model/early-start.ts";
import type { Executor } from "../model/executor.ts";
import type { Store } from "../model/store.ts";
import type { ExecutorKind } from "../model/task-type.ts";
import type { Visiting } from "../model/visiting.ts";
import { Counting } from "./count.ts";
import type { EngineEvent, EngineListener, LoopName } from "./events.ts";
import { Firing } from "./fire.ts";
import { Loop, type NextTurn } from "./loop.ts";
import { Pruning } from "./prune.ts";
import { Reaping } from "./reap.ts";
import { VisitQueue } from "./visit-queue.ts";
import { Worker, type WorkerSettings } from "./worker.ts";

/** What an engine is made of. */
export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly catalogue: Catalogue;
  readonly executors: Readonly<Record<ExecutorKind, Executor>>;
  /** Which queues of visits this process fills, and how visits end. */
  readonly visiting: Visiting;
  /** Null for a process that fires, reaps, prunes and counts, but runs nothing. */
  readonly worker: WorkerSettings | null;
  readonly onEvent: EngineListener;
}

/** How to stop. */
export interface StopOptions {
  /** Milliseconds that runs may take to end by themselves. @defaultValue 10 000 */
  readonly drainMs?: number;
}

const drainMsDefault = 10_000;

/** The loops of a process. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #worker: Worker | undefined;
  readonly #pruning: Pruning;
  readonly #fire: Loop;
  readonly #visitQueues: readonly VisitQueue[];
  readonly #loops: readonly Loop[];
  #hints: Disposable | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { store, worker, visiting } = options;
    const onEvent: EngineListener = (event) => this.#tell(event);
    const firing = new Firing(store, onEvent);
    const reaping = new Reaping({ ...options, onEvent });
    const counting = new Counting({ store, onEvent });
    const owner = worker === null ? "scheduler" : `${worker.host}/${worker.pid}`;
    this.#pruning = new Pruning({ store, owner, onEvent });
    this.#worker =
      worker === null ? undefined : new Worker({ ...options, onEvent, settings: worker });
    this.#fire = this.#loop("fire", async () => await firing.turn());
    this.#visitQueues = visiting.settings.map(
      (setting) =>
        new VisitQueue({
          visiting,
          setting,
          loopOf: (turn) => this.#loop("visits", turn),
        }),
    );
    this.#loops = [
      ...this.#visitQueues.map(({ loop }) => loop),
      this.#fire,
      this.#loop("reap", async () => await reaping.turn()),
      this.#loop("prune", async () => await this.#pruning.turn()),
      this.#loop("count", async () => await counting.turn()),
    ];
  }

  /** Attempts under way in this process. */
  get runningCount(): number {
    return this.#worker?.runningCount ?? 0;
  }

  /** Reserves slots of its worker; see `ReserveSlots`. */
  reserve(typeNames: readonly string[]): SlotReservation | undefined {
    return this.#worker?.reserve(typeNames);
  }

  /** Starts all loops; returns once they run. */
  async start(): Promise<void> {
    this.#hints ??= this.#options.store.notifier.subscribe((hint, dueFrom) => {
      if (hint === "fire" || hint === "settings") this.#fire.wake();
      if (hint === "settings") for (const { loop } of this.#visitQueues) loop.wake();
      this.#worker?.onHint(hint, dueFrom);
    });
    await this.#worker?.start();
    for (const loop of this.#loops) loop.start();
  }

  /** Drains the worker and ends all loops. Legal before start, and twice. */
  async stop(options: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.drainMs ?? drainMsDefault);
    await this.#stopping;
  }

  async #stop(drainMs: number): Promise<void> {
    // At once: a round of housekeeping may take its time, and no run is to be taken on meanwhile.
    await Promise.all([
      this.#worker?.stop({ drainMs }),
      ...this.#loops.map(async (loop) => await loop.stop()),
    ]);
    this.#hints?.[Symbol.dispose]();
  }

  /** What happens is told, and makes room in the queues of visits. */
  #tell(event: EngineEvent): void {
    if (event.kind === "run_ended") {
      for (const queue of this.#visitQueues) queue.noteEnd(event.typeName);
    }
    this.#options.onEvent(event);
  }

  #loop(name: LoopName, turn: () => Promise<NextTurn>): Loop {
    const { clock, rng, onEvent } = this.#options;
    return new Loop({ name, clock, rng, onEvent, turn });
  }
}

/** An engine, not yet started. */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}
