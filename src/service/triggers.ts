/** Triggers as callers write them, and where they go next when a task is stored or goes on. */

import { InvalidInputError, OrreryError } from "../kernel/errors.ts";
import {
  fieldIn,
  type Fields,
  ifPresent,
  invalidField,
  readFields,
  readNumber,
  readOneOf,
} from "../kernel/fields.ts";
import type { TriggerId } from "../kernel/ids.ts";
import { addMillis, formatInstant, type Instant, parseInstant } from "../kernel/instant.ts";
import { isRecord } from "../kernel/json.ts";
import { randomSeed } from "../kernel/rng.ts";
import type { NextFire } from "../model/store.ts";
import type { NewTrigger, TaskTrigger } from "../model/task.ts";
import type { IntervalPolicy } from "../policy/adaptive-interval.ts";
import {
  coalesceRules,
  type FiringPolicy,
  firingPolicyDefault,
  overlapPolicies,
} from "../policy/firing-policy.ts";
import { firstFire } from "../time/first-fire.ts";
import type { Trigger } from "../time/firing.ts";
import { triggerFromSpec } from "../time/trigger.ts";

/** A trigger that has been read: `adaptive` follows outcomes, the others a calendar. */
export type ReadTrigger = ReadRule & {
  readonly field: string;
  readonly policy: FiringPolicy;
  /** The first fire time that was asked for; null starts it paused; absent follows the rule. */
  readonly nextFireAt: Instant | null | undefined;
};

/** The rule alone. */
export type ReadRule =
  | { readonly kind: "adaptive" }
  | { readonly kind: "calendar"; readonly rule: Trigger };

/** The fields beside those of the rule. */
const firingFields = ["misfireGraceMs", "coalesce", "maxInstances", "overlap"] as const;
/** The longest grace and the most instances: more are a mistake in all likelihood. */
const misfireGraceMsMax = 31_536_000_000;
const instancesMax = 10_000;

/**
 * Reads the triggers of one task; at most one can be adaptive, since its interval is the task's.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` `ORR_INPUT_ZONE` with the path of the wrong part
 */
export function readTriggers(specs: readonly unknown[], field: string): readonly ReadTrigger[] {
  const triggers = specs.map((spec, index) => readTrigger(spec, fieldIn(field, index)));
  const [, second] = triggers.filter((each) => each.kind === "adaptive");
  if (second !== undefined) throw secondAdaptive(second.field);
  return triggers;
}

/** The refusal of a second adaptive trigger. */
export function secondAdaptive(field: string): InvalidInputError {
  const wrong = { expected: "the only adaptive trigger of its task", value: "adaptive" };
  return invalidField(field, { ...wrong, code: "ORR_INPUT_TRIGGER" });
}

/**
 * Reads a trigger: the fields of its rule, and beside them how it fires.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` `ORR_INPUT_ZONE` `ORR_INPUT_INVALID`
 */
export function readTrigger(value: unknown, field: string): ReadTrigger {
  if (!isRecord(value)) {
    throw invalidField(field, { expected: "an object with a kind", value });
  }
  if (value["kind"] === undefined && isRecord(value["spec"])) {
    const expected = "the rule of a trigger, which stands in the trigger's `spec`";
    throw invalidField(field, { expected, value: value["spec"] });
  }
  const { nextFireAt, misfireGraceMs, coalesce, maxInstances, overlap, ...spec } = value;
  const rule = readRule(spec, field);
  const first = readFirst(nextFireAt, fieldIn(field, "nextFireAt"));
  const given = { misfireGraceMs, coalesce, maxInstances, overlap };
  const policy = readFiringPolicy(given, { field, kind: rule.kind, known: firingPolicyDefault });
  return { ...rule, field, policy, nextFireAt: first };
}

/** Reads a rule alone, as `readTrigger`. */
export function readRule(spec: Fields, field: string): ReadRule {
  if (typeof spec["kind"] !== "string") {
    const wrong = { expected: "a text that is not empty", value: spec["kind"] };
    throw invalidField(fieldIn(field, "kind"), wrong);
  }
  if (spec["kind"] === "adaptive") {
    readFields(spec, field, ["kind"]);
    return { kind: "adaptive" };
  }
  try {
    return { kind: "calendar", rule: triggerFromSpec(spec) };
  } catch (thrown) {
    throw thrown instanceof OrreryError ? atField(thrown, field) : thrown;
  }
}

