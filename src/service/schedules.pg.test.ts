/** Schedules: tasks told by their keys at each start, whose triggers follow what is said. */

import { expect, test } from "vitest";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { present } from "../kernel/assert.ts";
import { formatInstant } from "../kernel/instant.ts";
import { defineTask } from "../model/define-task.ts";
import type { AppliedSchedule } from "./schedules.ts";

const daily = { kind: "cron", dialect: "vixie", expression: "0 3 * * *", zone: "UTC" };
const hourly = { kind: "cron", dialect: "vixie", expression: "0 * * * *", zone: "UTC" };
const unchanged = { isNew: false, changedCount: 0, addedCount: 0, removedCount: 0, left: [] };

async function openRig(): Promise<ServiceRig> {
  const run = (): undefined => undefined;
  return await openServiceRig([
    defineTask({ name: "poll", run, retry: { limit: 5 } }),
    defineTask({ name: "full", run, limits: { unfinishedMax: 1 } }),
  ]);
}

async function applied(rig: ServiceRig, request: object): Promise<AppliedSchedule> {
  const [schedule] = await rig.service.applySchedules([{ type: "poll", key: "k", ...request }]);
  return present(schedule, "what became of the schedule");
}

function nextFires({ task }: AppliedSchedule): readonly (string | null)[] {
  return task.triggers.map(({ nextFireAt }) => nextFireAt && formatInstant(nextFireAt));
}

test("what is not there is stored, what is there is left as it is", async () => {
  await using rig = await openRig();
  const requests = [
    { type: "poll", key: "a", triggers: [hourly] },
    {
      type: "poll",
      key: "b",
      input: { n: [1, -0] },
      requires: [{ key: "c", onFailure: "cancel" }],
    },
    { type: "poll", key: "c", parentKey: "a", overrides: { retry: { limit: 1 } }, delayMs: 5 },
    { type: "full", key: "d", name: "Full", priority: "low", concurrencyKey: "x" },
  ];
  const first = await rig.service.applySchedules(requests);
  expect(first.map(({ isNew, task }) => [isNew, task.key])).toEqual([
    [true, "a"],
    [true, "b"],
    [true, "c"],
    [true, "d"],
  ]);
  const again = await rig.service.applySchedules(requests);
  expect(again).toEqual(first.map(({ task }) => ({ task, ...unchanged })));
  // New ones may name those that are there.
  const more = await rig.service.applySchedules([
    ...requests,
    { type: "poll", key: "e", requires: [{ key: "c" }] },
  ]);
  expect(more.map(({ isNew }) => isNew)).toEqual([false, false, false, false, true]);
});

test("triggers that were edited, added and taken out are brought to what is said", async () => {
  await using rig = await openRig();
  const before = await applied(rig, { triggers: [daily, hourly, { kind: "adaptive" }] });
  const [edited] = before.task.triggers;
  const weekly = { ...daily, expression: "0 5 * * 1" };
  const after = await applied(rig, {
    triggers: [{ ...hourly, overlap: "allow" }, weekly, { kind: "interval", everyMs: 60_000 }],
  });
  expect(after).toMatchObject({
    isNew: false,
    changedCount: 2,
    addedCount: 1,
    removedCount: 1,
    left: [],
  });
  expect(after.task.triggers[0]).toMatchObject({ id: edited?.id, spec: weekly });
  expect(after.task.triggers[1]?.policy.overlap).toBe("allow");
  expect(nextFires(after)).toEqual([
    "2026-03-02T05:00:00.000000Z",
    "2026-03-01T09:00:00.000000Z",
    "2026-03-01T09:01:00.000000Z",
  ]);
});

test("a trigger that is paused stays so, and is not paused again once it was resumed", async () => {
  await using rig = await openRig();
  const { task } = await applied(rig, { triggers: [{ ...daily, nextFireAt: null }] });
  const { id } = present(task.triggers[0], "the trigger");
  expect(nextFires(await applied(rig, { triggers: [hourly] }))).toEqual([null]);
  await rig.service.resumeTrigger(id);
  const again = await applied(rig, { triggers: [{ ...hourly, nextFireAt: null }] });
  expect(nextFires(again)).toEqual(["2026-03-01T10:00:00.000000Z"]);
});

