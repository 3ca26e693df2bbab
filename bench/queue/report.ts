/** Turns a recording into the tables that a person reads. */

import { spread, table } from "../markdown-table.ts";
import { summarise, type Summary } from "../statistics.ts";
import type { Timed } from "./drain.ts";
import type { Measured, Recording, RowRecord } from "./recording.ts";
import { manyTypes } from "./rows-orrery.ts";
import { latencyGapMs, singleConnections } from "./rows.ts";
import { rateOf, ratioTo, seriesOf } from "./series.ts";
import { sectionHead } from "./section-head.ts";
import { soakSection } from "./soak-report.ts";
import { lastOverFirst, targetCells, walPerRun } from "./targets.ts";

/** The whole report as Markdown. */
export function renderReport(recording: Recording): string {
  const { rows } = recording;
  return [
    "# Queue",
    "",
    "Orrery beside other queues; what is compared, and what is not fair, is in",
    "[`bench/queue/README.md`](../queue/README.md). Medians (lowest–highest) of rounds in turn;",
    "ratios are orrery's value over the other's in the same round. Processor time is that of the",
    "database server with all its processes, and of this process, for each job.",
    "",
    "## Targets",
    "",
    ...table(["work", "target", "measured", ""], targetCells(recording)),
    "",
    "## Systems",
    "",
    ...systemsTable(recording),
    ...(rows.drain === undefined ? [] : drainSection(rows.drain)),
    ...(rows.single === undefined ? [] : singleSection(rows.single)),
    ...(rows.latency === undefined ? [] : latencySection(rows.latency)),
    ...(rows.recurring === undefined ? [] : recurringSection(rows.recurring)),
    ...(rows.pinned === undefined ? [] : pinnedSection(rows.pinned)),
    ...(rows.backlog === undefined ? [] : backlogSection(rows.backlog)),
    ...(rows.types === undefined ? [] : typesSection(rows.types)),
    ...(rows.soak === undefined ? [] : soakSection(rows.soak)),
  ].join("\n");
}

function systemsTable({ rows }: Recording): string[] {
  const systems = new Map(
    Object.values(rows).flatMap((row) => row.systems.map((each) => [each.name, each] as const)),
  );
  const cells = [...systems.values()].map((each) => [each.name, each.version, each.configuration]);
  return table(["system", "version", "configuration"], cells);
}

function drainSection(row: RowRecord<Measured["drain"]>): string[] {
  const { drainCount, batchSize } = row.amount;
  const read = (phase: "enqueue" | "drain") => (item: Measured["drain"]) => item[phase];
  const bytes = row.systems
    .filter(({ storage }) => storage === "postgresql")
    .map(({ name }) => [
      name,
      median(row, name, ({ count, enqueue }) => enqueue.walBytes / count).toFixed(0),
      median(row, name, ({ count, drain }) => drain.walBytes / count).toFixed(0),
      median(row, name, walPerRun).toFixed(0),
      text(ratioTo(row, name, walPerRun)),
    ]);
  return [
    ...sectionHead(row, {
      title: "Drain, and enqueue in batches",
      what: `${drainCount} jobs, added in batches of ${batchSize}, then run by one process.`,
    }),
    "Drain:",
    "",
    ...rateTable(row, read("drain")),
    "",
    "Enqueue:",
    "",
    ...rateTable(row, read("enqueue")),
    "",
    "Write-ahead log, bytes for each job:",
    "",
    ...table(["system", "enqueue", "drain", "both", "ratio"], bytes),
  ];
}

function singleSection(row: RowRecord<Measured["single"]>): string[] {
  return [
    ...sectionHead(row, {
      title: "Enqueue one by one",
      what:
        `${row.amount.singleCount} jobs over ${singleConnections} connections, each adding its ` +
        "next when the last is acknowledged.",
    }),
    ...rateTable(row, ({ enqueue }) => enqueue),
  ];
}

/** Rates and processor time by system. */
function rateTable<T extends { readonly count: number }>(
  row: RowRecord<T>,
  read: (item: T) => Timed,
): string[] {
  const rate = (item: T): number => rateOf(item.count, read(item)) / 1000;
  const cells = row.systems.map(({ name }) => {
    const per = (field: "serverMs" | "clientMs"): string =>
      median(row, name, (item) => (read(item)[field] * 1000) / item.count).toFixed(0);
    return [
      name,
      spread(summarise(seriesOf(row, name, rate)), 1),
      text(ratioTo(row, name, rate)),
      per("serverMs"),
      per("clientMs"),
    ];
  });
  return table(["system", "k/s", "ratio", "server CPU µs", "client CPU µs"], cells);
}

