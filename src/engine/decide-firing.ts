/** What becomes of a due trigger: which fire times run, which do not, and why. Pure. */

import type { Instant } from "../kernel/instant.ts";
import { addMillis, formatInstant } from "../kernel/instant.ts";
import type { DueTrigger, FiringDecision, OccurrenceDecision } from "../model/firing.ts";
import { admitFires } from "../policy/firing-policy.ts";
import type { Trigger } from "../time/trigger.ts";

/** Milliseconds until a trigger is looked at again whose rule could not be read. */
const unreadableMs = 60_000;

/** Fire times of one trigger that run in one turn; under `all` the others follow in the next. */
const runsOfTurnMax = 100;

/**
 * Decides on an adaptive trigger: it fires once, and the end of its run says when it fires again.
 * A skipped one tries again after its interval.
 */
export function decideAdaptive(due: DueTrigger): FiringDecision {
  const decision = admitted(due, [due.nextFireAt]);
  const isFired = decision.occurrences.some(({ verdict }) => verdict === "fired");
  return { ...decision, nextFireAt: isFired ? null : addMillis(due.now, due.intervalMs ?? 0) };
}

/**
 * Decides on a calendar trigger. Fire times beyond its misfire grace are missed; of the others
 * that have passed its rule of coalescing says which run; the trigger goes on after now.
 */
export function decideCalendar(due: DueTrigger, trigger: Trigger): FiringDecision {
  const { now, policy } = due;
  // In the phase of the stored fire time, which a rule without anchor follows.
  const upcoming = trigger.next(now, due.nextFireAt) ?? null;
  const last = lastFire(upcoming, { due, trigger });
  const first = firstInGrace(due, trigger);
  if (first === undefined) {
    return { ...admitted(due, []), occurrences: allMissed(due, last), nextFireAt: upcoming };
  }
  const late =
    first === due.nextFireAt
      ? []
      : [missed(due, { from: due.nextFireAt, to: trigger.previous(first) ?? due.nextFireAt })];
  if (policy.coalesce === "all") {
    const { fires, rest } = upTo(now, { first, trigger });
    const decision = admitted(due, fires);
    return {
      ...decision,
      occurrences: [...late, ...decision.occurrences],
      nextFireAt: rest ?? upcoming,
    };
  }
  const [kept, other] = policy.coalesce === "latest" ? [last, first] : [first, last];
  const decision = admitted(due, [kept]);
  const merged = first === last ? [] : [coalesced({ fireAt: other, kept })];
  return {
    ...decision,
    occurrences: [...late, ...merged, ...decision.occurrences],
    nextFireAt: upcoming,
  };
}

/** Decides on a trigger whose rule cannot be read here: skips, and looks again a minute later. */
export function decideUnreadable(due: DueTrigger, problem: string): FiringDecision {
  const reason = `the rule cannot be read: ${problem}`;
  return {
    ...admitted(due, []),
    occurrences: [{ fireAt: due.nextFireAt, verdict: "skipped", reason, waits: false }],
    nextFireAt: addMillis(due.now, unreadableMs),
  };
}

/** The last fire time that is not after now; the stored one if there is none later. */
function lastFire(
  upcoming: Instant | null,
  { due, trigger }: { readonly due: DueTrigger; readonly trigger: Trigger },
): Instant {
  const last = trigger.previous(upcoming ?? addMillis(due.now, 0.001));
  const isLater = last !== undefined && last > due.nextFireAt && last <= due.now;
  return isLater ? last : due.nextFireAt;
}

/** The first fire time that has passed and is not too late to run. */
function firstInGrace(due: DueTrigger, trigger: Trigger): Instant | undefined {
  const { nextFireAt, now, policy } = due;
  if (policy.misfireGraceMs === null) return nextFireAt;
  const from = addMillis(now, -policy.misfireGraceMs);
  if (nextFireAt >= from) return nextFireAt;
  // Exactly as late as allowed is in time.
  const first = trigger.next(addMillis(from, -0.001), nextFireAt);
  return first !== undefined && first <= now ? first : undefined;
}

/** Fire times from the first one up to now, and the one after them when that too has passed. */
function upTo(
  now: Instant,
  { first, trigger }: { readonly first: Instant; readonly trigger: Trigger },
): { readonly fires: readonly Instant[]; readonly rest: Instant | undefined } {
  const fires: Instant[] = [];
  let at: Instant | undefined = first;
  while (at !== undefined && at <= now && fires.length < runsOfTurnMax) {
    fires.push(at);
    at = trigger.next(at, at);
  }
  return { fires, rest: at !== undefined && at <= now ? at : undefined };
}

/** A decision on fire times that are to run, as far as limits and overlaps let them. */
function admitted(due: DueTrigger, fires: readonly Instant[]): FiringDecision {
  const { each, cancelCount } = admitFires(fires.length, due.policy, {
    live: due.liveRunCount,
    waiting: due.waitingRunCount,
    queueRoom: due.queueRoom,
  });
  const occurrences = each.map((admission, place): OccurrenceDecision => {
    const fireAt = fires[place] ?? due.nextFireAt;
    return admission.kind === "refused"
      ? { fireAt, verdict: "skipped", reason: admission.reason, waits: false }
      : { fireAt, verdict: "fired", reason: null, waits: admission.kind === "waits" };
  });
  return {
    triggerId: due.id,
    taskId: due.taskId,
    occurrences,
    nextFireAt: null,
    cancelCount,
  };
}

/** A fire time that has no run of its own, and the one whose run stands for it. */
interface MergedFires {
  readonly fireAt: Instant;
  readonly kept: Instant;
}

/** Fire times from the stored one to `last`, all too late: one of them under `latest`. */
function allMissed(due: DueTrigger, last: Instant): readonly OccurrenceDecision[] {
  const first = due.nextFireAt;
  return due.policy.coalesce === "latest" && first !== last
    ? [coalesced({ fireAt: first, kept: last }), missed(due, { from: last, to: last })]
    : [missed(due, { from: first, to: last })];
}

function missed(
  { policy }: DueTrigger,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): OccurrenceDecision {
  const range = to > from ? `, as were all up to ${formatInstant(to)}` : "";
  const reason = `later than its grace of ${policy.misfireGraceMs ?? 0} ms${range}`;
  return { fireAt: from, verdict: "missed", reason, waits: false };
}

function coalesced({ fireAt, kept }: MergedFires): OccurrenceDecision {
  const reason = `made one with ${formatInstant(kept)}, as were all in between`;
  return { fireAt, verdict: "coalesced", reason, waits: false };
}
