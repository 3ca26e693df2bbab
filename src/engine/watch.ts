/** Brings cancel requests of other processes to the attempts they are meant for. */

import type { Store } from "../model/store.ts";
import type { Attempts } from "./attempts.ts";
import type { HeldRuns } from "./held-runs.ts";
import type { NextTurn } from "./loop.ts";

/** Milliseconds between looks; a hint makes one come at once. */
const pollMs = 600;

/** Looks for requests to cancel held runs. */
export class CancelWatch {
  readonly #store: Store;
  readonly #held: HeldRuns;
  readonly #attempts: Attempts;

  constructor(parts: {
    readonly store: Store;
    readonly held: HeldRuns;
    readonly attempts: Attempts;
  }) {
    this.#store = parts.store;
    this.#held = parts.held;
    this.#attempts = parts.attempts;
  }

  /** One look. */
  async turn(): Promise<NextTurn> {
    const attempts = this.#held.all();
    if (attempts.length > 0) {
      const requests = await this.#store.runs.listCancelRequests(attempts.map(({ run }) => run));
      for (const request of requests) {
        const attempt = this.#held.find(request);
        if (attempt !== undefined) this.#attempts.cancel(attempt, request.reason);
      }
    }
    return { inMs: pollMs };
  }
}
