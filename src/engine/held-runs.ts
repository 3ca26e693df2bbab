/**
 * The runs that this worker holds: what it must renew, watch for cancels, and report. A claim is
 * forgotten in the database once none of its runs is held any more.
 */

import type { FencingToken, RunId } from "../kernel/ids.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { StopRequest } from "../model/stop-request.ts";
import type { EmptiedClaim, HeldRun } from "../model/store.ts";

/** A claimed run with its attempt, under way or about to start. */
export interface HeldAttempt {
  readonly run: ClaimedRun;
  readonly definition: TaskDefinition;
  readonly typeName: string;
  readonly stop: StopRequest;
}

/** The book of held runs. One run is here once for each token it was claimed under. */
export class HeldRuns {
  readonly #attempts = new Map<FencingToken, Map<RunId, HeldAttempt>>();
  /** Beside each token: runs of which the database has said that it is no longer theirs. */
  readonly #overCounts = new Map<FencingToken, number>();
  /** Those whose code has ended. */
  readonly #ended = new Set<HeldAttempt>();
  #emptied: EmptiedClaim[] = [];
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

  /** Takes out a run that the database no longer has under its token; answers if it was here. */
  remove(run: HeldRun): boolean {
    if (this.find(run) === undefined) return false;
    this.#overCounts.set(run.fence, (this.#overCounts.get(run.fence) ?? 0) + 1);
    return this.giveUp(run);
  }

  /** Takes out a run that is lost, whoever has it now; answers whether it was here. */
  giveUp({ id, fence }: HeldRun): boolean {
    const claim = this.#attempts.get(fence);
    const attempt = claim?.get(id);
    if (claim === undefined || attempt === undefined) return false;
    claim.delete(id);
    this.#ended.delete(attempt);
    this.#count -= 1;
    if (claim.size === 0) {
      this.#attempts.delete(fence);
      this.#emptied.push({ fence, overCount: this.#overCounts.get(fence) ?? 0 });
      this.#overCounts.delete(fence);
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

  /** Claims that have become empty since the last call. */
  takeEmptied(): readonly EmptiedClaim[] {
    const emptied = this.#emptied;
    this.#emptied = [];
    return emptied;
  }

  /** Puts back claims that could not be forgotten in the database yet. */
  returnEmptied(claims: readonly EmptiedClaim[]): void {
    this.#emptied.push(...claims);
  }
}
