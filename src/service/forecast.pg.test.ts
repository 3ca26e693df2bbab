/** Forecasts of what is stored, against a walk over the stored triggers, fire by fire. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { addMillis, formatInstant, type Instant, parseInstant } from "../kernel/instant.ts";
import type { TaskId } from "../kernel/ids.ts";
import { createRng, type Rng } from "../kernel/rng.ts";
import { defineTask } from "../model/define-task.ts";
import type { Forecast } from "../model/forecast.ts";
import { eventful } from "../model/outcome.ts";
import { triggerFromSpec } from "../time/trigger.ts";

const run = (): undefined => undefined;
const definitions = [
  defineTask({ name: "poll", run, interval: { defaultMs: 600_000 } }),
  defineTask({ name: "sync", run }),
  defineTask({ name: "rare", run, retentionClass: "long" }),
];
const hourMs = 3_600_000;

async function openRig(): Promise<ServiceRig> {
  return openServiceRig(definitions);
}

async function sql(rig: ServiceRig, text: string, values: readonly unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: rig.database.connectionString });
  await client.connect();
  await client.query(text, [...values]);
  await client.end();
}

/** Lets runs that are due begin at a time and take as long as is said, in milliseconds. */
async function work(rig: ServiceRig, at: string, durationsMs: readonly number[]): Promise<void> {
  rig.setNow(at);
  const claimed = await rig.claim();
  for (const [index, { id, fence, taskId, triggerId, intervalMs }] of claimed.entries()) {
    const durationMs = durationsMs[index] ?? 0;
    rig.setNow(formatInstant(addMillis(parseInstant(at), durationMs)));
    const end = { id, fence, taskId, triggerId, outcome: eventful(), durationMs };
    await rig.store.runs.finish([{ ...end, nextIntervalMs: intervalMs }]);
  }
}

/** Lets a type have a history of such runs. */
async function learn(
  rig: ServiceRig,
  { type, at }: { readonly type: string; readonly at: string },
  durationsMs: readonly number[],
): Promise<void> {
  rig.setNow(at);
  await rig.service.enqueue(durationsMs.map(() => ({ type })));
  await work(rig, at, durationsMs);
}

function randomSpec(rng: Rng): object {
  const below = (count: number): number => Math.floor(rng.next() * count);
  const zones = ["UTC", "America/New_York", "Europe/Paris", "Asia/Kolkata"];
  const zone = zones[below(zones.length)];
  const cron = { kind: "cron", dialect: "vixie", zone, clockChange: "match" };
  switch (below(5)) {
    case 0:
      return { kind: "adaptive" };
    case 1:
      return { kind: "interval", everyMs: 60_000 * (1 + below(500)) };
    case 2:
      return { ...cron, expression: `*/${1 + below(30)} ${below(12)}-${12 + below(12)} * * *` };
    case 3:
      return { ...cron, expression: `${below(60)} ${below(24)} * * ${below(7)}` };
    default:
      return {
        kind: "date",
        at: formatInstant(addMillis(parseInstant(start), below(70) * hourMs)),
      };
  }
}

const start = "2026-03-07T09:20:00.000000Z";

interface Expected {
  readonly at: Instant;
  readonly type: string;
}

