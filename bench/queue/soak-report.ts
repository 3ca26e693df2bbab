/** The table of the soak: its last minute beside its first. */

import { table } from "../markdown-table.ts";
import type { RowRecord } from "./recording.ts";
import { sectionHead } from "./section-head.ts";
import type { Soak } from "./soak.ts";

/** The section of the report. */
export function soakSection(row: RowRecord<Soak>): string[] {
  const { soakMinutes, soakMinuteMs, soakPerSecond } = row.amount;
  const cells = row.systems.flatMap(({ name }) =>
    (row.measured[name] ?? []).map((soak) => [name, ...soakCells(soak, soakMinuteMs)]),
  );
  const head = ["system", "p99 ms, first minute", "last minute", "ratio", "started/s, last minute"];
  const costs = [
    "server CPU µs, first",
    "last",
    "dead rows",
    "MB",
    "largest tables, MB (dead rows)",
  ];
  return [
    ...sectionHead(row, {
      title: "Soak",
      what:
        `${soakMinutes} minutes at ${soakPerSecond} jobs a second, a transaction held open ` +
        "throughout.",
      rounds: "Each system once, by itself",
    }),
    ...table([...head, ...costs], cells),
  ];
}

function soakCells({ minutes, tables }: Soak, minuteMs: number): readonly string[] {
  const [first, last] = [minutes[0], minutes.at(-1)];
  if (first === undefined || last === undefined) return [];
  const perJob = ({ cost, startedCount }: typeof first): string =>
    ((cost.serverMs * 1000) / startedCount).toFixed(0);
  return [
    first.p99Ms.toFixed(1),
    last.p99Ms.toFixed(1),
    (last.p99Ms / first.p99Ms).toFixed(2),
    ((last.startedCount * 1000) / minuteMs).toFixed(0),
    perJob(first),
    perJob(last),
    String(last.deadCount),
    megabytes(last.bytes),
    tables
      .slice(0, 3)
      .map(({ name, bytes, deadCount }) => `${name} ${megabytes(bytes)} (${deadCount})`)
      .join(", "),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
