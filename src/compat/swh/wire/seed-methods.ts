/**
 * The methods of the `seed` dialect: without `getVisitTypesForListedOrigins` and the arguments that
 * came later, and with the answers of that release where they were others.
 */

import { originKeyText } from "../../../model/origin-key.ts";
import { SchedulerException, SwhFault, UnknownPolicy } from "../errors.ts";
import type { Lister, ListerUpdate, NewOriginVisitStats } from "../records.ts";
import type { SwhScheduler } from "../scheduler.ts";
import type { Integer } from "../values.ts";
import * as kinds from "./kinds.ts";
import { method, required, withoutArguments } from "./method.ts";
import { methodsOf, type SwhMethods } from "./methods.ts";
import { seedRecords } from "./seed-kinds.ts";
import { isList } from "./wire-value.ts";

/** The policies of that release. */
const policies = new Set([
  "oldest_scheduled_first",
  "never_visited_oldest_update_first",
  "already_visited_order_by_lag",
  "origins_without_last_update",
]);

const base = methodsOf(seedRecords);

/** The methods of the `seed` dialect. */
export const seedMethods: SwhMethods = {
  ...base,
  getVisitTypesForListedOrigins: method({ ...base.getVisitTypesForListedOrigins, isMissing: true }),
  setStatusTasks: withoutArguments(base.setStatusTasks, ["exceptCompletedTasks"]),
  getListers: withoutArguments(base.getListers, ["withFirstVisitsToSchedule"]),
  getOrCreateLister: withoutArguments(base.getOrCreateLister, ["firstVisitsQueuePrefix"]),
  getListedOrigins: withoutArguments(base.getListedOrigins, ["urls"]),
  endTaskRun: method({ ...base.endTaskRun, ignored: ["result"] }),
  getTasks: method({ ...base.getTasks, takes: { taskIds: required(someIds()) } }),
  getTaskRuns: method({
    ...base.getTaskRuns,
    takes: { ...base.getTaskRuns.takes, taskIds: required(oneOrManyIds()) },
  }),
  updateLister: method({
    ...base.updateLister,
    invoke: async (scheduler, { lister }) => await updateLister(scheduler, lister),
  }),
  grabNextVisits: seedGrab(),
  originVisitStatsUpsert: method({
    ...base.originVisitStatsUpsert,
    invoke: async (scheduler, { originVisitStats }) => {
      refuseTwins(originVisitStats);
      await scheduler.originVisitStatsUpsert(originVisitStats);
    },
  }),
};

/** That release made of an empty list a statement that the database could not read. */
function someIds(): kinds.Kind<readonly Integer[]> {
  const ids = kinds.list(kinds.integer);
  return {
    ...ids,
    decode: (value, place) => {
      const read = ids.decode(value, place);
      if (read.length > 0) return read;
      throw new SwhFault("SyntaxError", `${place.name} must not be empty`, { field: place.name });
    },
  };
}

function oneOrManyIds(): kinds.Kind<readonly Integer[]> {
  const ids = kinds.list(kinds.integer);
  return { ...ids, decode: (value, place) => ids.decode(isList(value) ? value : [value], place) };
}

/** The columns that the dialect does not know stay as they are: nothing changes between the two. */
async function updateLister(scheduler: SwhScheduler, update: ListerUpdate): Promise<Lister> {
  const [stored] = update.id === null ? [] : await scheduler.getListersById([update.id]);
  if (stored === undefined) return await scheduler.updateLister(update);
  const { lastListingFinishedAt, firstVisitsQueuePrefix, firstVisitsScheduledAt } = stored;
  const kept = { lastListingFinishedAt, firstVisitsQueuePrefix, firstVisitsScheduledAt };
  // An update in between has moved `updated` on, which the scheduler compares.
  return await scheduler.updateLister({ ...update, ...kept });
}

function seedGrab(): SwhMethods["grabNextVisits"] {
  const grab = withoutArguments(base.grabNextVisits, ["dryRun"]);
  return method({
    ...grab,
    invoke: async (scheduler, request) => {
      if (policies.has(request.policy)) return await scheduler.grabNextVisits(request);
      throw new UnknownPolicy(`Unknown scheduling policy ${request.policy}`);
    },
  });
}

function refuseTwins(stats: readonly NewOriginVisitStats[]): void {
  const seen = new Set<string>();
  for (const { url, visitType } of stats) {
    const key = originKeyText({ url, visitType });
    if (seen.has(key)) {
      const shown = JSON.stringify([url.slice(0, 200), visitType]);
      throw new SchedulerException(`CardinalityViolation: ${shown} comes twice in one call`);
    }
    seen.add(key);
  }
}
