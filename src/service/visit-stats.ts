/** Stats of visits that come together. */

import type { FrontierStore, VisitStats } from "../model/frontier.ts";
import { originKeyText } from "../model/origin-key.ts";

/** Merges stats in order; those of one origin one after the other. */
export async function mergeVisitStats(
  store: FrontierStore,
  stats: readonly VisitStats[],
): Promise<void> {
  const merged = new Map<string, VisitStats>();
  for (const each of stats) {
    const key = originKeyText(each);
    const earlier = merged.get(key);
    merged.set(key, earlier === undefined ? each : mergedStats(earlier, each));
  }
  await store.mergeStats([...merged.values()]);
}

/** What both come to: null keeps the earlier, the counts are those of the later. */
function mergedStats(earlier: VisitStats, later: VisitStats): VisitStats {
  return {
    ...later,
    lastSuccessfulAt: later.lastSuccessfulAt ?? earlier.lastSuccessfulAt,
    lastVisitAt: later.lastVisitAt ?? earlier.lastVisitAt,
    lastVisitStatus: later.lastVisitStatus ?? earlier.lastVisitStatus,
    lastScheduledAt: later.lastScheduledAt ?? earlier.lastScheduledAt,
    lastSnapshot: later.lastSnapshot ?? earlier.lastSnapshot,
    queuePosition: later.queuePosition ?? earlier.queuePosition,
  };
}
