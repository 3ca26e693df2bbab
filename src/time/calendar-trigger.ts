/** Reads the stored form of a calendar trigger. */

import { BuiltTrigger } from "./built-trigger.ts";
import { dayOfDate, daysInMonth, monthNumberOf } from "./calendar-date.ts";
import { CalendarSeries } from "./calendar-series.ts";
import { defaultZone } from "./cron-trigger.ts";
import {
  readChoice,
  readNumber,
  readText,
  readWindow,
  refuseMissing,
  refuseUnknownFields,
  requireText,
  type SpecRecord,
  windowFields,
  windowSpec,
} from "./spec-reader.ts";
import { triggerError } from "./trigger-error.ts";
import {
  calendarUnits,
  type CalendarSpec,
  type ClockChangePolicy,
  clockChangePolicies,
} from "./trigger-spec.ts";
import { formatTimeOfDay } from "./local-time.ts";
import { zoneTable } from "./zone-table.ts";

/** The policy of a calendar trigger that names none: skipped in a gap, once in an overlap. */
const defaultCalendarClockChange: ClockChangePolicy = "once";

/** The largest count of units; at 10,000 years a second period never comes. */
const everyMax = 3_660_000;

/**
 * A calendar trigger from its stored form; `timeOfDay` may be left out for midnight.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function readCalendarTrigger(record: SpecRecord): BuiltTrigger {
  refuseUnknownFields(record, [
    "kind",
    "every",
    "unit",
    "startDate",
    "timeOfDay",
    "zone",
    "clockChange",
    ...windowFields,
  ]);
  const zone = zoneTable(readText(record, "zone") ?? defaultZone);
  const window = readWindow(record, zone);
  const every =
    readNumber(record, "every", { min: 1, max: everyMax, whole: true }) ?? refuseMissing("every");
  const unit = readChoice(record, "unit", calendarUnits) ?? refuseMissing("unit");
  const clockChange =
    readChoice(record, "clockChange", clockChangePolicies) ?? defaultCalendarClockChange;
  const startDate = requireText(record, "startDate");
  const time = parseTimeOfDay(readText(record, "timeOfDay") ?? "00:00:00");
  const startDay = parseDate(startDate);
  const spec: CalendarSpec = {
    kind: "calendar",
    every,
    unit,
    startDate,
    timeOfDay: formatTimeOfDay(time),
    zone: zone.name,
    clockChange,
    ...windowSpec(window),
  };
  return new BuiltTrigger({
    spec,
    core: new CalendarSeries({ every, unit, startDay, time, zone, clockChange }),
    window,
    describe: () => describeCalendar(spec),
  });
}

function describeCalendar(spec: CalendarSpec): string {
  const period = spec.every === 1 ? spec.unit : `${spec.every} ${spec.unit}s`;
  const time = spec.timeOfDay.endsWith(":00") ? spec.timeOfDay.slice(0, 5) : spec.timeOfDay;
  return `every ${period} at ${time}, from ${spec.startDate}, in ${spec.zone}`;
}

const dateForm = /^(\d{4})-(\d\d)-(\d\d)$/;

function parseDate(text: string): number {
  const match = dateForm.exec(text);
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  const exists =
    match !== null &&
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day <= daysInMonth(monthNumberOf({ year, month }));
  if (exists && day >= 1) return dayOfDate({ year, month, day });
  throw triggerError({
    field: "startDate",
    expression: text,
    reasonCode: "not_a_time",
    reason: "must be a date such as 2027-03-14",
  });
}

const timeForm = /^(\d\d):(\d\d)(?::(\d\d))?$/;

function parseTimeOfDay(text: string): number {
  const match = timeForm.exec(text);
  const [hour, minute, second] = [match?.[1], match?.[2], match?.[3] ?? 0].map(Number);
  const exists = (hour ?? 24) < 24 && (minute ?? 60) < 60 && (second ?? 60) < 60;
  if (match !== null && exists) return (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
  throw triggerError({
    field: "timeOfDay",
    expression: text,
    reasonCode: "not_a_time",
    reason: "must be a time of day such as 02:30 or 02:30:00",
  });
}
