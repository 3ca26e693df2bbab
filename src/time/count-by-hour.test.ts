/** Counts by hour against the listing, on random triggers of every kind in awkward zones. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { randomJob } from "../../test/time/slow-enumerator.ts";
import { addMillis, formatInstant, type Instant, parseInstant } from "../kernel/instant.ts";
import { createRng } from "../kernel/rng.ts";
import { countByHour, hourOf } from "./count-by-hour.ts";
import { type Trigger, triggerFromSpec } from "./trigger.ts";

const hourMs = 3_600_000;

/** What `between` lists, put into the hours of the range. */
function listed(trigger: Trigger, range: { readonly from: Instant; readonly to: Instant }) {
  const hourCount = hourOf(range.to) - hourOf(range.from) + 1;
  const counts = Array.from({ length: hourCount }, () => 0);
  for (const { at } of trigger.between(range.from, range.to, 1_000_000)) {
    const hour = hourOf(at) - hourOf(range.from);
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  return counts;
}

const zones = fc.constantFrom(
  "UTC",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "America/Sao_Paulo",
  "Pacific/Apia",
);

const instants = fc
  .integer({ min: 1_200_000_000_000, max: 1_900_000_000_000 })
  .map((ms) => addMillis(parseInstant("1970-01-01T00:00:00Z"), ms));

const cron = fc
  .record({
    seed: fc.integer(),
    zone: zones,
    clockChange: fc.constantFrom("match", "daemon", "once"),
    seconds: fc.constantFrom("", "*/20 ", "0,59 "),
  })
  .map(({ seed, zone, clockChange, seconds }) => {
    const rng = createRng(seed);
    const { expression } = randomJob(() => rng.next());
    return {
      kind: "cron",
      dialect: "vixie",
      expression: `${seconds}${expression}`,
      ...(seconds === "" ? {} : { seconds: "first" }),
      zone,
      clockChange,
    };
  });

const interval = fc
  .record({ everyMs: fc.integer({ min: 1_001, max: 10 * hourMs }), anchorAt: instants })
  .map(({ everyMs, anchorAt }) => ({
    kind: "interval",
    everyMs,
    anchorAt: formatInstant(anchorAt),
  }));

const unanchored = fc.constantFrom(7_777_777, 90_000).map((everyMs) => ({
  kind: "interval",
  everyMs,
}));

const bare = fc.oneof(
  cron,
  interval,
  unanchored,
  fc.constant({ kind: "date", at: "2021-03-14T07:00:00Z" }),
  fc.tuple(cron, interval).map((triggers) => ({ kind: "or", triggers })),
);

/** A trigger whose limits lie near the range. */
const limited = fc
  .record({
    spec: bare,
    from: instants,
    startMs: fc.option(fc.integer({ min: -hourMs, max: 30 * hourMs })),
    endMs: fc.option(fc.integer({ min: 0, max: 90 * hourMs })),
    jitterMs: fc.constantFrom(0, 0, 30_000, 5 * hourMs),
  })
  .map(({ spec, from, startMs, endMs, jitterMs }) => ({
    from,
    spec:
      spec.kind === "date"
        ? spec
        : {
            ...spec,
            ...(startMs === null ? {} : { startAt: formatInstant(addMillis(from, startMs)) }),
            ...(endMs === null ? {} : { endAt: formatInstant(addMillis(from, endMs)) }),
            jitterMs,
            jitterSeed: 7,
          },
  }));

it("counts in each hour what the listing lists", () => {
  fc.assert(
    fc.property(limited, fc.integer({ min: 1, max: 40 * hourMs }), ({ spec, from }, spanMs) => {
      const trigger = triggerFromSpec(spec);
      const range = { from, to: addMillis(from, spanMs) };
      expect([...countByHour(trigger, range)]).toEqual(listed(trigger, range));
    }),
    { numRuns: 150 },
  );
});

it.each([
  ["spring", "2021-03-13T12:00:00Z"],
  ["autumn", "2021-11-06T12:00:00Z"],
])("counts what clock changes do to every minute and to fixed times, in %s", (_, from) => {
  const range = { from: parseInstant(from), to: addMillis(parseInstant(from), 48 * hourMs) };
  for (const expression of ["* * * * *", "*/7 1,2 * * *", "30 2 * * *", "30 1 * * *"]) {
    for (const clockChange of ["match", "daemon", "once"]) {
      const trigger = triggerFromSpec({
        kind: "cron",
        dialect: "vixie",
        expression,
        zone: "America/New_York",
        clockChange,
      });
      expect([...countByHour(trigger, range)]).toEqual(listed(trigger, range));
    }
  }
});

it("a dense rule with jitter keeps its number of fires", () => {
  const spec = { kind: "interval", everyMs: 60_000, anchorAt: "2026-03-01T00:00:30Z" };
  const trigger = triggerFromSpec({ ...spec, jitterMs: 59_000, jitterSeed: 3 });
  const from = parseInstant("2026-03-01T10:17:31Z");
  const range = { from, to: addMillis(from, 40 * hourMs) };
  const counts = [...countByHour(trigger, range)];
  expect(counts).toEqual(listed(trigger, range));
  expect(counts.slice(1, -1).some((count) => count !== 60)).toBe(true);
});

it("an empty or reversed range has no fires", () => {
  const trigger = triggerFromSpec({ kind: "interval", everyMs: 1 });
  const at = parseInstant("2026-03-01T10:59:59Z");
  expect([...countByHour(trigger, { from: at, to: at })]).toEqual([0]);
  expect([...countByHour(trigger, { from: at, to: addMillis(at, -hourMs) })]).toEqual([0]);
});