function latencySection(row: RowRecord<Measured["latency"]>): string[] {
  const cells = row.systems.map(({ name }) => [
    name,
    spread(summarise(seriesOf(row, name, ({ p50Ms }) => p50Ms)), 2),
    text(ratioTo(row, name, ({ p50Ms }) => p50Ms)),
    spread(summarise(seriesOf(row, name, ({ p99Ms }) => p99Ms)), 2),
    text(ratioTo(row, name, ({ p99Ms }) => p99Ms)),
  ]);
  return [
    ...sectionHead(row, {
      title: "Small load",
      what:
        `${row.amount.latencyCount} jobs ${latencyGapMs} ms apart; milliseconds from adding one ` +
        "to the start of its handler.",
    }),
    ...table(["system", "p50 ms", "ratio", "p99 ms", "ratio"], cells),
  ];
}

function recurringSection(row: RowRecord<Measured["recurring"]>): string[] {
  const read = (phase: "oneShot" | "recurring") => (item: Measured["recurring"]) => item[phase];
  return [
    ...sectionHead(row, {
      title: "Recurring",
      what:
        `${row.amount.recurringCount} adaptive tasks due at once, fired, run and rescheduled; ` +
        "as many runs without tasks.",
    }),
    ...variantsTable(row, [
      ["one-shot", read("oneShot")],
      ["recurring", read("recurring")],
    ]),
  ];
}

function typesSection(row: RowRecord<Measured["types"]>): string[] {
  return [
    ...sectionHead(row, {
      title: "Task types",
      what:
        `${row.amount.typesCount} jobs of one task type and of ${manyTypes}; limits are counted ` +
        "and do not bind.",
    }),
    ...variantsTable(row, [
      ["one", ({ one }) => one],
      ["one, with a limit", ({ oneLimited }) => oneLimited],
      [`${manyTypes}`, ({ many }) => many],
      [`${manyTypes}, with limits`, ({ manyLimited }) => manyLimited],
    ]),
  ];
}

/** Variants of our own work; ratios are rates over that of the first. */
function variantsTable<T extends { readonly count: number }>(
  row: RowRecord<T>,
  variants: readonly (readonly [string, (item: T) => Timed])[],
): string[] {
  const [first] = variants;
  const cells = Object.values(row.measured).flatMap((items) =>
    variants.map(([name, read]) => {
      const per = (field: "serverMs" | "clientMs"): string =>
        summarise(items.map((item) => (read(item)[field] * 1000) / item.count)).median.toFixed(0);
      const ratios = items.map((item) => (first?.[1](item).wallMs ?? 0) / read(item).wallMs);
      return [
        name,
        spread(summarise(items.map((item) => rateOf(item.count, read(item)) / 1000)), 1),
        spread(summarise(ratios), 2),
        per("serverMs"),
        per("clientMs"),
      ];
    }),
  );
  const head = ["", "k/s", `rate over ${first?.[0] ?? ""}`, "server CPU µs", "client CPU µs"];
  return table(head, cells);
}

function pinnedSection(row: RowRecord<Measured["pinned"]>): string[] {
  const all = ({ count, drains }: Measured["pinned"]): number =>
    (count * drains.length) / drains.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const serverOf = ({ drains }: Measured["pinned"]): number => {
    const total = (some: typeof drains): number =>
      some.reduce((sum, each) => sum + each.serverMs, 0);
    return total(drains.slice(0, 3)) / total(drains.slice(-3));
  };
  const cells = row.systems.map(({ name }) => [
    name,
    spread(summarise(seriesOf(row, name, lastOverFirst)), 2),
    spread(summarise(seriesOf(row, name, serverOf)), 2),
    spread(summarise(seriesOf(row, name, all)), 1),
  ]);
  const { pinnedRounds, pinnedCount } = row.amount;
  const head = ["system", "rate, last 3 / first 3", "per server CPU, last 3 / first 3", "k/s, all"];
  return [
    ...sectionHead(row, {
      title: "Pinned snapshot",
      what:
        `${pinnedRounds} times ${pinnedCount} jobs added and drained, while a transaction keeps ` +
        "an old snapshot.",
    }),
    ...table(head, cells),
  ];
}

function backlogSection(row: RowRecord<Measured["backlog"]>): string[] {
  const rate = ({ count, ofBacklog }: Measured["backlog"]): number =>
    rateOf(count, ofBacklog) / 1000;
  const keeps = ({ alone, ofBacklog }: Measured["backlog"]): number =>
    alone.wallMs / ofBacklog.wallMs;
  const cells = row.systems.map(({ name }) => [
    name,
    spread(summarise(seriesOf(row, name, keeps)), 2),
    spread(summarise(seriesOf(row, name, rate)), 1),
    text(ratioTo(row, name, rate)),
  ]);
  const { backlogCount, backlogDrainCount } = row.amount;
  return [
    ...sectionHead(row, {
      title: "Backlog",
      what:
        `The first ${backlogDrainCount} of ${backlogCount} queued jobs, and ` +
        `${backlogDrainCount} that are alone.`,
    }),
    ...table(["system", "rate over alone", "k/s of the backlog", "ratio"], cells),
  ];
}

function median<T>(row: RowRecord<T>, system: string, read: (item: T) => number): number {
  return summarise(seriesOf(row, system, read)).median;
}

function text(summary: Summary | undefined): string {
  return summary === undefined ? "" : spread(summary, 2);
}
