/**
 * Goal: what is stored comes back as it was given, by every implementation of the interface: whole
 * numbers of any size, whole numbers apart from fractions, times and intervals to the microsecond.
 * Method: random values in every place that holds any JSON, a time, or an interval.
 */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SwhScheduler } from "../../src/compat/swh/scheduler.ts";
import { Float, type SwhJson, type SwhJsonObject } from "../../src/compat/swh/values.ts";
import { present } from "../../src/kernel/assert.ts";
import type { Instant } from "../../src/kernel/instant.ts";
import { instantMax, instantMin } from "../../src/kernel/instant.ts";
import { type Interval, intervalOf } from "../../src/kernel/interval.ts";
import { openSwhRig, type SwhRig } from "../swh/rig.ts";
import { implementations } from "./swh-implementations.ts";

/** Any letters that the database can keep. */
const texts = fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll("\0", ""));

/** Around every bound at which a number could change its form, and far beyond. */
const wholes = fc
  .oneof(
    fc.bigInt({ min: -100n, max: 100n }),
    fc
      .tuple(fc.constantFrom(31n, 32n, 53n, 63n, 64n, 200n), fc.bigInt({ min: -3n, max: 3n }))
      .map(([bits, off]) => 2n ** bits + off),
  )
  .chain((value) => fc.constantFrom(value, -value))
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));

/** Beyond these the database makes whole numbers of them, as that of the reference does. */
const fractions = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
  .map((value) => (value === 0 ? 0.5 : value))
  .map((value) => (Number.isInteger(value) ? new Float(value) : value));

const { value: values } = fc.letrec<{ value: SwhJson }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    texts,
    wholes,
    fractions,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(texts, tie("value"), { maxKeys: 4 }),
  ),
}));
const objects: fc.Arbitrary<SwhJsonObject> = fc.dictionary(texts, values, { maxKeys: 5 });

const times = fc
  .bigInt({ min: instantMin, max: instantMax })
  .map((micros): Instant => micros as Instant);

const intervals: fc.Arbitrary<Interval> = fc
  .record({
    days: fc.integer({ min: -1000, max: 100_000 }),
    seconds: fc.integer({ min: 0, max: 86_399 }),
    microseconds: fc.integer({ min: 0, max: 999_999 }),
  })
  .map((parts) => intervalOf(parts));

const stored = fc.record({
  args: fc.array(values, { maxLength: 3 }),
  kwargs: objects,
  state: objects,
  time: times,
  interval: intervals,
  factor: fc.double({ noNaN: true, noDefaultInfinity: true }),
  position: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  snapshot: fc.uint8Array({ maxLength: 40 }),
});

let number = 0;

/** Stores the values in all places, and reads them from there. */
async function checkStored(
  scheduler: SwhScheduler,
  given: typeof stored extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  const { args, kwargs, state, time, interval, factor, snapshot } = given;
  number += 1;
  const type = `type ${number}`;
  const described = { type, description: "", backendName: "b", defaultInterval: interval };
  await scheduler.createTaskType({ ...described, backoffFactor: factor });
  const found = await scheduler.getTaskType(type);
  // The database does not tell the two zeros apart.
  expect(found).toMatchObject({ defaultInterval: interval, backoffFactor: factor + 0 });
  const made = await scheduler.createTasks([{ type, arguments: { args, kwargs }, nextRun: time }]);
  const [task] = await scheduler.getTasks([present(made[0], "the task").id]);
  expect(task).toMatchObject({ nextRun: time, currentInterval: interval });
  expect(task?.arguments).toEqual({ args, kwargs });
  const noted = { metadata: state, timestamp: time };
  await scheduler.scheduleTaskRun(present(task, "the task").id, type, noted);
  expect(await scheduler.endTaskRun(type, "permfailed", { timestamp: time })).toMatchObject({
    scheduled: time,
    ended: time,
    metadata: state,
  });
  const lister = await scheduler.getOrCreateLister({ name: type });
  const updated = await scheduler.updateLister({ ...lister, currentState: state });
  expect(updated.currentState).toEqual(state);
  const origin = { listerId: lister.id, url: type, visitType: "git", lastUpdate: time };
  await scheduler.recordListedOrigins([{ ...origin, extraLoaderArguments: kwargs }]);
  const page = await scheduler.getListedOrigins({ listerId: lister.id });
  expect(page.results).toMatchObject([origin]);
  expect(page.results[0]?.extraLoaderArguments).toEqual(kwargs);
  const key = { url: type, visitType: "git" };
  const stats = { ...key, lastVisit: time, lastSnapshot: snapshot };
  await scheduler.originVisitStatsUpsert([stats]);
  expect(await scheduler.originVisitStatsGet([[type, "git"]])).toMatchObject([stats]);
  await scheduler.visitSchedulerQueuePositionSet("git", given.position);
  const positions = await scheduler.visitSchedulerQueuePositionGet();
  expect(BigInt(positions.get("git") ?? 0)).toBe(given.position);
}

describe.each(implementations)("$name", ({ open }) => {
  let rig: SwhRig;

  beforeAll(async () => {
    rig = await openSwhRig();
  });

  afterAll(async () => {
    expect(rig.failures).toEqual([]);
    await rig[Symbol.asyncDispose]();
  });

  test("what is stored comes back as it was given", async () => {
    const scheduler = open(rig);
    await fc.assert(
      fc.asyncProperty(stored, async (given) => await checkStored(scheduler, given)),
      { numRuns: 25 },
    );
  });
});
