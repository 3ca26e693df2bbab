/** The half of the interface that is about the frontier, over its store. */

import type { FrontierStore } from "../../model/frontier.ts";
import { listedOriginMethods } from "./listed-origins.ts";
import { listerMethods } from "./listers.ts";
import { metricsMethods } from "./metrics.ts";
import type { RowLimits } from "./row-limits.ts";
import type { SwhFrontier } from "./scheduler.ts";
import { visitStatsMethods } from "./visit-stats.ts";
import { visitMethods } from "./visits.ts";

/** Makes it. */
export function createFrontier(store: FrontierStore, limits: RowLimits): SwhFrontier {
  return {
    ...listerMethods(store),
    ...listedOriginMethods(store, limits),
    ...visitMethods(store, limits),
    ...visitStatsMethods(store),
    ...metricsMethods(store),
  };
}
