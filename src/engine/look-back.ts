/**
 * Looks for runs that are due before the place where a worker's scans begin. Who adds such a run
 * says so in a hint, but hints can get lost, and a claim that was cut off leaves runs behind that
 * others had passed over. Looking takes as long as there is that the database could not clear away.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Store } from "../model/store.ts";
import type { ClaimBounds } from "./claim-bounds.ts";
import type { NextTurn } from "./loop.ts";

/** Milliseconds between looks at least. */
const pauseMsMin = 1_000;

/** Pauses are so many times as long as a look: it takes no more than its part of the server. */
const pauseFactor = 50;

/** What is looked at. */
export interface LookBackOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly bounds: Pick<ClaimBounds, "list">;
  /** Takes the due time of the first run that was found. */
  readonly onFound: (dueFrom: Instant) => void;
}

/** Looks back once in a while. */
export class LookBack {
  readonly #options: LookBackOptions;

  constructor(options: LookBackOptions) {
    this.#options = options;
  }

  /** Looks once. */
  async turn(): Promise<NextTurn> {
    const { store, clock, bounds, onFound } = this.#options;
    const known = bounds.list();
    if (known.length === 0) return { inMs: pauseMsMin };
    const startMs = clock.monotonicMs();
    const overlooked = await store.runs.listOverlooked(known);
    const dueTimes = overlooked.map((bound) => bound.dueFrom);
    const [first] = dueTimes.toSorted((one, other) => (one < other ? -1 : 1));
    if (first !== undefined) onFound(first);
    return { inMs: Math.max(pauseMsMin, (clock.monotonicMs() - startMs) * pauseFactor) };
  }
}
