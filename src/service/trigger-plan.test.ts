import { expect, test } from "vitest";
import type { TaskId, TriggerId } from "../kernel/ids.ts";
import { parseInstant } from "../kernel/instant.ts";
import type { TaskTrigger } from "../model/task.ts";
import { intervalPolicyDefault as interval } from "../policy/adaptive-interval.ts";
import { isEmptyPlan, planTriggers } from "./trigger-plan.ts";
import { newTrigger, type ReadTrigger, readTriggers } from "./triggers.ts";

const now = parseInstant("2026-03-01T09:00:00Z");
const hourly = { kind: "interval", everyMs: 3_600_000 };
const daily = { kind: "cron", dialect: "vixie", expression: "0 3 * * *", zone: "UTC" };
const adaptive = { kind: "adaptive" };

function read(specs: readonly object[]): readonly ReadTrigger[] {
  return readTriggers(specs, "triggers");
}

/** The triggers as they come back from the database, with ids from 1. */
function stored(specs: readonly object[]): readonly TaskTrigger[] {
  return read(specs).map((each, place): TaskTrigger => {
    const { isPaused, ...made } = newTrigger(each, { now, interval });
    const ids = { id: (place + 1) as TriggerId, taskId: 1 as TaskId };
    // Through JSON, whose members come back in another order.
    const members = Object.entries(JSON.parse(JSON.stringify(made.spec))).toReversed();
    const spec = { kind: "", ...Object.fromEntries(members) };
    return { ...made, ...ids, spec, previousFireAt: null, pausedAt: isPaused ? now : null };
  });
}

/** The plan in ids of stored triggers and kinds of wanted ones. */
function planned(wanted: readonly object[], there: readonly object[]): object {
  const { changed, added, removed } = planTriggers(read(wanted), stored(there));
  return {
    changed: changed.map(({ trigger, isRuleNew }) => [trigger.id, isRuleNew]),
    added: added.map(({ field }) => field),
    removed: removed.map(({ id }) => id),
  };
}

test.each([
  ["nothing", []],
  ["an interval, whose anchor was settled", [hourly]],
  ["jitter, whose seed was settled", [{ ...hourly, jitterMs: 5 }]],
  ["a rule with defaults written down", [daily]],
  ["rules inside a rule", [{ kind: "or", triggers: [daily, { ...daily, zone: "Asia/Tokyo" }] }]],
  ["an adaptive trigger beside others", [adaptive, daily, hourly]],
  ["the same rule twice", [daily, daily]],
  ["how it fires", [{ ...daily, misfireGraceMs: 5, coalesce: "all", overlap: "allow" }]],
  ["a first fire time, which is past business", [{ ...daily, nextFireAt: null }]],
])("there is nothing to do for %s", (_, specs) => {
  expect(isEmptyPlan(planTriggers(read(specs), stored(specs)))).toBe(true);
  const others = specs.toReversed();
  expect(isEmptyPlan(planTriggers(read(others), stored(specs)))).toBe(true);
});

test("a first fire time that was asked for once is not asked for again", () => {
  expect(isEmptyPlan(planTriggers(read([{ ...daily, nextFireAt: null }]), stored([daily])))).toBe(
    true,
  );
});

test("how a trigger fires changes without its rule", () => {
  const wanted = [{ ...daily, overlap: "allow" }, hourly];
  expect(planned(wanted, [hourly, daily])).toEqual({
    changed: [[2, false]],
    added: [],
    removed: [],
  });
});

test("a rule that was edited stays the same trigger", () => {
  const edited = { ...daily, expression: "0 4 * * *" };
  expect(planned([hourly, edited], [daily, hourly])).toEqual({
    changed: [[1, true]],
    added: [],
    removed: [],
  });
});

test("an anchor that is named is looked at", () => {
  const anchored = { ...hourly, anchorAt: "2026-03-01T00:15:00Z" };
  expect(planned([anchored], [hourly])).toMatchObject({ changed: [[1, true]] });
  expect(planned([anchored], [anchored])).toMatchObject({ changed: [] });
});

test("what is more is added, what is less is removed", () => {
  expect(planned([daily, hourly], [hourly])).toEqual({
    changed: [],
    added: ["triggers[0]"],
    removed: [],
  });
  expect(planned([hourly], [daily, hourly, daily])).toEqual({
    changed: [],
    added: [],
    removed: [1, 3],
  });
});

test("an adaptive trigger does not become a calendar one", () => {
  expect(planned([daily], [adaptive])).toEqual({
    changed: [],
    added: ["triggers[0]"],
    removed: [1],
  });
});
