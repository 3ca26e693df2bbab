/** Makes jobs, and keeps the book of those that were started. */

import { strict as assert } from "node:assert";

import type { Job } from "./system.ts";

/** Milliseconds without a start after which waiting for more is a failure. */
const silenceMsMax = 120_000;

/** `count` jobs, numbered from `from` on. */
export function makeJobs(count: number, from = 0): readonly Job[] {
  return Array.from({ length: count }, (_, index) => makeJob(from + index));
}

/** One job, sent now. */
export function makeJob(index: number): Job {
  return { index, sentMs: performance.now(), url: `https://example.org/origin/${index}` };
}

/** The jobs in batches. */
export function batchesOf(jobs: readonly Job[], size: number): (readonly Job[])[] {
  const batches: (readonly Job[])[] = [];
  for (let start = 0; start < jobs.length; start += size) {
    batches.push(jobs.slice(start, start + size));
  }
  return batches;
}

/** Which jobs were started, and when the first one was. */
export class Arrivals {
  readonly #seen: Uint8Array;
  #count = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #wanted = Number.POSITIVE_INFINITY;
  #onWanted: () => void = () => undefined;

  /** For jobs numbered below `capacity`. */
  constructor(capacity: number) {
    this.#seen = new Uint8Array(capacity);
  }

  /** Starts so far. */
  get count(): number {
    return this.#count;
  }

  /** `performance.now()` of the first start; infinite before it. */
  get firstMs(): number {
    return this.#firstMs;
  }

  /** Enters a start. */
  note({ index }: Job): void {
    if (this.#count === 0) this.#firstMs = performance.now();
    this.#count += 1;
    this.#seen[index] = (this.#seen[index] ?? 0) + 1;
    if (this.#count >= this.#wanted) this.#onWanted();
  }

  /** Resolves as soon as `count` have started in all; rejects when nothing starts any more. */
  async reached(count: number): Promise<void> {
    if (this.#count >= count) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    let last = this.#count;
    const watch = setInterval(() => {
      if (this.#count === last) reject(new Error(`${last} of ${count} jobs started, then none`));
      last = this.#count;
    }, silenceMsMax);
    this.#wanted = count;
    this.#onWanted = () => resolve(undefined);
    try {
      await promise;
    } finally {
      clearInterval(watch);
      this.#wanted = Number.POSITIVE_INFINITY;
    }
  }

  /** Checks that nothing was started twice and, of the first `count`, nothing left out. */
  checkOnce(count: number): void {
    const twice = this.#seen.findIndex((times) => times > 1);
    assert.equal(twice, -1, `job ${twice} was started more than once`);
    const missing = this.#seen.subarray(0, count).indexOf(0);
    assert.equal(missing, -1, `job ${missing} was never started`);
  }
}
