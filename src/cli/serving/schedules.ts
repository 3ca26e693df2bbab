/**
 * The tasks that a configuration wants to be there. A schedule of an unknown task type (its
 * module may be broken) must not keep the others from being stored.
 */

import type { CreateTaskRequest } from "../../api/scheduler.ts";

/** Which schedules can be stored, and which cannot and why. */
export interface SchedulePlan {
  readonly wanted: readonly CreateTaskRequest[];
  readonly left: readonly LeftSchedule[];
}

/** A schedule that cannot be stored now. */
export interface LeftSchedule {
  readonly key: string;
  readonly reason: string;
}

/**
 * Splits schedules by whether their type is known and everything that they name is wanted too:
 * one that requires or belongs to one that is left out is left out as well.
 */
export function planSchedules(
  schedules: readonly CreateTaskRequest[],
  knownTypes: ReadonlySet<string>,
): SchedulePlan {
  const left = new Map<string, string>();
  for (const schedule of schedules) {
    if (!knownTypes.has(schedule.type)) {
      left.set(keyOf(schedule), `there is no task type ${schedule.type}`);
    }
  }
  // Each pass can only leave out more, so this ends after at most one pass per schedule.
  for (let changed = true; changed;) {
    changed = false;
    for (const schedule of schedules) {
      if (left.has(keyOf(schedule))) continue;
      const missing = namedKeys(schedule).find((key) => left.has(key));
      if (missing === undefined) continue;
      left.set(keyOf(schedule), `it needs ${missing}, which is left out`);
      changed = true;
    }
  }
  return {
    wanted: schedules.filter((schedule) => !left.has(keyOf(schedule))),
    left: schedules.flatMap((schedule) => {
      const reason = left.get(keyOf(schedule));
      return reason === undefined ? [] : [{ key: keyOf(schedule), reason }];
    }),
  };
}

/** Keys of other schedules that this one names. */
function namedKeys(schedule: CreateTaskRequest): readonly string[] {
  const required = (schedule.requires ?? []).flatMap(({ key }) => (key === undefined ? [] : [key]));
  return schedule.parentKey === undefined ? required : [schedule.parentKey, ...required];
}

/** The configuration has been checked: every schedule has a key. */
function keyOf(schedule: CreateTaskRequest): string {
  return schedule.key ?? "";
}
