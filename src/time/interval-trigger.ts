/** Reads the stored form of an interval, and turns units of time into its milliseconds. */

import { formatInstant } from "../kernel/instant.ts";
import { BuiltTrigger } from "./built-trigger.ts";
import { describeDuration } from "./describe-duration.ts";
import { IntervalSeries } from "./interval-series.ts";
import {
  readNumber,
  readTime,
  readWindow,
  refuseMissing,
  refuseUnknownFields,
  type SpecRecord,
  windowFields,
  windowSpec,
} from "./spec-reader.ts";
import { defaultZone } from "./cron-trigger.ts";
import type { IntervalSpec } from "./trigger-spec.ts";
import { zoneTable } from "./zone-table.ts";

/** The shortest interval. */
const everyMsMin = 1;
/** The longest one, some 3,000 years: 10^14 ms. */
const everyMsMax = 1e14;

/** Units that add up to an interval; fractions are allowed. */
export interface IntervalUnits {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
}

const unitMs = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
} as const;

/**
 * The milliseconds of an interval given in units. A sum of zero is one second, as in APScheduler;
 * a negative sum is answered as it is and refused by the trigger.
 */
export function intervalMsOf(units: IntervalUnits): number {
  let sum = 0;
  for (const unit of ["weeks", "days", "hours", "minutes", "seconds"] as const) {
    sum += (units[unit] ?? 0) * unitMs[unit];
  }
  return sum === 0 ? unitMs.seconds : sum;
}

/**
 * An interval trigger from its stored form. Times without an offset are UTC.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`
 */
export function readIntervalTrigger(record: SpecRecord): BuiltTrigger {
  refuseUnknownFields(record, ["kind", "everyMs", "anchorAt", ...windowFields]);
  const everyMs =
    readNumber(record, "everyMs", { min: everyMsMin, max: everyMsMax, whole: false }) ??
    refuseMissing("everyMs");
  const zone = zoneTable(defaultZone);
  const anchorAt = readTime(record, "anchorAt", zone);
  const window = readWindow(record, zone);
  const spec: IntervalSpec = {
    kind: "interval",
    everyMs,
    ...(anchorAt === undefined ? {} : { anchorAt: formatInstant(anchorAt) }),
    ...windowSpec(window),
  };
  return new BuiltTrigger({
    spec,
    core: new IntervalSeries(BigInt(Math.round(everyMs * 1000)), anchorAt),
    window,
    describe: () => `every ${describeDuration(everyMs)}`,
  });
}
