import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { present } from "../kernel/assert.ts";
import { instantFromMicros, millisBetween, parseInstant } from "../kernel/instant.ts";
import { type Trigger, triggerFromSpec } from "./trigger.ts";

const start = parseInstant("2027-01-01T00:00:00Z");
const end = parseInstant("2027-01-02T00:00:00Z");

function cron(more: object): Trigger {
  return triggerFromSpec({ kind: "cron", dialect: "vixie", expression: "0 * * * *", ...more });
}

describe("start and end", () => {
  const bounds = { startAt: "2027-01-01T03:00:00Z", endAt: "2027-01-01T05:00:00Z" };

  it("are inclusive, forwards and backwards", () => {
    const trigger = cron(bounds);
    const fires = trigger.between(start, end, 10).map(({ at }) => at);
    expect(fires).toEqual([3, 4, 5].map((hour) => parseInstant(`2027-01-01T0${hour}:00:00Z`)));
    expect(trigger.next(start)).toBe(fires[0]);
    expect(trigger.next(parseInstant(bounds.endAt))).toBeUndefined();
    expect(trigger.previous(end)).toBe(fires[2]);
    expect(trigger.previous(parseInstant(bounds.startAt))).toBeUndefined();
  });

  it("leave nothing when the end is before the start", () => {
    const trigger = cron({ startAt: bounds.endAt, endAt: bounds.startAt });
    expect(trigger.next(start)).toBeUndefined();
    expect(trigger.between(start, end, 10)).toEqual([]);
    expect(trigger.previous(end)).toBeUndefined();
  });

  it("are read in the trigger's zone and stored as instants", () => {
    const { spec } = cron({ zone: "Asia/Tokyo", startAt: "2027-01-01" });
    expect(spec).toMatchObject({ startAt: "2026-12-31T15:00:00.000000Z" });
  });
});

describe("jitter", () => {
  /** So that the fire at `start` is among those that are late. */
  const before = instantFromMicros(start - 1n);
  const nominal = cron({}).between(before, end, 100);

  it("is late by less than it says, never early, and never reaches the next fire", () => {
    for (const jitterMs of [1, 60_000, 86_400_000]) {
      const late = cron({ jitterMs, jitterSeed: 7 }).between(before, end, 100);
      for (const [index, occurrence] of late.slice(0, -1).entries()) {
        const delay = millisBetween(nominal[index]?.at ?? start, occurrence.at);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(Math.min(jitterMs, 3_600_000));
      }
    }
  });

  it("is the same for the same seed and spread over seeds and fires", () => {
    const lateBy = (jitterSeed: number): readonly bigint[] =>
      cron({ jitterMs: 3_600_000, jitterSeed })
        .between(before, end, 20)
        .map(({ at }, index) => at - (nominal[index]?.at ?? start));
    expect(lateBy(1)).toEqual(lateBy(1));
    expect(new Set([...lateBy(1), ...lateBy(2)]).size).toBe(40);
  });

  it("loses no fire, however often it is asked and from where", () => {
    const trigger = cron({ jitterMs: 5_000_000, jitterSeed: 3 });
    fc.assert(
      fc.property(fc.bigInt({ min: start, max: end }), (micros) => {
        const at = instantFromMicros(micros);
        const next = present(trigger.next(at), "a fire");
        const previous = present(trigger.previous(next), "a fire");
        expect(next > at && previous <= at).toBe(true);
        expect(trigger.next(previous)).toBe(next);
      }),
    );
  });

  it("does not pass the end", () => {
    const endAt = "2027-01-01T05:00:01Z";
    for (let jitterSeed = 0; jitterSeed < 50; jitterSeed += 1) {
      const fires = cron({ jitterMs: 600_000, jitterSeed, endAt }).between(before, end, 10);
      expect(fires).toHaveLength(6);
      expect((fires[5]?.at ?? end) <= parseInstant(endAt)).toBe(true);
    }
  });

  it("of an interval does not move its phase", () => {
    const trigger = triggerFromSpec({
      kind: "interval",
      everyMs: 60_000,
      anchorAt: "2027-01-01T00:00:00Z",
      jitterMs: 30_000,
    });
    let at = present(trigger.next(before), "a fire");
    for (let count = 0; count < 100; count += 1) {
      const phase = millisBetween(start, at) - 60_000 * count;
      expect(phase >= 0 && phase < 30_000).toBe(true);
      at = present(trigger.next(at, at), "a fire");
    }
  });
});
