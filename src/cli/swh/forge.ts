/** What a lister has listed, as far as the scheduler knows: for the checks of new forges. */

import { SchedulerException } from "../../compat/swh/errors.ts";
import type { LastVisitStatus, ListedOrigin, OriginVisitStats } from "../../compat/swh/records.ts";
import type { OriginPageToken, SwhScheduler } from "../../compat/swh/scheduler.ts";

/** A lister by both of its names. */
export interface ForgeName {
  readonly lister: string;
  readonly instance: string;
}

/** The arguments `<lister> <instance>`. */
export function forgeOf([lister = "", instance = ""]: readonly string[]): ForgeName {
  return { lister, instance };
}

/** Origins of one page. */
const pageCount = 10_000;
/** Origins whose stats are asked for in one call. */
const statsCount = 1_000;

/**
 * All origins of a lister, enabled or not.
 * @throws SchedulerException for a lister that is not known, or has listed nothing
 */
export async function listedOriginsOf(
  scheduler: SwhScheduler,
  { lister: name, instance }: ForgeName,
): Promise<readonly ListedOrigin[]> {
  const lister = await scheduler.getLister({ name, instanceName: instance });
  if (lister === null) {
    throw new SchedulerException(
      `Forge ${instance} (${name}) isn't registered in the scheduler database.`,
    );
  }
  const origins: ListedOrigin[] = [];
  let pageToken: OriginPageToken | null = null;
  do {
    const filter = { listerId: lister.id, enabled: null, limit: pageCount, pageToken };
    const page: Awaited<ReturnType<SwhScheduler["getListedOrigins"]>> =
      await scheduler.getListedOrigins(filter);
    origins.push(...page.results);
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  if (origins.length > 0) return origins;
  throw new SchedulerException(
    `Forge ${instance} (${name}) has 0 listed origins in the scheduler database.`,
  );
}

/** What is known of the visits of origins; those that were never scheduled are left out. */
export async function visitsOf(
  scheduler: SwhScheduler,
  origins: readonly ListedOrigin[],
): Promise<readonly OriginVisitStats[]> {
  const ids = origins.map(({ url, visitType }) => [url, visitType] as const);
  const stats: OriginVisitStats[] = [];
  for (let at = 0; at < ids.length; at += statsCount) {
    stats.push(...(await scheduler.originVisitStatsGet(ids.slice(at, at + statsCount))));
  }
  return stats;
}

/** How many visits ended how; `None` are those of which nothing is known yet. */
export type VisitCounts = Readonly<Record<LastVisitStatus | "None" | "total", number>>;

/** Counts visits by their status. */
export function countVisits(stats: readonly OriginVisitStats[]): VisitCounts {
  const of = (status: LastVisitStatus | null): number =>
    stats.filter(({ lastVisitStatus }) => lastVisitStatus === status).length;
  return {
    failed: of("failed"),
    None: of(null),
    not_found: of("not_found"),
    successful: of("successful"),
    total: stats.length,
  };
}

/** Per cent of visits that succeeded. */
export function successRate({ successful, total }: VisitCounts): number {
  return (successful / total) * 100;
}
