/** What is to be reached, each as a ratio within one run, and whether it was. */

import { spread } from "../markdown-table.ts";
import { summarise, type Summary } from "../statistics.ts";
import type { Measured, Recording, RowRecord } from "./recording.ts";
import { bestPeer, own, rateOf, ratioTo, seriesOf } from "./series.ts";

/** A target and what was measured; the ratio is undefined where it could not be measured. */
interface Target {
  readonly work: string;
  readonly target: string;
  readonly ratio: Summary | undefined;
  readonly isReached: (median: number) => boolean;
}

/** Cells of the table of targets; those of rows that have not been measured say so. */
export function targetCells({ rows }: Recording): readonly (readonly string[])[] {
  const targets = [
    ...drainTargets(rows.drain),
    singleTarget(rows.single),
    ...latencyTargets(rows.latency),
    recurringTarget(rows.recurring),
    pinnedTarget(rows.pinned),
    soakTarget(rows.soak),
    backlogTarget(rows.backlog),
    typesTarget(rows.types),
  ];
  return targets.map(({ work, target, ratio, isReached }) => [
    work,
    target,
    ratio === undefined ? "not measured" : spread(ratio, 2),
    ratio === undefined ? "" : isReached(ratio.median) ? "reached" : "missed",
  ]);
}

/** Undefined as long as it has not been measured. */
type Row<Name extends keyof Measured> = RowRecord<Measured[Name]> | undefined;

function atLeast(limit: number): Pick<Target, "isReached"> {
  return { isReached: (median) => median >= limit };
}

function atMost(limit: number): Pick<Target, "isReached"> {
  return { isReached: (median) => median <= limit };
}

function drainTargets(row: Row<"drain">): readonly Target[] {
  const drained = ({ count, drain }: Measured["drain"]): number => rateOf(count, drain);
  const enqueued = ({ count, enqueue }: Measured["drain"]): number => rateOf(count, enqueue);
  const best = bestPeer(row, { read: enqueued, isHigherBetter: true });
  return [
    {
      work: "drain over graphile-worker",
      target: "at least 2.5",
      ratio: ratioTo(row, "graphile-worker", drained),
      ...atLeast(2.5),
    },
    {
      work: "drain over raw",
      target: "at least 0.45",
      ratio: ratioTo(row, "raw", drained),
      ...atLeast(0.45),
    },
    {
      work: `enqueue in batches over the best peer (${best ?? "none"})`,
      target: "at least 2.5",
      ratio: best === undefined ? undefined : ratioTo(row, best, enqueued),
      ...atLeast(2.5),
    },
    {
      work: "write-ahead log per run over pg-boss",
      target: "at most 1",
      ratio: ratioTo(row, "pg-boss", walPerRun),
      ...atMost(1),
    },
  ];
}

/** Bytes of write-ahead log from adding a job to its end. */
export function walPerRun({ count, enqueue, drain }: Measured["drain"]): number {
  return (enqueue.walBytes + drain.walBytes) / count;
}

function singleTarget(row: Row<"single">): Target {
  const read = ({ count, enqueue }: Measured["single"]): number => rateOf(count, enqueue);
  const best = bestPeer(row, { read, isHigherBetter: true });
  return {
    work: `enqueue one by one over the best peer (${best ?? "none"})`,
    target: "at least 1",
    ratio: best === undefined ? undefined : ratioTo(row, best, read),
    ...atLeast(1),
  };
}

function latencyTargets(row: Row<"latency">): readonly Target[] {
  const of = (work: string, limit: number, read: (item: Measured["latency"]) => number): Target => {
    const best = bestPeer(row, { read, isHigherBetter: false });
    return {
      work: `${work} over the best peer's (${best ?? "none"})`,
      target: `at most ${limit}`,
      ratio: best === undefined ? undefined : ratioTo(row, best, read),
      ...atMost(limit),
    };
  };
  return [
    of("latency, p50", 0.7, ({ p50Ms }) => p50Ms),
    of("latency, p99", 0.8, ({ p99Ms }) => p99Ms),
  ];
}

function recurringTarget(row: Row<"recurring">): Target {
  return {
    work: "recurring, run and rescheduled, over one-shot",
    target: "at least 0.5",
    ratio: ours(row, ({ oneShot, recurring }) => oneShot.wallMs / recurring.wallMs),
    ...atLeast(0.5),
  };
}

function pinnedTarget(row: Row<"pinned">): Target {
  return {
    work: "pinned snapshot, last three rounds over first three",
    target: "at least 0.85",
    ratio: ours(row, lastOverFirst),
    ...atLeast(0.85),
  };
}

/** Rate of the last three drains over that of the first three. */
export function lastOverFirst({ drains }: Measured["pinned"]): number {
  const total = (some: typeof drains): number => some.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return total(drains.slice(0, 3)) / total(drains.slice(-3));
}

function soakTarget(row: Row<"soak">): Target {
  return {
    work: "soak, p99 of the last minute over the first",
    target: "at most 1.3",
    ratio: ours(row, ({ minutes }) => (minutes.at(-1)?.p99Ms ?? 0) / (minutes[0]?.p99Ms ?? 0)),
    ...atMost(1.3),
  };
}

function backlogTarget(row: Row<"backlog">): Target {
  return {
    work: "drain of a backlog over that of a queue without",
    target: "at least 0.7",
    ratio: ours(row, ({ alone, ofBacklog }) => alone.wallMs / ofBacklog.wallMs),
    ...atLeast(0.7),
  };
}

function typesTarget(row: Row<"types">): Target {
  return {
    work: "100 task types with limits over one without",
    target: "at least 0.85",
    ratio: ours(row, ({ one, manyLimited }) => one.wallMs / manyLimited.wallMs),
    ...atLeast(0.85),
  };
}

function ours<T>(row: RowRecord<T> | undefined, read: (item: T) => number): Summary | undefined {
  const series = seriesOf(row, own, read);
  return series.length === 0 ? undefined : summarise(series);
}
