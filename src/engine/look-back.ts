/**
 * Looks for runs that are due before the place where a worker's scans begin. Who adds such a run
 * says so in a hint, but hints can get lost, and a claim that was cut off leaves runs behind that
 * others had passed over. Looking takes as long as there is that the database could not clear away.
 */

import type { Clock } from "../kernel/clock.ts";
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
  readonly bounds: ClaimBounds;
  /** Called when something was found. */
  readonly onFound: () => void;
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
    for (const bound of overlooked) bounds.lowerOne(bound);
    if (overlooked.length > 0) onFound();
    return { inMs: Math.max(pauseMsMin, (clock.monotonicMs() - startMs) * pauseFactor) };
  }
}
