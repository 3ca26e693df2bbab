/**
 * `orrery/time`: triggers as plain values. A trigger answers `next`, `previous`, `between` and
 * `describe`, and its `spec` is what a task stores. Pure, without a scheduler and browser-safe.
 */

import { formatInstant, type Instant } from "../kernel/instant.ts";
import type { Trigger } from "../time/firing.ts";
import { intervalMsOf, type IntervalUnits } from "../time/interval-trigger.ts";
import { triggerError } from "../time/trigger-error.ts";
import type {
  ApsFieldName,
  CalendarUnit,
  ClockChangePolicy,
  CronSpec,
  TriggerSpec,
} from "../time/trigger-spec.ts";
import { triggerFromSpec } from "../time/trigger.ts";

export { InvalidInputError } from "../kernel/errors.ts";
export {
  addMillis,
  formatInstant,
  type Instant,
  instantFromMillis,
  millisOf,
  parseInstant,
} from "../kernel/instant.ts";
export { type ClockChange, clockChangesOf } from "../time/clock-changes.ts";
export { firstFire } from "../time/first-fire.ts";
export type { Occurrence, OccurrenceNote, Trigger } from "../time/firing.ts";
export type { IntervalUnits } from "../time/interval-trigger.ts";
export type { TriggerRefusal } from "../time/trigger-error.ts";
export type {
  ApsCronFields,
  ApsCronSpec,
  ApsFieldName,
  CalendarSpec,
  CalendarUnit,
  ClockChangePolicy,
  CombinedSpec,
  CronSpec,
  DateSpec,
  IntervalSpec,
  TriggerSpec,
  VixieCronSpec,
} from "../time/trigger-spec.ts";
export { triggerFromSpec } from "../time/trigger.ts";
export { nearestZoneNames } from "../time/zone-names.ts";

/**
 * A point in time: an instant, a `Date`, or ISO 8601 text. Text without an offset is local to the
 * trigger's zone: the earlier instant where it happens twice, moved forward by the gap's length
 * where it does not exist.
 */
export type TimePoint = Instant | Date | string;

/** Limits and spread that every repeating trigger takes. */
export interface WindowOptions {
  /** Nothing fires before; inclusive. @defaultValue none */
  readonly startAt?: TimePoint;
  /** Nothing fires after; inclusive. @defaultValue none */
  readonly endAt?: TimePoint;
  /**
   * Milliseconds, 0 to a day, by a random part of which each fire is late; it never reaches the
   * next fire. @defaultValue 0
   */
  readonly jitterMs?: number;
  /** Whole number; give each task its own, or equal tasks are late together. @defaultValue 0 */
  readonly jitterSeed?: number;
}

/** What cron in either dialect takes. */
export interface CronOptions extends WindowOptions {
  /** An IANA time zone. @defaultValue `UTC` */
  readonly zone?: string;
  /** What happens when the zone's clock is set. @defaultValue `match` */
  readonly clockChange?: ClockChangePolicy;
}

/** Cron by named fields: 0 is Monday, day AND weekday. */
export interface ApsCronOptions extends CronOptions {
  readonly dialect: "aps";
  /** Missing and null fields follow the default rule: `{ hour: 3 }` is daily at 03:00:00. */
  readonly fields: { readonly [Name in ApsFieldName]?: string | number | null };
}

/** A line of crontab; in the `aps` dialect five fields that keep that dialect's rules. */
export interface CrontabOptions extends CronOptions {
  readonly dialect: "aps" | "vixie";
  readonly expression: string;
  /** Where the seconds stand in a `vixie` line of six fields. @defaultValue five fields */
  readonly seconds?: "first" | "last";
}

/**
 * A trigger by cron.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 * @example
 * ```ts
 * const nightly = cronTrigger({
 *   dialect: "vixie",
 *   expression: "30 2 * * *",
 *   zone: "Europe/Paris",
 *   clockChange: "daemon",
 * });
 * nightly.describe(); // at 02:30, in Europe/Paris
 * ```
 */
export function cronTrigger(options: ApsCronOptions | CrontabOptions): Trigger {
  return triggerFromSpec({ ...options, ...windowTexts(options), kind: "cron" });
}

