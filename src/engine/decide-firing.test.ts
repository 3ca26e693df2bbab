import fc from "fast-check";
import { expect, test } from "vitest";
import { addMillis, type Instant, millisBetween, parseInstant } from "../kernel/instant.ts";
import { toId, type TaskId, type TaskTypeId, type TriggerId } from "../kernel/ids.ts";
import type { DueTrigger } from "../model/firing.ts";
import { type FiringPolicy, firingPolicyDefault } from "../policy/firing-policy.ts";
import { triggerFromSpec } from "../time/trigger.ts";
import { decideAdaptive, decideCalendar, decideUnreadable } from "./decide-firing.ts";

const nine = parseInstant("2026-03-01T09:00:00Z");
const minute = 60_000;
const everyMinute = { kind: "cron", dialect: "vixie", expression: "* * * * *", zone: "UTC" };

function due(fields: Partial<DueTrigger> = {}): DueTrigger {
  return {
    id: toId<TriggerId>(1, "id"),
    taskId: toId<TaskId>(2, "taskId"),
    typeId: toId<TaskTypeId>(3, "typeId"),
    spec: { kind: "cron" },
    nextFireAt: nine,
    previousFireAt: null,
    intervalMs: null,
    policy: firingPolicyDefault,
    liveRunCount: 0,
    waitingRunCount: 0,
    queueRoom: null,
    now: addMillis(nine, 20),
    ...fields,
  };
}

test("one fire time that has come is fired, and the next one follows", () => {
  expect(decideCalendar(due(), triggerFromSpec(everyMinute))).toEqual({
    triggerId: 1,
    taskId: 2,
    occurrences: [{ fireAt: nine, verdict: "fired", reason: null, waits: false }],
    nextFireAt: addMillis(nine, minute),
    cancelCount: 0,
  });
});

test("of fire times missed in a downtime the latest runs, made one with the first", () => {
  const now = addMillis(nine, 10 * minute + 5);
  const decision = decideCalendar(due({ now }), triggerFromSpec(everyMinute));
  expect(decision.occurrences.map(({ fireAt, verdict }) => [fireAt, verdict])).toEqual([
    [nine, "coalesced"],
    [addMillis(nine, 10 * minute), "fired"],
  ]);
  expect(decision.nextFireAt).toBe(addMillis(nine, 11 * minute));
});

test("a fire time that falls on this very instant counts as come", () => {
  const now = addMillis(nine, 2 * minute);
  const decision = decideCalendar(due({ now }), triggerFromSpec(everyMinute));
  expect(decision.occurrences.at(-1)?.fireAt).toBe(now);
  expect(decision.nextFireAt).toBe(addMillis(now, minute));
});

test("a date fires late once and then never again", () => {
  const trigger = triggerFromSpec({ kind: "date", at: "2026-03-01T09:00:00Z" });
  const decision = decideCalendar(due({ now: addMillis(nine, 1e9) }), trigger);
  expect(decision.occurrences).toEqual([
    { fireAt: nine, verdict: "fired", reason: null, waits: false },
  ]);
  expect(decision.nextFireAt).toBeNull();
});

test.each([
  [{ liveRunCount: 1 }, /has not ended/],
  [{ queueRoom: 0 }, /queue of the task type is full/],
  [{ queueRoom: -3 }, /queue of the task type is full/],
])("with %o the occurrence is skipped, and the rule goes on", (fields, reason) => {
  const decision = decideCalendar(due(fields), triggerFromSpec(everyMinute));
  expect(decision.occurrences).toEqual([
    { fireAt: nine, verdict: "skipped", reason: expect.stringMatching(reason), waits: false },
  ]);
  expect(decision.nextFireAt).toBe(addMillis(nine, minute));
});

/** After ten minutes and a bit, eleven fire times have passed. */
function afterTenMinutes(policy: Partial<FiringPolicy>): readonly string[] {
  const now = addMillis(nine, 10 * minute + 5_000);
  const fields = { now, policy: { ...firingPolicyDefault, ...policy } };
  const { occurrences, nextFireAt } = decideCalendar(due(fields), triggerFromSpec(everyMinute));
  expect(nextFireAt).toBe(addMillis(nine, 11 * minute));
  return occurrences.map(({ fireAt, verdict, waits }) => {
    const at = millisBetween(nine, fireAt) / minute;
    return `${verdict} ${at}${waits ? " waits" : ""}`;
  });
}

