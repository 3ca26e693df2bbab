/** What the local scheduler decides about tasks: ends and intervals, archive, locks, bounds. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { openSwhRig, type SwhRig } from "../../../test/swh/rig.ts";
import { present } from "../../kernel/assert.ts";
import { type Interval, intervalOf } from "../../kernel/interval.ts";
import { addMillis, parseInstant } from "../../kernel/instant.ts";
import type { NewTask, NewTaskType, Task, TaskRunStatus } from "./records.ts";

const at = parseInstant("2024-01-01T00:00:00Z");
const endedAt = parseInstant("2024-02-01T00:00:00Z");

async function createType(rig: SwhRig, settings: Partial<NewTaskType> = {}): Promise<void> {
  const names = { type: "git", description: "", backendName: "b" };
  const defaultInterval = intervalOf({ days: 64 });
  await rig.scheduler.createTaskType({ ...names, defaultInterval, ...settings });
}

async function createTask(rig: SwhRig, more: Partial<NewTask> = {}): Promise<Task> {
  const task = { type: "git", arguments: {}, nextRun: at, ...more };
  return present((await rig.scheduler.createTasks([task]))[0], "the created task");
}

async function reload(rig: SwhRig, { id }: Task): Promise<Task> {
  return present((await rig.scheduler.getTasks([id]))[0], "the task");
}

/** Schedules one more run of the task and ends it. */
async function end(rig: SwhRig, task: Task, status: TaskRunStatus): Promise<Task> {
  const { length } = await rig.scheduler.getTaskRuns([task.id]);
  await rig.scheduler.scheduleTaskRun(task.id, `job ${length}`);
  await rig.scheduler.endTaskRun(`job ${length}`, status, { timestamp: endedAt });
  return await reload(rig, task);
}

const day = { days: 1 };

test.each<[string, Partial<NewTaskType>, Interval]>([
  ["half the interval", { backoffFactor: 2 }, intervalOf({ days: 32 })],
  ["the least interval", { backoffFactor: 1000, minInterval: intervalOf(day) }, intervalOf(day)],
  [
    "the greatest without factor",
    { maxInterval: intervalOf({ days: 5 }) },
    intervalOf({ days: 5 }),
  ],
  ["the least without factor and greatest", { minInterval: intervalOf(day) }, intervalOf(day)],
  [
    "a third of a day",
    { backoffFactor: 3, defaultInterval: intervalOf(day) },
    intervalOf({ hours: 8 }),
  ],
  [
    "a seventh of a day to the microsecond",
    { backoffFactor: 7, defaultInterval: intervalOf(day) },
    intervalOf({ hours: 3, minutes: 25, seconds: 42, microseconds: 857_143 }),
  ],
])("a successful run leaves %s", async (_what, settings, interval) => {
  await using rig = await openSwhRig();
  await createType(rig, settings);
  const task = await end(rig, await createTask(rig), "eventful");
  expect(task.currentInterval).toBe(interval);
  expect(task.nextRun - endedAt).toBe(interval);
});

test.each<[string, Partial<NewTaskType>, string]>([
  ["no interval at all", {}, "NotNullViolation"],
  ["a factor of nothing", { backoffFactor: 0 }, "DivisionByZero"],
  ["a next run after the year 9999", { minInterval: intervalOf({ days: 4e6 }) }, "CheckViolation"],
])("an end that leads to %s is refused, and nothing is changed", async (_what, type, fault) => {
  await using rig = await openSwhRig();
  await createType(rig, type);
  const task = await createTask(rig);
  await rig.scheduler.scheduleTaskRun(task.id, "job");
  await expect(rig.scheduler.endTaskRun("job", "eventful")).rejects.toMatchObject({ fault });
  expect(await rig.scheduler.getTaskRuns([task.id])).toMatchObject([{ status: "scheduled" }]);
  expect(await reload(rig, task)).toEqual(task);
});