/**
 * Reads a line of crontab into the stored form of a trigger, validated and canonical.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function parseCrontab(
  expression: string,
  options: Omit<CrontabOptions, "expression">,
): CronSpec {
  const { spec } = cronTrigger({ ...options, expression });
  if (spec.kind === "cron") return spec;
  throw triggerError({ field: "kind", expression: spec.kind, reasonCode: "unknown_kind" });
}

/** Every so much elapsed time: milliseconds, or units that add up. */
export interface IntervalOptions extends WindowOptions, IntervalUnits {
  /** At least 1; in place of units. */
  readonly everyMs?: number;
  /** The first fire. @defaultValue the phase follows the previous fire */
  readonly anchorAt?: TimePoint;
}

/**
 * A trigger by elapsed time: a day is 24 hours, whatever clocks do.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`
 */
export function intervalTrigger(options: IntervalOptions): Trigger {
  const { weeks, days, hours, minutes, seconds, everyMs, anchorAt, ...rest } = options;
  const given = { weeks, days, hours, minutes, seconds };
  const units: IntervalUnits = Object.fromEntries(
    Object.entries(given).filter(([, count]) => count !== undefined),
  );
  return triggerFromSpec({
    ...rest,
    ...windowTexts(options),
    kind: "interval",
    everyMs: everyMs ?? intervalMsOf(units),
    ...(anchorAt === undefined ? {} : { anchorAt: textOf(anchorAt) }),
  });
}

/** Once. */
export interface DateOptions {
  readonly at: TimePoint;
  /** The zone of a text without an offset. @defaultValue `UTC` */
  readonly zone?: string;
}

/**
 * A trigger that fires once.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function dateTrigger(options: DateOptions): Trigger {
  return triggerFromSpec({ ...options, kind: "date", at: textOf(options.at) });
}

/** Every so many calendar units at a local time of day. */
export interface CalendarIntervalOptions extends WindowOptions {
  /** Whole number. @defaultValue 1 */
  readonly every?: number;
  readonly unit: CalendarUnit;
  /** The first date, `YYYY-MM-DD`; a month that lacks its day is passed over. */
  readonly startDate: string;
  /** `HH:MM` or `HH:MM:SS`. @defaultValue midnight */
  readonly timeOfDay?: string;
  /** An IANA time zone. @defaultValue `UTC` */
  readonly zone?: string;
  /** @defaultValue `once` */
  readonly clockChange?: ClockChangePolicy;
}

/**
 * A trigger by calendar periods, counted from its first date.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`, `ORR_INPUT_ZONE`
 */
export function calendarIntervalTrigger(options: CalendarIntervalOptions): Trigger {
  return triggerFromSpec({ every: 1, ...options, ...windowTexts(options), kind: "calendar" });
}

/**
 * Fires at the instants common to all members. A search ends without a result after 20,000
 * disagreements in a row, so members that never agree are no endless loop.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`
 */
export function andTrigger(members: readonly Trigger[], options: WindowOptions = {}): Trigger {
  return combine("and", members, options);
}

/**
 * Fires whenever a member does, once at an instant common to several.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER`
 */
export function orTrigger(members: readonly Trigger[], options: WindowOptions = {}): Trigger {
  return combine("or", members, options);
}

function combine(kind: "and" | "or", members: readonly Trigger[], options: WindowOptions): Trigger {
  const triggers: readonly TriggerSpec[] = members.map(({ spec }) => spec);
  return triggerFromSpec({ ...options, ...windowTexts(options), kind, triggers });
}

function windowTexts(options: WindowOptions): { readonly [field: string]: string } {
  const { startAt, endAt } = options;
  return {
    ...(startAt === undefined ? {} : { startAt: textOf(startAt) }),
    ...(endAt === undefined ? {} : { endAt: textOf(endAt) }),
  };
}

/** Text for the reader; an invalid `Date` becomes a text that it refuses with the field's name. */
function textOf(point: TimePoint): string {
  if (typeof point === "string") return point;
  if (typeof point === "bigint") return formatInstant(point);
  return Number.isNaN(point.getTime()) ? "Invalid Date" : point.toISOString();
}
