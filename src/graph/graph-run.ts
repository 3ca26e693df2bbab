/**
 * One run of a graph. A node starts in the turn in which the last one that it requires succeeds, if
 * the limit lets it. The run is over when every node has ended or was given up; it leaves no timer
 * and no listener.
 *
 * While it is `running` it starts nodes. After a failure it is `winding-up`: nothing starts, and
 * what runs may go on for its wait. Cancelled, or out of time, it is `stopping`: everything has
 * been asked to stop. Then it is `over`.
 */

import { isAbortEcho, reasonOf } from "../kernel/clock.ts";
import { retryDelayMs } from "../kernel/retry-delay.ts";
import { ExceptionGroup } from "./exception-group.ts";
import { Flight, type FlightControl } from "./flight.ts";
import { type RunState, Teller } from "./graph-event.ts";
import { at, type Graph, keyAt, nameOf, type NodeNumber } from "./graph.ts";
import type { NodeContext } from "./node-context.ts";
import type { ResolvedNodeSettings } from "./node-settings.ts";
import { ReadyNodes } from "./ready-nodes.ts";
import { RunLedger } from "./run-ledger.ts";
import { readWaitMs, type ResolvedRunOptions } from "./run-options.ts";
import { cancelReason, failureElsewhere, graphTimeout, nodeTimeout } from "./stop-reasons.ts";
import { TaskInterrupt } from "./task-interrupt.ts";

/** What is to be run: a graph in the direction of the run, and what its nodes do. */
export interface GraphWork<Key> {
  readonly graph: Graph<Key>;
  settingsOf(number: NodeNumber): ResolvedNodeSettings;
  /** What a node's context has as `results`, given what all nodes have returned so far. */
  resultsOf(number: NodeNumber, values: readonly unknown[]): unknown;
  /** Calls the node's function. */
  call(number: NodeNumber, context: NodeContext<never>): unknown;
}

/** How a run ended. */
export interface RunEnd {
  readonly state: RunState;
  /** What the run fails with; undefined when it succeeded. */
  readonly error: unknown;
  /** What nodes failed with, in the order of occurrence. */
  readonly errors: readonly unknown[];
  readonly ledger: RunLedger;
}

/** The run; `end` is called once. */
export class GraphRun<Key> implements FlightControl {
  readonly #work: GraphWork<Key>;
  readonly #options: ResolvedRunOptions<Key>;
  readonly #ledger: RunLedger;
  readonly #teller: Teller<Key> | null;
  readonly #ready: ReadyNodes;
  readonly #running = new Map<NodeNumber, Flight>();
  /** Tries that are due later, or as soon as the limit lets them; what failed before is over. */
  readonly #resting = new Map<NodeNumber, Flight>();
  readonly #errors: unknown[] = [];
  #phase: "running" | "winding-up" | "stopping" | "over" = "running";
  /** Why the run is cancelled; of several reasons the last. */
  #interruption: { readonly error: unknown } | undefined;
  #isPumping = false;
  #timer: Disposable | undefined;
  #resolve: (end: RunEnd) => void = () => undefined;

  /** @throws InvalidInputError `ORR_INPUT_CYCLE` */
  constructor(work: GraphWork<Key>, options: ResolvedRunOptions<Key>) {
    const { graph } = work;
    this.#work = work;
    this.#options = options;
    this.#ledger = new RunLedger(graph.keys.length);
    this.#ready = new ReadyNodes(graph, (number) => work.settingsOf(number));
    const { clock, onEvent } = options;
    const onError = (error: unknown): void => this.#interrupt(error);
    this.#teller = onEvent === null ? null : new Teller({ clock, onEvent, onError });
  }

