/**
 * Adds up the counts of the frontier in the background. Whoever changes what is listed or visited
 * only notes by how much; any number of processes may add that up side by side, each change is
 * taken by one.
 */

import type { Store } from "../model/store.ts";
import type { EngineListener } from "./events.ts";
import type { NextTurn } from "./loop.ts";

/** Changes that one statement adds up at most. */
const batchMax = 5_000;

/** Milliseconds between rounds: so much may be left to whoever asks for the counts. */
const roundMs = 5_000;

/** Adds up. */
export class Counting {
  readonly #store: Store;
  readonly #onEvent: EngineListener;

  constructor(parts: { readonly store: Store; readonly onEvent: EngineListener }) {
    this.#store = parts.store;
    this.#onEvent = parts.onEvent;
  }

  /** Adds up one batch. */
  async turn(): Promise<NextTurn> {
    const changes = await this.#store.frontier.foldCounts(batchMax);
    if (changes > 0) this.#onEvent({ kind: "counted", changes });
    return changes === batchMax ? "again" : { inMs: roundMs };
  }
}
