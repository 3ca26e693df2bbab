/**
 * One suite over every implementation of the interface: the local scheduler, and the remote one in
 * both encodings and in the seed dialect. This half is about tasks, runs and the archive.
 */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SwhFault } from "../../src/compat/swh/errors.ts";
import { SwhRemoteScheduler } from "../../src/compat/swh/remote/remote-scheduler.ts";
import type { NewTask, NewTaskType, Task } from "../../src/compat/swh/records.ts";
import type { SwhScheduler } from "../../src/compat/swh/scheduler.ts";
import { Float, type SwhJsonObject } from "../../src/compat/swh/values.ts";
import { present } from "../../src/kernel/assert.ts";
import { intervalOf } from "../../src/kernel/interval.ts";
import { addMillis, parseInstant } from "../../src/kernel/instant.ts";
import { openSwhRig, type SwhRig } from "../swh/rig.ts";
import { implementations } from "./swh-implementations.ts";

const at = parseInstant("2024-01-01T00:00:00.000001Z");
const later = addMillis(at, 86_400_000);

const gitType: NewTaskType = {
  type: "load-git",
  description: "Load git",
  backendName: "demo.tasks.LoadGit",
  defaultInterval: intervalOf({ days: 64 }),
  minInterval: intervalOf({ hours: 12 }),
  maxInterval: intervalOf({ days: 64 }),
  backoffFactor: 2,
  maxQueueLength: 2n ** 62n,
  numRetries: 2,
  retryDelay: intervalOf({ hours: 2 }),
};

const pingType: NewTaskType = { type: "ping", description: "Ping", backendName: "demo.ping" };

function newTask(kwargs: SwhJsonObject = {}, more: Partial<NewTask> = {}): NewTask {
  return { type: "load-git", arguments: { args: [], kwargs }, nextRun: at, ...more };
}

