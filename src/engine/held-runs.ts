/**
 * The runs that this worker holds: what it must renew, watch for cancels, and report. A claim is
 * forgotten in the database once none of its runs is held any more.
 */

import type { FencingToken, RunId } from "../kernel/ids.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { StopRequest } from "../model/stop-request.ts";
import type { HeldRun } from "../model/store.ts";

/** A claimed run with its attempt, under way or about to start. */
export interface HeldAttempt {
  readonly run: ClaimedRun;
  readonly definition: TaskDefinition;
  readonly typeName: string;
  readonly stop: StopRequest;
}

/** Claims none of whose runs is held here any more. */
export interface EmptiedClaims {
  /** All their runs have been reported, or given back. */
  readonly settled: readonly FencingToken[];
  /** Some may still be held in the database. */
  readonly doubtful: readonly FencingToken[];
}

/** The book of held runs. One run is here once for each token it was claimed under. */
export class HeldRuns {
  readonly #attempts = new Map<FencingToken, Map<RunId, HeldAttempt>>();
  /** Those whose code has ended. */
  readonly #ended = new Set<HeldAttempt>();
  readonly #emptied = new Set<FencingToken>();
  /** Claims with runs that may be held in the database though not here. */
  readonly #doubtful = new Set<FencingToken>();
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
    const attempt = claim?.get(id);
    if (claim === undefined || attempt === undefined) return false;
    claim.delete(id);
    this.#ended.delete(attempt);
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

  /** Notes that the code of a held attempt has ended: only its report is left. */
  noteEnd(attempt: HeldAttempt): void {
    this.#ended.add(attempt);
  }

  /** Whether a held attempt waits for nothing but its report. */
  hasEnded(attempt: HeldAttempt): boolean {
    return this.#ended.has(attempt);
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

  /** Notes that the database may hold runs of a claim that are not, or no more, held here. */
  noteDoubt(fence: FencingToken): void {
    this.#doubtful.add(fence);
  }

  /** Claims that have become empty since the last call. */
  takeEmptied(): EmptiedClaims {
    const emptied = [...this.#emptied];
    this.#emptied.clear();
    const doubtful = emptied.filter((fence) => this.#doubtful.has(fence));
    for (const fence of doubtful) this.#doubtful.delete(fence);
    return { doubtful, settled: emptied.filter((fence) => !doubtful.includes(fence)) };
  }

  /** Puts back claims that could not be forgotten in the database yet. */
  returnEmptied({ settled, doubtful }: EmptiedClaims): void {
    for (const fence of settled) this.#emptied.add(fence);
    for (const fence of doubtful) {
      this.#emptied.add(fence);
      this.#doubtful.add(fence);
    }
  }
}
