/** Counts origins by host and section, and writes the counts as CSV. */

/** How many origins of one section one host keeps. */
export interface PairCount {
  readonly host: string;
  readonly section: string;
  readonly count: number;
}

/** A name and how often it came. A type alias, so that it passes as JSON. */
export type NameCount = { readonly name: string; readonly count: number };

/** The counts in both directions, each the largest first. */
export type OriginReport = {
  readonly total: number;
  readonly byHost: readonly NameCount[];
  readonly bySection: readonly NameCount[];
};

/** Adds up the pairs by host and by section; equal counts are in the order of names. */
export function reportOf(pairs: readonly PairCount[]): OriginReport {
  return {
    total: pairs.reduce((sum, pair) => sum + pair.count, 0),
    byHost: countBy(pairs, (pair) => pair.host),
    bySection: countBy(pairs, (pair) => pair.section),
  };
}

/** The sums of counts by whatever `nameOf` says. */
export function countBy(
  pairs: readonly PairCount[],
  nameOf: (pair: PairCount) => string,
): readonly NameCount[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) {
    counts.set(nameOf(pair), (counts.get(nameOf(pair)) ?? 0) + pair.count);
  }
  return Array.from(counts, ([name, count]) => ({ name, count })).toSorted(
    (left, right) => right.count - left.count || (left.name < right.name ? -1 : 1),
  );
}

/** Names whose count is not what it was, with both counts; 0 where there was or is none. */
export function changedCounts(
  before: readonly NameCount[],
  after: readonly NameCount[],
): readonly { readonly name: string; readonly from: number; readonly to: number }[] {
  const old = new Map(before.map(({ name, count }) => [name, count]));
  const now = new Map(after.map(({ name, count }) => [name, count]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, from: old.get(name) ?? 0, to: now.get(name) ?? 0 }))
    .filter(({ from, to }) => from !== to);
}

/**
 * The pairs as CSV with a head, the largest first.
 * @source RFC 4180, but with line feeds alone
 */
export function csvOf(pairs: readonly PairCount[]): string {
  const lines = pairs
    .toSorted(
      (left, right) => right.count - left.count || (csvLine(left) < csvLine(right) ? -1 : 1),
    )
    .map(csvLine);
  return ["host,section,count", ...lines].map((line) => `${line}\n`).join("");
}

function csvLine({ host, section, count }: PairCount): string {
  return `${csvField(host)},${csvField(section)},${count}`;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
