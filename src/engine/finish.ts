/**
 * The loop that reports ended attempts, many at a time. A report whose answer got lost is sent
 * again; what the database has already taken is then read back. A result that the database refuses
 * ends its own run as failed and no other.
 */

import { StoreError } from "../kernel/errors.ts";
import type { RunId } from "../kernel/ids.ts";
import { failed } from "../model/outcome.ts";
import type { FinishedRun, RequeuedRun } from "../model/run.ts";
import type { HeldRun, Store } from "../model/store.ts";
import type { Conclusion } from "./conclude.ts";
import type { NextTurn } from "./loop.ts";

/** Reports in one statement at most. */
const batchMax = 500;

/** Milliseconds between looks; a report wakes the loop at once. */
const pollMs = 1_000;

/** What came of a report. */
export interface Reported {
  readonly conclusion: Conclusion;
  /** False when the token was no longer current: nothing was changed. */
  readonly isAccepted: boolean;
}

/** Collects ended attempts and reports them. */
export class Finishing {
  readonly #store: Store;
  readonly #onReported: (reported: Reported) => void;
  #waiting: Conclusion[] = [];
  /** Sent once without an answer, so that a refusal may mean that it had been taken. */
  #isUncertain = false;

  constructor(store: Store, onReported: (reported: Reported) => void) {
    this.#store = store;
    this.#onReported = onReported;
  }

  /** Reports that are not yet taken. */
  get pendingCount(): number {
    return this.#waiting.length;
  }

  /** Adds a report; the owner wakes the loop. */
  add(conclusion: Conclusion): void {
    this.#waiting.push(conclusion);
  }

  /** Sends one batch. */
  async turn(): Promise<NextTurn> {
    const batch = this.#waiting.slice(0, batchMax);
    if (batch.length === 0) return { inMs: pollMs };
    const accepted = await this.#send(batch);
    this.#waiting = this.#waiting.slice(batch.length);
    for (const conclusion of batch) {
      this.#onReported({ conclusion, isAccepted: accepted.has(keyOf(conclusion.run)) });
    }
    return this.#waiting.length > 0 ? "again" : { inMs: pollMs };
  }

  async #send(batch: readonly Conclusion[]): Promise<ReadonlySet<string>> {
    const finished = batch.flatMap(({ kind, run }) => (kind === "finish" ? [run] : []));
    const requeued = batch.flatMap(({ kind, run }) => (kind === "requeue" ? [run] : []));
    const wasUncertain = this.#isUncertain;
    this.#isUncertain = true;
    const taken = [...(await this.#finish(finished)), ...(await this.#requeue(requeued))];
    const byId = new Map(batch.map(({ run }) => [run.id, run]));
    const accepted = new Set(taken.flatMap((id) => keysOf(byId.get(id))));
    if (wasUncertain) {
      const open = batch.map(({ run }) => run).filter((run) => !accepted.has(keyOf(run)));
      for (const id of await this.#store.runs.listEnded(open)) {
        for (const key of keysOf(byId.get(id))) accepted.add(key);
      }
    }
    this.#isUncertain = false;
    return accepted;
  }

  async #finish(runs: readonly FinishedRun[]): Promise<readonly RunId[]> {
    if (runs.length === 0) return [];
    try {
      return await this.#store.runs.finish(runs);
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || thrown.transient) throw thrown;
      // One of them cannot be stored: each alone, and that one as a failure that says so.
      if (runs.length > 1) return await each(runs, async (run) => this.#finish([run]));
      return await this.#store.runs.finish(
        runs.map((run) => ({ ...run, outcome: failed(thrown) })),
      );
    }
  }

  async #requeue(runs: readonly RequeuedRun[]): Promise<readonly RunId[]> {
    if (runs.length === 0) return [];
    try {
      return await this.#store.runs.requeue(runs);
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || thrown.transient) throw thrown;
      if (runs.length > 1) return await each(runs, async (run) => this.#requeue([run]));
      return await this.#store.runs.requeue(
        runs.map((run) => ({ ...run, outcome: failed(thrown) })),
      );
    }
  }
}

async function each<T>(
  items: readonly T[],
  act: (item: T) => Promise<readonly RunId[]>,
): Promise<readonly RunId[]> {
  const ids: RunId[] = [];
  for (const item of items) ids.push(...(await act(item)));
  return ids;
}

function keyOf(run: HeldRun): string {
  return `${run.id}/${run.fence}`;
}

function keysOf(run: HeldRun | undefined): readonly string[] {
  return run === undefined ? [] : [keyOf(run)];
}
