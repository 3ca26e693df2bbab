/**
 * Asks the runtime when a zone's offset from UTC changes. Native Temporal answers directly, in a
 * fifth of a millisecond per zone; elsewhere the changes are found by bisection over the offsets
 * that Intl.DateTimeFormat shows, in some 50 ms. Both give the same list for every zone. How the
 * list goes on after its end is `zone-table.ts`.
 */

import { present } from "../kernel/assert.ts";
import { firstDayOfYear, daySeconds } from "./calendar-date.ts";

/** An offset that holds from an instant on. */
export interface OffsetChange {
  /** Seconds since the epoch, UTC. */
  readonly at: number;
  /** Seconds east of UTC from then on. */
  readonly offset: number;
}

/** All changes of a zone in a range of years, and the offset before the first of them. */
export interface OffsetHistory {
  readonly initialOffset: number;
  readonly changes: readonly OffsetChange[];
}

/** The zone data begin later: the earliest recorded change of any zone is of 1844. */
const firstYear = 1840;

/**
 * The offsets of a zone from its local mean time to the start of `yearEnd`. The zone must be one
 * that the runtime knows.
 */
export function readOffsetHistory(zone: string, yearEnd: number): OffsetHistory {
  const range = {
    from: firstDayOfYear(firstYear) * daySeconds,
    to: firstDayOfYear(yearEnd) * daySeconds,
  };
  return typeof Temporal === "undefined"
    ? offsetHistoryFromIntl(zone, range)
    : offsetHistoryFromTemporal(zone, range);
}

/** A range of seconds since the epoch; `to` is exclusive. */
interface SecondRange {
  readonly from: number;
  readonly to: number;
}

function offsetHistoryFromTemporal(zone: string, range: SecondRange): OffsetHistory {
  const changes: OffsetChange[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(range.from * 1000).toZonedDateTimeISO(zone);
  const initialOffset = at.offsetNanoseconds / 1e9;
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds >= range.to * 1000) break;
    changes.push({ at: next.epochMilliseconds / 1000, offset: next.offsetNanoseconds / 1e9 });
    at = next;
  }
  return { initialOffset, changes };
}

/**
 * The step of the scan. Two changes that undo each other within a step would be missed; the
 * closest pair of any zone, in Brazil in 2000 and in Gaza in 2040, is a week less an hour apart.
 */
const scanStepSeconds = 6 * daySeconds;

/** The same by bisection; exported so that a test can compare the two. */
export function offsetHistoryFromIntl(zone: string, range: SecondRange): OffsetHistory {
  const offsetAt = createOffsetReader(zone);
  const changes: OffsetChange[] = [];
  const initialOffset = offsetAt(range.from);
  let offset = initialOffset;
  for (let from = range.from; from < range.to; from += scanStepSeconds) {
    const to = Math.min(from + scanStepSeconds, range.to - 1);
    const offsetTo = offsetAt(to);
    let low = from;
    // More than one change can lie in a step; each bisection finds one of them, the first of
    // those that leave the present offset.
    while (offset !== offsetTo) {
      let high = to;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (offsetAt(middle) === offset) low = middle;
        else high = middle;
      }
      offset = offsetAt(high);
      changes.push({ at: high, offset });
      low = high;
    }
  }
  return { initialOffset, changes };
}

const shownOffset = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** A function from seconds since the epoch to the offset in seconds. */
function createOffsetReader(zone: string): (seconds: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  return (seconds) => {
    const shown = format.format(seconds * 1000);
    const match = present(shownOffset.exec(shown), `the offset in "${shown}"`);
    const size = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
    return match[1] === "-" ? -size : size;
  };
}
