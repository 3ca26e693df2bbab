/**
 * The engine without loops: each piece of work is asked for, one after the other, so that a test
 * decides what happens when. For one process, whose time stands still while it works.
 */

import type { WorkerId } from "../kernel/ids.ts";
import { slotSharesDefault } from "../policy/slot-shares.ts";
import { Attempts } from "./attempts.ts";
import { Claiming } from "./claim.ts";
import type { EngineOptions } from "./engine.ts";
import { Finishing } from "./finish.ts";
import { Firing } from "./fire.ts";
import { HeldRuns } from "./held-runs.ts";
import { Pruning } from "./prune.ts";
import { Recording } from "./record.ts";
import { servedOf } from "./served-types.ts";

/** What a stepped engine is made of. */
export interface SteppedEngineOptions extends Omit<EngineOptions, "worker"> {
  /** Who works, as others see it. */
  readonly self: { readonly host: string; readonly pid: number; readonly version: string };
  /** Runs that are worked on at one time. */
  readonly slotCount: number;
}

/** Nobody else is there to take a run over, so it is held for as long as can be: an hour. */
const leaseMs = 3_600_000;

/** Rounds of one step at most: more is taken for work that makes work without end. */
const roundsMax = 10_000;

/** Does what it is asked to, and nothing by itself. */
export class SteppedEngine {
  readonly #options: SteppedEngineOptions;
  readonly #held = new HeldRuns();
  readonly #firing: Firing;
  readonly #pruning: Pruning;
  readonly #claiming: Claiming;
  readonly #attempts: Attempts;
  readonly #finishing: Finishing;
  #workerId: WorkerId | undefined;
  /** Runs whose end was accepted. */
  #endedCount = 0;

  constructor(options: SteppedEngineOptions) {
    this.#options = options;
    const { store, clock, onEvent, visiting } = options;
    const recording = new Recording(store, clock);
    this.#firing = new Firing(store, onEvent);
    this.#pruning = new Pruning({ store, owner: "stepped", onEvent });
    this.#claiming = new Claiming({ store, clock, shares: slotSharesDefault, leaseMs });
    this.#finishing = new Finishing({
      store,
      visiting,
      beforeReport: async () => await recording.flush(),
      onReported: ({ conclusion, isAccepted }) => {
        if (isAccepted) this.#held.remove(conclusion.run);
        else this.#held.giveUp(conclusion.run);
        if (isAccepted && conclusion.kind === "finish") this.#endedCount += 1;
      },
    });
    this.#attempts = new Attempts({
      ...options,
      held: this.#held,
      recording,
      onConcluded: (conclusion) => this.#finishing.add(conclusion),
      onFree: () => undefined,
    });
  }

  /** Fires every trigger that is due. */
  async fire(): Promise<void> {
    for (let round = 0; round < roundsMax; round += 1) {
      if ((await this.#firing.turn()) !== "again") return;
    }
  }

  /** Fills every queue of visits. */
  async refill(): Promise<void> {
    const { visiting } = this.#options;
    for (const setting of visiting.settings) {
      for (let round = 0; round < roundsMax; round += 1) {
        if ((await visiting.refill(setting)).state !== "filled") break;
      }
    }
  }

  /**
   * Starts as many due runs as there are slots, waits until their handlers have answered, calls
   * `whileAtWork`, and reports. Answers how many runs have ended.
   */
  async work(whileAtWork: () => void): Promise<number> {
    const { store, catalogue, self, slotCount } = this.#options;
    this.#workerId ??= await store.workers.start({ ...self, slotCount }, leaseMs);
    const workerId = this.#workerId;
    const types = servedOf(await store.taskTypes.list(), catalogue);
    const wish = { workerId, slotCount, startCount: slotCount, types: [...types.values()] };
    // Nobody hints at what was added between two steps.
    this.#claiming.onQueued(undefined);
    const { runs } = await this.#claiming.claim(wish);
    this.#endedCount = 0;
    for (const run of runs) {
      const served = types.get(run.typeId);
      if (served !== undefined) {
        this.#attempts.start(this.#attempts.hold(run, served.definition), workerId);
      }
    }
    await this.#attempts.ended();
    whileAtWork();
    while (this.#finishing.pendingCount > 0) await this.#finishing.turn();
    await store.runs.dropClaims(this.#held.takeEmptied());
    return this.#endedCount;
  }

  /** Adds coming days of history, and drops what is kept no longer. */
  async prune(): Promise<void> {
    await this.#pruning.turn();
  }

  /** Takes the worker out of the database. */
  async stop(): Promise<void> {
    if (this.#workerId !== undefined) await this.#options.store.workers.stop(this.#workerId);
    this.#workerId = undefined;
  }
}