test("by the first design, uneventful runs make visits rarer", async () => {
  await using rig = await openSwhRig({ intervalRule: "adapt" });
  await createType(rig, { backoffFactor: 2, maxInterval: intervalOf({ days: 100 }) });
  const eventful = await end(rig, await createTask(rig), "eventful");
  expect(eventful.currentInterval).toBe(intervalOf({ days: 32 }));
  const uneventful = await end(rig, eventful, "uneventful");
  expect(uneventful.currentInterval).toBe(intervalOf({ days: 64 }));
  const bounded = await end(rig, uneventful, "uneventful");
  expect(bounded.currentInterval).toBe(intervalOf({ days: 100 }));
});

test("retries are counted down, and given back when there are none left", async () => {
  await using rig = await openSwhRig();
  await createType(rig, { numRetries: 1, backoffFactor: 2 });
  const failed = await end(rig, await createTask(rig), "failed");
  expect(failed).toMatchObject({ retriesLeft: 0, nextRun: addMillis(endedAt, 3_600_000) });
  const again = await end(rig, failed, "lost");
  expect(again).toMatchObject({ retriesLeft: 1, status: "next_run_not_scheduled" });
  expect(again.nextRun - endedAt).toBe(intervalOf({ days: 64 }));
});

test("a oneshot task without retries left is disabled by a failure", async () => {
  await using rig = await openSwhRig();
  await createType(rig);
  const task = await createTask(rig, { policy: "oneshot" });
  expect(await end(rig, task, "failed")).toEqual({ ...task, status: "disabled" });
});

test("an end that is none leaves the task alone", async () => {
  await using rig = await openSwhRig();
  await createType(rig, { backoffFactor: 2 });
  const task = await createTask(rig);
  expect(await end(rig, task, "started")).toEqual(task);
  expect(await rig.scheduler.listIrregularEnds()).toEqual([]);
});

test("runs of one task that share a backend id move it on one after the other", async () => {
  await using rig = await openSwhRig();
  await createType(rig, { backoffFactor: 2 });
  const task = await createTask(rig);
  const run = { task: task.id, backendId: "job" };
  await rig.scheduler.massScheduleTaskRuns([run, run, run]);
  const first = await rig.scheduler.endTaskRun("job", "eventful", { timestamp: endedAt });
  const runs = await rig.scheduler.getTaskRuns([task.id]);
  expect(first).toEqual(runs[0]);
  expect(runs.map(({ status }) => status)).toEqual(["eventful", "eventful", "eventful"]);
  const { currentInterval } = await reload(rig, task);
  expect(currentInterval).toBe(intervalOf({ days: 8 }));
});

test("an end that comes twice, or revives a task, is applied and stays visible", async () => {
  await using rig = await openSwhRig();
  rig.setNow("2024-03-01T00:00:00Z");
  await createType(rig, { backoffFactor: 2 });
  const task = await createTask(rig);
  const run = await rig.scheduler.scheduleTaskRun(task.id, "job");
  await rig.scheduler.endTaskRun("job", "failed");
  await rig.scheduler.disableTasks([task.id]);
  await rig.scheduler.endTaskRun("job", "eventful");
  expect(await reload(rig, task)).toMatchObject({ status: "next_run_not_scheduled" });
  expect(await rig.scheduler.listIrregularEnds()).toEqual([
    {
      runId: run.id,
      taskId: task.id,
      runStatusBefore: "failed",
      taskStatusBefore: "disabled",
      status: "eventful",
      recordedAt: parseInstant("2024-03-01T00:00:00Z"),
    },
  ]);
});

test("equal tasks of one call are both stored, and both answered again", async () => {
  await using rig = await openSwhRig();
  await createType(rig);
  const task = { type: "git", arguments: { args: [1] }, nextRun: at };
  const both = await rig.scheduler.createTasks([task, task]);
  expect(both).toHaveLength(2);
  expect(await rig.scheduler.createTasks([task])).toEqual(both);
});

