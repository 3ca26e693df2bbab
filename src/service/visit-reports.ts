/** Visits that have ended: what they change of what is known of their origins. */

import type { FrontierStore, OriginKey, QueuePosition, VisitStats } from "../model/frontier.ts";
import { distinctOrigins, originKeyText } from "../model/origin-key.ts";
import {
  afterVisit,
  isGivenUp,
  noMemory,
  spreadOf,
  type VisitMemory,
} from "../policy/visit-outcome.ts";
import type { VisitReport } from "./read-frontier.ts";

/** What came of reported visits. */
export interface VisitsReported {
  /** Later than what was known of their origin; the others changed nothing. */
  readonly applied: number;
  /** Listings of origins that were given up. */
  readonly disabled: number;
}

/** What is known of locked origins, by `originKeyText`. */
export type KnownVisits = ReadonlyMap<string, VisitMemory>;

/** Locks origins for the rest of the transaction, and answers what is known of their visits. */
export async function lockOrigins(
  frontier: FrontierStore,
  origins: readonly OriginKey[],
): Promise<KnownVisits> {
  const keys = distinctOrigins(origins);
  await frontier.lockOrigins(keys);
  const stored = await frontier.listStats(keys);
  return new Map(stored.map((each) => [originKeyText(each), memoryOf(each)]));
}

/**
 * Merges reports, in order, into what is known of locked origins, and disables those that have
 * failed three times in a row.
 */
export async function applyReports(
  frontier: FrontierStore,
  { reports, known }: { readonly reports: readonly VisitReport[]; readonly known: KnownVisits },
): Promise<VisitsReported> {
  const positions = positionsOf(await frontier.listQueuePositions());
  const changed = new Map<string, { readonly origin: OriginKey; readonly memory: VisitMemory }>();
  const givenUp = new Map<string, OriginKey>();
  let applied = 0;
  for (const report of reports) {
    const key = originKeyText(report);
    const before = changed.get(key)?.memory ?? known.get(key) ?? noMemory;
    const after = afterVisit(before, report.visit, {
      queuePosition: positions.get(report.visitType) ?? 0n,
      // Not by chance: the same visit, told again elsewhere, stands at the same place.
      spread: spreadOf(`${report.visit.at} ${report.url}`),
    });
    if (after === before) continue;
    applied += 1;
    changed.set(key, { origin: report, memory: after });
    if (isGivenUp(after)) givenUp.set(key, report);
  }
  await frontier.mergeStats(
    [...changed.values()].map(({ origin, memory }) => statsOf(origin, memory)),
  );
  const disabled = givenUp.size === 0 ? 0 : await frontier.disableOrigins([...givenUp.values()]);
  return { applied, disabled };
}

function positionsOf(positions: readonly QueuePosition[]): ReadonlyMap<string, bigint> {
  return new Map(positions.map(({ visitType, position }) => [visitType, BigInt(position)]));
}

function memoryOf(stats: VisitStats): VisitMemory {
  const { queuePosition, positionOffset, successiveVisits } = stats;
  return {
    ...stats,
    queuePosition: queuePosition === null ? null : BigInt(queuePosition),
    positionOffset: Number(positionOffset),
    successiveVisits: Number(successiveVisits),
  };
}

/** When it was scheduled stays as it is. */
function statsOf({ url, visitType }: OriginKey, memory: VisitMemory): VisitStats {
  return { ...memory, url, visitType, lastScheduledAt: null };
}
