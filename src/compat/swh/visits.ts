/** The choice of what to visit next. */

import type { Interval } from "../../kernel/interval.ts";
import type { FrontierStore, Lister } from "../../model/frontier.ts";
import { defaultCooldowns, type VisitCooldowns } from "../../policy/visit-cooldown.ts";
import type { VisitPolicy } from "../../policy/visit-selection.ts";
import { chooseVisits } from "../../service/visit-choice.ts";
import { SwhFault, UnknownPolicy } from "./errors.ts";
import { listedOriginOf } from "./listed-origins.ts";
import { anyLister } from "./listers.ts";
import type { ListedOrigin } from "./records.ts";
import { refusing } from "./refusals.ts";
import type { RowLimits } from "./row-limits.ts";
import type { GrabVisits, SwhFrontier } from "./scheduler.ts";

/** The interface's names of the policies. */
const policies: ReadonlyMap<string, VisitPolicy> = new Map([
  ["oldest_scheduled_first", "oldest-scheduled-first"],
  ["never_visited_oldest_update_first", "never-visited-oldest-update-first"],
  ["already_visited_order_by_lag", "already-visited-by-lag"],
  ["origins_without_last_update", "without-last-update"],
  ["stop_after_success", "stop-after-success"],
  ["first_visits_after_listing", "first-visits-after-listing"],
]);

/** Makes the method. */
export function visitMethods(
  store: FrontierStore,
  limits: RowLimits,
): Pick<SwhFrontier, "grabNextVisits"> {
  return {
    grabNextVisits: async (request) => await grabNextVisits(store, limits, request),
  };
}

async function grabNextVisits(
  store: FrontierStore,
  limits: RowLimits,
  request: GrabVisits,
): Promise<readonly ListedOrigin[]> {
  const { count, dryRun = false, timestamp = null } = request;
  const policy = policies.get(request.policy);
  if (policy === undefined) {
    throw new UnknownPolicy(`Unknown scheduling policy ${request.policy}`);
  }
  checkSample(request.tablesample ?? null);
  const listers = await listersOf(store, policy, request);
  const limit = count === null ? limits.rowCountMax + 1 : limits.exactly(count, "count");
  // What is left over is not marked: whoever grabs all asks again until there is nothing.
  const taken = limit > limits.rowCountMax && !dryRun ? limits.rowCountMax : limit;
  if (listers?.length === 0) return [];
  const { origins } = await refusing(
    chooseVisits(store, {
      visitType: request.visitType,
      policy,
      limit: taken,
      enabled: request.enabled ?? true,
      listers,
      timestamp,
      cooldowns: cooldownsOf(request),
      marks: !dryRun,
    }),
  );
  return limits.all(origins, "count").map(listedOriginOf);
}

function cooldownsOf(request: GrabVisits): VisitCooldowns {
  // Null switches a cool-down off; only what is left out has the default.
  const orDefault = (given: Interval | null | undefined, standard: Interval | null) =>
    given === undefined ? standard : given;
  const { absolute, scheduled, failed, notFound } = defaultCooldowns;
  return {
    absolute: orDefault(request.absoluteCooldown, absolute),
    scheduled: orDefault(request.scheduledCooldown, scheduled),
    failed: orDefault(request.failedCooldown, failed),
    notFound: orDefault(request.notFoundCooldown, notFound),
  };
}

/**
 * The reference reads no more than a sample to be faster. Here the whole table costs no more, and
 * the best of it is in every sample; the argument is only checked.
 */
function checkSample(percentage: number | null): void {
  if (percentage === null || (percentage >= 0 && percentage <= 100)) return;
  throw new SwhFault("InvalidTablesampleArgument", "sample percentage must be between 0 and 100", {
    field: "tablesample",
  });
}

/** The listers that the filters name; null when none does. */
async function listersOf(
  store: FrontierStore,
  policy: VisitPolicy,
  request: GrabVisits,
): Promise<readonly Lister[] | null> {
  const id = nullIfEmpty(request.listerUuid);
  const name = nullIfEmpty(request.listerName);
  const instanceName = nullIfEmpty(request.listerInstanceName);
  const isFirst = policy === "first-visits-after-listing";
  if (isFirst && id === null && (name === null || instanceName === null)) {
    const message = "first_visits_after_listing policy requires lister info";
    throw new SwhFault("AssertionError", message, { field: "lister_uuid" });
  }
  if (id === null && name === null && instanceName === null) return null;
  const filter = { ...anyLister, ids: id === null ? null : [id], name, instanceName };
  const found = await refusing(store.listListers(filter));
  if (!isFirst || found.length > 0) return found;
  // With an id, names that are another lister's leave nothing to choose from.
  if (id !== null && (await store.listListers({ ...anyLister, ids: [id] })).length > 0) return [];
  const who = id === null ? `name ${name} and instance ${instanceName}` : `id ${id}`;
  throw new SwhFault("AssertionError", `Lister with ${who} not found !`);
}

function nullIfEmpty(text: string | null | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
