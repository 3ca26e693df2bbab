/** The frontier as the engine needs it: queues to fill, and ends of visits to take note of. */

import type { VisitSetting, Visiting } from "../model/visiting.ts";
import { finishRuns } from "./visit-feedback.ts";
import { type RefillContext, refillVisits } from "./visit-refill.ts";

/** Binds them to a store. */
export function createVisiting(
  context: RefillContext & { readonly settings: readonly VisitSetting[] },
): Visiting {
  return {
    settings: context.settings,
    refill: (setting) => refillVisits(context, setting),
    finish: finishRuns,
  };
}