  /** Runs the graph; never rejects. */
  end(): Promise<RunEnd> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#begin();
    });
  }

  // What flights ask for.

  get clock(): ResolvedRunOptions<Key>["clock"] {
    return this.#options.clock;
  }

  resultsOf(number: NodeNumber): unknown {
    return this.#work.resultsOf(number, this.#ledger.values);
  }

  tellProgress(flight: Flight, fraction: number | null, message: string | null): void {
    this.#teller?.node(this.#keyOf(flight.number), { kind: "progress", fraction, message });
    this.#pump();
  }

  // Starting nodes.

  #begin(): void {
    const { clock, signal, timeoutMs } = this.#options;
    const nodeCount = this.#ledger.openCount;
    // What happens before all is set up is looked at afterwards.
    this.#isPumping = true;
    this.#teller?.run({ kind: "run-started", at: clock.now(), nodeCount });
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#onAbort();
    if (timeoutMs !== null) {
      this.#timer = clock.schedule(timeoutMs, () => this.#interrupt(graphTimeout(timeoutMs)));
    }
    this.#isPumping = false;
    this.#pump();
  }

  readonly #onAbort = (): void => {
    const { signal } = this.#options;
    if (signal !== null) this.#interrupt(reasonOf(signal));
  };

  /**
   * Starts what may start, and ends the run when nothing is left. Everything that happens comes
   * here in the end; what happens meanwhile, within a node's function, is seen by the loop.
   */
  #pump(): void {
    if (this.#isPumping || this.#phase === "over") return;
    this.#isPumping = true;
    for (;;) {
      if (this.#interruption !== undefined && this.#phase !== "stopping") this.#stop();
      if (this.#phase !== "running" || this.#running.size >= this.#options.concurrency) break;
      const number = this.#ready.take();
      if (number === -1) break;
      this.#start(number);
    }
    this.#isPumping = false;
    if (this.#ledger.openCount === 0) this.#finish();
  }

  #start(number: NodeNumber): void {
    const rested = this.#resting.size === 0 ? undefined : this.#resting.get(number);
    if (rested !== undefined) {
      this.#resting.delete(number);
      this.#launch(rested);
      return;
    }
    // Its time was over between two tries, while it waited for its turn.
    if (!this.#ledger.isOpen(number)) return;
    const { clock } = this.#options;
    const { timeoutMs } = this.#work.settingsOf(number);
    const flight = new Flight(this, { number, attempt: 1, startedMs: clock.monotonicMs() });
    if (timeoutMs !== null) flight.deadline = this.#deadlineOf(number, timeoutMs);
    this.#launch(flight);
  }

  #launch(flight: Flight): void {
    const { number, attempt } = flight;
    this.#running.set(number, flight);
    this.#teller?.node(this.#keyOf(number), { kind: "started", attempt });
    let returned: unknown;
    try {
      returned = this.#work.call(number, flight);
    } catch (error) {
      this.#onRejected(flight, error);
      return;
    }
    if (!isPromiseLike(returned)) {
      this.#onResolved(flight, returned);
      return;
    }
    // A native promise is taken as it is; others may call back twice, or at once.
    Promise.resolve(returned).then(
      (value) => {
        this.#onResolved(flight, value);
        this.#pump();
      },
      (error: unknown) => {
        this.#onRejected(flight, error);
        this.#pump();
      },
    );
  }

  // How nodes end.

  #onResolved(flight: Flight, value: unknown): void {
    if (flight.isOver) return;
    const { number, stopReason } = flight;
    this.#land(flight);
    if (stopReason !== undefined) {
      this.#cancel(number, { wasStarted: true, reason: stopReason });
      return;
    }
    this.#ledger.succeed(number, value);
    this.#teller?.node(this.#keyOf(number), {
      kind: "succeeded",
      durationMs: this.#durationOf(flight),
    });
    if (this.#phase === "running") this.#ready.release(number);
  }

  #onRejected(flight: Flight, error: unknown): void {
    if (flight.isOver) return;
    const { number, stopReason, timeout } = flight;
    const wasAsked = stopReason !== undefined || timeout !== undefined;
    if (!wasAsked && error instanceof TaskInterrupt) this.#interruption = { error };
    else if (!wasAsked && this.#retry(flight, error)) return;
    this.#land(flight);
    const isEcho = wasAsked && isAbortEcho(error, flight.signal);
    if (isEcho && stopReason !== undefined && timeout === undefined) {
      this.#cancel(number, { wasStarted: true, reason: stopReason });
      return;
    }
    this.#fail(flight, isEcho ? timeout : error);
  }

  /** Ends a try for good; its node has still to be entered into the ledger. */
  #land(flight: Flight): void {
    flight.close();
    this.#running.delete(flight.number);
  }

  #fail(flight: Flight, error: unknown): void {
    const { number } = flight;
    this.#ledger.end(number, { state: "failed", error });
    const durationMs = this.#durationOf(flight);
    this.#teller?.node(this.#keyOf(number), { kind: "failed", durationMs, error });
    this.#onFailure(number, error);
  }

  /** What follows when a node has failed, or was given up because its own time was over. */
  #onFailure(number: NodeNumber, error: unknown): void {
    this.#errors.push(error);
    if (this.#phase !== "running" || this.#interruption !== undefined) return;
    const reason = failureElsewhere(nameOf(this.#keyOf(number)), error);
    if (this.#options.onFailure === "stop") this.#windUp(reason);
    else this.#cancelAbove(number, reason);
  }

  /** Cancels all that requires the node; each node is come to once in a run. */
  #cancelAbove(failed: NodeNumber, reason: Error): void {
    const { starts, targets } = this.#work.graph.requiredBy;
    const found = [failed];
    for (let number = found.pop(); number !== undefined; number = found.pop()) {
      const end = at(starts, number + 1);
      for (let place = at(starts, number); place < end; place += 1) {
        const requirer = at(targets, place);
        if (!this.#ledger.isOpen(requirer)) continue;
        this.#cancel(requirer, { wasStarted: false, reason });
        found.push(requirer);
      }
    }
  }

  #cancel(
    number: NodeNumber,
    how: { readonly wasStarted: boolean; readonly reason: unknown },
  ): void {
    this.#ledger.end(number, { state: "cancelled", ...how });
    this.#teller?.node(this.#keyOf(number), { kind: "cancelled", ...how });
  }

  // Retries and time.

  /** Lets a node rest before its next try; false when it has none left. */
  #retry(flight: Flight, error: unknown): boolean {
    const { number, attempt } = flight;
    const { retry } = this.#work.settingsOf(number);
    if (retry === null || attempt > retry.limit || this.#phase !== "running") return false;
    this.#running.delete(number);
    const next = flight.successor();
    this.#resting.set(number, next);
    const delayMs = retryDelayMs(retry, attempt, this.#options.rng);
    next.rest = this.#options.clock.schedule(delayMs, () => {
      this.#ready.put(number);
      this.#pump();
    });
    const change = { kind: "retrying", attempt, delayMs, error } as const;
    this.#teller?.node(this.#keyOf(number), change);
    return true;
  }

  #deadlineOf(number: NodeNumber, timeoutMs: number): Disposable {
    return this.#options.clock.schedule(timeoutMs, () => {
      this.#onTimeout(number, timeoutMs);
      this.#pump();
    });
  }

  #onTimeout(number: NodeNumber, timeoutMs: number): void {
    const flight = this.#running.get(number) ?? this.#resting.get(number);
    // Once it has been asked to stop its own time does not matter.
    if (flight === undefined || flight.stopReason !== undefined) return;
    const timeout = nodeTimeout(nameOf(this.#keyOf(number)), timeoutMs);
    this.#teller?.node(this.#keyOf(number), { kind: "timed-out", timeoutMs });
    // The listener may have cancelled the run.
    if (this.#phase === "stopping" || this.#phase === "over") return;
    if (this.#resting.delete(number)) {
      flight.close();
      this.#fail(flight, timeout);
      return;
    }
    flight.timeout = timeout;
    flight.abort(timeout);
    this.#startGrace(flight);
  }

  #startGrace(flight: Flight): void {
    // The grace that began first ends first.
    flight.grace ??= this.#options.clock.schedule(this.#options.graceMs, () => {
      this.#abandon(flight);
      this.#pump();
    });
  }

  #abandon(flight: Flight): void {
    const { number, timeout, stopReason } = flight;
    const reason = timeout ?? stopReason;
    this.#land(flight);
    this.#ledger.end(number, { state: "abandoned", reason });
    const durationMs = this.#durationOf(flight);
    this.#teller?.node(this.#keyOf(number), { kind: "abandoned", durationMs, reason });
    if (timeout !== undefined) this.#onFailure(number, timeout);
  }

  // The end of the run.

  #interrupt(error: unknown): void {
    this.#interruption = { error };
    this.#pump();
  }

  /** After the first failure: nothing starts, and what runs is asked to stop after its wait. */
  #windUp(reason: Error): void {
    this.#phase = "winding-up";
    this.#teller?.run({ kind: "run-stopping", reason: reason.cause });
    this.#cancelWaiting(reason);
    // The listener may have cancelled the run meanwhile: then all have been asked already.
    if (this.#phase !== "winding-up") return;
    for (const flight of this.#running.values()) {
      const waitMs = this.#errorWaitMsOf(flight.number);
      const ask = (): void => this.#ask(flight, reason);
      if (waitMs === 0) ask();
      else flight.errorWait = this.#options.clock.schedule(waitMs, ask);
    }
  }

  /** A function that fails, or answers nonsense, gives no wait; what was wrong is kept. */
  #errorWaitMsOf(number: NodeNumber): number {
    const { errorWaitMs } = this.#options;
    if (typeof errorWaitMs === "number") return errorWaitMs;
    try {
      return readWaitMs(errorWaitMs(this.#keyOf(number)));
    } catch (error) {
      this.#errors.push(error);
      return 0;
    }
  }

  /** Cancelled from outside: everything is asked to stop at once. */
  #stop(): void {
    const reason = cancelReason(this.#interruption?.error);
    this.#phase = "stopping";
    this.#teller?.run({ kind: "run-stopping", reason });
    this.#cancelWaiting(reason);
    for (const flight of this.#running.values()) this.#ask(flight, reason);
  }

  #ask(flight: Flight, reason: Error): void {
    if (flight.isOver) return;
    flight.errorWait?.[Symbol.dispose]();
    flight.stopReason ??= reason;
    flight.abort(reason);
    this.#startGrace(flight);
  }

  #cancelWaiting(reason: Error): void {
    // Taken out before it is told: what the listener does may bring the run here again.
    for (const [number, flight] of this.#resting) {
      this.#resting.delete(number);
      flight.close();
      this.#cancel(number, { wasStarted: true, reason });
    }
    for (const number of this.#work.graph.keys.keys()) {
      if (!this.#ledger.isOpen(number) || this.#running.has(number)) continue;
      this.#cancel(number, { wasStarted: false, reason });
    }
  }

  #finish(): void {
    this.#phase = "over";
    this.#timer?.[Symbol.dispose]();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    const { state, error } = this.#endState();
    this.#teller?.run({ kind: "run-finished", state, error });
    // The listener may have thrown at the very last event.
    this.#resolve({ ...this.#endState(), errors: this.#errors, ledger: this.#ledger });
  }

  #endState(): { readonly state: RunState; readonly error: unknown } {
    if (this.#interruption !== undefined) {
      return { state: "cancelled", error: this.#interruption.error };
    }
    const [first] = this.#errors;
    if (this.#errors.length === 0) return { state: "succeeded", error: undefined };
    const isIsolated = this.#options.onFailure === "isolate";
    return { state: "failed", error: isIsolated ? new ExceptionGroup(this.#errors) : first };
  }

  #keyOf(number: NodeNumber): Key {
    return keyAt(this.#work.graph, number);
  }

  #durationOf(flight: Flight): number {
    return this.#options.clock.monotonicMs() - flight.startedMs;
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
