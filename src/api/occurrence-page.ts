/** Pages of occurrences: where the next one begins. */

import type { OccurrenceRecord } from "./records.ts";
import type { OccurrencePage } from "./wire.ts";

/** Occurrences of a page, unless the caller says otherwise. */
const limitDefault = 50;

/** The page of the occurrences that were listed; one that is not full is the last. */
export function occurrencePageOf(
  items: readonly OccurrenceRecord[],
  limit: number = limitDefault,
): OccurrencePage {
  return { items, nextBefore: items.length < limit ? null : (items.at(-1)?.fireAt ?? null) };
}
