/** What becomes of a due trigger: which occurrence runs, which do not, and why. Pure. */

import type { Instant } from "../kernel/instant.ts";
import { addMillis, formatInstant } from "../kernel/instant.ts";
import type { DueTrigger, FiringDecision, OccurrenceDecision } from "../model/firing.ts";
import type { Trigger } from "../time/trigger.ts";

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
  const latest = latestUpTo(due, trigger);
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
    nextFireAt: trigger.next(latest > due.now ? latest : due.now, latest) ?? null,
  };
}

/** The last fire time that is not after now; the stored one if the rule knows none later. */
function latestUpTo(due: DueTrigger, trigger: Trigger): Instant {
  const previous = trigger.previous(addMillis(due.now, 0.001));
  return previous !== undefined && previous > due.nextFireAt ? previous : due.nextFireAt;
}

function occurrence(fireAt: Instant, refusal: string | null): OccurrenceDecision {
  return { fireAt, verdict: refusal === null ? "fired" : "skipped", reason: refusal };
}

function refusalOf(due: DueTrigger): string | null {
  if (due.liveRunCount > 0) return "an earlier run of this trigger has not ended";
  if (due.queueRoom !== null && due.queueRoom <= 0) return "the queue of the task type is full";
  return null;
}
