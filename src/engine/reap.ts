/**
 * Takes back the runs of dead workers: claims whose lease has run out. Any number of processes may
 * do so side by side; each claim is reaped by one.
 */

import type { Rng } from "../kernel/rng.ts";
import type { CancelRequest, ExpiredClaim, Store } from "../model/store.ts";
import type { Visiting } from "../model/visiting.ts";
import { cancelled, lost, type Outcome } from "../model/outcome.ts";
import type { IntervalPolicy } from "../policy/adaptive-interval.ts";
import { retryPolicyDefault } from "../policy/retry.ts";
import { conclude } from "./conclude.ts";
import type { EngineListener } from "./events.ts";
import type { NextTurn } from "./loop.ts";

/** Claims that one transaction reaps at most. */
const batchMax = 50;

/** Milliseconds between looks: with a lease of 7 s, a dead worker is found in 8 s at the latest. */
const pollMs = 500;

const unchangedInterval: IntervalPolicy = {
  defaultMs: 1,
  minMs: 1,
  maxMs: Number.MAX_SAFE_INTEGER,
  factor: 1,
};

/** Reaps expired claims. */
export class Reaping {
  readonly #store: Store;
  readonly #visiting: Pick<Visiting, "finish">;
  readonly #rng: Rng;
  readonly #onEvent: EngineListener;

  constructor(parts: {
    readonly store: Store;
    readonly visiting: Pick<Visiting, "finish">;
    readonly rng: Rng;
    readonly onEvent: EngineListener;
  }) {
    this.#store = parts.store;
    this.#visiting = parts.visiting;
    this.#rng = parts.rng;
    this.#onEvent = parts.onEvent;
  }

  /** Reaps one batch. */
  async turn(): Promise<NextTurn> {
    for (const workerId of await this.#store.workers.expire()) {
      this.#onEvent({ kind: "worker_lost", workerId });
    }
    const claims = await this.#store.transaction(async (store) => {
      const expired = await store.runs.lockExpired(batchMax);
      if (expired.length > 0) await this.#takeBack(store, expired);
      return expired;
    });
    for (const { workerId, runs } of claims) {
      if (runs.length > 0) {
        this.#onEvent({ kind: "reaped", workerId, runIds: runs.map((run) => run.id) });
      }
    }
    return claims.length === batchMax ? "again" : { inMs: pollMs };
  }

  async #takeBack(store: Store, claims: readonly ExpiredClaim[]): Promise<void> {
    const runs = claims.flatMap((claim) => claim.runs);
    const requests = runs.length === 0 ? [] : await store.runs.listCancelRequests(runs);
    const conclusions = claims.flatMap(({ runs: held, workerId }) =>
      held.map((run) =>
        conclude(
          {
            run,
            workerId,
            outcome: outcomeOf(run, { requests, workerId }),
            durationMs: 0,
            // A lost run is not retried by this policy, and it leaves its interval as it is.
            retry: retryPolicyDefault,
            interval: unchangedInterval,
          },
          this.#rng,
        ),
      ),
    );
    await this.#visiting.finish(
      store,
      conclusions.flatMap((each) => (each.kind === "finish" ? [each.run] : [])),
    );
    await store.runs.requeue(
      conclusions.flatMap((each) => (each.kind === "requeue" ? [each.run] : [])),
    );
    await store.runs.dropClaims(claims.map(({ fence }) => ({ fence, overCount: 0 })));
  }
}

function outcomeOf(
  run: ExpiredClaim["runs"][number],
  facts: { readonly requests: readonly CancelRequest[]; readonly workerId: number },
): Outcome {
  const request = facts.requests.find((each) => each.id === run.id);
  if (request !== undefined) return cancelled(request.reason);
  return lost(`worker ${facts.workerId} did not renew its lease in attempt ${run.attempt}`);
}