describe.each(implementations)("$name", ({ isSeed, open }) => {
  let rig: SwhRig;
  let scheduler: SwhScheduler;

  beforeEach(async () => {
    rig = await openSwhRig();
    scheduler = open(rig);
    await scheduler.createTaskType(gitType);
    await scheduler.createTaskType(pingType);
  });

  afterEach(async () => {
    expect(rig.failures).toEqual([]);
    await rig[Symbol.asyncDispose]();
  });

  async function created(task: NewTask): Promise<Task> {
    return present((await scheduler.createTasks([task]))[0], "the created task");
  }

  async function reload(task: Task): Promise<Task> {
    return present((await scheduler.getTasks([task.id]))[0], "the task");
  }

  test("a task type is kept as it was first created", async () => {
    await scheduler.createTaskType({ ...gitType, description: "other" });
    expect(await scheduler.getTaskType("load-git")).toEqual(gitType);
    const nothing = { defaultInterval: null, minInterval: null, maxInterval: null };
    const ping = { ...pingType, ...nothing, backoffFactor: null, numRetries: null };
    const bare = { ...ping, retryDelay: null, maxQueueLength: 1000 };
    expect(await scheduler.getTaskTypes()).toEqual([gitType, bare]);
    expect(await scheduler.getTaskType("absent")).toBeNull();
  });

  test("a created task has its type's interval, and its arguments exactly", async () => {
    const kwargs = { big: 2n ** 70n, one: 1, float: new Float(1), list: [null, true, "é"], 10: 1 };
    const task = await created(newTask(kwargs, { priority: "high", policy: "oneshot" }));
    expect(task).toEqual({
      id: task.id,
      type: "load-git",
      arguments: { args: [], kwargs },
      nextRun: at,
      status: "next_run_not_scheduled",
      policy: "oneshot",
      retriesLeft: 2,
      currentInterval: gitType.defaultInterval,
      priority: "high",
    });
    expect(Object.keys(task.arguments.kwargs)).toEqual(["10", "big", "one", "list", "float"]);
  });

  test("creating the same again answers the same; a recurring twin is not stored", async () => {
    const first = await created(newTask({ n: 1 }));
    expect(await scheduler.createTasks([newTask({ n: 1 })])).toEqual([first]);
    expect(await scheduler.createTasks([newTask({ n: new Float(1) })])).toEqual([first]);
    expect(await scheduler.createTasks([newTask({ n: 1 }, { nextRun: later })])).toEqual([]);
    const oneshot = newTask({ n: 1 }, { nextRun: later, policy: "oneshot" });
    expect(await scheduler.createTasks([oneshot])).toHaveLength(1);
    expect(await scheduler.searchTasks()).toHaveLength(2);
    expect(await scheduler.createTasks([])).toEqual([]);
  });

  test("the policy of the call is that of tasks without one", async () => {
    const tasks = await scheduler.createTasks(
      [newTask({ n: 1 }), newTask({ n: 2 }, { policy: "recurring" })],
      "oneshot",
    );
    expect(tasks.map(({ policy }) => policy)).toEqual(["oneshot", "recurring"]);
  });

  test("a task that cannot be is refused by name", async () => {
    const absent = scheduler.createTasks([newTask({}, { type: "absent", policy: "oneshot" })]);
    await expect(absent).rejects.toMatchObject({
      fault: "NotNullViolation",
      message: expect.stringContaining('"absent"'),
    });
    const recurring = scheduler.createTasks([newTask({}, { type: "ping" })]);
    await expect(recurring).rejects.toMatchObject({ fault: "CheckViolation" });
    const nul = scheduler.createTasks([newTask({ text: "a\0b" })]);
    await expect(nul).rejects.toMatchObject({ fault: "UntranslatableCharacter" });
    expect(await scheduler.searchTasks()).toEqual([]);
  });

  test("waiting tasks are handed out in the order of next run, once", async () => {
    const tasks = await scheduler.createTasks([
      newTask({ n: 1 }, { nextRun: later }),
      newTask({ n: 2 }),
      newTask({ n: 3 }, { priority: "low" }),
    ]);
    const numbers = (found: readonly Task[]): readonly unknown[] =>
      found.map((task) => task.arguments.kwargs["n"]);
    const all = { timestamp: later };
    expect(numbers(await scheduler.peekReadyTasks("load-git", all))).toEqual([2, 1]);
    expect(numbers(await scheduler.peekReadyTasks("load-git", { timestamp: at }))).toEqual([2]);
    expect(numbers(await scheduler.peekReadyPriorityTasks("load-git", all))).toEqual([3]);
    expect(numbers(await scheduler.grabReadyTasks("load-git", { ...all, numTasks: 1 }))).toEqual([
      2,
    ]);
    const grabbed = await scheduler.grabReadyTasks("load-git", all);
    expect(grabbed).toMatchObject([{ id: tasks[0]?.id, status: "next_run_scheduled" }]);
    expect(numbers(await scheduler.grabReadyPriorityTasks("load-git"))).toEqual([3]);
    expect(await scheduler.grabReadyTasks("load-git")).toEqual([]);
    expect(await scheduler.peekReadyTasks("absent")).toEqual([]);
    expect(await scheduler.peekReadyTasks("load-git", { numTasks: 0 })).toEqual([]);
  });

  test("a negative limit is refused by name", async () => {
    const refused = { fault: "InvalidRowCountInLimitClause" };
    await expect(scheduler.searchTasks({ limit: -1 })).rejects.toMatchObject(refused);
    const peeked = scheduler.peekReadyTasks("load-git", { numTasks: -1 });
    await expect(peeked).rejects.toMatchObject(refused);
  });

  test("a search is a conjunction, and what asks for nothing does not filter", async () => {
    const [one, two, three] = await scheduler.createTasks([
      newTask({ n: 1 }, { policy: "oneshot" }),
      newTask({ n: 2 }, { nextRun: later, priority: "high" }),
      newTask({ n: 3 }, { status: "disabled" }),
    ]);
    const ids = async (search: Parameters<SwhScheduler["searchTasks"]>[0]): Promise<unknown> =>
      (await scheduler.searchTasks(search)).map(({ id }) => id);
    expect(await ids({ policy: "oneshot" })).toEqual([one?.id]);
    expect(await ids({ after: later })).toEqual([two?.id]);
    expect(await ids({ before: at, status: ["disabled", "completed"] })).toEqual([three?.id]);
    expect(await ids({ priority: "high", taskType: "load-git" })).toEqual([two?.id]);
    expect(await ids({ taskId: [one?.id ?? 0, 2n ** 62n] })).toEqual([one?.id]);
    expect(await ids({ taskId: [], taskType: "", limit: 0 })).toEqual([
      one?.id,
      two?.id,
      three?.id,
    ]);
    expect(await ids({ limit: 2 })).toEqual([one?.id, two?.id]);
    expect(await ids({ taskType: ["ping"] })).toEqual([]);
  });

  test("any status can be set, with a next run or without", async () => {
    const task = await created(newTask());
    await scheduler.setStatusTasks([task.id], { status: "completed", nextRun: later });
    expect(await reload(task)).toMatchObject({ status: "completed", nextRun: later });
    await scheduler.disableTasks([task.id, 2n ** 60n]);
    expect(await reload(task)).toMatchObject({ status: "disabled", nextRun: later });
    await scheduler.setStatusTasks([], { status: "completed" });
    expect(await scheduler.getTasks([])).toEqual([]);
    expect(await scheduler.getTasks([task.id, task.id])).toHaveLength(1);
  });

  // The seed dialect has no `except_completed_tasks`.
  test.skipIf(isSeed)("completed tasks and future ones can be left alone", async () => {
    const [due, done, future] = await scheduler.createTasks([
      newTask({ n: 1 }),
      newTask({ n: 2 }, { status: "completed" }),
      newTask({ n: 3 }, { nextRun: parseInstant("9999-01-01T00:00:00Z") }),
    ]);
    const ids = [due, done, future].map((task) => task?.id ?? 0);
    await scheduler.setStatusTasks(ids, { exceptCompletedTasks: true });
    const statuses = (await scheduler.getTasks(ids)).map(({ status }) => status);
    expect(statuses).toEqual(["disabled", "completed", "next_run_not_scheduled"]);
  });

  test("a run is scheduled, started and ended, and its metadata grow", async () => {
    const task = await created(newTask());
    const run = await scheduler.scheduleTaskRun(task.id, "job", {
      metadata: { a: 1, b: 1 },
      timestamp: at,
    });
    const scheduled = { backendId: "job", scheduled: at, started: null, ended: null };
    expect(run).toEqual({
      ...scheduled,
      task: task.id,
      id: run.id,
      metadata: { a: 1, b: 1 },
      status: "scheduled",
    });
    const started = await scheduler.startTaskRun("job", { metadata: { b: 2 }, timestamp: at });
    expect(started).toEqual({ ...run, started: at, metadata: { a: 1, b: 2 }, status: "started" });
    const ended = await scheduler.endTaskRun("job", "uneventful", { timestamp: later });
    expect(ended).toEqual({ ...started, ended: later, status: "uneventful" });
    expect(await scheduler.getTaskRuns([task.id])).toEqual([ended]);
    expect(await scheduler.getTaskRuns([])).toEqual([]);
    expect(await scheduler.startTaskRun("absent")).toBeNull();
    expect(await scheduler.endTaskRun("absent", "failed")).toBeNull();
  });

  test("runs are noted in bulk, with nothing where nothing is given", async () => {
    const task = await created(newTask());
    await scheduler.massScheduleTaskRuns([
      { task: task.id, backendId: "one", scheduled: at, metadata: { a: 1 } },
      { task: task.id, backendId: null },
    ]);
    await scheduler.massScheduleTaskRuns([]);
    expect(await scheduler.getTaskRuns([task.id])).toMatchObject([
      { backendId: "one", scheduled: at, metadata: { a: 1 } },
      { backendId: null, scheduled: null, metadata: null },
    ]);
    expect(await scheduler.getTaskRuns([task.id], 1)).toHaveLength(1);
    const unknown = scheduler.massScheduleTaskRuns([{ task: 2n ** 40n, backendId: "x" }]);
    await expect(unknown).rejects.toMatchObject({ fault: "ForeignKeyViolation" });
  });

  test("times that are left out are those of the database, to the microsecond", async () => {
    rig.setNow("2026-03-01T09:00:00.123456Z");
    const task = await created(newTask());
    const run = await scheduler.scheduleTaskRun(task.id, "job");
    expect(run.scheduled).toBe(parseInstant("2026-03-01T09:00:00.123456Z"));
    expect(run.metadata).toEqual({});
  });

  test.each([
    ["eventful", "recurring", { currentInterval: intervalOf({ days: 32 }), retriesLeft: 2 }],
    ["uneventful", "recurring", { currentInterval: intervalOf({ days: 32 }), retriesLeft: 2 }],
    ["failed", "recurring", { currentInterval: intervalOf({ days: 64 }), retriesLeft: 1 }],
    ["lost", "oneshot", { status: "next_run_not_scheduled", retriesLeft: 1 }],
    ["eventful", "oneshot", { status: "completed", nextRun: at }],
    ["permfailed", "recurring", { status: "disabled", nextRun: at, retriesLeft: 2 }],
  ] as const)("an end as %s moves a %s task on", async (status, policy, expected) => {
    const task = await created(newTask({}, { policy }));
    await scheduler.grabReadyTasks("load-git");
    await scheduler.scheduleTaskRun(task.id, "job");
    await scheduler.endTaskRun("job", status, { timestamp: later });
    const waits: Readonly<Record<string, number>> = {
      eventful: 32 * 24,
      uneventful: 32 * 24,
      failed: 2,
      lost: 2,
    };
    const nextRun = addMillis(later, (waits[status] ?? 0) * 3_600_000);
    const moved = { status: "next_run_not_scheduled", nextRun };
    expect(await reload(task)).toMatchObject({ ...moved, ...expected });
  });

  test("pages of the archive are read and deleted to the end", async () => {
    const tasks = await scheduler.createTasks(
      [newTask({ n: 1 }), newTask({ n: 2 }), newTask({ n: 3 })],
      "oneshot",
    );
    for (const [index, task] of tasks.entries()) {
      for (const part of ["a", "b"]) {
        await scheduler.scheduleTaskRun(task.id, `${index}${part}`, { timestamp: at });
      }
      await scheduler.endTaskRun(`${index}a`, "eventful", { timestamp: at });
    }
    const filter = { afterTs: "2024-01-01", beforeTs: later, limit: 4 };
    const first = await scheduler.filterTaskToArchive(filter);
    expect(first.tasks.map(({ backendId }) => backendId)).toEqual(["0a", "0b", "1a", "1b"]);
    expect(first.nextPageToken).toBe(String(tasks[2]?.id));
    const pageToken = first.nextPageToken ?? null;
    const last = await scheduler.filterTaskToArchive({ ...filter, pageToken });
    expect(last.nextPageToken).toBeUndefined();
    expect(last.tasks[0]).toEqual({
      taskId: tasks[2]?.id,
      taskPolicy: "oneshot",
      taskStatus: "completed",
      taskRunId: last.tasks[0]?.taskRunId,
      arguments: { args: new Map(), kwargs: '{"n": 3}' },
      type: "load-git",
      backendId: "2a",
      metadata: {},
      scheduled: at,
      started: null,
      ended: at,
      taskRunStatus: "eventful",
    });
    await scheduler.deleteArchivedTasks([...first.tasks, ...last.tasks.slice(1)]);
    expect(await scheduler.searchTasks()).toMatchObject([{ id: tasks[2]?.id }]);
    await scheduler.deleteArchivedTasks(last.tasks);
    expect(await scheduler.searchTasks()).toEqual([]);
  });

  test("a bad page token, date or id is refused by name", async () => {
    const span = { afterTs: "2024-01-01", beforeTs: "2025-01-01" };
    const token = scheduler.filterTaskToArchive({ ...span, pageToken: "zz" });
    await expect(token).rejects.toMatchObject({ fault: "ValueError" });
    const date = scheduler.filterTaskToArchive({ ...span, afterTs: "bogus" });
    await expect(date).rejects.toMatchObject({ fault: "InvalidDatetimeFormat" });
    const id = scheduler.getTasks([2n ** 64n]);
    await expect(id).rejects.toMatchObject({ fault: "NumericValueOutOfRange" });
  });
});

test("the seed dialect refuses what it has no word for", async () => {
  const scheduler = new SwhRemoteScheduler({ url: "http://127.0.0.1:1", dialect: "seed" });
  const flag = scheduler.setStatusTasks([1], { exceptCompletedTasks: true });
  await expect(flag).rejects.toBeInstanceOf(SwhFault);
  const types = scheduler.getVisitTypesForListedOrigins({ id: "x" });
  await expect(types).rejects.toMatchObject({ fault: "AttributeError" });
});
