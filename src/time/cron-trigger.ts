/** Reads the stored form of cron in either dialect; the dialect is named, never guessed. */

import { BuiltTrigger } from "./built-trigger.ts";
import { apsFieldNames, compileApsFields } from "./cron-aps.ts";
import { CronSeries } from "./cron-series.ts";
import { compileVixie } from "./cron-vixie.ts";
import { describeAps, describeVixie } from "./describe-cron.ts";
import {
  readChoice,
  readRecord,
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
  type ApsCronFields,
  type ApsFieldName,
  type ClockChangePolicy,
  clockChangePolicies,
} from "./trigger-spec.ts";
import type { FireWindow } from "./window.ts";
import { zoneTable, type ZoneTable } from "./zone-table.ts";

/** The zone of a trigger that names none. */
export const defaultZone = "UTC";
/** The policy of cron that names none. */
const defaultCronClockChange: ClockChangePolicy = "match";

const dialects = ["aps", "vixie"] as const;
const secondsPlaces = ["first", "last"] as const;
const sharedFields: readonly string[] = ["kind", "dialect", "zone", "clockChange", ...windowFields];

/** What both dialects read alike. */
interface CronSetting {
  readonly zone: ZoneTable;
  readonly clockChange: ClockChangePolicy;
  readonly window: FireWindow;
}

/**
 * A cron trigger from its stored form. In the `aps` dialect `expression`, a line of five fields,
 * may stand in place of `fields`.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function readCronTrigger(record: SpecRecord): BuiltTrigger {
  const dialect =
    readChoice(record, "dialect", dialects) ??
    refuseMissing("dialect", { reason: "must be aps or vixie: the dialect is never guessed" });
  const zone = zoneTable(readText(record, "zone") ?? defaultZone);
  const setting: CronSetting = {
    zone,
    clockChange: readChoice(record, "clockChange", clockChangePolicies) ?? defaultCronClockChange,
    window: readWindow(record, zone),
  };
  return dialect === "aps" ? readAps(record, setting) : readVixie(record, setting);
}

function readAps(record: SpecRecord, setting: CronSetting): BuiltTrigger {
  refuseUnknownFields(record, [...sharedFields, "fields", "expression"]);
  const line = readText(record, "expression");
  if (line !== undefined && record["fields"] !== undefined) {
    throw triggerError({
      field: "expression",
      expression: line,
      reasonCode: "unknown_field",
      reason: "must not stand beside fields",
    });
  }
  const fields = line === undefined ? readApsFields(record["fields"]) : apsFieldsOfLine(line);
  const { zone, clockChange, window } = setting;
  return new BuiltTrigger({
    spec: {
      kind: "cron",
      dialect: "aps",
      fields,
      zone: zone.name,
      clockChange,
      ...windowSpec(window),
    },
    core: new CronSeries(compileApsFields(fields), zone, clockChange),
    window,
    describe: () => describeAps(fields, zone.name),
  });
}

/** Null and absent fields count as not given; whole numbers are taken as their text. */
function readApsFields(input: unknown): ApsCronFields {
  if (input === undefined) refuseMissing("fields");
  const record = readRecord(input, "fields");
  refuseUnknownFields(record, apsFieldNames);
  const fields: { [Name in ApsFieldName]?: string } = {};
  for (const name of apsFieldNames) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    if (typeof value === "string") fields[name] = canonicalList(value);
    else if (typeof value === "number") fields[name] = String(value);
    else throw triggerError({ field: name, expression: value, reasonCode: "wrong_type" });
  }
  return fields;
}

/** Blanks around commas and letters' case mean nothing. */
function canonicalList(text: string): string {
  return text
    .split(",")
    .map((part) => part.trim().replaceAll(/\s+/g, " ").toLowerCase())
    .join(",");
}

/**
 * The fields of a line of five, which keeps the rules of this dialect: 0 is Monday, and day and
 * weekday must both match.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, reason code `field_count`
 */
function apsFieldsOfLine(line: string): ApsCronFields {
  const parts = line.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = parts;
  const complete = parts.length === 5 && minute !== "";
  if (!complete || hour === undefined || day === undefined || month === undefined) {
    throw triggerError({
      field: "fields",
      expression: line,
      reasonCode: "field_count",
      reason: `must have 5 fields, it has ${minute === "" ? 0 : parts.length}`,
    });
  }
  return readApsFields({ minute, hour, day, month, day_of_week: weekday });
}

function readVixie(record: SpecRecord, setting: CronSetting): BuiltTrigger {
  refuseUnknownFields(record, [...sharedFields, "expression", "seconds"]);
  const expression = requireText(record, "expression").trim().replaceAll(/\s+/g, " ");
  const seconds = readChoice(record, "seconds", secondsPlaces);
  const { zone, clockChange, window } = setting;
  return new BuiltTrigger({
    spec: {
      kind: "cron",
      dialect: "vixie",
      expression,
      ...(seconds === undefined ? {} : { seconds }),
      zone: zone.name,
      clockChange,
      ...windowSpec(window),
    },
    core: new CronSeries(compileVixie({ expression, seconds }), zone, clockChange),
    window,
    describe: () => describeVixie({ expression, seconds }, zone.name),
  });
}
