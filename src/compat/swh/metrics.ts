/** The methods about metrics. */

import type { FrontierCounts, FrontierStore } from "../../model/frontier.ts";
import { updateCounts } from "../../service/frontier-counts.ts";
import type { SchedulerMetrics } from "./records.ts";
import { refusing } from "./refusals.ts";
import type { SwhFrontier } from "./scheduler.ts";

/** Makes them. */
export function metricsMethods(
  store: FrontierStore,
): Pick<SwhFrontier, "updateMetrics" | "getMetrics"> {
  return {
    updateMetrics: async ({ listerId = null, timestamp = null } = {}) =>
      (await refusing(updateCounts(store, { listerId, countedAt: timestamp }))).map(metricsOf),
    getMetrics: async ({ listerId = null, visitType = null } = {}) => {
      const filter = { listerId, visitType: visitType === "" ? null : visitType };
      return (await refusing(store.listCounts(filter))).map(metricsOf);
    },
  };
}

function metricsOf(counts: FrontierCounts): SchedulerMetrics {
  return {
    listerId: counts.listerId,
    visitType: counts.visitType,
    lastUpdate: counts.countedAt,
    originsKnown: counts.known,
    originsEnabled: counts.enabled,
    originsNeverVisited: counts.neverVisited,
    originsWithPendingChanges: counts.withPendingChanges,
  };
}