test("coalescing keeps the latest, the earliest or all of what has passed", () => {
  expect(afterTenMinutes({ coalesce: "latest" })).toEqual(["coalesced 0", "fired 10"]);
  expect(afterTenMinutes({ coalesce: "earliest" })).toEqual(["coalesced 10", "fired 0"]);
  const all = afterTenMinutes({ coalesce: "all", overlap: "allow" });
  expect(all).toEqual(Array.from({ length: 11 }, (_, at) => `fired ${at}`));
});

test("what is later than the grace is missed, whatever is coalesced", () => {
  const misfireGraceMs = 2 * minute + 5_000;
  expect(afterTenMinutes({ misfireGraceMs })).toEqual(["missed 0", "coalesced 8", "fired 10"]);
  expect(afterTenMinutes({ misfireGraceMs, coalesce: "earliest" })).toEqual([
    "missed 0",
    "coalesced 10",
    "fired 8",
  ]);
  expect(afterTenMinutes({ misfireGraceMs, coalesce: "all" })).toEqual([
    "missed 0",
    "fired 8",
    "fired 9 waits",
    "fired 10 waits",
  ]);
});

test("when all is later than the grace nothing runs", () => {
  expect(afterTenMinutes({ misfireGraceMs: 4_999 })).toEqual(["coalesced 0", "missed 10"]);
  expect(afterTenMinutes({ misfireGraceMs: 4_999, coalesce: "all" })).toEqual(["missed 0"]);
  expect(afterTenMinutes({ misfireGraceMs: 5_000 }).at(-1)).toBe("fired 10");
});

test("a long backlog of fire times that all run is worked off in turns", () => {
  const policy = { ...firingPolicyDefault, coalesce: "all", overlap: "allow" } as const;
  const trigger = triggerFromSpec(everyMinute);
  const fired: Instant[] = [];
  const now = addMillis(nine, 249.5 * minute);
  let nextFireAt: Instant | null = nine;
  for (let turn = 0; nextFireAt !== null && nextFireAt <= now; turn += 1) {
    const decision = decideCalendar(due({ now, policy, nextFireAt }), trigger);
    fired.push(...decision.occurrences.map(({ fireAt }) => fireAt));
    expect(turn).toBeLessThan(3);
    ({ nextFireAt } = decision);
  }
  expect(fired).toEqual(Array.from({ length: 250 }, (_, at) => addMillis(nine, at * minute)));
});

test("an adaptive trigger fires and waits for its run, or tries again after its interval", () => {
  const adaptive = due({ intervalMs: 5_000 });
  expect(decideAdaptive(adaptive)).toMatchObject({
    occurrences: [{ verdict: "fired" }],
    nextFireAt: null,
  });
  expect(decideAdaptive({ ...adaptive, liveRunCount: 1 })).toMatchObject({
    occurrences: [{ verdict: "skipped" }],
    nextFireAt: addMillis(adaptive.now, 5_000),
  });
});

test("a rule that cannot be read is skipped and looked at again a minute later", () => {
  const decision = decideUnreadable(due(), "the kind is moon");
  expect(decision.occurrences[0]).toMatchObject({
    verdict: "skipped",
    reason: "the rule cannot be read: the kind is moon",
  });
  expect(decision.nextFireAt).toBe(addMillis(due().now, minute));
});

test("an interval keeps its phase, is never behind, and fires nothing that lies ahead", () => {
  const anchors: (Instant | undefined)[] = [undefined, nine];
  fc.assert(
    fc.property(
      fc.constantFrom(...anchors),
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      (anchorAt, everyMs, lateMs) => {
        const anchor = anchorAt === undefined ? {} : { anchorAt: "2026-03-01T09:00:00Z" };
        const trigger = triggerFromSpec({ kind: "interval", everyMs, ...anchor });
        const now = addMillis(nine, lateMs);
        const decision = decideCalendar(due({ now }), trigger);
        const fired = decision.occurrences.filter(({ verdict }) => verdict === "fired");
        expect(fired).toHaveLength(1);
        const fireAt = fired[0]?.fireAt ?? nine;
        expect(fireAt).toBe(addMillis(nine, lateMs - (lateMs % everyMs)));
        expect(decision.nextFireAt).toBe(addMillis(fireAt, everyMs));
      },
    ),
  );
});
