/** The loop that turns due triggers into runs. Any number of processes may run it side by side. */

import { InvariantError, messageOf, OrreryError } from "../kernel/errors.ts";
import type { TaskTypeId } from "../kernel/ids.ts";
import type { FiringDecision, DueTrigger } from "../model/firing.ts";
import type { Store } from "../model/store.ts";
import { type Trigger, triggerFromSpec } from "../time/trigger.ts";
import { decideAdaptive, decideCalendar, decideUnreadable } from "./decide-firing.ts";
import type { EngineListener } from "./events.ts";
import type { NextTurn } from "./loop.ts";

/** Triggers that one transaction fires at most. */
const batchMax = 500;

/**
 * Batches of a burst that are fired side by side: one commit does not wait for the other. More pass
 * over what the others hold for longer than they gain.
 */
const burstLaneCount = 2;

/** Milliseconds between looks when nothing is due and no hint comes. */
const pollMs = 1_000;

/** Triggers kept read, so that a rule is not parsed at each firing. */
const cacheMax = 10_000;

/** Fires what is due. */
export class Firing {
  readonly #store: Store;
  readonly #onEvent: EngineListener;
  readonly #rules = new Map<string, Trigger>();
  #isBurst = false;

  constructor(store: Store, onEvent: EngineListener) {
    this.#store = store;
    this.#onEvent = onEvent;
  }

  /** Fires what is due: one batch, or a few when the last one was full. */
  async turn(): Promise<NextTurn> {
    const nextMs = await this.#store.triggers.findNextFireMs();
    if (nextMs === undefined || nextMs >= pollMs) return { inMs: pollMs };
    if (nextMs > 0) return { inMs: Math.max(nextMs, 1), isExact: true };
    const laneCount = this.#isBurst ? burstLaneCount : 1;
    this.#isBurst = false;
    const lanes = await Promise.allSettled(
      Array.from({ length: laneCount }, async () => await this.#fireBatch()),
    );
    const failure = lanes.find((lane) => lane.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    const counts = lanes.map((lane) => (lane.status === "fulfilled" ? lane.value : 0));
    this.#isBurst = counts.includes(batchMax);
    // What is due and was not found is held by another process, or everything is paused.
    return counts.some((count) => count > 0) ? "again" : { inMs: pollMs };
  }

  /** Fires one batch in a transaction of its own; answers how many triggers were due. */
  async #fireBatch(): Promise<number> {
    const { found, fired } = await this.#store.transaction(
      async (store) => {
        const taken = await store.triggers.takeDue(batchMax);
        if (taken.undecided.length === 0) return taken;
        const recorded = await store.triggers.record(this.#decideAll(taken.undecided));
        return { found: taken.found, fired: taken.fired + recorded };
      },
      { isHot: true },
    );
    if (fired > 0) this.#onEvent({ kind: "fired", count: fired });
    return found;
  }

  /** In order, each run taking its place in the queue of its type from those that follow. */
  #decideAll(due: readonly DueTrigger[]): readonly FiringDecision[] {
    const taken = new Map<TaskTypeId, number>();
    return due.map((each) => {
      const used = taken.get(each.typeId) ?? 0;
      const queueRoom = each.queueRoom === null ? null : each.queueRoom - used;
      const decision = this.#decide({ ...each, queueRoom });
      const fired = decision.occurrences.filter(({ verdict }) => verdict === "fired");
      taken.set(each.typeId, used + fired.length);
      return decision;
    });
  }

  #decide(due: DueTrigger): FiringDecision {
    if (due.intervalMs !== null) return decideAdaptive(due);
    try {
      return decideCalendar(due, this.#ruleOf(due));
    } catch (thrown) {
      // A rule of a later release, say: it must not keep all others from firing.
      const error =
        thrown instanceof OrreryError
          ? thrown
          : new InvariantError("ORR_BUG_INVARIANT", messageOf(thrown), { cause: thrown });
      this.#onEvent({ kind: "loop_failed", loop: "fire", error });
      return decideUnreadable(due, error.message);
    }
  }

  #ruleOf(due: DueTrigger): Trigger {
    const text = JSON.stringify(due.spec);
    const known = this.#rules.get(text);
    if (known !== undefined) return known;
    const rule = triggerFromSpec(due.spec);
    if (this.#rules.size >= cacheMax) this.#rules.clear();
    this.#rules.set(text, rule);
    return rule;
  }
}
