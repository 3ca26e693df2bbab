/** The installation as a whole, for people; shared by `status`, `pause` and `resume`. */

import type { RunCountRecord, SystemRecord, WorkerRecord } from "../api/records.ts";
import { describeDuration } from "./duration.ts";
import { pausedCell, timeText } from "./presentation.ts";
import type { Screen } from "./screen.ts";
import type { Table } from "./terminal/table.ts";

/** Shows the record, or as much of it as people want to know. */
export function showSystem(screen: Screen, system: SystemRecord): void {
  screen.show(system, () => {
    const { database } = system;
    screen.fields([
      ["version", system.version],
      ["state", pausedCell(system.pausedAt)],
      ["next fire", timeText(system.nextFireAt)],
      ["task types", String(system.taskTypeCount)],
      [
        "database",
        `PostgreSQL ${database.serverVersion}, ${database.database}, schema ${database.schema},` +
          ` migration ${database.migration}, ${sizeText(database.sizeBytes)}`,
      ],
      ["its time", timeText(system.now)],
    ]);
    screen.line("");
    if (system.workers.length > 0) screen.table(workerTable(system.workers));
    else screen.note("no workers: nothing will run until `orrery serve` or `orrery worker` does");
    if (system.counts.length === 0) return;
    screen.line("");
    screen.table(countTable(system.counts));
  });
}

const mebibyte = 1_048_576;

function sizeText(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}

function workerTable(workers: readonly WorkerRecord[]): Table {
  return {
    columns: [
      { title: "WORKER", align: "right" },
      { title: "HOST", flexible: true },
      { title: "PID", align: "right" },
      { title: "STATE" },
      { title: "SLOTS", align: "right" },
      { title: "HEARTBEAT" },
    ],
    rows: workers.map((worker) => [
      String(worker.id),
      worker.host,
      String(worker.pid),
      { text: worker.state, style: worker.state === "live" ? "good" : "warning" },
      `${worker.runningCount}/${worker.slotCount}`,
      timeText(worker.heartbeatAt),
    ]),
  };
}

function countTable(counts: readonly RunCountRecord[]): Table {
  return {
    columns: [
      { title: "TYPE", flexible: true },
      { title: "STATE" },
      { title: "RUNS", align: "right" },
      { title: "WAITING", align: "right" },
    ],
    rows: counts.map((count) => [
      count.type,
      count.state,
      String(count.count),
      count.lagMs > 0 ? describeDuration(count.lagMs) : "",
    ]),
  };
}
