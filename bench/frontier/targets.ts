/** What is to be reached, each as a ratio within one run, and whether it was. */

import { spread } from "../markdown-table.ts";
import { summariseRatios, type Summary } from "../statistics.ts";
import { policyNames } from "./reference.ts";
import type { Recording } from "./report.ts";
import { find, overall, timesAsLong, wallOf } from "./samples.ts";

/** A target and what was measured; undefined where it was not. */
interface Target {
  readonly work: string;
  readonly measured: Summary | undefined;
  readonly goal: number;
  readonly stretch: number;
  /** Whether more is better. */
  readonly isFloor: boolean;
}

/** Cells of the table of targets. */
export function targetCells(recording: Recording): readonly (readonly string[])[] {
  const targets = [
    ...recording.amount.sizes.flatMap((size) => targetsOfSize(recording, size)),
    ...growthTargets(recording),
    ...firstTargets(recording),
    ...taskTargets(recording),
  ];
  return targets.map((target) => {
    const { work, measured, goal, stretch, isFloor } = target;
    return [
      work,
      `${isFloor ? "at least" : "at most"} ${goal}`,
      String(stretch),
      measured === undefined ? "not measured" : spread(measured, 2),
      measured === undefined ? "" : verdict(target, measured.median),
    ];
  });
}

function verdict({ goal, stretch, isFloor }: Target, median: number): string {
  const reaches = (limit: number): boolean => (isFloor ? median >= limit : median <= limit);
  if (reaches(stretch)) return "stretch reached";
  return reaches(goal) ? "reached" : "missed";
}

/** What depends on how many origins there are. */
function targetsOfSize({ series }: Recording, size: number): readonly Target[] {
  const isLarge = size >= 5_000_000;
  const faster = (work: string, details: readonly string[]): Summary | undefined =>
    overall(
      details.map((detail) =>
        timesAsLong(series, { size, work, detail }, { side: "reference", than: "ours" }),
      ),
    );
  return [
    {
      work: `${size} origins: grab of 100, times as fast, median of the policies`,
      measured: faster("grab 100", policyNames),
      goal: isLarge ? 120 : 60,
      stretch: isLarge ? 200 : 100,
      isFloor: true,
    },
    {
      work: `${size} origins: grab of 1,000, times as fast, median of the policies`,
      measured: faster("grab 1000", policyNames),
      goal: isLarge ? 12 : 10,
      stretch: isLarge ? 25 : 20,
      isFloor: true,
    },
    {
      work: `${size} origins: metrics for all listers, times as fast`,
      measured: timesAsLong(
        series,
        { size, work: "metrics", detail: "" },
        { side: "reference", than: "ours" },
      ),
      goal: 100,
      stretch: 1_000,
      isFloor: true,
    },
  ];
}

/** How a grab of 100 grows with the number of origins. */
function growthTargets({ series, amount: { sizes } }: Recording): readonly Target[] {
  const [small, large] = sizes;
  if (small === undefined || large === undefined) return [];
  const ratios = policyNames.map((detail) => {
    const subject = { work: "grab 100", detail, side: "ours" };
    const before = find(series, { ...subject, size: small });
    const after = find(series, { ...subject, size: large });
    if (before === undefined || after === undefined) return undefined;
    return summariseRatios(wallOf(after), wallOf(before));
  });
  return [
    {
      work: `grab of 100, from ${small} to ${large} origins, times as long`,
      measured: overall(ratios),
      goal: 2.5,
      stretch: 1.5,
      isFloor: false,
    },
  ];
}

/** What is measured on the first ground only. */
function firstTargets({ series, amount: { sizes } }: Recording): readonly Target[] {
  const size = sizes[0] ?? 0;
  const over = (
    work: string,
    sides: { readonly side: string; readonly than: string },
  ): Summary | undefined => timesAsLong(series, { size, work, detail: "" }, sides);
  const faster = { side: "reference", than: "ours" };
  const slower = { side: "ours", than: "reference" };
  return [
    {
      work: "4 callers, 1,000 each: different origins per second, times as many",
      measured: over("4 callers, 1000", faster),
      goal: 40,
      stretch: 60,
      isFloor: true,
    },
    {
      work: "re-listing 1,000, times as long",
      measured: over("re-listing", slower),
      goal: 1.2,
      stretch: 1.1,
      isFloor: false,
    },
    {
      work: "visit stats of 1,000, times as long",
      measured: over("visit stats", slower),
      goal: 2,
      stretch: 1.5,
      isFloor: false,
    },
    {
      work: "1,000 new origins, times as long",
      measured: over("all new", slower),
      goal: 1.8,
      stretch: 1.4,
      isFloor: false,
    },
  ];
}

/** Over HTTP, beside the peer's SQL. */
function taskTargets({ tasks }: Recording): readonly Target[] {
  return (["create", "grab"] as const).map((kind) => ({
    work: `task/${kind} of 100 over HTTP, times as fast as the peer's SQL`,
    measured: ratioOf(tasks[kind]["peer, SQL"], tasks[kind]["ours, HTTP"]),
    goal: 1,
    stretch: 2,
    isFloor: true,
  }));
}

function ratioOf(
  theirs: readonly number[] | undefined,
  ours: readonly number[] | undefined,
): Summary | undefined {
  return theirs === undefined || ours === undefined ? undefined : summariseRatios(theirs, ours);
}
