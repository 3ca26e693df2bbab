/**
 * First visits: what a lister has listed for the first time is visited before its turn in the
 * queues of the policies comes. A lister asks for them by its `firstVisitsQueuePrefix`; it has them
 * when all that it lists was scheduled after the end of its listing.
 */

import type { ListedOrigin, Lister } from "../model/frontier.ts";
import type { Store } from "../model/store.ts";
import type { VisitSetting } from "../model/visiting.ts";
import type { VisitCooldowns } from "../policy/visit-cooldown.ts";
import { chooseVisits } from "./visit-choice.ts";
import type { ChosenVisit } from "./visit-inputs.ts";

const policy = "first-visits-after-listing";

/** First visits wait for nothing. */
const noCooldowns: VisitCooldowns = {
  absolute: null,
  scheduled: null,
  failed: null,
  notFound: null,
};

const waiting = { ids: null, name: null, instanceName: null, awaitsFirstVisits: true };

/** First visits of one visit type. */
export class FirstVisits {
  readonly #setting: VisitSetting;
  #isExhausted = false;

  constructor(setting: VisitSetting) {
    this.#setting = setting;
  }

  /** Whether fewer were found than were asked for. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Chooses and marks at most `limit`, those of the oldest listers first. */
  async choose(store: Store, limit: number): Promise<readonly ChosenVisit[]> {
    const { firstVisits, visitType } = this.#setting;
    if (firstVisits === null || limit === 0) return [];
    const { priority } = firstVisits;
    const chosen: ListedOrigin[] = [];
    for (const lister of await store.frontier.listListers(waiting)) {
      if (chosen.length >= limit) break;
      const wish = { visitType, limit: limit - chosen.length, marks: true };
      chosen.push(...(await visitsOfLister(store, lister, wish)));
    }
    this.#isExhausted ||= chosen.length < limit;
    return chosen.map((origin) => ({ origin, policy, priority }));
  }

  /** Notes for each lister that waits whether it has had the first visits of all visit types. */
  async noteCompleted(store: Store): Promise<void> {
    for (const lister of await store.frontier.listListers(waiting)) {
      if (await hasMore(store, lister)) continue;
      const firstVisitsScheduledAt = await store.system.now();
      // When the lister has changed meanwhile, it is looked at again.
      await store.frontier.updateLister({ ...lister, firstVisitsScheduledAt });
    }
  }
}

async function hasMore(store: Store, lister: Lister): Promise<boolean> {
  for (const visitType of await store.frontier.listVisitTypes(lister.id)) {
    const left = await visitsOfLister(store, lister, { visitType, limit: 1, marks: false });
    if (left.length > 0) return true;
  }
  return false;
}

async function visitsOfLister(
  { frontier }: Store,
  lister: Lister,
  wish: { readonly visitType: string; readonly limit: number; readonly marks: boolean },
): Promise<readonly ListedOrigin[]> {
  const { origins } = await chooseVisits(frontier, {
    ...wish,
    policy,
    listers: [lister],
    cooldowns: noCooldowns,
    enabled: true,
    timestamp: null,
  });
  return origins;
}
