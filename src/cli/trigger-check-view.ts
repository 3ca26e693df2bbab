/** What was found out about a rule, for people. */

import { assertNever } from "../kernel/assert.ts";
import { dayOfDate, weekdayOfDay } from "../time/calendar-date.ts";
import { describeDuration } from "./duration.ts";
import type { Screen } from "./screen.ts";
import type { Cell, Table } from "./terminal/table.ts";
import type {
  CheckedClockChange,
  CheckedOccurrence,
  OtherDialect,
  TriggerCheck,
} from "./trigger-check.ts";
import { timeText } from "./presentation.ts";

/** Shows the record, or says it in words. */
export function showTriggerCheck(screen: Screen, check: TriggerCheck): void {
  screen.show(check, () => {
    screen.fields(ruleFields(check));
    screen.line("");
    if (check.occurrences.length === 0) screen.line("It never fires.");
    else screen.table(occurrenceTable(check.occurrences));
    if (check.clockChanges.length > 0) {
      screen.line("");
      screen.table(clockChangeTable(check.clockChanges));
    }
    if (check.otherDialect?.result === "different") {
      screen.line("");
      screen.line(`In the ${check.otherDialect.dialect} dialect:`);
      screen.table(occurrenceTable(check.otherDialect.occurrences));
    }
  });
}

function ruleFields(check: TriggerCheck): readonly (readonly [name: string, value: Cell])[] {
  const { spec, clockChanges, otherDialect } = check;
  const until = check.clockChangesTo.slice(0, 10);
  const zoned = spec.kind === "cron" || spec.kind === "calendar";
  return [
    ["rule", check.description],
    ...(spec.kind === "cron" ? [["dialect", spec.dialect] as const] : []),
    ["zone", check.zone],
    ...(zoned || clockChanges.length > 0
      ? [
          [
            "clock changes",
            (zoned ? `${spec.clockChange}; ` : "") +
              (clockChanges.length === 0
                ? `none touches it until ${until}`
                : `${clockChanges.length} until ${until}, see below`),
          ] as const,
        ]
      : []),
    ...(otherDialect === null
      ? []
      : [[`as ${otherDialect.dialect}`, otherCell(otherDialect)] as const]),
  ];
}

function otherCell(other: OtherDialect): Cell {
  switch (other.result) {
    case "same":
      return { text: "the same fire times", style: "good" };
    case "different":
      return { text: `different: ${other.description}`, style: "warning" };
    case "refused":
      return { text: `refused: ${other.field}: ${other.reason}`, style: "warning" };
    default:
      return assertNever(other);
  }
}

function occurrenceTable(occurrences: readonly CheckedOccurrence[]): Table {
  return {
    columns: [{ title: "LOCAL" }, { title: "UTC" }, { title: "CLOCK CHANGE", flexible: true }],
    rows: occurrences.map((each) => [
      `${weekdayOf(each.local)} ${localText(each.local)}`,
      timeText(each.at),
      { text: noteText(each), style: "warning" },
    ]),
  };
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** Numbers of weekdays are what dialects differ in most: the name shows which one was meant. */
function weekdayOf(local: string): string {
  const [year = 0, month = 0, day = 0] = local.slice(0, 10).split("-").map(Number);
  return weekdays[weekdayOfDay(dayOfDate({ year, month, day }))] ?? "";
}

/** `2027-03-14 03:00:00 -04:00`. */
function localText(local: string): string {
  const [, date, time, offset] = /^(\S{10})T([\d:.]+)(\S+)$/.exec(local) ?? [];
  return `${date ?? local} ${time ?? ""} ${offset ?? ""}`.trim();
}

function noteText({ note, noteLocal }: CheckedOccurrence): string {
  const time = noteLocal?.replace("T", " ") ?? "";
  switch (note) {
    case "skipped":
      return `before it ${time} is skipped: it does not exist`;
    case "shifted":
      return `in place of ${time}, which does not exist`;
    case "repeated":
      return `${time} happens twice`;
    case null:
      return "";
    default:
      return assertNever(note);
  }
}

function clockChangeTable(changes: readonly CheckedClockChange[]): Table {
  return {
    columns: [
      { title: "CLOCK SET AT" },
      { title: "ZONE" },
      { title: "BY", align: "right" },
      { title: "WHAT THAT DOES", flexible: true },
    ],
    rows: changes.map((change) => [
      timeText(change.at),
      change.zone,
      (change.shiftMs < 0 ? "-" : "+") + describeDuration(Math.abs(change.shiftMs)),
      effectText(change),
    ]),
  };
}

/** What a change does, by its first occurrence; a frequent rule has many. */
function effectText({ occurrences }: CheckedClockChange): string {
  const [first] = occurrences;
  const time = first?.noteLocal?.slice(11) ?? "";
  if (first?.note === "skipped") return `${time} does not exist: skipped`;
  if (first?.note === "shifted") {
    return `${time} does not exist: runs at ${first.local.slice(11, 19)}`;
  }
  const times = new Set(occurrences.map(({ noteLocal }) => noteLocal));
  const passes = occurrences.length > times.size ? "in both passes" : "in the first pass only";
  if (times.size === 1) return `${time} happens twice: runs ${passes}`;
  return `${time} and ${times.size - 1} more happen twice: runs ${passes}`;
}
