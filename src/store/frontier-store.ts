/** The frontier: the port over its statements. */

import { present } from "../kernel/assert.ts";
import type {
  FrontierStore,
  Lister,
  ListingNote,
  NewLister,
  OriginKey,
} from "../model/frontier.ts";
import { lockKeys, mergeStats, recordOrigins } from "./frontier-recording.ts";
import { peekVisits, promote, takeVisits } from "./frontier-visits.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import * as counts from "./statements/frontier-counts.ts";
import * as listers from "./statements/frontier-listers.ts";
import * as origins from "./statements/frontier-origins.ts";
import * as records from "./statements/frontier-record.ts";
import * as stats from "./statements/frontier-stats.ts";
import * as takes from "./statements/frontier-take.ts";

/** The store of a session. */
export function createFrontierStore(session: Session): FrontierStore {
  return {
    ...listerMethods(session),
    ...originMethods(session),
    ...visitMethods(session),
    ...countMethods(session),
  };
}

type ListerMethods = Pick<
  FrontierStore,
  "listListers" | "createLister" | "updateLister" | "noteListing"
>;

function listerMethods(session: Session): ListerMethods {
  return {
    listListers: async ({ ids, name, instanceName, awaitsFirstVisits }) =>
      await session.query(listers.listListers, [ids, name, instanceName, awaitsFirstVisits]),
    createLister: async (lister) => await createLister(session, lister),
    updateLister: async (update) =>
      await session.queryOne(listers.updateLister, [
        update.id,
        instantParameter(update.updatedAt),
        update.name,
        update.instanceName,
        update.stateJson,
        instantParameter(update.listingFinishedAt),
        update.firstVisitsQueuePrefix,
        instantParameter(update.firstVisitsScheduledAt),
        session.nowParameter(),
      ]),
    noteListing: async (note) => await noteListing(session, note),
  };
}

async function noteListing(session: Session, note: ListingNote): Promise<Lister> {
  const { listerId, finished, firstVisits, firstVisitsQueuePrefix } = note;
  const values = [listerId, finished, firstVisits, firstVisitsQueuePrefix, session.nowParameter()];
  const noted = await session.queryOne(listers.noteListing, values);
  if (noted !== undefined) return noted;
  const found = await session.queryOne(listers.listListers, [[listerId], null, null, false]);
  return present(found, "the lister of a listing");
}

/** Reads first: nearly always it is there, and a number is drawn for each attempt to add it. */
async function createLister(session: Session, lister: NewLister): Promise<Lister> {
  const { name, instanceName, firstVisitsQueuePrefix } = lister;
  const find = async (): Promise<Lister | undefined> =>
    await session.queryOne(listers.listListers, [null, name, instanceName, false]);
  const found = await find();
  if (found !== undefined) return found;
  const values = [name, instanceName, firstVisitsQueuePrefix, session.nowParameter()];
  const made = await session.queryOne(listers.createLister, values);
  // When another call was faster its row is committed by now.
  return made ?? present(await find(), "the lister that is there");
}

type OriginMethods = Pick<FrontierStore, "recordOrigins" | "listOrigins" | "listVisitTypes">;

function originMethods(session: Session): OriginMethods {
  return {
    recordOrigins: async (recorded) => await recordOrigins(session, recorded),
    listOrigins: async ({ listerId, urls, enabled, after, limit }) => {
      const { listerId: afterLister = null, url: afterUrl = null } = after ?? {};
      const values = [listerId, enabled, afterLister, afterUrl, String(limit)];
      return urls === null
        ? await session.query(origins.listOrigins, values)
        : await session.query(origins.listOriginsOfUrls, [...values, urls]);
    },
    listVisitTypes: async (listerId) =>
      await session.query(origins.listVisitTypesOfLister, [listerId]),
  };
}

type VisitMethods = Pick<
  FrontierStore,
  | "promote"
  | "countReady"
  | "takeVisits"
  | "peekVisits"
  | "mergeStats"
  | "listStats"
  | "lockOrigins"
  | "disableOrigins"
  | "noteUpdates"
  | "listQueuePositions"
  | "setQueuePosition"
>;

function visitMethods(session: Session): VisitMethods {
  return {
    promote: async (visitType, until) => await promote(session, visitType, until),
    countReady: async (visitType, listerIds, limit) =>
      present(await session.queryOne(takes.countReady, [visitType, listerIds, limit]), "the count"),
    takeVisits: async (selection) => await takeVisits(session, selection),
    peekVisits: async (selection) => await peekVisits(session, selection),
    mergeStats: async (merged) => {
      await mergeStats(session, merged);
    },
    listStats: async (keys) => await session.query(stats.listStats, keyParameters(keys)),
    lockOrigins: async (keys) => {
      await lockKeys(session, keys);
    },
    disableOrigins: async (keys) =>
      present(
        await session.queryOne(records.disableListings, keyParameters(keys)),
        "the count of disabled listings",
      ),
    noteUpdates: async (updates) => {
      const times = updates.map(({ lastUpdateAt }) => instantParameter(lastUpdateAt));
      await session.query(records.noteUpdates, [...keyParameters(updates), times]);
    },
    listQueuePositions: async () => await session.query(takes.listQueuePositions),
    setQueuePosition: async ({ visitType, position }) => {
      await session.query(takes.setQueuePosition, [visitType, String(position)]);
    },
  };
}

function keyParameters(keys: readonly OriginKey[]): readonly unknown[] {
  return [keys.map(({ url }) => url), keys.map(({ visitType }) => visitType)];
}

type CountMethods = Pick<FrontierStore, "updateCounts" | "listCounts" | "foldCounts">;

function countMethods(session: Session): CountMethods {
  return {
    updateCounts: async (listerId, countedAt) =>
      await session.query(counts.updateCounts, [
        listerId,
        instantParameter(countedAt),
        session.nowParameter(),
      ]),
    listCounts: async ({ listerId, visitType }) =>
      await session.query(counts.listCounts, [listerId, visitType]),
    foldCounts: async (limit) =>
      present(await session.queryOne(counts.foldCounts, [limit]), "the count of changes"),
  };
}
