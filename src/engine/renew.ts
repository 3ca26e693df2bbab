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
        if (renewed.has(fence)) continue;
        // It may have run out without having been taken back yet.
        held.noteDoubt(fence);
        attempts.lose(held.ofClaim(fence));
      }
    }
    await store.workers.heartbeat(workerId, leaseMs);
    keeper.noteRenewal();
    await this.forgetClaims();
    return { inMs: leaseMs / renewalsPerLease };
  }

  /** Takes claims none of whose runs is held any more out of the database. */
  async forgetClaims(): Promise<void> {
    const { store, held } = this.#options;
    await forgetEmptied(store, held);
  }
}

/** Takes the claims that have become empty out of the database. */
export async function forgetEmptied(store: Store, held: HeldRuns): Promise<void> {
  const emptied = held.takeEmptied();
  const { settled, doubtful } = emptied;
  try {
    if (settled.length > 0) await store.runs.dropSettledClaims(settled);
    if (doubtful.length > 0) await store.runs.dropClaims(doubtful);
  } catch (thrown) {
    held.returnEmptied(emptied);
    throw thrown;
  }
}
