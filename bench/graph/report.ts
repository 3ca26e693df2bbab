/** Turns a recording into the tables that a person reads. */

import { summarise, summariseRatios, type Summary } from "../statistics.ts";
import type { Cost } from "./measure.ts";
import type { RunCost, RunMemory } from "./runners.ts";

/** What each step of the example took. */
export interface ArchiveRound {
  readonly build: Cost;
  readonly cycle: Cost;
  readonly breaking: Cost;
  readonly order: Cost;
  readonly waves: Cost;
}

/** Costs by library and concurrency. */
export type RunRound = Record<string, RunCost>;

interface Size {
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** Everything a run of the bench measured, as it is written to the results. */
export interface Recording {
  readonly machine: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly noop: Size;
  readonly groups: readonly Size[];
  readonly archive: ArchiveRound[];
  readonly runs: RunRound[];
  /** Costs of the groups by size, each round. */
  readonly stepped: (readonly Cost[])[];
  readonly memory: Record<string, RunMemory>;
}

const mebibyte = 1_048_576;

/** The whole report as Markdown. */
export function renderReport(recording: Recording): string {
  const { machine, node, versions, rounds } = recording;
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# Graph",
    "",
    `${libraries.join(", ")}; Node.js ${node}; ${machine}.`,
    `${rounds} interleaved rounds in one process. Times are median (lowest–highest) in ms:`,
    "by the clock, and of the processor, to which other programs add less.",
    "",
    "## The archive: 34,289 packages, 212,768 requirements",
    "",
    ...archiveTable(recording),
    "",
    `## ${recording.noop.nodeCount} nodes that do nothing, ${recording.noop.edgeCount} edges`,
    "",
    ...runTable(recording),
    "",
    "Times p-graph over orrery in the same round, above 1 is faster than p-graph:",
    "",
    ...ratioTable(recording),
    "",
    "Memory in use, garbage not counted, beyond names and edges as they are handed over:",
    "",
    ...memoryTable(recording),
    "",
    "## Stepped groups, each node one step",
    "",
    ...steppedTable(recording),
  ].join("\n");
}

function archiveTable({ archive }: Recording): string[] {
  const row = (name: string, costsOf: (round: ArchiveRound) => readonly Cost[]): string[] => {
    const sums = archive.map((round) => sumOf(costsOf(round)));
    return [name, ...timesOf(sums)];
  };
  return table(
    ["work", "ms", "processor ms", "target"],
    [
      [...row("graph of the edges", ({ build }) => [build]), ""],
      [...row("shortest cycle", ({ cycle }) => [cycle]), ""],
      [...row("cycles broken", ({ breaking }) => [breaking]), ""],
      [...row("order", ({ order }) => [order]), ""],
      [...row("waves", ({ waves }) => [waves]), ""],
      [...row("order and waves", ({ order, waves }) => [order, waves]), "300"],
      [
        ...row("all of it", ({ build, cycle, breaking, order, waves }) => [
          build,
          cycle,
          breaking,
          order,
          waves,
        ]),
        "",
      ],
    ],
  );
}

function runTable({ runs }: Recording): string[] {
  const rows = Object.keys(runs[0] ?? {}).flatMap((key) => {
    const costs = runs.flatMap((round) => round[key] ?? []);
    const both = costs.map(({ build, run }) => sumOf([build, run]));
    return [
      [key, "build", ...timesOf(costs.map(({ build }) => build))],
      [key, "run", ...timesOf(costs.map(({ run }) => run))],
      [key, "both", ...timesOf(both)],
    ];
  });
  return table(["library and concurrency", "work", "ms", "processor ms"], rows.toSorted(byName));
}

function byName(left: readonly string[], right: readonly string[]): number {
  return (left[0] ?? "") < (right[0] ?? "") ? -1 : Number(left[0] !== right[0]);
}

function ratioTable({ runs }: Recording): string[] {
  const kinds = Object.keys(runs[0] ?? {})
    .filter((key) => key.startsWith("orrery"))
    .map((key) => key.slice("orrery ".length));
  const rows = kinds.flatMap((kind) => {
    const of = (name: string): readonly RunCost[] =>
      runs.flatMap((round) => round[`${name} ${kind}`] ?? []);
    const ratio = (costOf: (each: RunCost) => Cost): string[] => {
      const [theirs, ours] = [of("p-graph").map(costOf), of("orrery").map(costOf)];
      return (["ms", "cpuMs"] as const).map((unit) =>
        text(
          summariseRatios(
            theirs.map((cost) => cost[unit]),
            ours.map((cost) => cost[unit]),
          ),
          1,
        ),
      );
    };
    return [
      [kind, "run", ...ratio(({ run }) => run), "5"],
      [kind, "build and run", ...ratio(({ build, run }) => sumOf([build, run])), "5"],
    ];
  });
  return table(["concurrency", "work", "by the clock", "processor", "target"], rows);
}

function memoryTable({ memory, noop }: Recording): string[] {
  return table(
    ["library and concurrency", "built, MiB", "half run, MiB", "bytes a node"],
    Object.entries(memory).map(([key, { builtBytes, halfwayBytes }]) => [
      key,
      (builtBytes / mebibyte).toFixed(1),
      (halfwayBytes / mebibyte).toFixed(1),
      (halfwayBytes / noop.nodeCount).toFixed(0),
    ]),
  );
}

function steppedTable({ groups, stepped }: Recording): string[] {
  return table(
    ["nodes", "requirements", "ms", "processor ms", "processor µs per node and edge"],
    groups.map(({ nodeCount, edgeCount }, size) => {
      const costs = stepped.flatMap((round) => round[size] ?? []);
      const each = costs.map(({ cpuMs }) => (1_000 * cpuMs) / (nodeCount + edgeCount));
      return [String(nodeCount), String(edgeCount), ...timesOf(costs), text(summarise(each), 2)];
    }),
  );
}

function sumOf(costs: readonly Cost[]): Cost {
  return {
    ms: costs.reduce((sum, { ms }) => sum + ms, 0),
    cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

function timesOf(costs: readonly Cost[]): string[] {
  return [
    text(summarise(costs.map(({ ms }) => ms)), 0),
    text(summarise(costs.map(({ cpuMs }) => cpuMs)), 0),
  ];
}

function text({ median, low, high }: Summary, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
