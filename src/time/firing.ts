/**
 * What every trigger answers. All of it is pure: the same question has the same answer in every
 * process, which is what makes an occurrence unique wherever it is computed.
 */

import type { Instant } from "../kernel/instant.ts";
import type { TriggerSpec } from "./trigger-spec.ts";

/**
 * How a clock change touched an occurrence:
 * - `skipped`: wanted local times between the last occurrence and this one do not exist and are
 *   lost; `local` is the first of them;
 * - `shifted`: it runs at the end of a gap in place of local times that do not exist; `local` is
 *   the first of them;
 * - `repeated`: its local reading, `local`, happens twice. Under `match` both passes run, under
 *   `once`, and for fixed-time jobs under `daemon`, only the first.
 */
export type OccurrenceNote = "skipped" | "shifted" | "repeated";

/** One fire time, and what a clock change did to it. */
export interface Occurrence {
  readonly at: Instant;
  /** Present when a clock change touched it. */
  readonly note?: OccurrenceNote;
  /** With a note: the local time in question, such as `2027-03-14T02:30:00`. */
  readonly local?: string;
}

/** An ordered set of instants; no instant is twice in it. */
export interface FireSeries {
  /**
   * The first instant strictly later than `after`; undefined when there is none. `previous` is
   * the last fire, for those series whose phase follows it (see the interval trigger).
   */
  next(after: Instant, previous?: Instant): Instant | undefined;
  /** The last instant strictly earlier than `before`; undefined when there is none. */
  previous(before: Instant): Instant | undefined;
  /**
   * The instants later than `from` and not later than `to`, in order, at most `limit`: what
   * repeated `next` gives, with notes on clock changes.
   */
  between(from: Instant, to: Instant, limit: number): readonly Occurrence[];
}

/** A rule that yields fire times; immutable and cheap to make. */
export interface Trigger extends FireSeries {
  /** The rule in plain English, without a full stop. */
  describe(): string;
  /** The canonical stored form; `triggerFromSpec` makes an equal trigger of it. */
  readonly spec: TriggerSpec;
}

/** `between` by repeated `next`, for the series without notes of their own. */
export function collectBetween(
  series: Pick<FireSeries, "next">,
  range: { readonly from: Instant; readonly to: Instant },
  limit: number,
): readonly Occurrence[] {
  const occurrences: Occurrence[] = [];
  let at = range.from;
  while (occurrences.length < limit) {
    const next = series.next(at);
    if (next === undefined || next > range.to) break;
    occurrences.push({ at: next });
    at = next;
  }
  return occurrences;
}