/** All fires of the stored triggers, one after the other, and the runs that are due later. */
async function walkAll(rig: ServiceRig, from: Instant, to: Instant): Promise<readonly Expected[]> {
  const expected: Expected[] = [];
  const { items } = await rig.service.listTasks({ limit: 1_000 });
  for (const { id, typeName: type } of items) {
    const { triggers } = await rig.service.getTask(id);
    for (const { spec, nextFireAt, intervalMs } of triggers) {
      let at = nextFireAt ?? undefined;
      while (at !== undefined && at <= to) {
        expected.push({ at: at > from ? at : from, type });
        at =
          intervalMs === null
            ? triggerFromSpec(spec).next(at, at)
            : addMillis(at, intervalMs + 40_000);
      }
    }
  }
  const runs = await rig.service.listRuns({ state: ["queued"], limit: 1_000 });
  for (const { dueAt, typeName: type } of runs.items) {
    if (dueAt > from && dueAt <= to) expected.push({ at: dueAt, type });
  }
  return expected.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

function shown(forecast: Forecast): readonly Expected[] {
  return forecast.occurrences.map(({ at, typeName: type }) => ({ at, type }));
}

test("counts and lists what a walk over the stored triggers meets", async () => {
  await using rig = await openRig();
  const rng = createRng(20_260_307);
  await learn(rig, { type: "poll", at: "2026-03-07T09:00:00Z" }, [30_000, 40_000, 90_000]);
  rig.setNow(start);
  for (let count = 0; count < 25; count += 1) {
    const type = rng.next() < 0.5 ? "poll" : "sync";
    const spec = randomSpec(rng);
    const adaptive = JSON.stringify(spec).includes("adaptive");
    await rig.create({ type: adaptive ? "poll" : type, triggers: [spec] });
  }
  await rig.service.enqueue(
    [1, 100, 1_000, 100_000].map((seconds) => ({
      type: "sync",
      delayMs: seconds * 1_000,
    })),
  );
  const from = parseInstant(start);
  for (const hours of [1, 24, 60]) {
    const to = addMillis(from, hours * hourMs);
    const walked = await walkAll(rig, from, to);
    const forecast = await rig.service.getForecast({ hours, limit: 1_000 });
    expect(forecast).toMatchObject({ now: from, from, to, count: walked.length, complete: true });
    expect(shown(forecast).map(({ at }) => at)).toEqual(walked.slice(0, 1_000).map(({ at }) => at));
    for (const type of forecast.types) {
      const own = walked.filter((each) => each.type === type.typeName);
      expect(type.count).toBe(own.length);
    }
    for (const hour of forecast.hours) {
      const own = walked.filter(({ at }) => at >= hour.at && at < addMillis(hour.at, hourMs));
      expect(hour.count).toBe(own.length);
    }
  }
}, 60_000);

test("lists as many as were asked for, and counts all", async () => {
  await using rig = await openRig();
  await rig.create({ type: "sync", triggers: [{ kind: "interval", everyMs: 60_000 }] });
  const forecast = await rig.service.getForecast({ hours: 744, limit: 3 });
  expect(forecast).toMatchObject({ count: 44_640, truncated: true });
  expect(forecast.occurrences.map(({ at }) => formatInstant(at).slice(11, 16))).toEqual([
    "09:01",
    "09:02",
    "09:03",
  ]);
  // The first hour lacks the fire at its beginning, which the one after the last has in its place.
  expect(forecast.hours.map(({ count }) => count)).toEqual([59, ...Array(743).fill(60), 1]);
});

test("a span may begin later; one that has begun begins now", async () => {
  await using rig = await openRig();
  const anchorAt = "2026-03-01T09:10:00Z";
  await rig.create({ type: "sync", triggers: [{ kind: "interval", everyMs: hourMs, anchorAt }] });
  const later = await rig.service.getForecast({ hours: 2, from: "2026-03-01T12:10:00+00:00" });
  expect(later.occurrences.map(({ at }) => formatInstant(at).slice(11, 16))).toEqual([
    "13:10",
    "14:10",
  ]);
  const past = await rig.service.getForecast({ hours: 1, from: "2020-01-01T00:00:00Z" });
  expect(past).toMatchObject({ from: past.now, count: 1 });
});

test("durations are the median of what ran lately, also for types that run rarely", async () => {
  await using rig = await openRig();
  rig.setNow("2025-12-01T09:00:00Z");
  await rig.create({ type: "rare" });
  await work(rig, "2025-12-01T09:00:00Z", [7_000]);
  await learn(rig, { type: "poll", at: "2026-03-01T08:55:00Z" }, [1_000, 2_000, 60_000]);
  rig.setNow("2026-03-01T09:00:00Z");
  const soon = [{ kind: "date", at: "2026-03-01T10:00:00Z" }];
  for (const type of ["poll", "rare", "sync"]) await rig.create({ type, triggers: soon });
  const { types, busyMs, hours } = await rig.service.getForecast({ hours: 2 });
  expect(types).toMatchObject([
    { typeName: "poll", count: 1, durationMs: 2_000, busyMs: 2_000 },
    { typeName: "rare", count: 1, durationMs: 7_000, busyMs: 7_000 },
    { typeName: "sync", count: 1, durationMs: null, busyMs: 0 },
  ]);
  expect({ busyMs, second: hours[1]?.busyMs }).toEqual({ busyMs: 9_000, second: 9_000 });
});

test("an adaptive trigger whose run is under way goes on an interval after it", async () => {
  await using rig = await openRig();
  await learn(rig, { type: "poll", at: "2026-03-01T08:00:00Z" }, [120_000]);
  rig.setNow("2026-03-01T09:00:00Z");
  const { id } = await rig.create({ type: "poll", triggers: [{ kind: "adaptive" }] });
  await rig.fire();
  // Queued and due: it is expected to begin now.
  expect(await firesOf(rig, id)).toEqual(["09:12", "09:24", "09:36", "09:48", "10:00"]);
  await rig.claim();
  rig.setNow("2026-03-01T09:01:00Z");
  expect(await firesOf(rig, id)).toEqual(["09:12", "09:24", "09:36", "09:48", "10:00"]);
});

async function firesOf(rig: ServiceRig, taskId: TaskId): Promise<readonly string[]> {
  const { occurrences } = await rig.service.getForecast({ hours: 1, taskId });
  return occurrences.map(({ at }) => formatInstant(at).slice(11, 16));
}

test("what is paused is left out or said to be", async () => {
  await using rig = await openRig();
  const triggers = [{ kind: "interval", everyMs: hourMs }];
  const { id } = await rig.create({ type: "sync", triggers });
  await rig.create({ type: "poll", triggers });
  await rig.service.pauseTask(id);
  await rig.service.pauseTaskType("poll");
  await rig.service.pause();
  const forecast = await rig.service.getForecast({ hours: 1 });
  const now = parseInstant("2026-03-01T09:00:00Z");
  expect(forecast).toMatchObject({ pausedAt: now, count: 1 });
  expect(forecast.types).toMatchObject([{ typeName: "poll", pausedAt: now }]);
  // Overdue all the while, it fires once as soon as everything goes on.
  rig.setNow("2026-03-01T12:30:00Z");
  const overdue = await rig.service.getForecast({ hours: 1 });
  expect(overdue.occurrences.map(({ at }) => formatInstant(at).slice(11, 16))).toEqual([
    "12:30",
    "13:00",
  ]);
});

test("a trigger that is paused alone is left out until it is resumed", async () => {
  await using rig = await openRig();
  const task = await rig.create({
    type: "sync",
    triggers: [{ kind: "adaptive" }, { kind: "interval", everyMs: hourMs }],
  });
  const countOf = async (): Promise<number> =>
    (await rig.service.getForecast({ hours: 10, taskId: task.id })).count;
  const all = await countOf();
  const [adaptive, hourly] = task.triggers.map(({ id }) => id);
  await rig.service.pauseTrigger(adaptive);
  expect(await countOf()).toBe(10);
  await rig.service.pauseTrigger(hourly);
  expect(await countOf()).toBe(0);
  for (const id of [adaptive, hourly]) await rig.service.resumeTrigger(id);
  expect(await countOf()).toBe(all);
});

test("shows only a type or a task where that is asked", async () => {
  await using rig = await openRig();
  const triggers = [{ kind: "interval", everyMs: hourMs }];
  const { id } = await rig.create({ type: "sync", triggers });
  await rig.create({ type: "sync", triggers });
  await rig.create({ type: "poll", triggers });
  await rig.service.enqueue([{ type: "poll", delayMs: 1_000 }]);
  const countOf = async (fields: object): Promise<number> =>
    (await rig.service.getForecast({ hours: 1, ...fields })).count;
  expect(await countOf({})).toBe(4);
  expect(await countOf({ type: "poll" })).toBe(2);
  expect(await countOf({ type: "sync" })).toBe(2);
  expect(await countOf({ taskId: id })).toBe(1);
  expect(await countOf({ type: "poll", taskId: id })).toBe(0);
  expect(await countOf({ type: "none" })).toBe(0);
});

test("reads triggers page by page, also those of one fire time, each once", async () => {
  await using rig = await openRig();
  const triggers = [{ kind: "date", at: "2026-03-01T10:00:00Z" }];
  await rig.service.createTasks(Array.from({ length: 1_201 }, () => ({ type: "sync", triggers })));
  expect((await rig.service.getForecast({ hours: 1 })).count).toBe(1_201);
});

test("a rule of a later release is left out and told of", async () => {
  await using rig = await openRig();
  const triggers = [{ kind: "date", at: "2026-03-01T10:00:00Z" }];
  await rig.create({ type: "sync", triggers });
  const { id } = await rig.create({ type: "sync", triggers });
  await sql(rig, `update orrery.trigger set spec = '{"kind": "lunar"}' where task_id = $1`, [id]);
  expect(await rig.service.getForecast({ hours: 1 })).toMatchObject({
    count: 1,
    unreadableCount: 1,
  });
});

test("refuses what is out of bounds and names the field", async () => {
  await using rig = await openRig();
  const refused: readonly (readonly [fields: object, field: string])[] = [
    [{ hours: 0 }, "hours"],
    [{ hours: 745 }, "hours"],
    [{ hours: 1.5 }, "hours"],
    [{ limit: 1_001 }, "limit"],
    [{ from: "tomorrow" }, "from"],
    [{ from: 5 }, "from"],
    [{ from: "9999-12-31T00:00:00Z" }, "from"],
    [{ taskId: 0 }, "taskId"],
    [{ type: "" }, "type"],
  ];
  for (const [fields, field] of refused) {
    await expect(rig.service.getForecast(fields)).rejects.toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field },
    });
  }
});
