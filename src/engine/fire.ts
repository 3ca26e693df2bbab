/** The loop that turns due triggers into runs. Any number of processes may run it side by side. */

import type { FiringDecision, DueTrigger } from "../model/firing.ts";
import type { Store } from "../model/store.ts";
import { type Trigger, triggerFromSpec } from "../time/trigger.ts";
import { decideAdaptive, decideCalendar } from "./decide-firing.ts";
import type { EngineListener } from "./events.ts";
import type { NextTurn } from "./loop.ts";

/** Triggers that one transaction fires at most. */
const batchMax = 500;

/** Milliseconds between looks when nothing is due and no hint comes. */
const pollMs = 1_000;

/** Triggers kept read, so that a rule is not parsed at each firing. */
const cacheMax = 10_000;

/** Fires what is due. */
export class Firing {
  readonly #store: Store;
  readonly #onEvent: EngineListener;
  readonly #rules = new Map<string, Trigger>();

  constructor(store: Store, onEvent: EngineListener) {
    this.#store = store;
    this.#onEvent = onEvent;
  }

  /** Fires one batch. */
  async turn(): Promise<NextTurn> {
    const { found, fired } = await this.#store.transaction(async (store) => {
      const due = await store.triggers.lockDue(batchMax);
      const decisions = due.map((each) => this.#decide(each));
      return {
        found: due.length,
        fired: decisions.length === 0 ? 0 : await store.triggers.record(decisions),
      };
    });
    if (fired > 0) this.#onEvent({ kind: "fired", count: fired });
    if (found === batchMax) return "again";
    const nextMs = await this.#store.triggers.findNextFireMs();
    return { inMs: Math.min(Math.max(nextMs ?? pollMs, 1), pollMs) };
  }

  #decide(due: DueTrigger): FiringDecision {
    if (due.intervalMs !== null) return decideAdaptive(due);
    return decideCalendar(due, this.#ruleOf(due));
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
