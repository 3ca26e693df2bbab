/**
 * The whole `Scheduler` interface, once over the local scheduler and once over the remote one: the
 * same calls, the same answers, the same errors. Each test makes records of its own, told apart by
 * key and type, so that all share one database.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

import type { RunEventRecord, TaskTypeRecord } from "../../src/api/records.ts";
import type { Scheduler } from "../../src/api/scheduler.ts";
import { reasonOf } from "../../src/kernel/clock.ts";
import { OrreryError } from "../../src/kernel/errors.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { permfailed } from "../../src/model/outcome.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

const add = defineTask({
  name: "sums/add",
  description: "Adds.",
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  run: ({ params }) => params.a + params.b,
});
const broken = defineTask({
  name: "broken",
  retry: { limit: 0 },
  run: () => {
    throw new RangeError("out of paper");
  },
});
const refused = defineTask({ name: "refused", run: () => permfailed(new TypeError("never")) });
/** Runs until it is stopped. */
const endless = defineTask({
  name: "endless",
  run: ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(reasonOf(signal)), { once: true });
    }),
});
/** Nobody claims its runs while it is paused. */
const idle = defineTask({ name: "idle", run: () => undefined });
const chatty = defineTask({
  name: "chatty",
  run: ({ log, progress }) => {
    for (let count = 1; count <= 5; count += 1) log.info(`line ${count}`, { count });
    log.warn("enough");
    progress(0.5, "half");
  },
});

let rig: SchedulerRig;

