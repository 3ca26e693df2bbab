/** The frontier's records, from the model's to those that users see. */

import { hexOf } from "../kernel/hex.ts";
import { formatInstant, formatOptional } from "../kernel/instant.ts";
import { isRecord, type JsonObject } from "../kernel/json.ts";
import type { FrontierCounts, ListedOrigin, Lister, VisitStats } from "../model/frontier.ts";
import type {
  FrontierCountsRecord,
  ListedOriginRecord,
  ListerRecord,
  VisitStatsRecord,
} from "./frontier.ts";

/** A lister as users see it. */
export function encodeLister(lister: Lister): ListerRecord {
  return {
    id: lister.id,
    name: lister.name,
    instanceName: lister.instanceName,
    createdAt: formatInstant(lister.createdAt),
    updatedAt: formatInstant(lister.updatedAt),
    listingFinishedAt: formatOptional(lister.listingFinishedAt),
  };
}

/** A listed origin as users see it. */
export function encodeListedOrigin(origin: ListedOrigin): ListedOriginRecord {
  return {
    listerId: origin.listerId,
    url: origin.url,
    visitType: origin.visitType,
    loaderArguments: objectOf(origin.loaderArgumentsJson),
    lastUpdateAt: formatOptional(origin.lastUpdateAt),
    isFork: origin.isFork,
    forkedFromUrl: origin.forkedFromUrl,
    enabled: origin.enabled,
    firstSeenAt: formatInstant(origin.firstSeenAt),
    lastSeenAt: formatInstant(origin.lastSeenAt),
  };
}

/** Visits of an origin as users see them. */
export function encodeVisitStats(stats: VisitStats): VisitStatsRecord {
  const { lastSnapshot, queuePosition } = stats;
  return {
    url: stats.url,
    visitType: stats.visitType,
    lastSuccessfulAt: formatOptional(stats.lastSuccessfulAt),
    lastVisitAt: formatOptional(stats.lastVisitAt),
    lastVisitStatus: stats.lastVisitStatus,
    lastScheduledAt: formatOptional(stats.lastScheduledAt),
    lastSnapshot: lastSnapshot === null ? null : hexOf(lastSnapshot),
    queuePosition: queuePosition === null ? null : String(queuePosition),
    positionOffset: Number(stats.positionOffset),
    successiveVisits: Number(stats.successiveVisits),
  };
}

/** Counts as users see them. */
export function encodeFrontierCounts({
  countedAt,
  ...counts
}: FrontierCounts): FrontierCountsRecord {
  return { ...counts, countedAt: formatInstant(countedAt) };
}

function objectOf(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  return isRecord(value) ? (value as JsonObject) : {};
}
