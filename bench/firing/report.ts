/** Turns a recording into the tables that a person reads. */

import { spread, table } from "../markdown-table.ts";
import { summarise, summariseRatios } from "../statistics.ts";
import type { Burst, ServerCost } from "./measure.ts";

/** Everything a run of the bench measured, as it is written to the results. */
export interface Recording {
  readonly version: string;
  readonly machine: string;
  readonly node: string;
  readonly rounds: number;
  /** Triggers due at one instant. */
  readonly count: number;
  /** Milliseconds that an idle process was watched, each round. */
  readonly idleMs: number;
  readonly bursts: readonly BurstSeries[];
  readonly idle: readonly IdleSeries[];
}

/** One burst per round. */
export interface BurstSeries {
  readonly residentCount: number;
  readonly processCount: number;
  readonly measured: readonly Burst[];
}

/** One watch per round. */
export interface IdleSeries {
  readonly residentCount: number;
  readonly measured: readonly ServerCost[];
}

/** All runs of a burst are to be queued within this, in milliseconds. */
const targetMs = 1_000;

/** The whole report as Markdown. */
export function renderReport(recording: Recording): string {
  const { rounds, count, idleMs } = recording;
  return [
    "# Firing",
    "",
    `${recording.version}; Node.js ${recording.node}; ${recording.machine}.`,
    `${rounds} interleaved rounds, default durability. Median (lowest–highest); ratios are to the`,
    "first row in the same round.",
    "",
    `## ${count} triggers due at one instant`,
    "",
    "From due to the commit of the last run, by the firing processes' own word.",
    "",
    ...burstTable(recording),
    "",
    "## One firing process while nothing is due",
    "",
    `Per second, over ${idleMs} ms each round.`,
    "",
    ...idleTable(recording),
  ].join("\n");
}

function burstTable({ bursts, count }: Recording): string[] {
  const [first] = bursts;
  const rows = bursts.map(({ residentCount, processCount, measured }) => {
    const walls = measured.map(({ wallMs }) => wallMs);
    const within = walls.filter((ms) => ms <= targetMs).length;
    const ratio = summariseRatios(walls, first?.measured.map(({ wallMs }) => wallMs) ?? []);
    return [
      String(residentCount),
      String(processCount),
      spread(summarise(walls), 0),
      spread(ratio, 2),
      summarise(walls.map((ms) => count / ms)).median.toFixed(1),
      spread(summarise(measured.map(({ serverMs }) => serverMs)), 0),
      summarise(measured.map(({ pages }) => pages / count)).median.toFixed(1),
      `${within} of ${walls.length}`,
    ];
  });
  const head = [
    "resident",
    "processes",
    "ms",
    "ratio",
    "k/s",
    "server CPU ms",
    "pages per trigger",
  ];
  return table([...head, "within a second"], rows);
}

function idleTable({ idle }: Recording): string[] {
  const rows = idle.map(({ residentCount, measured }) => [
    String(residentCount),
    spread(summarise(measured.map(({ serverMs }) => serverMs)), 2),
    spread(summarise(measured.map(({ pages }) => pages)), 0),
  ]);
  return table(["resident", "server CPU ms per s", "pages per s, whole database"], rows);
}