test("a task with more runs than a page does not stop the archive", async () => {
  await using rig = await openSwhRig();
  await createType(rig);
  const [many, one] = [
    await createTask(rig, { status: "disabled" }),
    await createTask(rig, { status: "disabled", arguments: { args: [1] } }),
  ];
  await rig.scheduler.massScheduleTaskRuns([
    ...["a", "b", "c", "d", "e"].map((name) => ({ task: many.id, backendId: name, scheduled: at })),
    { task: one.id, backendId: "z", scheduled: at },
  ]);
  const pages: string[] = [];
  let pageToken: string | null = null;
  do {
    const page = await rig.scheduler.filterTaskToArchive({
      afterTs: at,
      beforeTs: endedAt,
      limit: 2,
      pageToken,
    });
    pages.push(page.tasks.map(({ backendId }) => backendId).join(""));
    pageToken = page.nextPageToken ?? null;
  } while (pageToken !== null && pages.length < 10);
  // The first page holds what old clients expect; the next begins the task again and ends it.
  expect(pages).toEqual(["ab", "abcde", "z"]);
});

test("only the runs and tasks that are named are deleted", async () => {
  await using rig = await openSwhRig();
  await createType(rig);
  const tasks: Task[] = [];
  for (const number of [1, 2, 3]) {
    tasks.push(await createTask(rig, { arguments: { args: [number] }, policy: "oneshot" }));
  }
  const ids = tasks.map(({ id }) => id);
  const [first = 0, second = 0, third = 0] = ids;
  await rig.scheduler.massScheduleTaskRuns(
    [first, first, second].map((task, index) => ({ task, backendId: `b${index + 1}` })),
  );
  const runs = await rig.scheduler.getTaskRuns(ids);
  // The id of the run is also that of a task, and the id of the task that of a run.
  expect(runs.map(({ id }) => id)).toEqual([first, second, third]);
  await rig.scheduler.deleteArchivedTasks([{ taskId: second, taskRunId: third }]);
  expect((await rig.scheduler.getTasks(ids)).map(({ id }) => id)).toEqual([first, third]);
  const left = await rig.scheduler.getTaskRuns(ids);
  expect(left.map(({ backendId }) => backendId)).toEqual(["b1", "b2"]);
});

test("rows that another grab has taken are passed over, and waited for by nobody", async () => {
  await using rig = await openSwhRig();
  await createType(rig);
  const [first, second] = await rig.scheduler.createTasks([
    { type: "git", arguments: { args: [1] }, nextRun: at },
    { type: "git", arguments: { args: [2] }, nextRun: endedAt },
  ]);
  const other = new Client({ connectionString: rig.database.connectionString });
  await other.connect();
  await other.query("begin");
  const lock = "select from orrery.swh_task where id = $1 for no key update";
  await other.query(lock, [first?.id]);
  expect(await rig.scheduler.grabReadyTasks("git")).toMatchObject([{ id: second?.id }]);
  await other.query("rollback");
  await other.end();
  expect(await rig.scheduler.grabReadyTasks("git")).toMatchObject([{ id: first?.id }]);
});

test("more rows than an answer may have are refused; a grab takes what it may", async () => {
  await using rig = await openSwhRig({ rowCountMax: 10 });
  await createType(rig);
  const tasks = Array.from({ length: 15 }, (_, index) => {
    return { type: "git", arguments: { args: [index] }, nextRun: at };
  });
  const ids = (await rig.scheduler.createTasks(tasks)).map(({ id }) => id);
  const refused = { fault: "ValueError", message: expect.stringContaining("more than 10 rows") };
  await expect(rig.scheduler.peekReadyTasks("git")).rejects.toMatchObject(refused);
  await expect(rig.scheduler.searchTasks()).rejects.toMatchObject(refused);
  await expect(rig.scheduler.searchTasks({ limit: 2n ** 70n })).rejects.toMatchObject(refused);
  expect(await rig.scheduler.searchTasks({ limit: 10 })).toHaveLength(10);
  await rig.scheduler.massScheduleTaskRuns(ids.map((task) => ({ task, backendId: null })));
  await expect(rig.scheduler.getTaskRuns(ids)).rejects.toMatchObject(refused);
  expect(await rig.scheduler.grabReadyTasks("git")).toHaveLength(10);
  expect(await rig.scheduler.grabReadyTasks("git")).toHaveLength(5);
});