beforeAll(async () => {
  const tasks = [add, broken, refused, endless, idle, chatty];
  rig = await openSchedulerRig({ tasks });
  await rig.orrery.pauseTaskType("idle");
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

async function codeOf(call: Promise<unknown>): Promise<OrreryError> {
  const thrown: unknown = await call.then(
    () => "nothing",
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(OrreryError);
  return thrown instanceof OrreryError ? thrown : expect.unreachable("not reached");
}

describe.each(["local", "remote"] as const)("the %s scheduler", (kind) => {
  const of = (): Scheduler => (kind === "local" ? rig.orrery : rig.remote);
  let count = 0;
  /** A key that no other test has. */
  const newKey = (): string => `${kind}-${(count += 1)}`;
  const inFuture = "2100-01-01T00:00:00Z";

  afterAll(() => {
    expect(rig.breaches).toEqual([]);
    expect(rig.errors).toEqual([]);
  });

  test("lists task types by name, and finds one by its name", async () => {
    const types = await of().listTaskTypes();
    const names = types.map(({ name }) => name);
    expect(names).toEqual(["broken", "chatty", "endless", "idle", "refused", "sums/add"]);
    const type: TaskTypeRecord = await of().getTaskType("sums/add");
    expect(type).toEqual(types.at(-1));
    expect(type).toMatchObject({ description: "Adds.", executor: "in-process", pausedAt: null });
    expect(type.inputSchema).toMatchObject({ type: "object" });
  });

  test("pauses and resumes a task type", async () => {
    const paused = await of().pauseTaskType("refused");
    expect(paused.pausedAt).toMatch(/^\d{4}-.*\.\d{6}Z$/);
    expect(await of().getTaskType("refused")).toEqual(paused);
    expect((await of().resumeTaskType("refused")).pausedAt).toBeNull();
  });

  test.each<[string, (scheduler: Scheduler) => Promise<unknown>, object]>([
    ["a task type", (each) => each.getTaskType("sums/ad"), { code: "ORR_NOT_FOUND_TASK_TYPE" }],
    ["a task", (each) => each.getTask(999_999), { code: "ORR_NOT_FOUND_TASK" }],
    ["a run", (each) => each.getRun(999_999), { code: "ORR_NOT_FOUND_RUN" }],
    ["a log", (each) => each.listLogs(999_999), { code: "ORR_NOT_FOUND_RUN" }],
    ["an end", (each) => each.waitForRun(999_999), { code: "ORR_NOT_FOUND_RUN" }],
    ["a token", (each) => each.revokeToken(999_999), { code: "ORR_NOT_FOUND_TOKEN" }],
    ["a type to pause", (each) => each.pauseTaskType("x"), { code: "ORR_NOT_FOUND_TASK_TYPE" }],
    ["a task to cancel", (each) => each.cancelTask(999_999), { code: "ORR_NOT_FOUND_TASK" }],
    ["a run to retry", (each) => each.retryRun(999_999), { code: "ORR_NOT_FOUND_RUN" }],
  ])("says that %s is not there", async (_, call, error) => {
    expect(await codeOf(call(of()))).toMatchObject({ ...error, name: "NotFoundError" });
  });

  test("creates a task with all that can be said of one", async () => {
    const key = newKey();
    const parent = await of().createTask({ type: "idle", key: `${key}-top` });
    const task = await of().createTask({
      type: "sums/add",
      input: { a: 1, b: -0.5 },
      name: "nightly",
      key,
      parentId: parent.id,
      priority: "high",
      concurrencyKey: "c",
      overrides: {
        timeoutMs: 1_000,
        retry: { limit: 1, delayMs: 1, factor: 1, delayMsMax: 1, jitter: 0 },
      },
      triggers: [
        { kind: "date", at: inFuture },
        { kind: "interval", everyMs: 3_600_000, anchorAt: inFuture, startAt: inFuture },
      ],
    });
    expect(task).toMatchObject({
      type: "sums/add",
      input: { a: 1, b: -0.5 },
      name: "nightly",
      key,
      parentId: parent.id,
      rootId: parent.id,
      priority: "high",
      concurrencyKey: "c",
      overrides: { timeoutMs: 1_000 },
      state: "active",
      finishedAt: null,
    });
    expect(task.triggers.map((trigger) => trigger.nextFireAt)).toEqual([
      "2100-01-01T00:00:00.000000Z",
      "2100-01-01T00:00:00.000000Z",
    ]);
    expect(await of().getTask(task.id)).toEqual(task);
    expect((await of().listTasks({ rootId: parent.id })).items).toHaveLength(2);
    expect((await of().listTasks({ parentId: parent.id })).items).toHaveLength(1);
  });

  test("answers the task that has the key instead of making a second one", async () => {
    const key = newKey();
    const first = await of().createTask({ type: "idle", key });
    expect(await of().createTask({ type: "idle", key, priority: "low" })).toEqual(first);
    expect((await of().listTasks({ key })).items).toHaveLength(1);
  });

  test("creates many tasks that name each other, in the order given", async () => {
    const key = newKey();
    const [last, first] = await of().createTasks([
      { type: "idle", key: `${key}-b`, requires: [{ key: `${key}-a`, onFailure: "cancel" }] },
      { type: "idle", key: `${key}-a`, triggers: [{ kind: "date", at: inFuture }] },
    ]);
    expect([last?.key, first?.key]).toEqual([`${key}-b`, `${key}-a`]);
    expect(last?.requires).toEqual([
      { taskId: first?.id, reason: "requires", onFailure: "cancel", satisfiedAt: null },
    ]);
    const { items } = await of().listRuns({ taskId: last?.id ?? 0 });
    expect(items).toMatchObject([{ state: "blocked", pendingCount: 1 }]);
    expect(await of().createTasks([])).toEqual([]);
    expect(await of().enqueue([])).toEqual([]);
  });

  test("stores all tasks of a list or none, and names the wrong field", async () => {
    const key = newKey();
    const call = of().createTasks([
      { type: "sums/add", key, input: { a: 1 } },
      { type: "sums/add", input: { a: "one" } },
    ]);
    expect(await codeOf(call)).toMatchObject({
      name: "InvalidInputError",
      code: "ORR_INPUT_ARGUMENTS",
      details: { field: "tasks[1].input.a" },
    });
    expect((await of().listTasks({ key })).items).toEqual([]);
    expect(await codeOf(of().createTask({ type: "sums/ad" }))).toMatchObject({
      code: "ORR_NOT_FOUND_TASK_TYPE",
      details: { field: "type", nearest: ["sums/add"] },
    });
  });

  test("runs a definition: types in, types out", async () => {
    const sum: number = await of().run(add, { a: 2, b: 3 });
    expect(sum).toBe(5);
    expect(await of().run(add, { a: 2 })).toBe(3);
    const task = await of().create(add, { a: 1 }, { key: newKey(), dueAt: inFuture });
    expect(task.input).toEqual({ a: 1 });
  });

  test("a run that fails rejects with what its handler threw", async () => {
    expect(await codeOf(of().run(broken, null))).toMatchObject({
      name: "ExecutorError",
      code: "ORR_EXEC_FAILED",
      message: "out of paper",
    });
    expect(await codeOf(of().run(refused, null))).toMatchObject({ message: "never" });
  });

  test("a run that takes too long is no longer waited for, and goes on", async () => {
    const concurrencyKey = newKey();
    const call = of().run(idle, null, { timeoutMs: 20, concurrencyKey });
    expect(await codeOf(call)).toMatchObject({
      name: "TimeoutError",
      code: "ORR_TIMEOUT_WAIT",
      details: { state: "queued" },
    });
    const { items } = await of().listRuns({ type: "idle", state: ["queued"], limit: 1_000 });
    expect(items.filter((run) => run.concurrencyKey === concurrencyKey)).toHaveLength(1);
  });

  test("queues runs in order, with their options", async () => {
    const ids = await of().enqueue([
      { type: "idle", input: [1, null, { deep: "ü" }], priority: "low", dueAt: inFuture },
      { type: "idle", delayMs: 3_600_000, concurrencyKey: "k" },
      { type: "idle" },
    ]);
    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
    const runs = await Promise.all(ids.map((id) => of().getRun(id)));
    expect(runs).toMatchObject([
      {
        state: "queued",
        input: [1, null, { deep: "ü" }],
        priority: "low",
        dueAt: "2100-01-01T00:00:00.000000Z",
        attempts: [],
        taskId: null,
      },
      { concurrencyKey: "k", input: {} },
      { priority: "normal", outcome: null, finishedAt: null },
    ]);
    expect(await codeOf(of().enqueue([{ type: "idle" }, { type: "gone" }]))).toMatchObject({
      code: "ORR_NOT_FOUND_TASK_TYPE",
      details: { field: "runs[1].type" },
    });
  });

  test("pages through a list, newest first, each record once", async () => {
    const key = newKey();
    const parent = await of().createTask({ type: "idle", key });
    const children = await of().createTasks(
      Array.from({ length: 7 }, () => ({ type: "idle", parentKey: key })),
    );
    const seen: number[] = [];
    let cursor: string | undefined;
    for (let pages = 1; ; pages += 1) {
      const page = await of().listTasks({
        parentId: parent.id,
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.items.map((task) => task.id));
      if (page.nextCursor === null) {
        expect(pages).toBe(3);
        break;
      }
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(children.map((task) => task.id).toReversed());
    expect(await codeOf(of().listTasks({ cursor: "made up" }))).toMatchObject({
      code: "ORR_INPUT_CURSOR",
    });
    expect(await codeOf(of().listTasks({ limit: 0 }))).toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field: "limit", value: 0 },
    });
    expect(await codeOf(of().listTasks({ state: [] }))).toMatchObject({
      code: "ORR_INPUT_INVALID",
    });
    const paused = await of().listTasks({ state: ["paused", "cancelled"], parentId: parent.id });
    expect(paused.items).toEqual([]);
  });

  test("pauses, resumes, cancels and revives a task", async () => {
    const { id } = await of().createTask({ type: "idle", key: newKey() });
    expect((await of().pauseTask(id)).state).toBe("paused");
    expect(await codeOf(of().pauseTask(id))).toMatchObject({
      name: "StateError",
      code: "ORR_STATE_TRANSITION",
      details: { state: "paused", event: "pause" },
    });
    expect((await of().resumeTask(id)).state).toBe("active");
    const cancelled = await of().cancelTask(id, "not wanted");
    expect(cancelled).toMatchObject({ state: "cancelled", stateReason: "not wanted" });
    expect((await of().listRuns({ taskId: id })).items).toMatchObject([{ state: "cancelled" }]);
    expect((await of().retryTask(id)).state).toBe("active");
    const { items } = await of().listRuns({ taskId: id, state: ["queued"] });
    expect(items).toHaveLength(1);
  });

  test("cancels a run that waits at once, and asks one that runs to stop", async () => {
    const [waiting = 0, running = 0] = await of().enqueue([{ type: "idle" }, { type: "endless" }]);
    const ended = await of().cancelRun(waiting);
    expect(ended).toMatchObject({ state: "cancelled", outcome: "cancelled" });
    expect(await codeOf(of().cancelRun(waiting))).toMatchObject({ code: "ORR_STATE_TRANSITION" });
    while ((await of().getRun(running)).state === "queued") await of().getSystem();
    await of().cancelRun(running, "stop it");
    const run = await of().waitForRun(running, { timeoutMs: 30_000 });
    expect(run).toMatchObject({ state: "cancelled", attempts: [{ outcome: "cancelled" }] });
    const copy = await of().retryRun(waiting);
    expect(copy).toMatchObject({ type: "idle", state: "queued" });
    expect(copy.id).not.toBe(waiting);
    expect(await codeOf(of().retryRun(copy.id))).toMatchObject({ code: "ORR_STATE_TRANSITION" });
  });

  test("reads a log in pages, and follows it to its end", async () => {
    const [id = 0] = await of().enqueue([{ type: "chatty" }]);
    const followed = await Array.fromAsync(of().followLogs(id));
    expect(followed.map((line) => [line.attempt, line.seq, line.level])).toEqual([
      ...[1, 2, 3, 4, 5].map((seq) => [1, seq, "info"]),
      [1, 6, "warn"],
    ]);
    expect(followed[0]).toMatchObject({ runId: id, message: "line 1", data: { count: 1 } });
    expect(await of().listLogs(id)).toEqual(followed);
    expect(await of().listLogs(id, { limit: 2 })).toEqual(followed.slice(0, 2));
    expect(await of().listLogs(id, { after: "1.4" })).toEqual(followed.slice(4));
    expect(await Array.fromAsync(of().followLogs(id, { after: "1.4" }))).toEqual(followed.slice(4));
    const misplaced = of().followLogs(id, { after: "x" })[Symbol.asyncIterator]();
    expect(await codeOf(misplaced.next())).toMatchObject({ code: "ORR_INPUT_CURSOR" });
    expect(await codeOf(of().listLogs(id, { after: "x" }))).toMatchObject({
      details: { field: "after" },
    });
    const unknown = of().followLogs(999_999)[Symbol.asyncIterator]();
    expect(await codeOf(unknown.next())).toMatchObject({ code: "ORR_NOT_FOUND_RUN" });
  });

  test("waits for a run, up to a limit, and until the caller calls it off", async () => {
    const [id = 0] = await of().enqueue([{ type: "idle" }]);
    expect(await codeOf(of().waitForRun(id, { timeoutMs: 1 }))).toMatchObject({
      code: "ORR_TIMEOUT_WAIT",
      details: { runId: id, state: "queued", timeoutMs: 1 },
    });
    expect(await codeOf(of().waitForRun(id, { timeoutMs: -1 }))).toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field: "timeoutMs" },
    });
    const caller = new AbortController();
    const wait = of().waitForRun(id, { signal: caller.signal });
    const reason = new RangeError("enough");
    setImmediate(() => caller.abort(reason));
    await expect(wait).rejects.toBe(reason);
    const ended = of().waitForRun(id);
    await of().cancelRun(id);
    expect((await ended).state).toBe("cancelled");
  });

  test("tells of attempts as they end, by type, until the caller stops", async () => {
    const stop = new AbortController();
    const events: RunEventRecord[] = [];
    const following = (async () => {
      for await (const event of of().followRuns({ type: "sums/add", signal: stop.signal })) {
        events.push(event);
      }
    })();
    // From when on it follows is not told: runs are made until one is seen.
    while (events.length === 0) {
      await of().enqueue([{ type: "idle" }]);
      await of().run(add, { a: 40, b: 2 });
    }
    stop.abort();
    await following;
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["sums/add"]));
    expect(events[0]).toMatchObject({ attempt: 1, outcome: "eventful", output: 42, final: true });
  });

  test("goes on with attempts that ended since one that was seen", async () => {
    const ids: number[] = [];
    for (let made = 0; made < 3; made += 1) {
      const [id = 0] = await of().enqueue([{ type: "refused" }]);
      await of().waitForRun(id);
      ids.push(id);
    }
    const stop = new AbortController();
    const options = { type: "refused", after: `${ids[0]}.1`, signal: stop.signal };
    const told: number[] = [];
    for await (const { runId } of of().followRuns(options)) {
      // One that ended shortly before may come again.
      if (ids.includes(runId)) told.push(runId);
      if (told.length === 2) break;
    }
    expect(told).toEqual(ids.slice(1));
    stop.abort();
    const first = (after: string): Promise<unknown> =>
      of().followRuns({ after })[Symbol.asyncIterator]().next();
    expect(await codeOf(first("999999.1"))).toMatchObject({ code: "ORR_NOT_FOUND_RUN" });
    expect(await codeOf(first(`${ids[0]}.2`))).toMatchObject({
      code: "ORR_INPUT_CURSOR",
      details: { field: "after", value: `${ids[0]}.2` },
    });
  });

  test("fills what an override of the retry policy leaves out from the type", async () => {
    const of100 = { limit: 100, delayMs: 7_200_000 };
    const task = await of().createTask({
      type: "broken",
      key: newKey(),
      dueAt: inFuture,
      overrides: { retry: of100 },
    });
    const { retry } = await of().getTaskType("broken");
    // The bound grows with the delay that is given.
    expect(task.overrides).toEqual({ retry: { ...retry, ...of100, delayMsMax: 7_200_000 } });
    await of().enqueue([{ type: "broken", dueAt: inFuture, overrides: { retry: { limit: 0 } } }]);
  });

  test("shows the installation, pauses and resumes it", async () => {
    const system = await of().getSystem();
    expect(system).toMatchObject({ pausedAt: null, taskTypeCount: 6 });
    expect(system.workers).toMatchObject([{ state: "live" }]);
    expect(system.counts.find(({ type }) => type === "idle")?.count).toBeGreaterThan(0);
    expect((await of().pause()).pausedAt).not.toBeNull();
    expect((await of().resume()).pausedAt).toBeNull();
  });

  test("forecasts what its triggers and its queue will bring", async () => {
    const anchorAt = "2100-01-01T00:00:00Z";
    const task = await of().createTask({
      type: "idle",
      key: newKey(),
      triggers: [{ kind: "interval", everyMs: 600_000, anchorAt, startAt: anchorAt }],
    });
    const span = { from: "2099-12-31T23:55:00Z", hours: 2, taskId: task.id };
    const forecast = await of().getForecast({ ...span, limit: 2 });
    expect(forecast).toMatchObject({
      from: "2099-12-31T23:55:00.000000Z",
      to: "2100-01-01T01:55:00.000000Z",
      pausedAt: null,
      count: 12,
      complete: true,
      unreadableCount: 0,
      truncated: true,
    });
    expect(forecast.hours).toMatchObject([
      { at: "2099-12-31T23:00:00.000000Z", count: 0 },
      { at: "2100-01-01T00:00:00.000000Z", count: 6 },
      { at: "2100-01-01T01:00:00.000000Z", count: 6 },
    ]);
    expect(forecast.types).toMatchObject([{ type: "idle", count: 12 }]);
    expect(forecast.occurrences).toMatchObject([
      { at: "2100-01-01T00:00:00.000000Z", source: "calendar", taskId: task.id, runId: null },
      { at: "2100-01-01T00:10:00.000000Z", type: "idle", triggerId: task.triggers[0]?.id },
    ]);
    const [runId] = await of().enqueue([{ type: "broken", delayMs: 3_600_000 }]);
    const { occurrences } = await of().getForecast({ type: "broken" });
    expect(occurrences.find((each) => each.runId === runId)).toMatchObject({ source: "queued" });
    expect((await of().getForecast({ type: "nobody" })).count).toBe(0);
    expect(await codeOf(of().getForecast({ hours: 745 }))).toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field: "hours", value: 745 },
    });
  });

  test("makes tokens, shows a secret once, and revokes them", async () => {
    const { token, secret } = await of().createToken({
      name: newKey(),
      role: "viewer",
      expiresInDays: 1,
    });
    expect(token).toMatchObject({ role: "viewer", revokedAt: null, lastUsedAt: null });
    expect(await rig.orrery.findTokenBySecret(secret)).toMatchObject({ id: token.id });
    const listed = await of().listTokens();
    expect(listed.find(({ id }) => id === token.id)).toMatchObject({ name: token.name });
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect(await of().revokeToken(token.id)).toBeUndefined();
    expect(await rig.orrery.findTokenBySecret(secret)).toBeUndefined();
    // Somebody else may have been faster: what is wanted is the case.
    expect(await of().revokeToken(token.id)).toBeUndefined();
  });
});
