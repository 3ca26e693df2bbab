/**
 * How far visits are behind: for each visit, how long what it found had been waiting to be found;
 * and how old what nobody has seen yet is, over all origins.
 */

import { lastChangeMs, nextChangeMs, type Repository } from "./upstream.ts";

/** One day of visits. */
export interface LagOfDay {
  /** Counted from 1. */
  readonly day: number;
  readonly visitCount: number;
  /** Visits that found a repository as they had left it. */
  readonly vainCount: number;
  /** Milliseconds that what the visits of each policy found had waited, in the middle. */
  readonly medianMs: ReadonlyMap<string, number>;
  /** How many visits of each policy found something. */
  readonly foundCount: ReadonlyMap<string, number>;
  /** Part of the origins, from 0 to 1, of which everything has been seen. */
  readonly seenPart: number;
  /** Milliseconds since the oldest unseen change, over all origins, in the mean. */
  readonly meanUnseenMs: number;
}

/** Follows visits. */
export class LagBook {
  readonly #startMs: number;
  readonly #seenAtMs = new Map<string, number>();
  #waited = new Map<string, number[]>();
  #visitCount = 0;
  #vainCount = 0;

  /** From the time on at which everything was listed. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Notes a visit, whatever came of it. */
  noteVisit(): void {
    this.#visitCount += 1;
  }

  /** Notes that a visit which a policy chose has seen a repository. */
  noteSeen(repository: Repository, { policy, nowMs }: { policy: string; nowMs: number }): void {
    const waitedMs = this.#unseenMs(repository, nowMs);
    this.#seenAtMs.set(repository.url, nowMs);
    if (waitedMs === 0) {
      this.#vainCount += 1;
      return;
    }
    const waited = this.#waited.get(policy) ?? [];
    waited.push(waitedMs);
    this.#waited.set(policy, waited);
  }

  /** What the day came to, and begins the next one. */
  endDay(day: number, nowMs: number, repositories: readonly Repository[]): LagOfDay {
    const present = repositories.filter(({ goneAtMs }) => goneAtMs === null || goneAtMs > nowMs);
    const unseen = present.map((each) => this.#unseenMs(each, nowMs));
    const lag = {
      day,
      visitCount: this.#visitCount,
      vainCount: this.#vainCount,
      medianMs: new Map([...this.#waited].map(([policy, list]) => [policy, median(list)])),
      foundCount: new Map([...this.#waited].map(([policy, list]) => [policy, list.length])),
      seenPart: unseen.filter((ms) => ms === 0).length / present.length,
      meanUnseenMs: unseen.reduce((sum, ms) => sum + ms, 0) / present.length,
    };
    this.#waited = new Map();
    this.#visitCount = 0;
    this.#vainCount = 0;
    return lag;
  }

  /** Milliseconds since the oldest change that nobody has seen; 0 when there is none. */
  #unseenMs(repository: Repository, nowMs: number): number {
    const seenAtMs = this.#seenAtMs.get(repository.url);
    if (seenAtMs === undefined) return nowMs - this.#startMs;
    if (lastChangeMs(repository, nowMs) <= seenAtMs) return 0;
    return nowMs - nextChangeMs(repository, seenAtMs);
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
