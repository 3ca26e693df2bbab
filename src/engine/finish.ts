/**
 * The loop that reports ended attempts, many at a time. A report whose answer got lost is sent
 * again; what the database has already taken is then read back. A result that the database refuses
 * ends its own run as failed and no other.
 */

import { StoreError } from "../kernel/errors.ts";
import type { RunId } from "../kernel/ids.ts";
import { failed } from "../model/outcome.ts";
import type { Store } from "../model/store.ts";
import type { Visiting } from "../model/visiting.ts";
import type { Conclusion } from "./conclude.ts";
import type { NextTurn } from "./loop.ts";

/** Reports in one statement at most. */
const batchMax = 500;

/** Batches that are sent side by side: what follows the end of a task takes several statements. */
const laneCount = 2;

/** Milliseconds between looks; a report wakes the loop at once. */
const pollMs = 1_000;

/** What came of a report. */
export interface Reported {
  /** As it was stored, which may be as a failure to store it. */
  readonly conclusion: Conclusion;
  /** False when the token was no longer current: nothing was changed. */
  readonly isAccepted: boolean;
}

/** What reports are sent with. */
export interface FinishingOptions {
  readonly store: Store;
  readonly visiting: Pick<Visiting, "finish">;
  /** Writes what belongs before the end of the runs that are about to be reported. */
  readonly beforeReport: () => Promise<void>;
  readonly onReported: (reported: Reported) => void;
}

/** Collects ended attempts and reports them. */
export class Finishing {
  readonly #store: Store;
  readonly #visiting: Pick<Visiting, "finish">;
  readonly #beforeReport: () => Promise<void>;
  readonly #onReported: (reported: Reported) => void;
  #waiting: Conclusion[] = [];
  /** Sent before without an answer, so that a refusal may mean that they had been taken. */
  readonly #uncertain = new Set<Conclusion>();

  constructor({ store, visiting, beforeReport, onReported }: FinishingOptions) {
    this.#store = store;
    this.#visiting = visiting;
    this.#beforeReport = beforeReport;
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

  /** Sends one batch, or a few when more are waiting. */
  async turn(): Promise<NextTurn> {
    const batches = nextBatches(this.#waiting);
    if (batches.length === 0) return { inMs: pollMs };
    await this.#beforeReport();
    const lanes = await Promise.allSettled(
      batches.map(async (batch) => await this.#sendBatch(batch)),
    );
    const failure = lanes.find((lane) => lane.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    return this.#waiting.length > 0 ? "again" : { inMs: pollMs };
  }

  async #sendBatch(batch: readonly Conclusion[]): Promise<void> {
    try {
      await this.#send(batch.map((conclusion) => ({ conclusion, stored: conclusion })));
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      // One of them cannot be stored: each alone, so that the others can.
      await this.#sendEach(batch);
    }
  }

  /** What the database refuses even as a failure is kept for later, behind all others. */
  async #sendEach(batch: readonly Conclusion[]): Promise<void> {
    let refusal: StoreError | undefined;
    for (const conclusion of batch) {
      try {
        await this.#sendAlone(conclusion);
      } catch (thrown) {
        if (!isRefusal(thrown)) throw thrown;
        refusal = thrown;
        this.#waiting = [...this.#waiting.filter((each) => each !== conclusion), conclusion];
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  async #sendAlone(conclusion: Conclusion): Promise<void> {
    try {
      await this.#send([{ conclusion, stored: conclusion }]);
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      await this.#send([{ conclusion, stored: asFailure(conclusion, thrown) }]);
    }
  }

  async #send(reports: readonly Report[]): Promise<void> {
    const doubtful = reports.filter(({ conclusion }) => this.#uncertain.has(conclusion));
    for (const { conclusion } of reports) this.#uncertain.add(conclusion);
    const { runs } = this.#store;
    const finished = reports.flatMap(({ stored: { kind, run } }) =>
      kind === "finish" ? [run] : [],
    );
    const requeued = reports.flatMap(({ stored: { kind, run } }) =>
      kind === "requeue" ? [run] : [],
    );
    const accepted = new Set<RunId>();
    if (finished.length > 0) {
      for (const id of await this.#visiting.finish(this.#store, finished)) accepted.add(id);
    }
    if (requeued.length > 0) for (const id of await runs.requeue(requeued)) accepted.add(id);
    const open = doubtful.map(({ stored }) => stored.run).filter(({ id }) => !accepted.has(id));
    if (open.length > 0) for (const id of await runs.listEnded(open)) accepted.add(id);
    this.#settle(reports, accepted);
  }

  #settle(reports: readonly Report[], accepted: ReadonlySet<RunId>): void {
    const sent = new Set(reports.map(({ conclusion }) => conclusion));
    this.#waiting = this.#waiting.filter((each) => !sent.has(each));
    for (const { conclusion, stored } of reports) {
      this.#uncertain.delete(conclusion);
      this.#onReported({ conclusion: stored, isAccepted: accepted.has(stored.run.id) });
    }
  }
}

/** A conclusion on its way, and what is stored of it: itself, or a failure in its place. */
interface Report {
  readonly conclusion: Conclusion;
  readonly stored: Conclusion;
}

/** The oldest reports; of a run that was held twice only the first, since answers name runs. */
function nextBatches(waiting: readonly Conclusion[]): readonly (readonly Conclusion[])[] {
  const next = new Map<RunId, Conclusion>();
  for (const conclusion of waiting) {
    if (next.size === batchMax * laneCount) break;
    if (!next.has(conclusion.run.id)) next.set(conclusion.run.id, conclusion);
  }
  const reports = [...next.values()];
  return Array.from({ length: Math.ceil(reports.length / batchMax) }, (_, index) =>
    reports.slice(index * batchMax, (index + 1) * batchMax),
  );
}

/** Whether sending the same again would have the same answer. */
function isRefusal(thrown: unknown): thrown is StoreError {
  return thrown instanceof StoreError && !thrown.transient;
}

function asFailure(conclusion: Conclusion, thrown: unknown): Conclusion {
  const outcome = failed(thrown);
  return conclusion.kind === "finish"
    ? { kind: "finish", run: { ...conclusion.run, outcome } }
    : { kind: "requeue", run: { ...conclusion.run, outcome } };
}
