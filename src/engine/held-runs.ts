/**
 * The runs that this worker holds: what it must renew, watch for cancels, and report. A claim is
 * forgotten in the database once none of its runs is held any more.
 */

import type { FencingToken, RunId } from "../kernel/ids.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { HeldRun } from "../model/store.ts";

/** A claimed run with its attempt, under way or about to start. */
export interface HeldAttempt {
  readonly run: ClaimedRun;
  readonly definition: TaskDefinition;
  readonly typeName: string;
  /** Aborts the attempt; the reason says why. */
  readonly controller: AbortController;
}

/** The book of held runs. One run is here once for each token it was claimed under. */
export class HeldRuns {
  readonly #attempts = new Map<FencingToken, Map<RunId, HeldAttempt>>();
  readonly #emptied = new Set<FencingToken>();
  #count = 0;

  /** Runs held, started or not yet reported. */
  get count(): number {
    return this.#count;
  }

  /** Enters an attempt. */
  add(attempt: HeldAttempt): void {
    const { fence, id } = attempt.run;
    const claim = this.#attempts.get(fence) ?? new Map<RunId, HeldAttempt>();
    if (!claim.has(id)) this.#count += 1;
    claim.set(id, attempt);
    this.#attempts.set(fence, claim);
  }

  /** Takes out a run whose end has been reported, or that is lost; answers whether it was here. */
  remove({ id, fence }: HeldRun): boolean {
    const claim = this.#attempts.get(fence);
    if (claim === undefined || !claim.delete(id)) return false;
    this.#count -= 1;
    if (claim.size === 0) {
      this.#attempts.delete(fence);
      this.#emptied.add(fence);
    }
    return true;
  }

  /** The attempt of a run, if it is held under this very token. */
  find({ id, fence }: HeldRun): HeldAttempt | undefined {
    return this.#attempts.get(fence)?.get(id);
  }

  /** The tokens of all claims with held runs. */
  fences(): readonly FencingToken[] {
    return [...this.#attempts.keys()];
  }

  /** The attempts of a claim. */
  ofClaim(fence: FencingToken): readonly HeldAttempt[] {
    return [...(this.#attempts.get(fence)?.values() ?? [])];
  }

  /** All attempts. */
  all(): readonly HeldAttempt[] {
    return [...this.#attempts.values()].flatMap((claim) => [...claim.values()]);
  }

  /** Claims that have become empty since the last call. */
  takeEmptied(): readonly FencingToken[] {
    const emptied = [...this.#emptied];
    this.#emptied.clear();
    return emptied;
  }

  /** Puts back claims that could not be forgotten in the database yet. */
  returnEmptied(fences: readonly FencingToken[]): void {
    for (const fence of fences) this.#emptied.add(fence);
  }
}
