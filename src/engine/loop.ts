/**
 * A loop that works in turns: it works when it is woken and, since hints can get lost, also after
 * its interval. A turn that fails is reported and tried again later, more and more patiently.
 */

import type { Clock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import type { Rng } from "../kernel/rng.ts";
import type { EngineListener, LoopName } from "./events.ts";

/**
 * How a loop goes on after a turn: at once, or when woken or after so many milliseconds. Those that
 * are `exact` are not spread, since something is due then.
 */
export type NextTurn = "again" | { readonly inMs: number; readonly isExact?: boolean };

/** What a loop does and how often. */
export interface LoopOptions {
  readonly name: LoopName;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly onEvent: EngineListener;
  /** One bounded piece of work. */
  readonly turn: () => Promise<NextTurn>;
}

/** Milliseconds before the first retry of a failed turn, and at most. */
const failureDelayMs = { first: 100, max: 2_000 } as const;

/** Part of each interval that is left to chance, so that processes do not march in step. */
const jitter = 0.1;

/** A service: `start` returns at once, `stop` waits for the turn that is under way. */
export class Loop {
  readonly #options: LoopOptions;
  #running: Promise<void> | undefined;
  #stopping = false;
  #woken = false;
  #wake: (() => void) | undefined;
  #failures = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Begins with a turn at once. */
  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  /** Makes the next turn come at once; a turn under way is followed by another. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Ends after the present turn; legal before start, and twice. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#running;
    this.#running = undefined;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      const next = await this.#turn();
      if (next !== "again" && !this.#woken) await this.#sleep({ ...next, isWakeable: true });
    }
  }

  async #turn(): Promise<NextTurn> {
    const { name, onEvent, turn } = this.#options;
    try {
      const next = await turn();
      this.#failures = 0;
      return next;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : notAnError(thrown);
      onEvent({ kind: "loop_failed", loop: name, error });
      this.#failures += 1;
      const delayMs = failureDelayMs.first * 2 ** Math.min(this.#failures - 1, 10);
      // Not woken early: whatever failed needs the time.
      await this.#sleep({ inMs: Math.min(delayMs, failureDelayMs.max) });
      return "again";
    }
  }

  async #sleep(options: {
    readonly inMs: number;
    readonly isExact?: boolean;
    readonly isWakeable?: boolean;
  }): Promise<void> {
    const { clock, rng } = this.#options;
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const spread = options.isExact === true ? 1 : 1 + jitter * (2 * rng.next() - 1);
      const done = (): void => {
        timer[Symbol.dispose]();
        this.#wake = undefined;
        resolve();
      };
      const timer = clock.schedule(options.inMs * spread, done);
      this.#wake = () => {
        if (options.isWakeable === true || this.#stopping) done();
      };
    });
  }
}

/** Something thrown that is no error, such as a string. */
function notAnError(thrown: unknown): InvariantError {
  return new InvariantError("ORR_BUG_INVARIANT", `a loop threw ${String(thrown)}`);
}
