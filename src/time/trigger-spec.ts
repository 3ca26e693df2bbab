/**
 * The stored form of triggers: plain JSON, canonical, read back by `triggerFromSpec`. Instants
 * are RFC 3339 text in UTC with six digits, durations milliseconds. They are type aliases, not
 * interfaces, so that they pass as JSON objects.
 */

/**
 * What happens when a zone's clock is set:
 * - `match`: a time fires whenever the local clock shows it: never in a gap, twice in an overlap;
 * - `daemon`: as the classic cron daemon: a fixed time that falls into a gap runs once at the
 *   gap's end and in an overlap only in the first pass; a job with `*` in its minute or hour field
 *   follows the clock. A change of more than three hours counts as a correction: `match`;
 * - `once`: skipped in a gap, only the first pass of an overlap.
 */
export type ClockChangePolicy = "match" | "daemon" | "once";

/** All policies, in the order in which they are documented. */
export const clockChangePolicies: readonly ClockChangePolicy[] = ["match", "daemon", "once"];

/** Limits and spread that every repeating trigger may have. */
export type TriggerWindow = {
  /** Nothing fires before this instant; inclusive. */
  readonly startAt?: string;
  /** Nothing fires after this instant; inclusive. */
  readonly endAt?: string;
  /**
   * Each fire is late by a random part of this, at most a day. It never reaches the next fire and
   * never passes `endAt`, so order is kept and no fire is lost.
   */
  readonly jitterMs?: number;
  /** Whole number; the same seed gives the same delays. Absent means 0. */
  readonly jitterSeed?: number;
};

/** The eight fields of the `aps` dialect, most significant first. */
export type ApsFieldName =
  | "year"
  | "month"
  | "day"
  | "week"
  | "day_of_week"
  | "hour"
  | "minute"
  | "second";

/**
 * The fields that were given, as text. A missing field more significant than the least
 * significant given one is `*`; a less significant one is its minimum (`*` for week and
 * day_of_week). No field at all means every second.
 */
export type ApsCronFields = { readonly [Name in ApsFieldName]?: string };

/** Cron by named fields: 0 is Monday, day AND weekday. */
export type ApsCronSpec = TriggerWindow & {
  readonly kind: "cron";
  readonly dialect: "aps";
  readonly fields: ApsCronFields;
  /** An IANA zone name. */
  readonly zone: string;
  readonly clockChange: ClockChangePolicy;
};

/** A crontab line: 0 and 7 are Sunday, day OR weekday unless one of the two starts with `*`. */
export type VixieCronSpec = TriggerWindow & {
  readonly kind: "cron";
  readonly dialect: "vixie";
  /** Five fields, six with `seconds`, or a nickname such as `@daily`. */
  readonly expression: string;
  /** Where the sixth field, the seconds, stands; absent means five fields. */
  readonly seconds?: "first" | "last";
  readonly zone: string;
  readonly clockChange: ClockChangePolicy;
};

/** Every so many milliseconds of elapsed time. */
export type IntervalSpec = TriggerWindow & {
  readonly kind: "interval";
  /** At least 1 ms. */
  readonly everyMs: number;
  /** The first fire; absent means that the phase follows the previous fire or the question. */
  readonly anchorAt?: string;
};

/** Once. */
export type DateSpec = {
  readonly kind: "date";
  readonly at: string;
};

/** Every so many calendar units at a local time of day. */
export type CalendarSpec = TriggerWindow & {
  readonly kind: "calendar";
  /** A whole number, at least 1. */
  readonly every: number;
  readonly unit: CalendarUnit;
  /** The first date, `YYYY-MM-DD`; a month that lacks its day is passed over. */
  readonly startDate: string;
  /** `HH:MM:SS`. */
  readonly timeOfDay: string;
  readonly zone: string;
  readonly clockChange: ClockChangePolicy;
};

/** What a calendar trigger counts. */
export type CalendarUnit = "day" | "week" | "month" | "year";

/** All calendar units, the smallest first. */
export const calendarUnits: readonly CalendarUnit[] = ["day", "week", "month", "year"];

/** The instants common to all members, or those of any member. */
export type CombinedSpec = TriggerWindow & {
  readonly kind: "and" | "or";
  /** One to 32 members; combinations may hold combinations, eight levels deep. */
  readonly triggers: readonly TriggerSpec[];
};

/** Cron in one of the two dialects; the dialect is always named. */
export type CronSpec = ApsCronSpec | VixieCronSpec;

/** The stored form of any trigger. */
export type TriggerSpec = CronSpec | IntervalSpec | DateSpec | CalendarSpec | CombinedSpec;
