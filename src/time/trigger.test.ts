/** The laws that hold for every trigger, on random ones; and how unknown input is refused. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assert } from "../kernel/assert.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { type Instant, instantFromMillis, parseInstant } from "../kernel/instant.ts";
import type { JsonObject } from "../kernel/json.ts";
import { firstFire } from "./first-fire.ts";
import { triggerFromSpec, type TriggerSpec } from "./trigger.ts";

const zone = fc.constantFrom("UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca");
const clockChange = fc.constantFrom("match", "daemon", "once");
/** Around the changes of 2021, to the millisecond. */
const anyInstant = fc
  .integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2023, 0, 1) })
  .map(instantFromMillis);
const window = fc.record(
  {
    startAt: fc.constantFrom("2021-03-14T02:30:00", "2021-01-01"),
    endAt: fc.constantFrom("2021-11-07T01:30:00", "2022-06-01T00:00:00Z"),
    jitterMs: fc.integer({ min: 0, max: 600_000 }),
    jitterSeed: fc.nat(1000),
  },
  { requiredKeys: [] },
);

const minute = fc.constantFrom("*", "0", "*/15", "30", "10-20", "5,35");
const hour = fc.constantFrom("*", "2", "1-3", "*/4", "0,1,2");
const day = fc.constantFrom("*", "14", "*/3", "7", "1-7");
const weekday = fc.constantFrom("*", "0", "1-5", "sun");

const vixie = fc.tuple(minute, hour, day, weekday).map(([minutes, hours, days, weekdays]) => ({
  dialect: "vixie",
  expression: `${minutes} ${hours} ${days} * ${weekdays}`,
}));
const aps = fc
  .record(
    {
      minute,
      hour,
      day: fc.oneof(day, fc.constantFrom("last", "2nd sun", "last sun")),
      week: fc.constantFrom("10-12", "44,45", "*/2"),
      second: fc.constantFrom("0", "*/20", "15"),
    },
    { requiredKeys: ["hour"] },
  )
  .map((fields) => ({ dialect: "aps", fields }));
const cron = fc
  .tuple(fc.oneof(vixie, aps), zone, clockChange, window)
  .map(([rule, zoneName, policy, limits]) => ({
    kind: "cron",
    ...rule,
    zone: zoneName,
    clockChange: policy,
    ...limits,
  }));
const interval = fc
  .tuple(fc.integer({ min: 60_000, max: 1e9 }), window)
  .map(([everyMs, limits]) => ({
    kind: "interval",
    everyMs,
    anchorAt: "2020-02-29T12:00:00Z",
    ...limits,
  }));
const calendar = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom("day", "week", "month"), zone, clockChange)
  .map(([every, unit, zoneName, policy]) => ({
    kind: "calendar",
    every,
    unit,
    startDate: "2020-01-31",
    timeOfDay: "02:30",
    zone: zoneName,
    clockChange: policy,
  }));
const single: fc.Arbitrary<object> = fc.oneof(
  cron,
  interval,
  calendar,
  fc.constant({ kind: "date", at: "2021-06-01T00:00:00.5Z" }),
);
function withoutJitter(member: object): object {
  return "jitterMs" in member ? { ...member, jitterMs: 0 } : member;
}

const combined = fc
  .tuple(fc.constantFrom("and", "or"), fc.array(single, { minLength: 1, maxLength: 3 }))
  .map(([kind, triggers]) => ({
    kind,
    // Members of `and` must not be late by chance.
    triggers: kind === "or" ? triggers : triggers.map(withoutJitter),
  }));
const anySpec: fc.Arbitrary<object> = fc.oneof({ weight: 4, arbitrary: single }, combined);

/** What a call throws, if it does. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

const farEnd = parseInstant("2030-01-01T00:00:00Z");

/** The details of the error that refuses. */
function refusalOf(call: () => unknown): JsonObject {
  try {
    call();
  } catch (error) {
    assert(error instanceof InvalidInputError, "refused as input");
    return error.details;
  }
  return expect.unreachable("accepted");
}

