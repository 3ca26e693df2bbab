/**
 * Cool-downs between visits of an origin: four rules that keep it from being chosen too soon.
 * Times are microseconds in UTC; "before" is always strict.
 */

import { type Instant, instantMax, instantMin } from "../kernel/instant.ts";
import { type Interval, intervalOf } from "../kernel/interval.ts";

/** How the last visit of an origin ended. */
export const visitStatuses = ["successful", "failed", "not_found"] as const;
/** One of them. */
export type VisitStatus = (typeof visitStatuses)[number];

/** How long an origin is left alone. Null or zero switches a rule off. */
export interface VisitCooldowns {
  /** Since it was last scheduled. */
  readonly absolute: Interval | null;
  /** Since then, unless it has been visited after. */
  readonly scheduled: Interval | null;
  /** Since its last visit, when that failed. */
  readonly failed: Interval | null;
  /** Since its last visit, when that found nothing there. */
  readonly notFound: Interval | null;
}

/** 12 hours, 7 days, 14 days, 31 days. */
export const defaultCooldowns: VisitCooldowns = {
  absolute: intervalOf({ hours: 12 }),
  scheduled: intervalOf({ days: 7 }),
  failed: intervalOf({ days: 14 }),
  notFound: intervalOf({ days: 31 }),
};

/**
 * The same rules at one time: the instants before which something must have happened. Null switches
 * a rule off.
 */
export interface CooldownLimits {
  readonly scheduledBefore: Instant | null;
  /** A visit after the scheduling does as well. */
  readonly unvisitedBefore: Instant | null;
  readonly failedBefore: Instant | null;
  readonly notFoundBefore: Instant | null;
}

/** The limits at `time`; those that no calendar holds are cut to the first or the last instant. */
export function cooldownLimits(cooldowns: VisitCooldowns, time: Instant): CooldownLimits {
  return {
    scheduledBefore: before(time, cooldowns.absolute),
    unvisitedBefore: before(time, cooldowns.scheduled),
    failedBefore: before(time, cooldowns.failed),
    notFoundBefore: before(time, cooldowns.notFound),
  };
}

function before(time: Instant, cooldown: Interval | null): Instant | null {
  if (isOff(cooldown)) return null;
  const limit = time - cooldown;
  if (limit < instantMin) return instantMin;
  return limit > instantMax ? instantMax : (limit as Instant);
}

function isOff(cooldown: Interval | null): cooldown is null {
  return cooldown === null || cooldown === 0n;
}

/** Whether rules hold back at least what the default ones do. */
export function coversDefaults(cooldowns: VisitCooldowns): boolean {
  const { absolute, scheduled, failed, notFound } = defaultCooldowns;
  return (
    covers({ cooldown: cooldowns.absolute, standard: absolute }) &&
    covers({ cooldown: cooldowns.scheduled, standard: scheduled }) &&
    covers({ cooldown: cooldowns.failed, standard: failed }) &&
    covers({ cooldown: cooldowns.notFound, standard: notFound })
  );
}

function covers({
  cooldown,
  standard,
}: {
  readonly cooldown: Interval | null;
  readonly standard: Interval | null;
}): boolean {
  return cooldown !== null && standard !== null && cooldown >= standard;
}
