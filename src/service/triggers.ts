/** Triggers as callers write them, and where they go next when a task is stored or goes on. */

import { InvalidInputError, OrreryError } from "../kernel/errors.ts";
import { fieldIn, invalidField, readFields } from "../kernel/fields.ts";
import type { TriggerId } from "../kernel/ids.ts";
import { addMillis, formatInstant, type Instant } from "../kernel/instant.ts";
import { isRecord } from "../kernel/json.ts";
import type { NextFire } from "../model/store.ts";
import type { NewTrigger, TaskTrigger } from "../model/task.ts";
import type { IntervalPolicy } from "../policy/adaptive-interval.ts";
import type { Trigger } from "../time/firing.ts";
import { triggerFromSpec } from "../time/trigger.ts";

/** A trigger that has been read: `adaptive` follows outcomes, the others a calendar. */
export type ReadTrigger =
  | { readonly kind: "adaptive"; readonly field: string }
  | { readonly kind: "calendar"; readonly field: string; readonly rule: Trigger };

/**
 * Reads the triggers of one task; at most one can be adaptive, since its interval is the task's.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` `ORR_INPUT_ZONE` with the path of the wrong part
 */
export function readTriggers(specs: readonly unknown[], field: string): readonly ReadTrigger[] {
  const triggers = specs.map((spec, index) => readTrigger(spec, fieldIn(field, index)));
  const [, second] = triggers.filter((each) => each.kind === "adaptive");
  if (second !== undefined) {
    const wrong = { expected: "the only adaptive trigger of its task", value: "adaptive" };
    throw invalidField(second.field, { ...wrong, code: "ORR_INPUT_TRIGGER" });
  }
  return triggers;
}

function readTrigger(spec: unknown, field: string): ReadTrigger {
  if (!isRecord(spec)) {
    const expected = "an object with a kind";
    throw invalidField(field, { expected, value: spec, code: "ORR_INPUT_TRIGGER" });
  }
  if (spec["kind"] === "adaptive") {
    readFields(spec, field, ["kind"]);
    return { kind: "adaptive", field };
  }
  try {
    return { kind: "calendar", field, rule: triggerFromSpec(spec) };
  } catch (thrown) {
    throw thrown instanceof OrreryError ? atField(thrown, field) : thrown;
  }
}

/** The same refusal, with the path from the request's top. */
function atField(error: OrreryError, field: string): InvalidInputError {
  const inner = error.details["field"];
  const place = typeof inner === "string" && inner !== "" ? fieldIn(field, inner) : field;
  return new InvalidInputError(error.code, `${field}: ${error.message}`, {
    details: { ...error.details, field: place },
    cause: error,
  });
}

/**
 * A trigger with its first fire time: at once for an adaptive one.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` when it never fires after `now`
 */
export function newTrigger(
  trigger: ReadTrigger,
  { now, interval }: { readonly now: Instant; readonly interval: IntervalPolicy },
): NewTrigger {
  if (trigger.kind === "adaptive") {
    return { spec: { kind: "adaptive" }, nextFireAt: now, intervalMs: interval.defaultMs };
  }
  const nextFireAt = trigger.rule.next(now);
  if (nextFireAt !== undefined) return { spec: trigger.rule.spec, nextFireAt, intervalMs: null };
  throw new InvalidInputError(
    "ORR_INPUT_TRIGGER",
    `${trigger.field} never fires after ${formatInstant(now)}: ${trigger.rule.describe()}`,
    { details: { field: trigger.field, value: trigger.rule.spec } },
  );
}

/** What decides where stored triggers go on. */
export interface GoingOn {
  readonly now: Instant;
  /** Triggers with a run that has not ended: an adaptive one moves on when it ends. */
  readonly outstanding: ReadonlySet<TriggerId>;
  /** The run that revives a task stands in for an adaptive one that was due. */
  readonly revived: boolean;
}

/**
 * Where the triggers of a task go when it goes on after a pause or its end. Fire times that passed
 * meanwhile are not caught up, but an adaptive run that became due is made up for at once.
 */
export function nextFires(triggers: readonly TaskTrigger[], goingOn: GoingOn): readonly NextFire[] {
  return triggers.map((trigger) => ({
    triggerId: trigger.id,
    nextFireAt: nextFireOf(trigger, goingOn),
  }));
}

function nextFireOf(trigger: TaskTrigger, goingOn: GoingOn): Instant | null {
  const { now, outstanding, revived } = goingOn;
  const { previousFireAt, intervalMs, spec } = trigger;
  if (intervalMs === null) {
    return triggerFromSpec(spec).next(now, previousFireAt ?? undefined) ?? null;
  }
  if (outstanding.has(trigger.id)) return null;
  if (revived) return addMillis(now, intervalMs);
  if (previousFireAt === null) return now;
  const planned = addMillis(previousFireAt, intervalMs);
  return planned > now ? planned : now;
}
