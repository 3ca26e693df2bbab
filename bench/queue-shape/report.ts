/** Turns a recording into the tables that a person reads. */

import { spread, table } from "../markdown-table.ts";
import { rawName } from "../raw-queue.ts";
import { summarise, summariseRatios, type Summary } from "../statistics.ts";
import type { Cost } from "./cost.ts";
import type { FillAndDrain } from "./scenarios.ts";
import { contenders, u, variants } from "./variants.ts";

/** A measurement and those of the base right before and after it. */
export interface Paired<T> {
  readonly own: T;
  readonly bases: readonly T[];
}

/** Everything a run of the bench measured, as it is written to the results. */
export interface Recording {
  readonly version: string;
  readonly machine: string;
  readonly batchSize: number;
  readonly connectionCount: number;
  readonly manyTaskTypes: number;
  readonly rounds: number;
  readonly count: number;
  readonly pinnedRepeats: number;
  readonly pinnedRounds: number;
  readonly pinnedCount: number;
  /** By name, one entry per round. */
  readonly drains: Readonly<Record<string, readonly Paired<FillAndDrain>[]>>;
  /** By name and count of task types, one entry per round. */
  readonly types: Readonly<Record<string, readonly FillAndDrain[]>>;
  /** By name, repeat and round. */
  readonly pinned: Readonly<Record<string, readonly (readonly Cost[])[]>>;
  /** By name, one entry per round: all runs taken back at once. */
  readonly reaps: Readonly<Record<string, readonly Cost[]>>;
}

/** The whole report as Markdown. */
export function renderReport(recording: Recording): string {
  return [
    "# Queue shape",
    "",
    `${recording.version}; ${recording.machine}.`,
    `${recording.rounds} interleaved rounds of ${recording.count} jobs, batches of`,
    `${recording.batchSize}, ${recording.connectionCount} connections, default durability. Ratios`,
    `are to the runs of \`${u.shape.name}\` right before and after, below 1 is`,
    "cheaper: median (lowest–highest).",
    "",
    ...costTable(recording, "enqueue"),
    "",
    ...costTable(recording, "drain"),
    "",
    ...typesTable(recording),
    "",
    ...pinnedTable(recording),
    "",
    ...reapTable(recording),
  ].join("\n");
}

function costTable(recording: Recording, phase: keyof FillAndDrain): string[] {
  const names = [
    { name: rawName, difference: "the limit: no lease, fence, order or crash safety" },
    ...variants.map(({ shape, difference }) => ({ name: shape.name, difference })),
  ];
  const rows = names.map(({ name, difference }) => {
    const results = recording.drains[name] ?? [];
    const costs = results.map(({ own }) => own[phase]);
    const bases = results.map(({ bases: around }) => mean(around.map((base) => base[phase])));
    return [
      `\`${name}\``,
      difference,
      rateOf(costs, recording.count),
      ratio(costs, bases, "wallMs"),
      ratio(costs, bases, "serverMs"),
      summarise(costs.map((cost) => cost.walBytes / recording.count)).median.toFixed(0),
    ];
  });
  const bases = Object.values(recording.drains)
    .flat()
    .flatMap((result) => result.bases.map((base) => base[phase]));
  const wal = summarise(bases.map((cost) => cost.walBytes / recording.count)).median.toFixed(0);
  const base = [`\`${u.shape.name}\``, u.difference, rateOf(bases, recording.count), "1", "1", wal];
  const head = ["variant", "difference", "k/s", "wall", "server CPU", "WAL bytes per job"];
  return [phase === "enqueue" ? "## Enqueue" : "## Drain", "", ...table(head, [base, ...rows])];
}

function typesTable(recording: Recording): string[] {
  const rows = contenders.map(({ shape }) => {
    const costsOf = (typeCount: number): Cost[] =>
      (recording.types[`${shape.name} ${typeCount}`] ?? []).map(({ drain }) => drain);
    const one = costsOf(1);
    const many = costsOf(recording.manyTaskTypes);
    // Rates, so the cost with one type stands above the line.
    return [`\`${shape.name}\``, ratio(one, many, "wallMs"), ratio(one, many, "serverMs")];
  });
  const head = ["variant", "rate, many over one", "per server CPU, many over one"];
  return [`## ${recording.manyTaskTypes} task types over one`, "", ...table(head, rows)];
}

/** Last two rounds against first two: what an old snapshot costs as dead rows pile up. */
function pinnedTable(recording: Recording): string[] {
  const rows = contenders.map(({ shape }) => {
    const repeats = recording.pinned[shape.name] ?? [];
    const keep = (field: "wallMs" | "serverMs"): Summary =>
      summariseRatios(
        repeats.map((costs) => total(costs.slice(0, 2), field)),
        repeats.map((costs) => total(costs.slice(-2), field)),
      );
    const rate = summarise(
      repeats.map((costs) => (costs.length * recording.pinnedCount) / total(costs, "wallMs")),
    );
    return [
      `\`${shape.name}\``,
      spread(keep("wallMs"), 2),
      spread(keep("serverMs"), 2),
      rate.median.toFixed(1),
    ];
  });
  const head = [
    "variant",
    "rate, last 2 / first 2",
    "per server CPU, last 2 / first 2",
    "k/s, all",
  ];
  const what = `${recording.pinnedRepeats} x ${recording.pinnedRounds} x ${recording.pinnedCount}`;
  return [`## Pinned snapshot: ${what} jobs`, "", ...table(head, rows)];
}

function reapTable(recording: Recording): string[] {
  const bases = recording.reaps[u.shape.name] ?? [];
  const rows = contenders.map(({ shape }) => {
    const costs = recording.reaps[shape.name] ?? [];
    const ms = summarise(costs.map((cost) => cost.wallMs));
    return [`\`${shape.name}\``, ms.median.toFixed(0), ratio(costs, bases, "wallMs")];
  });
  const count = Math.ceil(recording.count / 3);
  return [`## Taking back ${count} expired runs`, "", ...table(["variant", "ms", "wall"], rows)];
}

/** Thousands of jobs per second. */
function rateOf(costs: readonly Cost[], count: number): string {
  return summarise(costs.map((cost) => count / cost.wallMs)).median.toFixed(1);
}

function mean(costs: readonly Cost[]): Cost {
  const of = (field: keyof Cost): number =>
    costs.reduce((sum, cost) => sum + cost[field], 0) / costs.length;
  return { wallMs: of("wallMs"), serverMs: of("serverMs"), walBytes: of("walBytes") };
}

function total(costs: readonly Cost[], field: "wallMs" | "serverMs"): number {
  return costs.reduce((sum, cost) => sum + cost[field], 0);
}

function ratio(
  costs: readonly Cost[],
  bases: readonly Cost[],
  field: "wallMs" | "serverMs",
): string {
  return spread(
    summariseRatios(
      costs.map((cost) => cost[field]),
      bases.map((cost) => cost[field]),
    ),
    2,
  );
}
