/** The methods about listers. */

import type { FrontierStore, Lister as StoredLister, ListerFilter } from "../../model/frontier.ts";
import { StaleData } from "./errors.ts";
import type { Lister, ListerUpdate } from "./records.ts";
import { refusing } from "./refusals.ts";
import type { SwhFrontier } from "./scheduler.ts";
import { readStoredObject } from "./stored-json.ts";
import { writeJson } from "./wire/json-write.ts";

type ListerMethods = Pick<
  SwhFrontier,
  "getListers" | "getListersById" | "getLister" | "getOrCreateLister" | "updateLister"
>;

/** Filters for nothing. */
export const anyLister: ListerFilter = {
  ids: null,
  name: null,
  instanceName: null,
  awaitsFirstVisits: false,
};

/** Makes them. */
export function listerMethods(store: FrontierStore): ListerMethods {
  const list = async (filter: Partial<ListerFilter>): Promise<readonly Lister[]> =>
    (await refusing(store.listListers({ ...anyLister, ...filter }))).map(listerOf);
  return {
    getListers: async ({ withFirstVisitsToSchedule = false } = {}) =>
      await list({ awaitsFirstVisits: withFirstVisitsToSchedule }),
    getListersById: async (listerIds) =>
      listerIds.length === 0 ? [] : await list({ ids: listerIds }),
    getLister: async ({ name, instanceName }) => {
      const [found] = await list({ name, instanceName: instanceName ?? "" });
      return found ?? null;
    },
    getOrCreateLister: async ({ name, instanceName, firstVisitsQueuePrefix = null }) => {
      const made = { name, instanceName: instanceName ?? "", firstVisitsQueuePrefix };
      return listerOf(await refusing(store.createLister(made)));
    },
    updateLister: async (update) => await updateLister(store, update),
  };
}

async function updateLister(store: FrontierStore, update: ListerUpdate): Promise<Lister> {
  const { id, updated, currentState, lastListingFinishedAt, ...kept } = update;
  if (id === null || updated === null) throw new StaleData();
  const changed = await refusing(
    store.updateLister({
      ...kept,
      id,
      updatedAt: updated,
      stateJson: writeJson(currentState),
      listingFinishedAt: lastListingFinishedAt,
    }),
  );
  if (changed === undefined) throw new StaleData();
  return listerOf(changed);
}

function listerOf(stored: StoredLister): Lister {
  return {
    name: stored.name,
    instanceName: stored.instanceName,
    id: stored.id,
    currentState: readStoredObject(stored.stateJson),
    created: stored.createdAt,
    updated: stored.updatedAt,
    lastListingFinishedAt: stored.listingFinishedAt,
    firstVisitsQueuePrefix: stored.firstVisitsQueuePrefix,
    firstVisitsScheduledAt: stored.firstVisitsScheduledAt,
  };
}
