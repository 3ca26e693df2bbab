/**
 * A scheduler under a manual clock that works in steps: nothing happens between them, so that days
 * pass in seconds and the same steps with the same seed do the same.
 */

import { openSteppedParts, type SteppedParts } from "../app/stepped.ts";
import type { Orrery } from "../app/orrery.ts";
import type { OrreryOptions } from "../app/orrery-options.ts";
import { readFields, readNumber } from "../kernel/fields.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** Options of a scheduler; its time is that of the clock. */
export type SteppedOptions = Omit<OrreryOptions, "clock" | "now" | "fire" | "worker"> & {
  /** @defaultValue a clock of its own */
  readonly clock?: ManualClock;
  /** Runs that one step works on at most, 1 to 1000. @defaultValue 10 */
  readonly slotCount?: number;
};

/** What a step is like. */
export interface StepOptions {
  /**
   * Milliseconds that pass between the start of the runs of this step and their ends, above 0 to a
   * year; handlers themselves see no time pass, and must not wait for any.
   * @defaultValue 1
   */
  readonly tookMs?: number;
}

/** A year: no step is longer. */
const tookMsMax = 31_536_000_000;
const tookMsMin = 0.001;
const dayMs = 86_400_000;

/** A scheduler that works in steps. Hold it with `await using`. */
export class SteppedScheduler implements AsyncDisposable {
  readonly orrery: Orrery;
  readonly clock: ManualClock;
  readonly #engine: SteppedParts["engine"];
  #pruneAtMs = 0;

  /** From an opened scheduler; `openStepped` makes one. */
  constructor({ orrery, engine }: SteppedParts, clock: ManualClock) {
    this.orrery = orrery;
    this.clock = clock;
    this.#engine = engine;
  }

  /**
   * One step: every due trigger fires, every queue of visits is filled, and due runs are worked on,
   * as many as there are slots. Once a day, history is pruned. Answers how many runs have ended;
   * those that are to be tried again have not.
   * @throws InvalidInputError `ORR_INPUT_INVALID`
   */
  async step(options: StepOptions = {}): Promise<number> {
    const { tookMs: given = 1 } = readFields(options, "", ["tookMs"]);
    const tookMs = readNumber(given, { field: "tookMs", min: tookMsMin, max: tookMsMax });
    if (this.clock.monotonicMs() >= this.#pruneAtMs) {
      await this.#engine.prune();
      this.#pruneAtMs = this.clock.monotonicMs() + dayMs;
    }
    await this.#engine.fire();
    await this.#engine.refill();
    return await this.#engine.work(() => this.clock.advance(tookMs));
  }

  /** Closes the scheduler. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.stop();
    await this.orrery.close();
  }
}

/**
 * Opens a scheduler that works in steps.
 * @throws as `Orrery.open`
 */
export async function openStepped(options: SteppedOptions = {}): Promise<SteppedScheduler> {
  const { clock = createManualClock(), slotCount, ...rest } = options;
  const parts = await openSteppedParts({
    ...rest,
    clock,
    now: () => clock.now(),
    ...(slotCount === undefined ? {} : { worker: { slotCount } }),
  });
  return new SteppedScheduler(parts, clock);
}
