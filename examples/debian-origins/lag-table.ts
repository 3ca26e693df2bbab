/** The lag over time as a table: one row for each few days, one column for each policy. */

import type { LagOfDay } from "./lag.ts";

const hourMs = 3_600_000;
const cells = 13;

/** Policies as they are called here, in the order of the columns. */
export const policyTitles: ReadonlyMap<string, string> = new Map([
  ["first-visits-after-listing", "first visits"],
  ["never-visited-oldest-update-first", "never visited"],
  ["already-visited-by-lag", "by lag"],
  ["without-last-update", "undated"],
]);

/** The lines of the table's head. */
export function tableHead(): readonly string[] {
  const titles = [...policyTitles.values(), "mean unseen", "all seen"];
  return [
    row(["day", "visits", "in vain"], titles),
    row(
      ["---", "------", "-------"],
      titles.map(() => "-----------"),
    ),
  ];
}

/** The line of a day: medians of what the visits of each policy found, in hours or days. */
export function tableRow(lag: LagOfDay): string {
  const medians = [...policyTitles.keys()].map((policy) => duration(lag.medianMs.get(policy)));
  const rest = [duration(lag.meanUnseenMs), `${(lag.seenPart * 100).toFixed(1)} %`];
  return row(
    [String(lag.day), String(lag.visitCount), String(lag.vainCount)],
    [...medians, ...rest],
  );
}

function row(facts: readonly string[], columns: readonly string[]): string {
  const narrow = facts.map((text) => text.padStart(8)).join("");
  return narrow + columns.map((text) => text.padStart(cells + 1)).join("");
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return "-";
  const hours = ms / hourMs;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} d`;
}
