/**
 * A node in flight: one object for each try, which is also the context that the node's function is
 * given. Signals, results and functions are made only when they are asked for: most nodes use few.
 */

import { type Clock, delay } from "../kernel/clock.ts";
import type { NodeNumber } from "./graph.ts";
import type { NodeContext } from "./node-context.ts";

/** What a try needs of its run. */
export interface FlightControl {
  readonly clock: Clock;
  /** What the nodes that this one requires have returned, in the form that its function expects. */
  resultsOf(number: NodeNumber): unknown;
  tellProgress(flight: Flight, fraction: number | null, message: string | null): void;
}

/** One try of a node. */
export class Flight implements NodeContext<never> {
  readonly number: NodeNumber;
  readonly attempt: number;
  /** When the first try started, on the run's clock. */
  readonly startedMs: number;
  /** Fires at the end of the node's time; handed on from try to try. */
  deadline: Disposable | undefined;
  /** Fires when this try is due, the one before having failed. */
  rest: Disposable | undefined;
  /** Fires at the end of the wait after another node's failure. */
  errorWait: Disposable | undefined;
  /** Fires at the end of the grace period. */
  grace: Disposable | undefined;
  /** Set when its end is known; whatever its function does later counts for nothing. */
  isOver = false;
  /** Why the run wants the node to stop, when it does. */
  stopReason: Error | undefined;
  /** Why the node's own time is over, when it is. */
  timeout: Error | undefined;
  readonly #control: FlightControl;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor(
    control: FlightControl,
    begin: { readonly number: NodeNumber; readonly attempt: number; readonly startedMs: number },
  ) {
    this.#control = control;
    this.number = begin.number;
    this.attempt = begin.attempt;
    this.startedMs = begin.startedMs;
  }

  get results(): never {
    // The work that made the node's function also knows what results it expects.
    return this.#control.resultsOf(this.number) as never;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get progress(): NodeContext<never>["progress"] {
    return (fraction, message) => {
      if (!this.isOver) this.#control.tellProgress(this, fraction, message ?? null);
    };
  }

  get delay(): NodeContext<never>["delay"] {
    return (ms) => delay(this.#control.clock, ms, this.signal);
  }

  /** Asks the function to stop; of several reasons it is told the first. */
  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** Ends the try: no timer of it fires any more. */
  close(): void {
    this.isOver = true;
    this.deadline?.[Symbol.dispose]();
    this.rest?.[Symbol.dispose]();
    this.errorWait?.[Symbol.dispose]();
    this.grace?.[Symbol.dispose]();
  }

  /** The next try; it takes over the end of the node's time. */
  successor(): Flight {
    const { number, attempt, startedMs, deadline } = this;
    const next = new Flight(this.#control, { number, attempt: attempt + 1, startedMs });
    next.deadline = deadline;
    this.deadline = undefined;
    this.close();
    return next;
  }
}
