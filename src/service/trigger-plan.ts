/** What has to be done to the triggers of a task for them to be those that are wanted. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../kernel/json.ts";
import type { TaskTrigger, TaskTriggerSpec } from "../model/task.ts";
import type { ReadTrigger } from "./triggers.ts";

/** What to do; nothing of it for triggers that are as they are wanted. */
export interface TriggerPlan {
  readonly changed: readonly TriggerMatch[];
  readonly added: readonly ReadTrigger[];
  readonly removed: readonly TaskTrigger[];
}

/** A stored trigger that becomes another one. */
export interface TriggerMatch {
  readonly trigger: TaskTrigger;
  readonly wanted: ReadTrigger;
  /** Whether the rule differs too, and not only how it fires. */
  readonly isRuleNew: boolean;
}

/** Whether there is nothing to do. */
export function isEmptyPlan({ changed, added, removed }: TriggerPlan): boolean {
  return changed.length + added.length + removed.length === 0;
}

/**
 * Pairs what is wanted with what is stored: first by rule and how it fires, then by rule, then the
 * rest in order, so that a trigger whose rule was edited keeps its id and its history.
 */
export function planTriggers(
  wanted: readonly ReadTrigger[],
  stored: readonly TaskTrigger[],
): TriggerPlan {
  const pairing = { wanted: [...wanted], stored: [...stored] };
  pairUp(pairing, (each, trigger) => isSameRule(each, trigger) && isSameFiring(each, trigger));
  const refitted = pairUp(pairing, isSameRule);
  const ruled = pairUp(
    pairing,
    (each, trigger) => each.kind === "calendar" && trigger.intervalMs === null,
  );
  return {
    changed: [
      ...refitted.map((pair) => ({ ...pair, isRuleNew: false })),
      ...ruled.map((pair) => ({ ...pair, isRuleNew: true })),
    ],
    added: pairing.wanted,
    removed: pairing.stored,
  };
}

/** Takes out the pairs that fit, each one once. */
function pairUp(
  left: { wanted: ReadTrigger[]; stored: TaskTrigger[] },
  fits: (wanted: ReadTrigger, trigger: TaskTrigger) => boolean,
): readonly Omit<TriggerMatch, "isRuleNew">[] {
  const pairs: Omit<TriggerMatch, "isRuleNew">[] = [];
  left.wanted = left.wanted.filter((wanted) => {
    const place = left.stored.findIndex((trigger) => fits(wanted, trigger));
    const [trigger] = place === -1 ? [] : left.stored.splice(place, 1);
    if (trigger !== undefined) pairs.push({ trigger, wanted });
    return trigger === undefined;
  });
  return pairs;
}

function isSameFiring({ policy }: ReadTrigger, trigger: TaskTrigger): boolean {
  return isDeepStrictEqual(policy, trigger.policy);
}

/** Whether the stored rule is the wanted one, but for what was settled when it was stored. */
function isSameRule(wanted: ReadTrigger, { spec, intervalMs }: TaskTrigger): boolean {
  if (wanted.kind === "adaptive") return intervalMs !== null;
  const said = wanted.rule.spec;
  return intervalMs === null && isDeepStrictEqual(withoutSettled(spec, said), { ...said });
}

/** The stored rule without the anchor and the seed that nobody asked for. */
function withoutSettled(spec: TaskTriggerSpec, said: object): object {
  const { anchorAt, jitterSeed, ...rest }: JsonObject = { ...spec };
  return {
    ...rest,
    ...("anchorAt" in said ? { anchorAt } : {}),
    ...("jitterSeed" in said ? { jitterSeed } : {}),
  };
}
