/** Numbers out of a recorded row, by system and round. */

import { summarise, summariseRatios, type Summary } from "../statistics.ts";
import type { Timed } from "./drain.ts";
import type { RowRecord } from "./recording.ts";

/** The name of the system that everything is compared with. */
export const own = "orrery";

/** One number per round. */
export type Series = readonly number[];

/** The numbers of a system; empty when it did not take part, or nobody did. */
export function seriesOf<T>(
  row: RowRecord<T> | undefined,
  system: string,
  read: (item: T) => number,
): Series {
  return (row?.measured[system] ?? []).map(read);
}

/** Jobs per second. */
export function rateOf(count: number, { wallMs }: Timed): number {
  return (count * 1000) / wallMs;
}

/** Our numbers over those of another in the same rounds; undefined when one has none. */
export function ratioTo<T>(
  row: RowRecord<T> | undefined,
  system: string,
  read: (item: T) => number,
): Summary | undefined {
  const [ours, theirs] = [seriesOf(row, own, read), seriesOf(row, system, read)];
  return ours.length === 0 || theirs.length === 0 ? undefined : summariseRatios(ours, theirs);
}

/** The product on PostgreSQL besides ours whose median is best; undefined when there is none. */
export function bestPeer<T>(
  row: RowRecord<T> | undefined,
  {
    read,
    isHigherBetter,
  }: { readonly read: (item: T) => number; readonly isHigherBetter: boolean },
): string | undefined {
  const peers = (row?.systems ?? [])
    .filter(({ name, isProduct, storage }) => name !== own && isProduct && storage === "postgresql")
    .map(({ name }) => ({ name, median: summarise(seriesOf(row, name, read)).median }))
    .toSorted((one, other) => one.median - other.median);
  return (isHigherBetter ? peers.at(-1) : peers[0])?.name;
}
