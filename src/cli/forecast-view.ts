/** A forecast for people: the sums, the types, the hours, and the first runs. */

import type { ForecastHourRecord, ForecastRecord, ForecastTypeRecord } from "../api/records.ts";
import { describeDuration } from "./duration.ts";
import { pausedCell, timeText } from "./presentation.ts";
import type { Screen } from "./screen.ts";
import type { Table } from "./terminal/table.ts";

const hourMs = 3_600_000;
/** More hours than this are shown as days. */
const hourRowsMax = 48;

/** Shows the record, or as much of it as people want to know. */
export function showForecast(screen: Screen, forecast: ForecastRecord): void {
  screen.show(forecast, () => {
    const { count, busyMs, complete, unreadableCount } = forecast;
    screen.fields([
      ["from", timeText(forecast.from)],
      ["to", timeText(forecast.to)],
      ["runs", complete ? String(count) : `more than ${count}`],
      ["work", busyMs === 0 ? "-" : describeDuration(busyMs)],
      ...(forecast.pausedAt === null ? [] : [["state", pausedCell(forecast.pausedAt)] as const]),
    ]);
    if (!complete) screen.note("there is more than one forecast looks at: the counts are too low");
    if (unreadableCount > 0) {
      screen.note(`left out: ${unreadableCount} trigger(s) that this release cannot read`);
    }
    if (count === 0) return;
    screen.line("");
    screen.table(typeTable(forecast.types));
    screen.line("");
    screen.table(loadTable(forecast.hours));
    screen.line("");
    screen.table(occurrenceTable(forecast));
    if (forecast.truncated) screen.note("these are the first ones: --limit lists more");
  });
}

function typeTable(types: readonly ForecastTypeRecord[]): Table {
  return {
    columns: [
      { title: "TYPE", flexible: true },
      { title: "RUNS", align: "right" },
      { title: "EACH", align: "right" },
      { title: "WORK", align: "right" },
      { title: "STATE" },
    ],
    rows: types.map(({ type, count, durationMs, busyMs, pausedAt }) => [
      type,
      String(count),
      durationMs === null ? "-" : describeDuration(durationMs),
      durationMs === null ? "-" : describeDuration(busyMs),
      pausedCell(pausedAt),
    ]),
  };
}

/** How busy each hour is, or each day of UTC where there are many hours. */
function loadTable(hours: readonly ForecastHourRecord[]): Table {
  const byDay = hours.length > hourRowsMax;
  const rows = Map.groupBy(hours, ({ at }) => (byDay ? at.slice(0, 10) : timeText(at)));
  return {
    columns: [
      { title: byDay ? "DAY" : "HOUR" },
      { title: "RUNS", align: "right" },
      { title: "WORK", align: "right" },
      { title: "SLOTS", align: "right" },
    ],
    rows: Array.from(rows, ([name, group]) => {
      const count = group.reduce((sum, hour) => sum + hour.count, 0);
      const busyMs = group.reduce((sum, hour) => sum + hour.busyMs, 0);
      const slots = busyMs / (group.length * hourMs);
      return [
        name,
        count === 0 ? "" : String(count),
        busyMs === 0 ? "" : describeDuration(busyMs),
        // How many slots that keeps busy on average.
        busyMs === 0 ? "" : slots.toFixed(2),
      ];
    }),
  };
}

function occurrenceTable({ occurrences }: ForecastRecord): Table {
  return {
    columns: [
      { title: "AT" },
      { title: "TYPE", flexible: true },
      { title: "TASK", align: "right" },
      { title: "BECAUSE OF" },
    ],
    rows: occurrences.map(({ at, type, taskId, triggerId, runId, source }) => [
      timeText(at),
      type,
      taskId === null ? "" : String(taskId),
      runId === null ? `${source} trigger ${triggerId ?? ""}` : `queued run ${runId}`,
    ]),
  };
}
