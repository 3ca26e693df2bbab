/** The forecast against a walk that takes one fire after the other. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunId, TaskId, TriggerId } from "../kernel/ids.ts";
import { addMillis, formatInstant, type Instant, parseInstant } from "../kernel/instant.ts";
import type { ForecastTrigger } from "../model/forecast.ts";
import { triggerFromSpec } from "../time/trigger.ts";
import { ForecastTally, type ForecastScope } from "./forecast-tally.ts";

const now = parseInstant("2026-03-28T21:40:10Z");
const hourMs = 3_600_000;

function scopeOf(more: Partial<ForecastScope> = {}): ForecastScope {
  const from = more.from ?? now;
  return {
    now,
    from,
    to: addMillis(from, 24 * hourMs),
    limit: 1_000,
    durations: new Map([["poll", 90_000]]),
    ...more,
  };
}

function triggerOf(id: number, more: Partial<ForecastTrigger>): ForecastTrigger {
  return {
    id: id as TriggerId,
    taskId: id as TaskId,
    typeName: "poll",
    spec: { kind: "adaptive" },
    nextFireAt: now,
    intervalMs: null,
    ...more,
  };
}

/** When a trigger will fire, one fire after the other, as the engine would move it on. */
function walk(trigger: ForecastTrigger, { from, to }: ForecastScope): readonly Instant[] {
  const fires: Instant[] = [];
  let at: Instant | undefined = trigger.nextFireAt > now ? trigger.nextFireAt : now;
  const isLate = trigger.nextFireAt <= now;
  let previous = trigger.nextFireAt;
  while (at !== undefined && at <= to) {
    if (at > from || (at === from && from === now)) fires.push(at);
    if (trigger.intervalMs !== null) at = addMillis(at, trigger.intervalMs + 90_000);
    else {
      const next: Instant | undefined = triggerFromSpec(trigger.spec).next(at, previous);
      previous = next ?? previous;
      at = next;
    }
  }
  return isLate && from > now ? fires.filter((each) => each > from) : fires;
}

const spans = fc.record({
  fromMs: fc.constantFrom(0, 1, 5 * hourMs, 1_234_567),
  hours: fc.integer({ min: 1, max: 30 }),
  limit: fc.integer({ min: 1, max: 40 }),
});

/** Triggers with fire times around the beginning of the span, some of them overdue. */
const triggers = fc.array(
  fc.record({
    nextMs: fc.integer({ min: -2 * hourMs, max: 20 * hourMs }),
    intervalMs: fc.constantFrom(60_000, 700_001, 30 * hourMs),
    spec: fc.constantFrom<ForecastTrigger["spec"]>(
      { kind: "adaptive" },
      { kind: "interval", everyMs: 427_013 },
      { kind: "interval", everyMs: 600_000, anchorAt: "2026-01-01T00:00:00Z" },
      { kind: "cron", dialect: "vixie", expression: "*/7 1-4 * * *", zone: "Europe/Paris" },
      { kind: "cron", dialect: "vixie", expression: "0 0 * * *", zone: "Asia/Kolkata" },
    ),
  }),
  { maxLength: 12 },
);

it("counts and lists what a walk meets", () => {
  fc.assert(
    fc.property(triggers, spans, (chosen, { fromMs, hours, limit }) => {
      const from = addMillis(now, fromMs);
      const scope = scopeOf({ from, to: addMillis(from, hours * hourMs), limit });
      const tally = new ForecastTally(scope);
      const stored = chosen.map(({ nextMs, intervalMs, spec }, index) =>
        triggerOf(index + 1, {
          spec,
          nextFireAt: addMillis(now, nextMs),
          intervalMs: spec.kind === "adaptive" ? intervalMs : null,
        }),
      );
      for (const trigger of stored) tally.addTrigger(trigger);
      const walked = stored
        .flatMap((trigger) => walk(trigger, scope).map((at) => ({ at, triggerId: trigger.id })))
        .toSorted((a, b) => (a.at === b.at ? a.triggerId - b.triggerId : a.at < b.at ? -1 : 1));
      expect(tally.types().get("poll")?.count ?? 0).toBe(walked.length);
      expect(tally.occurrences().map(({ at, triggerId }) => ({ at, triggerId }))).toEqual(
        walked.slice(0, limit),
      );
      for (const { at, count, busyMs } of tally.hours()) {
        const inHour = walked.filter((each) => each.at >= at && each.at < addMillis(at, hourMs));
        expect({ count, busyMs }).toEqual({ count: inHour.length, busyMs: count * 90_000 });
      }
    }),
    { numRuns: 200 },
  );
});

describe("a forecast", () => {
  it("has every hour that the span touches, also without runs", () => {
    const tally = new ForecastTally(scopeOf({ to: addMillis(now, 2 * hourMs) }));
    expect(tally.hours().map(({ at, count }) => [formatInstant(at).slice(11, 16), count])).toEqual([
      ["21:00", 0],
      ["22:00", 0],
      ["23:00", 0],
    ]);
    expect(tally.occurrences()).toEqual([]);
    expect(tally.types().size).toBe(0);
  });

  it("lets an adaptive trigger fire an interval after the end of the run that is under way", () => {
    const scope = scopeOf({ to: addMillis(now, 10 * 60_000) });
    const minute = (count: number): Instant => addMillis(now, count * 60_000);
    // It takes 90 s and began 60 s ago; a minute's pause follows.
    const tally = new ForecastTally(scope);
    const { id, taskId, typeName } = triggerOf(1, {});
    tally.addOutstanding({ id, taskId, typeName, intervalMs: 60_000, beginsAt: minute(-1) });
    expect(tally.occurrences().map(({ at }) => at)).toEqual([1.5, 4, 6.5, 9].map(minute));
    // One that takes longer than usual is expected to end at once.
    const late = new ForecastTally(scope);
    late.addOutstanding({ id, taskId, typeName, intervalMs: 60_000, beginsAt: minute(-99) });
    expect(late.occurrences()[0]?.at).toBe(minute(1));
  });

  it("knows no duration of a type without history", () => {
    const tally = new ForecastTally(scopeOf({ durations: new Map() }));
    tally.addTrigger(triggerOf(1, { intervalMs: 12 * hourMs }));
    expect(tally.types()).toEqual(new Map([["poll", { count: 3, busyMs: 0 }]]));
  });

  it("counts queued runs by the hour and lists the first", () => {
    const tally = new ForecastTally(scopeOf({ limit: 1 }));
    const hour = Number(now / 3_600_000_000n) + 2;
    tally.addWaiting({ typeName: "poll", hour, count: 2 });
    for (const id of [7, 8]) {
      tally.listWaiting({
        id: id as RunId,
        taskId: null,
        triggerId: null,
        typeName: "poll",
        dueAt: addMillis(now, 2 * hourMs + id),
      });
    }
    expect(tally.hours()[2]).toMatchObject({ count: 2, busyMs: 180_000 });
    expect(tally.occurrences()).toMatchObject([{ runId: 7, source: "queued" }]);
  });

  it("refuses a rule that cannot be read, and stays as it was", () => {
    const tally = new ForecastTally(scopeOf());
    const odd = triggerOf(1, { spec: { kind: "lunar" } });
    expect(() => tally.addTrigger(odd)).toThrow(
      expect.objectContaining({
        code: "ORR_INPUT_TRIGGER",
      }),
    );
    expect(tally.types().size).toBe(0);
  });
});
