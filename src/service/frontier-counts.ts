/** Counts of the frontier. */

import type { Instant } from "../kernel/instant.ts";
import type { FrontierCounts, FrontierStore } from "../model/frontier.ts";

/** Changes that are added up in one statement. */
const foldMax = 10_000;

/** Counts as of now, keeps the counts, and answers them; null means all listers, and now. */
export async function updateCounts(
  store: FrontierStore,
  update: { readonly listerId: string | null; readonly countedAt: Instant | null },
): Promise<readonly FrontierCounts[]> {
  // Nobody may have done it in the background; what is left is counted as well.
  await store.foldCounts(foldMax);
  return await store.updateCounts(update.listerId, update.countedAt);
}
