/** Turns a recording into the tables that a person reads. */

import { spread, table } from "../markdown-table.ts";
import { summarise, summariseRatios } from "../statistics.ts";
import type { Faults } from "./crowd.ts";
import { find, processorRatio, type Series, timesAsLong, wallOf } from "./samples.ts";
import { targetCells } from "./targets.ts";
import type { TaskRpcTimes } from "./task-rpc.ts";

/** Everything a run of the bench measured, as it is written to the results. */
export interface Recording {
  readonly machine: string;
  /** Load averages before each round. */
  readonly loads: readonly string[];
  readonly node: string;
  readonly postgres: string;
  readonly amount: {
    readonly sizes: readonly number[];
    readonly rounds: number;
  };
  readonly series: readonly Series[];
  readonly faults: Faults;
  /** Whether the counts were those of a full count, before and after. */
  readonly countsRight: boolean;
  readonly tasks: TaskRpcTimes;
}

/** The whole report as Markdown. */
export function renderReport(recording: Recording): string {
  const { machine, loads, node, postgres, amount } = recording;
  return [
    "# Frontier",
    "",
    "Orrery's frontier through its interface `orrery/swh`, beside the tables and statements of the",
    "Software Heritage scheduler driven directly; see [bench/README.md](../README.md).",
    `${amount.rounds} interleaved rounds, everything committed. Medians (lowest–highest); ratios`,
    "are within one round, of times by the clock. The processor ratio is that of the server's",
    "processes, all rounds together.",
    "",
    `${postgres}; Node.js ${node}; ${machine}; loads before the rounds ${loads.join(" · ")}.`,
    "",
    "## Targets",
    "",
    ...table(["work", "goal", "stretch", "measured", ""], targetCells(recording)),
    "",
    "## What went wrong",
    "",
    ...faultTable(recording),
    ...amount.sizes.flatMap((size) => [
      "",
      `## ${size} origins`,
      "",
      ...workTable(recording.series, size),
    ]),
    "",
    "## Tasks, 100 in a call",
    "",
    ...taskTable(recording.tasks),
  ].join("\n");
}

function faultTable({ faults, countsRight }: Recording): string[] {
  const { calls, choicesCompared, doubles, failures, wrongKeys, wrongPlaces } = faults;
  return table(
    ["fault", "count", "of"],
    [
      ["origins given to two calls", String(doubles), "all choices of the run"],
      ["failed calls, deadlocks among them", String(failures), `${calls} calls under mixed load`],
      ["choices with other sort keys", String(wrongKeys), `${choicesCompared} compared`],
      ["places that do not say what is true", String(wrongPlaces), "all"],
      ["counts other than the full count's", countsRight ? "0" : "some", "all"],
    ],
  );
}

/** Each work in milliseconds by both sides, and their ratio. */
function workTable(series: readonly Series[], size: number): string[] {
  const ours = series.filter((each) => each.size === size && each.side !== "reference");
  const rows = ours.map((each) => {
    const { work, detail, side } = each;
    const subject = { size, work, detail };
    const reference = find(series, { ...subject, side: "reference" });
    const sides = { side: "reference", than: side };
    const ratio = timesAsLong(series, subject, sides);
    return [
      `${work}${detail === "" ? "" : `, ${detail}`}${side === "ours" ? "" : ` (${side})`}`,
      spread(summarise(wallOf(each)), 2),
      reference === undefined ? "" : spread(summarise(wallOf(reference)), 2),
      ratio === undefined ? "" : spread(ratio, 2),
      processorRatio(series, subject, sides).toFixed(2),
      logKib(each),
      reference === undefined ? "" : logKib(reference),
    ];
  });
  return table(
    [
      "work",
      "ours ms",
      "reference ms",
      "times as fast",
      "by processor",
      "our log KiB",
      "its log KiB",
    ],
    rows.toSorted(byName),
  );
}

/** Write-ahead log of one call, the median. */
function logKib({ measured }: Series): string {
  return (summarise(measured.map(({ walBytes }) => walBytes)).median / 1024).toFixed(0);
}

function byName(left: readonly string[], right: readonly string[]): number {
  return (left[0] ?? "").localeCompare(right[0] ?? "", "en");
}

function taskTable(tasks: TaskRpcTimes): string[] {
  const rows = (["create", "grab"] as const).flatMap((kind) => {
    const peer = tasks[kind]["peer, SQL"] ?? [];
    return Object.entries(tasks[kind])
      .filter(([, each]) => each.length > 0)
      .map(([name, each]) => [
        kind,
        name,
        spread(summarise(each), 2),
        spread(summariseRatios(peer, each), 2),
      ]);
  });
  return table(["work", "by", "ms", "times as fast as the peer"], rows);
}
