/** The two that are measured, as one interface: what a lister, a visit loop and an operator ask. */

import {
  formatInstant,
  type Instant,
  type NewListedOrigin,
  type NewOriginVisitStats,
  type SwhScheduler,
} from "orrery/swh";
import type pg from "pg";

import { grabText, isOfOneLister, metricsText, recordText, upsertText } from "./reference.ts";
import { listerId, mainType } from "./world.ts";

/** What names a listing. */
export type ListingKey = Pick<NewListedOrigin, "listerId" | "url" | "visitType">;

/** One of the two. */
export interface Side {
  readonly name: "ours" | "reference";
  /** Answers how many were recorded. */
  record(items: readonly NewListedOrigin[]): Promise<number>;
  report(stats: readonly NewOriginVisitStats[]): Promise<void>;
  /** Chooses and marks; at `at`, or now. */
  grab(policy: string, count: number, at?: Instant): Promise<readonly ListingKey[]>;
  /** Counts for all listers: lister, type, and the four numbers, as sorted lines. */
  countAll(): Promise<readonly string[]>;
}

/** First visits are asked for of the lister that lists most. */
const firstLister = listerId(1);

/** Ours, through the interface that its server serves as well. */
export function ourSide(scheduler: SwhScheduler): Side {
  return {
    name: "ours",
    record: async (items) => (await scheduler.recordListedOrigins(items)).length,
    report: async (stats) => {
      await scheduler.originVisitStatsUpsert(stats);
    },
    grab: async (policy, count, at) =>
      await scheduler.grabNextVisits({
        visitType: mainType,
        policy,
        count,
        ...(isOfOneLister(policy) ? { listerUuid: firstLister } : {}),
        ...(at === undefined ? {} : { timestamp: at }),
      }),
    countAll: async () =>
      (await scheduler.updateMetrics())
        .map((each) =>
          [
            each.listerId,
            each.visitType,
            each.originsKnown,
            each.originsEnabled,
            each.originsNeverVisited,
            each.originsWithPendingChanges,
          ].join(" "),
        )
        .toSorted(),
  };
}

/** The peer's statements, driven directly on one connection that speaks to its tables. */
export function referenceSide(client: pg.Client): Side {
  return {
    name: "reference",
    record: async (items) => {
      const recorded = await client.query(recordText, [JSON.stringify(items.map(listedJson))]);
      return recorded.rows.length;
    },
    report: async (stats) => {
      await client.query(upsertText, [JSON.stringify(stats.map(statsJson))]);
    },
    grab: async (policy, count, at) => {
      const values = selectionValues(policy, count, at);
      const found = await client.query<ReferenceKey>(grabText(policy), values);
      return found.rows.map((row) => ({
        listerId: row.lister_id,
        url: row.url,
        visitType: row.visit_type,
      }));
    },
    countAll: async () => {
      const counted = await client.query<{ line: string }>(
        `with counted as (${metricsText})
         select concat_ws(' ', lister_id, visit_type, origins_known, origins_enabled,
           origins_never_visited, origins_with_pending_changes) as line
         from counted`,
      );
      return counted.rows.map(({ line }) => line).toSorted();
    },
  };
}

interface ReferenceKey {
  readonly lister_id: string;
  readonly url: string;
  readonly visit_type: string;
}

/** Parameters of the peer's choice. */
export function selectionValues(policy: string, count: number, at?: Instant): unknown[] {
  const time = at === undefined ? new Date().toISOString() : formatInstant(at);
  return [mainType, count, time, ...(isOfOneLister(policy) ? [firstLister] : [])];
}

function listedJson(item: NewListedOrigin): object {
  return {
    lister_id: item.listerId,
    url: item.url,
    visit_type: item.visitType,
    extra_loader_arguments: item.extraLoaderArguments ?? {},
    last_update: textOf(item.lastUpdate),
    is_fork: item.isFork ?? null,
    forked_from_url: item.forkedFromUrl ?? null,
    enabled: item.enabled ?? true,
  };
}

function statsJson(item: NewOriginVisitStats): object {
  return {
    url: item.url,
    visit_type: item.visitType,
    last_successful: textOf(item.lastSuccessful),
    last_visit: textOf(item.lastVisit),
    last_visit_status: item.lastVisitStatus ?? null,
    last_scheduled: textOf(item.lastScheduled),
    last_snapshot: item.lastSnapshot
      ? `\\x${Buffer.from(item.lastSnapshot).toString("hex")}`
      : null,
    next_visit_queue_position: item.nextVisitQueuePosition?.toString() ?? null,
    next_position_offset: 4,
    successive_visits: 1,
  };
}

function textOf(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : formatInstant(instant);
}