describe("every trigger", () => {
  it("answers a next fire that is later, with nothing of its own in between", () => {
    fc.assert(
      fc.property(anySpec, anyInstant, (spec, at) => {
        const trigger = triggerFromSpec(spec);
        const next = trigger.next(at);
        if (next === undefined) return;
        expect(next > at).toBe(true);
        const before = trigger.previous(next);
        expect(before === undefined || before <= at).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("answers a previous fire that is earlier, and finds the way back from it", () => {
    fc.assert(
      fc.property(anySpec, anyInstant, (spec, at) => {
        const trigger = triggerFromSpec(spec);
        const previous = trigger.previous(at);
        if (previous === undefined) return;
        expect(previous < at).toBe(true);
        const next = trigger.next(previous);
        expect(next === undefined || next >= at).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("lists what repeated next gives, in order, nothing twice", () => {
    fc.assert(
      fc.property(anySpec, anyInstant, fc.integer({ min: 0, max: 60 }), (spec, from, limit) => {
        const trigger = triggerFromSpec(spec);
        const stepped: Instant[] = [];
        let at: Instant | undefined = from;
        while (stepped.length < limit) {
          at = trigger.next(at);
          if (at === undefined || at > farEnd) break;
          stepped.push(at);
        }
        const listed = trigger.between(from, farEnd, limit).map((occurrence) => occurrence.at);
        expect(listed).toEqual(stepped);
        const inOrder = listed.every(
          (fire, index) => index === 0 || fire > (listed[index - 1] ?? fire),
        );
        expect(inOrder).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("comes back from its stored form as it was", () => {
    fc.assert(
      fc.property(anySpec, anyInstant, (spec, at) => {
        const trigger = triggerFromSpec(spec);
        const stored: unknown = JSON.parse(JSON.stringify(trigger.spec));
        const again = triggerFromSpec(stored);
        expect(again.spec).toEqual(trigger.spec);
        expect(again.next(at)).toBe(trigger.next(at));
        expect(again.describe()).toBe(trigger.describe());
      }),
    );
  });
});

describe("the stored form", () => {
  it("is a JSON object, also to the compiler", () => {
    const spec: TriggerSpec = triggerFromSpec({ kind: "interval", everyMs: 1000 }).spec;
    const stored: JsonObject = spec;
    expect(stored).toEqual({ kind: "interval", everyMs: 1000 });
  });

  it("has the defaults written out", () => {
    const { spec } = triggerFromSpec({ kind: "cron", dialect: "vixie", expression: " @daily " });
    expect(spec).toEqual({
      kind: "cron",
      dialect: "vixie",
      expression: "@daily",
      zone: "UTC",
      clockChange: "match",
    });
  });

  it.each([
    [undefined, "trigger", "wrong_type"],
    [null, "trigger", "wrong_type"],
    ["* * * * *", "trigger", "wrong_type"],
    [[], "trigger", "wrong_type"],
    [{}, "kind", "missing"],
    [{ kind: "corn" }, "kind", "unknown_kind"],
    [{ kind: 5 }, "kind", "unknown_kind"],
    [{ kind: "interval" }, "everyMs", "missing"],
    [{ kind: "interval", everyMs: 0 }, "everyMs", "out_of_range"],
    [{ kind: "interval", everyMs: -5 }, "everyMs", "out_of_range"],
    [{ kind: "interval", everyMs: NaN }, "everyMs", "out_of_range"],
    [{ kind: "interval", everyMs: "5" }, "everyMs", "wrong_type"],
    [{ kind: "interval", everyMS: 5 }, "everyMS", "unknown_field"],
    [{ kind: "interval", everyMs: 5, anchorAt: 5 }, "anchorAt", "wrong_type"],
    [{ kind: "interval", everyMs: 5, anchorAt: "soon" }, "anchorAt", "not_a_time"],
    [{ kind: "interval", everyMs: 5, jitterMs: 1e9 }, "jitterMs", "out_of_range"],
    [{ kind: "interval", everyMs: 5, jitterSeed: 1.5 }, "jitterSeed", "wrong_type"],
    [{ kind: "date" }, "at", "missing"],
    [{ kind: "date", at: "2027-02-30" }, "at", "not_a_time"],
    [{ kind: "date", at: "2027-02-03", endAt: "2028-01-01" }, "endAt", "unknown_field"],
    [{ kind: "calendar", every: 1 }, "unit", "missing"],
    [{ kind: "calendar", every: 1.5, unit: "day" }, "every", "wrong_type"],
    [{ kind: "calendar", every: 1, unit: "hour" }, "unit", "not_a_choice"],
    [
      { kind: "calendar", every: 1, unit: "day", startDate: "2027-02-30" },
      "startDate",
      "not_a_time",
    ],
    [
      { kind: "calendar", every: 1, unit: "day", startDate: "2027-02-03", timeOfDay: "24:00" },
      "timeOfDay",
      "not_a_time",
    ],
    [{ kind: "date", at: "2027-02-03", zone: "Mars/Olympus" }, "zone", "unknown_zone"],
    [{ kind: "date", at: "2027-02-03", zone: 5 }, "zone", "wrong_type"],
  ])("refuses %j", (spec, field, reasonCode) => {
    expect(refusalOf(() => triggerFromSpec(spec))).toMatchObject({ field, reasonCode });
  });

  it("never fails in another way, whatever it is given", () => {
    const words = fc.constantFrom("kind", "cron", "and", "dialect", "aps", "fields", "triggers");
    const anything = fc.anything({ key: words, values: [words, fc.double(), fc.boolean()] });
    fc.assert(
      fc.property(anything, (input) => {
        const thrown = thrownBy(() => triggerFromSpec(input));
        expect(thrown === undefined || thrown instanceof InvalidInputError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses a limit that is no count", () => {
    const trigger = triggerFromSpec({ kind: "interval", everyMs: 1000 });
    expect(() => trigger.between(farEnd, farEnd, -1)).toThrow(InvalidInputError);
    expect(() => trigger.between(farEnd, farEnd, NaN)).toThrow(InvalidInputError);
  });
});

describe("the first fire", () => {
  const now = parseInstant("2027-01-01T00:00:00Z");
  it("may be now", () => {
    const daily = triggerFromSpec({ kind: "cron", dialect: "aps", fields: { hour: 0 } });
    expect(firstFire(daily, now)).toBe(now);
  });

  it("of a one-off in the past is that one", () => {
    const past = triggerFromSpec({ kind: "date", at: "2020-01-01" });
    expect(firstFire(past, now)).toBe(parseInstant("2020-01-01T00:00:00Z"));
    const over = triggerFromSpec({ kind: "cron", dialect: "aps", fields: { year: 2020 } });
    expect(firstFire(over, now)).toBeUndefined();
  });
});
