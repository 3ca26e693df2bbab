/**
 * Housekeeping: coming partitions are added, old ones dropped, long ended tasks deleted, workers
 * of long ago forgotten. One process at a time does it, under a named lease; who holds it does not
 * matter.
 */

import type { NamedLease } from "../model/worker.ts";
import type { Store } from "../model/store.ts";
import type { EngineListener } from "./events.ts";
import type { NextTurn } from "./loop.ts";

const leaseName = "prune";
const leaseMs = 60_000;

/** Milliseconds between rounds, and while more tasks wait to be deleted. */
const roundMs = 600_000;
const backlogMs = 1_000;

/** Tasks deleted in one statement at most. */
const taskBatchMax = 500;

/** Keeps the history to what its classes keep. */
export class Pruning {
  readonly #store: Store;
  readonly #owner: string;
  readonly #onEvent: EngineListener;
  #lease: NamedLease | undefined;

  constructor(parts: {
    readonly store: Store;
    readonly owner: string;
    readonly onEvent: EngineListener;
  }) {
    this.#store = parts.store;
    this.#owner = parts.owner;
    this.#onEvent = parts.onEvent;
  }

  /** One round, if no other process is at it. */
  async turn(): Promise<NextTurn> {
    const lease = await this.#store.leases.claim({
      name: leaseName,
      owner: this.#owner,
      ttlMs: leaseMs,
    });
    if (lease === undefined) return { inMs: roundMs };
    this.#lease = lease;
    try {
      const days = await this.#store.history.rollPartitions();
      const treeCount = await this.#store.history.pruneTasks(taskBatchMax);
      const runs = await this.#store.swhRunHistory.rollRuns();
      await this.#store.workers.prune();
      const added = [...days.added, ...runs.added];
      const dropped = [...days.dropped, ...runs.dropped];
      const tasks = treeCount + runs.tasks;
      if (added.length + dropped.length + tasks > 0) {
        this.#onEvent({ kind: "pruned", added, dropped, tasks });
      }
      return { inMs: treeCount < taskBatchMax && runs.isDone ? roundMs : backlogMs };
    } finally {
      await this.release();
    }
  }

  /** Lets another process go on. */
  async release(): Promise<void> {
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease !== undefined) await this.#store.leases.release(lease);
  }
}
