/** The methods about what is known of visits, and about the positions of their queues. */

import type { FrontierStore, VisitStats } from "../../model/frontier.ts";
import { originKeyText } from "../../model/origin-key.ts";
import { mergeVisitStats } from "../../service/visit-stats.ts";
import type { NewOriginVisitStats, OriginVisitStats } from "./records.ts";
import { refusing } from "./refusals.ts";
import type { SwhFrontier } from "./scheduler.ts";

type VisitStatsMethods = Pick<
  SwhFrontier,
  | "originVisitStatsUpsert"
  | "originVisitStatsGet"
  | "visitSchedulerQueuePositionGet"
  | "visitSchedulerQueuePositionSet"
>;

/** Makes them. */
export function visitStatsMethods(store: FrontierStore): VisitStatsMethods {
  return {
    originVisitStatsUpsert: async (originVisitStats) => {
      await refusing(mergeVisitStats(store, originVisitStats.map(storedOf)));
    },
    originVisitStatsGet: async (ids) => {
      if (ids.length === 0) return [];
      const keys = ids.map(([url, visitType]) => ({ url, visitType }));
      const found = new Map(
        (await refusing(store.listStats(keys))).map((each) => [originKeyText(each), statsOf(each)]),
      );
      return keys.flatMap((key) => found.get(originKeyText(key)) ?? []);
    },
    visitSchedulerQueuePositionGet: async () => {
      const positions = await store.listQueuePositions();
      return new Map(positions.map(({ visitType, position }) => [visitType, position]));
    },
    visitSchedulerQueuePositionSet: async (visitType, position) => {
      await refusing(store.setQueuePosition({ visitType, position }));
    },
  };
}

function storedOf(stats: NewOriginVisitStats): VisitStats {
  return {
    url: stats.url,
    visitType: stats.visitType,
    lastSuccessfulAt: stats.lastSuccessful ?? null,
    lastVisitAt: stats.lastVisit ?? null,
    lastVisitStatus: stats.lastVisitStatus ?? null,
    lastScheduledAt: stats.lastScheduled ?? null,
    lastSnapshot: stats.lastSnapshot ?? null,
    queuePosition: stats.nextVisitQueuePosition ?? null,
    positionOffset: stats.nextPositionOffset ?? 4,
    successiveVisits: stats.successiveVisits ?? 1,
  };
}

function statsOf(stored: VisitStats): OriginVisitStats {
  return {
    url: stored.url,
    visitType: stored.visitType,
    lastSuccessful: stored.lastSuccessfulAt,
    lastVisit: stored.lastVisitAt,
    lastVisitStatus: stored.lastVisitStatus,
    lastScheduled: stored.lastScheduledAt,
    lastSnapshot: stored.lastSnapshot,
    nextVisitQueuePosition: stored.queuePosition,
    nextPositionOffset: stored.positionOffset,
    successiveVisits: stored.successiveVisits,
  };
}
