/** The loop that keeps log lines and progress of running attempts, many at a time. */

import type { Clock } from "../kernel/clock.ts";
import { StoreError } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { AttemptSink } from "../model/executor.ts";
import type { ClaimedRun, LogLevel } from "../model/run.ts";
import type { NewLogLine, RunProgress, Store } from "../model/store.ts";
import type { NextTurn } from "./loop.ts";

/** Lines in one statement at most. */
const batchMax = 500;

/** Lines kept in memory while the database does not answer; the oldest give way. */
const waitingMax = 20_000;

/** Letters of a message that are kept. */
const messageMax = 8_000;

/** Milliseconds within which lines and progress are written. */
const flushMs = 200;

interface WaitingLine extends Omit<NewLogLine, "ageMs"> {
  readonly writtenMs: number;
}

/** Collects lines and progress and writes them. */
export class Recording {
  readonly #store: Store;
  readonly #clock: Clock;
  #lines: WaitingLine[] = [];
  #progress = new Map<string, RunProgress>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Takes what one attempt reports. */
  sinkOf(run: ClaimedRun): AttemptSink {
    let seq = 0;
    return {
      log: (level: LogLevel, message: string, data?: JsonObject): void => {
        seq += 1;
        this.#lines.push({
          runId: run.id,
          typeId: run.typeId,
          attempt: run.attempt,
          seq,
          level,
          message: storable(message).slice(0, messageMax),
          data: data ?? null,
          writtenMs: this.#clock.monotonicMs(),
        });
        // Many at a time: cutting off one line would copy all others.
        if (this.#lines.length > waitingMax + batchMax)
          this.#lines = this.#lines.slice(-waitingMax);
      },
      progress: (fraction: number | null, message?: string): void => {
        this.#progress.set(`${run.id}/${run.fence}`, {
          id: run.id,
          fence: run.fence,
          fraction: fraction === null ? null : Math.min(Math.max(fraction, 0), 1),
          message: message === undefined ? null : storable(message).slice(0, messageMax),
        });
      },
    };
  }

  /** Whether anything waits to be written. */
  get isEmpty(): boolean {
    return this.#lines.length === 0 && this.#progress.size === 0;
  }

  /** Writes one batch. */
  async turn(): Promise<NextTurn> {
    return await this.#alone(async () => await this.#writeBatch());
  }

  /** Writes everything that waits now, so that the end of a run is told after its last line. */
  async flush(): Promise<void> {
    if (this.isEmpty) return;
    await this.#alone(async () => {
      const batchCount = Math.ceil(this.#lines.length / batchMax);
      for (let batch = 0; batch < Math.max(batchCount, 1); batch += 1) await this.#writeBatch();
    });
  }

  /** One writer at a time: two would write the same lines. */
  async #alone<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#writing.then(write);
    // The next writer waits for this one, however it ends; its own caller hears of a failure.
    this.#writing = turn.catch(() => undefined);
    return await turn;
  }

  async #writeBatch(): Promise<NextTurn> {
    await this.#writeProgress();
    const batch = this.#lines.slice(0, batchMax);
    if (batch.length === 0) return { inMs: flushMs };
    try {
      await this.#writeLines(batch);
    } catch (thrown) {
      // What the database will never take must not hold up what comes after it.
      if (thrown instanceof StoreError && !thrown.transient) this.#forget(batch);
      throw thrown;
    }
    this.#forget(batch);
    return this.#lines.length > 0 ? "again" : { inMs: flushMs };
  }

  #forget(batch: readonly WaitingLine[]): void {
    const written = new Set(batch);
    this.#lines = this.#lines.filter((line) => !written.has(line));
  }

  async #writeLines(batch: readonly WaitingLine[]): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const lines = batch.map(({ writtenMs, ...line }) => ({ ...line, ageMs: nowMs - writtenMs }));
    try {
      await this.#store.history.appendLog(lines);
    } catch (thrown) {
      if (!(thrown instanceof StoreError) || thrown.transient) throw thrown;
      // Data that JSON of the database does not hold: keep the words.
      await this.#store.history.appendLog(lines.map((line) => ({ ...line, data: null })));
    }
  }

  async #writeProgress(): Promise<void> {
    if (this.#progress.size === 0) return;
    const progress = this.#progress;
    this.#progress = new Map();
    try {
      await this.#store.runs.recordProgress([...progress.values()]);
    } catch (thrown) {
      // Progress that the database refuses is of less worth than the log that comes after it.
      if (thrown instanceof StoreError && !thrown.transient) throw thrown;
      // Newer words win over those that could not be written.
      for (const [key, value] of this.#progress) progress.set(key, value);
      this.#progress = progress;
      throw thrown;
    }
  }
}

/** PostgreSQL's text holds every letter but NUL, and no half of a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\u{FFFD}").toWellFormed();
}
