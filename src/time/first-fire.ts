/** The first fire of a trigger that is put to work now. */

import type { Instant } from "../kernel/instant.ts";
import type { Trigger } from "./firing.ts";
import { clampInstant } from "./seconds.ts";

/**
 * The first fire at or after `now`; a one-off trigger answers its instant even when that is past,
 * because a date that was missed while the task was on its way still has to run once. Later fires
 * come from `next(fire, fire)`. Undefined when it never fires.
 */
export function firstFire(trigger: Trigger, now: Instant): Instant | undefined {
  const from = clampInstant(now - 1n);
  const at = trigger.next(from);
  return at === undefined && trigger.spec.kind === "date" ? trigger.previous(now) : at;
}