test("what a stored task keeps is told by the field", async () => {
  await using rig = await openRig();
  const parent = await rig.create({ type: "poll", key: "parent" });
  const request = {
    input: { a: 1, b: 2 },
    overrides: { timeoutMs: 5, retry: { limit: 2 } },
    triggers: [hourly],
  };
  await applied(rig, request);
  const differing: readonly (readonly [object, readonly string[]])[] = [
    [{ input: { b: 2, a: 1 } }, []],
    [{ input: { a: 1 } }, ["input"]],
    [{ name: "Poll" }, ["name"]],
    [{ priority: "high" }, ["priority"]],
    [{ concurrencyKey: "x" }, ["concurrencyKey"]],
    [{ overrides: { timeoutMs: 5, retry: { limit: 2, factor: 4 } } }, []],
    [{ overrides: { timeoutMs: 5, retry: { limit: 3 } } }, ["overrides"]],
    [{ overrides: { timeoutMs: 5 } }, ["overrides"]],
    [{ overrides: undefined }, ["overrides"]],
    [{ parentKey: "parent" }, ["parentKey"]],
    [{ parentId: parent.id }, ["parentId"]],
    [{ type: "full" }, ["type", "name"]],
    [{ type: "full", triggers: [daily] }, ["type", "name", "triggers"]],
    [{ triggers: [], requires: [{ key: "parent" }] }, ["requires", "triggers"]],
    [{ triggers: [] }, ["triggers"]],
  ];
  for (const [more, left] of differing) {
    expect(await applied(rig, { ...request, ...more })).toMatchObject({ ...unchanged, left });
  }
});

test("the triggers of a task that is not active, or runs once, are left alone", async () => {
  await using rig = await openRig();
  const { task } = await applied(rig, { triggers: [hourly] });
  await rig.service.pauseTask(task.id);
  expect(await applied(rig, { triggers: [daily] })).toMatchObject({ left: ["triggers"] });
  await rig.service.cancelTask({ id: task.id });
  expect(await applied(rig, { triggers: [daily] })).toMatchObject({ left: ["triggers"] });
  await applied(rig, { key: "once" });
  const again = await applied(rig, { key: "once", triggers: [daily] });
  expect(again).toMatchObject({ ...unchanged, left: ["triggers"], task: { triggers: [] } });
});

test("a rule that has ended meanwhile keeps nobody from starting", async () => {
  await using rig = await openRig();
  const ending = { ...hourly, endAt: "2026-03-01T11:00:00Z" };
  await applied(rig, { triggers: [ending, daily] });
  rig.setNow("2026-03-05T00:00:00Z");
  expect(await applied(rig, { triggers: [ending, daily] })).toMatchObject(unchanged);
});

test("of two processes that start at once only one adds a trigger", async () => {
  await using rig = await openRig();
  await applied(rig, { triggers: [hourly] });
  const both = await Promise.all([1, 2].map(() => applied(rig, { triggers: [hourly, daily] })));
  expect(new Set(both.map(({ addedCount }) => addedCount))).toEqual(new Set([0, 1]));
  expect((await applied(rig, { triggers: [hourly, daily] })).task.triggers).toHaveLength(2);
});

test("what is wrong is told by its path, and nothing is stored", async () => {
  await using rig = await openRig();
  const good = { type: "poll", key: "good" };
  const wrong: readonly (readonly [object, string])[] = [
    [{ type: "poll" }, "tasks[1].key"],
    [
      { type: "poll", key: "w", triggers: [{ ...daily, overlap: "x" }] },
      "tasks[1].triggers[0].overlap",
    ],
    [
      { type: "poll", key: "w", triggers: [{ ...daily, zone: "X/Y" }] },
      "tasks[1].triggers[0].zone",
    ],
    [{ type: "poll", key: "good" }, "tasks[1].key"],
  ];
  for (const [request, field] of wrong) {
    await expect(rig.service.applySchedules([good, request])).rejects.toMatchObject({
      details: { field },
    });
  }
  expect((await rig.service.listTasks({})).items).toEqual([]);
  await rig.service.applySchedules([good]);
  const twice = rig.service.applySchedules([good, good]);
  await expect(twice).rejects.toMatchObject({ details: { field: "tasks[1].key" } });
});
