/** What becomes of a due trigger: which occurrence runs, which do not, and why. Pure. */

import type { Instant } from "../kernel/instant.ts";
import { addMillis, formatInstant } from "../kernel/instant.ts";
import type { DueTrigger, FiringDecision, OccurrenceDecision } from "../model/firing.ts";
import type { Trigger } from "../time/trigger.ts";

/** Milliseconds until a trigger is looked at again whose rule could not be read. */
const unreadableMs = 60_000;

/**
 * Decides on an adaptive trigger: it fires once, and the end of its run says when it fires again.
 * A skipped one tries again after its interval.
 */
export function decideAdaptive(due: DueTrigger): FiringDecision {
  const refusal = refusalOf(due);
  return {
    triggerId: due.id,
    occurrences: [occurrence(due.nextFireAt, refusal)],
    nextFireAt: refusal === null ? null : addMillis(due.now, due.intervalMs ?? 0),
  };
}

/**
 * Decides on a calendar trigger. Of several fire times that have passed the latest runs and the
 * others are made one with it; the trigger goes on after now.
 */
export function decideCalendar(due: DueTrigger, trigger: Trigger): FiringDecision {
  // In the phase of the stored fire time, which a rule without anchor follows.
  const upcoming = trigger.next(due.now, due.nextFireAt);
  const latest = latestBefore(upcoming ?? addMillis(due.now, 0.001), { due, trigger });
  const missed: OccurrenceDecision[] =
    latest === due.nextFireAt
      ? []
      : [
          {
            fireAt: due.nextFireAt,
            verdict: "coalesced",
            reason: `missed; made one with ${formatInstant(latest)}, as were all in between`,
          },
        ];
  return {
    triggerId: due.id,
    occurrences: [...missed, occurrence(latest, refusalOf(due))],
    nextFireAt: upcoming ?? null,
  };
}

/** Decides on a trigger whose rule cannot be read here: skips, and looks again a minute later. */
export function decideUnreadable(due: DueTrigger, problem: string): FiringDecision {
  return {
    triggerId: due.id,
    occurrences: [occurrence(due.nextFireAt, `the rule cannot be read: ${problem}`)],
    nextFireAt: addMillis(due.now, unreadableMs),
  };
}

/** The last fire time before `end` that is not after now; the stored one if there is none later. */
function latestBefore(
  end: Instant,
  { due, trigger }: { readonly due: DueTrigger; readonly trigger: Trigger },
): Instant {
  const last = trigger.previous(end);
  const isMissed = last !== undefined && last > due.nextFireAt && last <= due.now;
  return isMissed ? last : due.nextFireAt;
}

function occurrence(fireAt: Instant, refusal: string | null): OccurrenceDecision {
  return { fireAt, verdict: refusal === null ? "fired" : "skipped", reason: refusal };
}

function refusalOf(due: DueTrigger): string | null {
  if (due.liveRunCount > 0) return "an earlier run of this trigger has not ended";
  if (due.queueRoom !== null && due.queueRoom <= 0) return "the queue of the task type is full";
  return null;
}
