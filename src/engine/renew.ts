/**
 * Proof of life: the worker's heartbeat, the leases of its claims, and the claims that are done.
 * What the database no longer grants is given up at once.
 */

import type { WorkerId } from "../kernel/ids.ts";
import type { LeaseKeeper, Store } from "../model/store.ts";
import type { Attempts } from "./attempts.ts";
import type { HeldRuns } from "./held-runs.ts";
import type { NextTurn } from "./loop.ts";

/** What is renewed, and for how long. */
export interface RenewalOptions {
  readonly store: Store;
  readonly workerId: WorkerId;
  readonly held: HeldRuns;
  readonly attempts: Attempts;
  readonly keeper: LeaseKeeper;
  /** Milliseconds from each renewal to the end of the lease. */
  readonly leaseMs: number;
}

/** Renewals in the time of one lease: one may fail and another be late. */
const renewalsPerLease = 4;

/** Renews the leases of one worker. */
export class Renewal {
  readonly #options: RenewalOptions;
  #forgetting = Promise.resolve();

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Renews everything once. */
  async turn(): Promise<NextTurn> {
    const { store, workerId, held, attempts, keeper, leaseMs } = this.#options;
    const fences = held.fences();
    if (fences.length > 0) {
      const renewed = new Set(await store.runs.renew(workerId, { fences, leaseMs }));
      for (const fence of fences) {
        if (!renewed.has(fence)) attempts.lose(held.ofClaim(fence));
      }
    }
    await store.workers.heartbeat(workerId, leaseMs);
    keeper.noteRenewal();
    await this.forgetClaims();
    return { inMs: leaseMs / renewalsPerLease };
  }

  /** Takes claims none of whose runs is held any more out of the database. */
  async forgetClaims(): Promise<void> {
    // One after the other: who waits for one has waited for all.
    this.#forgetting = this.#forgetting.catch(() => undefined).then(() => this.#forgetEmptied());
    await this.#forgetting;
  }

  async #forgetEmptied(): Promise<void> {
    const { store, held } = this.#options;
    const emptied = held.takeEmptied();
    if (emptied.length === 0) return;
    try {
      await store.runs.dropClaims(emptied);
    } catch (thrown) {
      held.returnEmptied(emptied);
      throw thrown;
    }
  }
}
