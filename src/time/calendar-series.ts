/**
 * Every so many days, weeks, months or years at a local time of day. Periods are counted from the
 * first date, never from the last fire, so nothing drifts; a month without the day is passed over.
 */

import type { Instant } from "../kernel/instant.ts";
import {
  dateOfDay,
  dayOfDate,
  daysInMonth,
  daySeconds,
  firstDayOfMonth,
  monthNumberOf,
} from "./calendar-date.ts";
import type { FireSeries, Occurrence } from "./firing.ts";
import { firesOfLocal, type LocalFires } from "./local-fires.ts";
import { formatLocal, isHoldableSecond } from "./local-time.ts";
import { ceilSecondsOf, floorSecondsOf, instantOfSeconds } from "./seconds.ts";
import type { CalendarUnit, ClockChangePolicy } from "./trigger-spec.ts";
import type { ZoneTable } from "./zone-table.ts";

/** The rule, its zone resolved. */
export interface CalendarRule {
  readonly every: number;
  readonly unit: CalendarUnit;
  /** Day number of the first date. */
  readonly startDay: number;
  /** Seconds after local midnight. */
  readonly time: number;
  readonly zone: ZoneTable;
  readonly clockChange: ClockChangePolicy;
}

/** The last day that a calendar trigger reaches, 9999-12-31. */
const dayMax = dayOfDate({ year: 9999, month: 12, day: 31 });
const monthMax = monthNumberOf({ year: 9999, month: 12 });
/** A search starts this many days early: further than clocks differ, and a date may be moved. */
const marginDays = 3;

/** The fire times of a calendar rule, on whole seconds. */
export class CalendarSeries implements FireSeries {
  readonly #rule: CalendarRule;

  constructor(rule: CalendarRule) {
    this.#rule = rule;
  }

  next(after: Instant): Instant | undefined {
    return this.#walk(floorSecondsOf(after), { to: Infinity, limit: 1 })[0]?.at;
  }

  previous(before: Instant): Instant | undefined {
    const second = ceilSecondsOf(before);
    const lastDay = Math.floor(second / daySeconds) + marginDays;
    for (let period = this.#periodOf(lastDay); period >= 0; period -= 1) {
      const { seconds } = this.#firesOf(period);
      const found = seconds.findLast((candidate) => candidate < second);
      if (found !== undefined) return isHoldableSecond(found) ? instantOfSeconds(found) : undefined;
    }
    return undefined;
  }

  between(from: Instant, to: Instant, limit: number): readonly Occurrence[] {
    return this.#walk(floorSecondsOf(from), { to: floorSecondsOf(to), limit });
  }

  /** The fires after a second, in order. Ends at the last day: a period is at least a day long. */
  #walk(
    after: number,
    bounds: { readonly to: number; readonly limit: number },
  ): readonly Occurrence[] {
    const occurrences: Occurrence[] = [];
    let lost: number | undefined;
    const firstDay = Math.floor(after / daySeconds) - marginDays;
    for (let period = this.#periodOf(firstDay); ; period += 1) {
      const local = this.#localOf(period);
      if (local === "beyond") return occurrences;
      if (local === "absent") continue;
      const fires = firesOfLocal(this.#rule.zone, local, this.#rule.clockChange);
      if (fires.seconds.length === 0) lost = fires.changeAt > after ? local : undefined;
      for (const second of fires.seconds) {
        if (second <= after) continue;
        if (second > bounds.to || occurrences.length >= bounds.limit) return occurrences;
        if (!isHoldableSecond(second)) return occurrences;
        occurrences.push(occurrenceOf(second, { fires, local, lost }));
        lost = undefined;
      }
    }
  }

  #firesOf(period: number): LocalFires {
    const local = this.#localOf(period);
    return typeof local === "number"
      ? firesOfLocal(this.#rule.zone, local, this.#rule.clockChange)
      : { seconds: [], changeAt: -Infinity };
  }

  /** The period, counted from 0, in which a day lies; 0 for the days before the first. */
  #periodOf(day: number): number {
    const { every, unit, startDay } = this.#rule;
    if (day <= startDay) return 0;
    if (unit === "day" || unit === "week") {
      return Math.floor((day - startDay) / (every * (unit === "week" ? 7 : 1)));
    }
    const months =
      monthNumberOf(dateOfDay(Math.min(day, dayMax))) - monthNumberOf(dateOfDay(startDay));
    return Math.floor(months / (every * (unit === "year" ? 12 : 1)));
  }

  /** The wanted reading of a period; `absent` when its month lacks the day. */
  #localOf(period: number): number | "absent" | "beyond" {
    const { every, unit, startDay, time } = this.#rule;
    if (unit === "day" || unit === "week") {
      const day = startDay + period * every * (unit === "week" ? 7 : 1);
      return day > dayMax ? "beyond" : day * daySeconds + time;
    }
    const start = dateOfDay(startDay);
    const month = monthNumberOf(start) + period * every * (unit === "year" ? 12 : 1);
    if (month > monthMax) return "beyond";
    if (start.day > daysInMonth(month)) return "absent";
    return (firstDayOfMonth(month) + start.day - 1) * daySeconds + time;
  }
}

function occurrenceOf(
  second: number,
  about: {
    readonly fires: LocalFires;
    readonly local: number;
    readonly lost: number | undefined;
  },
): Occurrence {
  const at = instantOfSeconds(second);
  const { fires, local, lost } = about;
  if (fires.note !== undefined) return { at, note: fires.note, local: formatLocal(local) };
  return lost === undefined ? { at } : { at, note: "skipped", local: formatLocal(lost) };
}