/** Reads how a trigger fires; what is absent stays as `known` has it. */
export function readFiringPolicy(
  given: Fields,
  about: {
    readonly field: string;
    readonly kind: ReadRule["kind"];
    readonly known: FiringPolicy;
  },
): FiringPolicy {
  const { field, kind, known } = about;
  if (kind === "adaptive") {
    const extra = firingFields.find((name) => given[name] !== undefined);
    if (extra === undefined) return known;
    const expected = "absent: an adaptive trigger fires once at a time, however late";
    throw invalidField(fieldIn(field, extra), { expected, value: given[extra] });
  }
  const { misfireGraceMs, coalesce, maxInstances, overlap } = given;
  const at = (name: string): string => fieldIn(field, name);
  const grace = { field: at("misfireGraceMs"), min: 0, max: misfireGraceMsMax };
  const instances = { field: at("maxInstances"), min: 1, max: instancesMax, whole: true };
  return {
    misfireGraceMs:
      misfireGraceMs === null
        ? null
        : (ifPresent(misfireGraceMs, (value) => readNumber(value, grace)) ?? known.misfireGraceMs),
    coalesce:
      ifPresent(coalesce, (value) =>
        readOneOf(value, { field: at("coalesce"), words: coalesceRules }),
      ) ?? known.coalesce,
    maxInstances:
      ifPresent(maxInstances, (value) => readNumber(value, instances)) ?? known.maxInstances,
    overlap:
      ifPresent(overlap, (value) =>
        readOneOf(value, { field: at("overlap"), words: overlapPolicies }),
      ) ?? known.overlap,
  };
}

/** Reads a fire time that is set by hand; null means paused. */
export function readFirst(value: unknown, field: string): Instant | null | undefined {
  if (value === undefined || value === null) return value;
  if (typeof value === "string") return parseInstant(value, field);
  throw invalidField(field, { expected: "an RFC 3339 time with an offset, or null", value });
}

/** The same refusal, with the path from the request's top; empty where the trigger is that. */
function atField(error: OrreryError, field: string): InvalidInputError {
  const inner = error.details["field"];
  const place = typeof inner === "string" && inner !== "" ? fieldIn(field, inner) : field;
  const message = field === "" ? error.message : `${field}: ${error.message}`;
  return new InvalidInputError(error.code, message, {
    details: { ...error.details, field: place },
    cause: error,
  });
}

/**
 * A trigger with its first fire time: at once for an adaptive one; a date that has passed is late,
 * and its misfire grace says what that means. An interval is anchored, so that its phase does not
 * follow the question, and jitter gets a seed, so that triggers of one rule do not fire together.
 * @throws InvalidInputError `ORR_INPUT_TRIGGER` when it never fires from `now` on
 */
export function newTrigger(
  trigger: ReadTrigger,
  { now, interval }: { readonly now: Instant; readonly interval: IntervalPolicy },
): NewTrigger {
  const { policy, nextFireAt: wanted } = trigger;
  const isPaused = wanted === null;
  if (trigger.kind === "adaptive") {
    const nextFireAt = wanted === undefined ? now : wanted;
    const spec = { kind: "adaptive" };
    return { spec, nextFireAt, intervalMs: interval.defaultMs, policy, isPaused };
  }
  const rule = settledRule(trigger.rule, { now, wanted });
  const { spec } = rule;
  if (wanted !== undefined) {
    return { spec, nextFireAt: wanted, intervalMs: null, policy, isPaused };
  }
  const nextFireAt = firstFire(rule, now);
  if (nextFireAt !== undefined) return { spec, nextFireAt, intervalMs: null, policy, isPaused };
  const what = trigger.field === "" ? "the trigger" : trigger.field;
  throw new InvalidInputError(
    "ORR_INPUT_TRIGGER",
    `${what} never fires after ${formatInstant(now)}: ${rule.describe()}`,
    { details: { field: trigger.field, value: spec } },
  );
}

/** The rule with what it leaves to chance or to the moment written down. */
function settledRule(
  rule: Trigger,
  { now, wanted }: { readonly now: Instant; readonly wanted: Instant | null | undefined },
): Trigger {
  const { spec } = rule;
  const isJittered = "jitterMs" in spec && spec.jitterMs !== undefined && spec.jitterMs > 0;
  const seed = isJittered && spec.jitterSeed === undefined ? { jitterSeed: randomSeed() } : {};
  if (spec.kind !== "interval") return triggerFromSpec({ ...spec, ...seed });
  const anchorAt =
    wanted === undefined || wanted === null
      ? (spec.anchorAt ?? spec.startAt ?? formatInstant(addMillis(now, spec.everyMs)))
      : formatInstant(wanted);
  return triggerFromSpec({ ...spec, ...seed, anchorAt });
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
    nextFireAt: trigger.pausedAt === null ? nextFireOf(trigger, goingOn) : null,
  }));
}

/** Where one trigger goes on, whether or not it is paused. */
export function nextFireOf(trigger: TaskTrigger, goingOn: GoingOn): Instant | null {
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
