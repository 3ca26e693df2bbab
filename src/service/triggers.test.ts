import { expect, test } from "vitest";
import type { TaskId, TriggerId } from "../kernel/ids.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import type { TaskTrigger, TaskTriggerSpec } from "../model/task.ts";
import { intervalPolicyDefault as interval } from "../policy/adaptive-interval.ts";
import { firingPolicyDefault } from "../policy/firing-policy.ts";
import { triggerFromSpec } from "../time/trigger.ts";
import { newTrigger, nextFires, readTriggers } from "./triggers.ts";

const now = parseInstant("2026-03-01T09:00:00Z");

function stored(spec: TaskTriggerSpec, more: Partial<TaskTrigger> = {}): TaskTrigger {
  const rest = { policy: firingPolicyDefault, pausedAt: null };
  const ids = { id: 1 as TriggerId, taskId: 1 as TaskId };
  return {
    ...ids,
    spec,
    nextFireAt: null,
    previousFireAt: null,
    intervalMs: null,
    ...rest,
    ...more,
  };
}

function nextOf(trigger: TaskTrigger, more: { revived?: boolean; outstanding?: boolean } = {}) {
  const outstanding = new Set<TriggerId>(more.outstanding === true ? [trigger.id] : []);
  const [fire] = nextFires([trigger], { now, outstanding, revived: more.revived === true });
  const at = fire?.nextFireAt ?? null;
  return at === null ? null : formatInstant(at);
}

test("an adaptive trigger fires at once, with the interval of its type", () => {
  const [trigger] = readTriggers([{ kind: "adaptive" }], "triggers");
  expect(trigger && newTrigger(trigger, { now, interval })).toEqual({
    spec: { kind: "adaptive" },
    nextFireAt: now,
    intervalMs: interval.defaultMs,
    policy: firingPolicyDefault,
    isPaused: false,
  });
});

test("a calendar trigger fires at its next time and is kept in canonical form", () => {
  const cron = { kind: "cron", dialect: "vixie", expression: "30 9 * * *", zone: "Europe/Paris" };
  const [trigger] = readTriggers([cron], "triggers");
  const made = trigger && newTrigger(trigger, { now, interval });
  expect(made?.nextFireAt && formatInstant(made.nextFireAt)).toBe("2026-03-02T08:30:00.000000Z");
  expect(made?.spec).toMatchObject(cron);
  expect(made?.intervalMs).toBeNull();
});

test("a whole trigger in the place of its rule is told apart", () => {
  const whole = triggerFromSpec({ kind: "interval", everyMs: 1_000 });
  expect(() => readTriggers([whole], "triggers")).toThrow(/stands in the trigger's `spec`/);
});

test.each([
  [[{ kind: "cron" }], "triggers[0].dialect"],
  [[{ kind: "adaptive" }, { kind: "interval", everyMs: 0 }], "triggers[1].everyMs"],
  [["daily"], "triggers[0]"],
  [[{ kind: "adaptive", minMs: 5 }], "triggers[0].minMs"],
  [[{ kind: "weekly" }], "triggers[0].kind"],
  [[{ kind: "adaptive" }, { kind: "adaptive" }], "triggers[1]"],
])("the triggers %j are refused at %s", (specs, field) => {
  expect(() => readTriggers(specs, "triggers")).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ field }) }),
  );
});

test("a trigger that never fires again is refused when its task is stored", () => {
  const [past] = readTriggers(
    [{ kind: "interval", everyMs: 1_000, endAt: "2020-01-01T00:00:00Z" }],
    "triggers",
  );
  expect(() => past && newTrigger(past, { now, interval })).toThrow("triggers[0] never fires");
});

test("after a pause a calendar trigger goes on with the first time to come", () => {
  const hourly = stored(
    { kind: "interval", everyMs: 3_600_000, anchorAt: "2026-01-01T00:15:00Z" },
    { previousFireAt: parseInstant("2026-02-28T00:15:00Z") },
  );
  expect(nextOf(hourly)).toBe("2026-03-01T09:15:00.000000Z");
});

test("after a pause a trigger whose last time passed has none", () => {
  expect(nextOf(stored({ kind: "date", at: "2026-02-28T00:00:00Z" }))).toBeNull();
});

test.each([
  ["whose run is outstanding waits for its end", { outstanding: true }, null],
  ["that became due meanwhile fires at once", {}, "2026-03-01T09:00:00.000000Z"],
  ["of a revived task waits one interval", { revived: true }, "2026-03-01T10:00:00.000000Z"],
])("an adaptive trigger %s", (_, more, wanted) => {
  const previousFireAt = parseInstant("2026-03-01T07:00:00Z");
  const trigger = stored({ kind: "adaptive" }, { intervalMs: 3_600_000, previousFireAt });
  expect(nextOf(trigger, more)).toBe(wanted);
});

test("an adaptive trigger keeps what is left of its interval", () => {
  const previousFireAt = parseInstant("2026-03-01T08:30:00Z");
  const trigger = stored({ kind: "adaptive" }, { intervalMs: 3_600_000, previousFireAt });
  expect(nextOf(trigger)).toBe("2026-03-01T09:30:00.000000Z");
});
