/** Triggers and what became of their fire times, as rows and fields for people. */

import type { OccurrenceRecord, TriggerRecord } from "../api/records.ts";
import { assertNever } from "../kernel/assert.ts";
import type { OccurrenceVerdict } from "../model/firing.ts";
import { describeDuration } from "./duration.ts";
import { type Field, firingText, pausedCell, ruleText, timeText } from "./presentation.ts";
import type { Style } from "./terminal/styling.ts";
import type { Table } from "./terminal/table.ts";

/** The triggers of a task as a table. */
export function triggerTable(triggers: readonly TriggerRecord[]): Table {
  return {
    columns: [
      { title: "ID", align: "right" },
      { title: "RULE", flexible: true },
      { title: "NEXT" },
      { title: "LAST" },
      { title: "STATE" },
      { title: "FIRING", flexible: true },
    ],
    rows: triggers.map((trigger) => [
      String(trigger.id),
      ruleText(trigger),
      timeText(trigger.nextFireAt),
      timeText(trigger.previousFireAt),
      pausedCell(trigger.pausedAt),
      firingText(trigger),
    ]),
  };
}

/** One trigger in full. */
export function triggerFields(trigger: TriggerRecord): readonly Field[] {
  const { misfireGraceMs, maxInstances } = trigger;
  return [
    ["id", String(trigger.id)],
    ["task", String(trigger.taskId)],
    ["rule", ruleText(trigger)],
    ["state", pausedCell(trigger.pausedAt)],
    ["next", timeText(trigger.nextFireAt)],
    ["last", timeText(trigger.previousFireAt)],
    ["misfire grace", misfireGraceMs === null ? "no bound" : describeDuration(misfireGraceMs)],
    ["coalesce", trigger.coalesce],
    ["overlap", `${trigger.overlap} beyond ${maxInstances} instance(s)`],
  ];
}

/** What was decided of fire times, as a table. */
export function occurrenceTable(occurrences: readonly OccurrenceRecord[]): Table {
  return {
    columns: [
      { title: "FIRE TIME" },
      { title: "VERDICT" },
      { title: "RUN", align: "right" },
      { title: "DECIDED" },
      { title: "REASON", flexible: true },
    ],
    rows: occurrences.map(({ fireAt, verdict, runId, decidedAt, reason }) => [
      timeText(fireAt),
      { text: verdict, style: verdictStyle(verdict) },
      runId === null ? "" : String(runId),
      timeText(decidedAt),
      reason ?? "",
    ]),
  };
}

function verdictStyle(verdict: OccurrenceVerdict): Style {
  switch (verdict) {
    case "fired":
      return "good";
    case "coalesced":
      return "dim";
    case "missed":
    case "skipped":
      return "warning";
    default:
      return assertNever(verdict);
  }
}
