/**
 * What happens in the run of a graph, told as it happens. `atMs` counts from the start of the run
 * on the clock that the run was given.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Instant } from "../kernel/instant.ts";

/** How a run ended. */
export type RunState = "succeeded" | "failed" | "cancelled";

/** What happens to the run as a whole. */
export type RunChange =
  | { readonly kind: "run-started"; readonly at: Instant; readonly nodeCount: number }
  /** Nothing starts any more; `reason` is what a node failed with, or why the run is cancelled. */
  | { readonly kind: "run-stopping"; readonly reason: unknown }
  | { readonly kind: "run-finished"; readonly state: RunState; readonly error: unknown };

/** What happens to a node. `durationMs` counts from its first start. */
export type NodeChange =
  | { readonly kind: "started"; readonly attempt: number }
  | {
      readonly kind: "progress";
      /** 0 to 1, or null when the end is not known. */
      readonly fraction: number | null;
      readonly message: string | null;
    }
  /** The try numbered `attempt` failed; the next one is due after `delayMs`. */
  | {
      readonly kind: "retrying";
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: unknown;
    }
  /** Its time is over and it is asked to stop; how it ends is told by a later event. */
  | { readonly kind: "timed-out"; readonly timeoutMs: number }
  | { readonly kind: "succeeded"; readonly durationMs: number }
  | { readonly kind: "failed"; readonly durationMs: number; readonly error: unknown }
  /** It stopped as asked, or, with `wasStarted` false, it never began. */
  | { readonly kind: "cancelled"; readonly wasStarted: boolean; readonly reason: unknown }
  /** It did not stop within the grace period; what it does from now on counts for nothing. */
  | { readonly kind: "abandoned"; readonly durationMs: number; readonly reason: unknown };

/** Everything that is told, discriminated by `kind`. */
export type GraphEvent<Key> =
  | ({ readonly atMs: number } & RunChange)
  | ({ readonly atMs: number; readonly node: Key } & NodeChange);

/** Tells events, with their time. */
export class Teller<Key> {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #onEvent: (event: GraphEvent<Key>) => void;
  readonly #onError: (error: unknown) => void;

  constructor(options: {
    readonly clock: Clock;
    readonly onEvent: (event: GraphEvent<Key>) => void;
    /** Called with what `onEvent` throws. */
    readonly onError: (error: unknown) => void;
  }) {
    this.#clock = options.clock;
    this.#startedMs = options.clock.monotonicMs();
    this.#onEvent = options.onEvent;
    this.#onError = options.onError;
  }

  /** Tells what happens to the run. */
  run(change: RunChange): void {
    this.#tell({ atMs: this.#elapsedMs(), ...change });
  }

  /** Tells what happens to a node. */
  node(node: Key, change: NodeChange): void {
    this.#tell({ atMs: this.#elapsedMs(), node, ...change });
  }

  #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  #tell(event: GraphEvent<Key>): void {
    try {
      this.#onEvent(event);
    } catch (error) {
      this.#onError(error);
    }
  }
}
