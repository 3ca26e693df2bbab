/** Runs that are claimed and wait for a slot, in the order in which they were claimed. */

import type { HeldAttempt } from "./held-runs.ts";

/** A run that waits, and since when on the worker's monotonic clock. */
interface Waiting {
  readonly attempt: HeldAttempt;
  readonly sinceMs: number;
}

/** A queue; taking is quick however long it is. */
export class RunBuffer {
  #queue: Waiting[] = [];
  /** Taken from the front; the queue is cut when all have been. */
  #taken = 0;

  /** Runs that wait. */
  get size(): number {
    return this.#queue.length - this.#taken;
  }

  /** Adds a run at the end. */
  add(attempt: HeldAttempt, nowMs: number): void {
    this.#queue.push({ attempt, sinceMs: nowMs });
  }

  /** Takes the run that has waited longest. */
  take(): HeldAttempt | undefined {
    const first = this.#queue[this.#taken];
    if (first === undefined) return undefined;
    this.#taken += 1;
    if (this.size === 0) this.#clear();
    return first.attempt;
  }

  /** Takes everything. */
  takeAll(): readonly HeldAttempt[] {
    const all = this.#queue.slice(this.#taken).map(({ attempt }) => attempt);
    this.#clear();
    return all;
  }

  /** Milliseconds for which the first one has waited; 0 when none waits. */
  oldestMs(nowMs: number): number {
    const first = this.#queue[this.#taken];
    return first === undefined ? 0 : nowMs - first.sinceMs;
  }

  #clear(): void {
    this.#queue = [];
    this.#taken = 0;
  }
}
