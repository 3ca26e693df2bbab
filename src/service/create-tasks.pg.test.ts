import { expect, test } from "vitest";
import { z } from "zod";
import { openServiceRig, startAt, type ServiceRig } from "../../test/service/rig.ts";
import { formatInstant, parseInstant } from "../kernel/instant.ts";
import { defineTask } from "../model/define-task.ts";
import { failed } from "../model/outcome.ts";

const run = (): undefined => undefined;
const mail = defineTask({ name: "jobs.mail", run, input: z.object({ to: z.email() }).nullable() });
const narrow = defineTask({ name: "narrow", run, limits: { unfinishedMax: 5 } });
const poll = defineTask({ name: "poll", run, interval: { defaultMs: 60_000 } });

async function openRig(): Promise<ServiceRig> {
  return openServiceRig([mail, narrow, poll]);
}

async function storedCount(rig: ServiceRig): Promise<number> {
  const [tasks, runs] = await Promise.all([
    rig.service.listTasks({ limit: 1_000 }),
    rig.service.listRuns({ limit: 1_000 }),
  ]);
  return tasks.items.length + runs.items.length;
}

test("a task without trigger gets one run, due at once", async () => {
  await using rig = await openRig();
  const task = await rig.create({ type: "jobs.mail", input: null });
  expect(task).toMatchObject({ typeName: "jobs.mail", name: "jobs.mail", state: "active" });
  expect(task.rootId).toBe(task.id);
  const { items } = await rig.service.listRuns({ taskId: task.id });
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ state: "queued", dueAt: parseInstant(startAt), input: null });
});

test("a task says all that can be said of it", async () => {
  await using rig = await openRig();
  const overrides = {
    timeoutMs: 500,
    retry: { limit: 1, delayMs: 5, factor: 1, delayMsMax: 5, jitter: 0 },
  };
  const task = await rig.create({
    type: "jobs.mail",
    input: { to: "a@example.org" },
    name: "Greet Änne",
    key: "greet",
    priority: "high",
    concurrencyKey: "example.org",
    dueAt: "2026-03-02T10:00:00+01:00",
    overrides,
  });
  expect(task).toMatchObject({
    name: "Greet Änne",
    key: "greet",
    priority: "high",
    concurrencyKey: "example.org",
    input: { to: "a@example.org" },
    overrides,
  });
  const { items } = await rig.service.listRuns({ taskId: task.id });
  expect(items[0]).toMatchObject({ priority: "high", dueAt: parseInstant("2026-03-02T09:00:00Z") });
});

test("a delay counts from the clock of the database", async () => {
  await using rig = await openRig();
  const task = await rig.create({ type: "poll", delayMs: 1_500 });
  const { items } = await rig.service.listRuns({ taskId: task.id });
  expect(items[0]?.dueAt).toBe(parseInstant("2026-03-01T09:00:01.5Z"));
});

test("an adaptive task fires at once and then waits for its run", async () => {
  await using rig = await openRig();
  const { id, triggers } = await rig.create({ type: "poll", triggers: [{ kind: "adaptive" }] });
  expect(triggers[0]).toMatchObject({ nextFireAt: parseInstant(startAt), intervalMs: 60_000 });
  await rig.fire();
  expect((await rig.service.getTask(id)).triggers[0]?.nextFireAt).toBeNull();
  const [claimed] = await rig.claim();
  expect(claimed).toMatchObject({ taskId: id, intervalMs: 60_000 });
});

test("each trigger of a task has its next fire time", async () => {
  await using rig = await openRig();
  const task = await rig.create({
    type: "poll",
    triggers: [
      { kind: "interval", everyMs: 600_000 },
      { kind: "cron", dialect: "vixie", expression: "0 3 * * *", zone: "UTC" },
      { kind: "date", at: "2026-12-24T18:00:00Z" },
    ],
  });
  expect(task.triggers.map(({ nextFireAt }) => nextFireAt && formatInstant(nextFireAt))).toEqual([
    "2026-03-01T09:10:00.000000Z",
    "2026-03-02T03:00:00.000000Z",
    "2026-12-24T18:00:00.000000Z",
  ]);
  expect((await rig.service.listRuns({})).items).toEqual([]);
});

test("a key that exists answers its task and changes nothing", async () => {
  await using rig = await openRig();
  const first = await rig.create({ type: "poll", key: "k", name: "first" });
  const second = await rig.create({ type: "poll", key: "k", name: "second", priority: "low" });
  expect(second).toEqual(first);
  expect(await storedCount(rig)).toBe(2);
});

test("tasks of one list name each other by key, in any order", async () => {
  await using rig = await openRig();
  const [report, load, tree] = await rig.service.createTasks([
    { type: "poll", key: "report", parentKey: "tree", requires: [{ key: "load" }] },
    { type: "poll", key: "load", parentKey: "tree" },
    { type: "poll", key: "tree" },
  ]);
  expect([report?.key, load?.key, tree?.key]).toEqual(["report", "load", "tree"]);
  expect(report).toMatchObject({ parentId: tree?.id, rootId: tree?.id });
  expect(report?.requires).toMatchObject([
    { requiresTaskId: load?.id, reason: "requires", onFailure: "block", satisfiedAt: null },
  ]);
  const { items } = await rig.service.listRuns({ state: ["blocked"] });
  expect(items.map((each) => each.taskId)).toEqual([report?.id]);
});

test("a task waits until everything that it requires has succeeded", async () => {
  await using rig = await openRig();
  const [a, b, last] = await rig.service.createTasks([
    { type: "poll", key: "a" },
    { type: "poll", key: "b" },
    { type: "poll", key: "last", requires: [{ key: "a" }, { key: "b" }] },
  ]);
  const first = await rig.claim();
  expect(first.map((each) => each.taskId)).toEqual([a?.id, b?.id]);
  for (const each of first) {
    expect(await rig.claim()).toEqual([]);
    await rig.finish(each);
  }
  expect((await rig.claim()).map((each) => each.taskId)).toEqual([last?.id]);
});

test("what is required may be stored already, also when it has succeeded", async () => {
  await using rig = await openRig();
  const done = await rig.create({ type: "poll", key: "done" });
  for (const each of await rig.claim()) await rig.finish(each);
  const next = await rig.create({ type: "poll", requires: [{ key: "done" }] });
  expect(next.requires[0]).toMatchObject({ requiresTaskId: done.id });
  expect((await rig.claim()).map((each) => each.taskId)).toEqual([next.id]);
});

test("what has failed can be required by those that wait for it to be retried", async () => {
  await using rig = await openRig();
  const { id } = await rig.create({ type: "poll" });
  for (const each of await rig.claim()) await rig.finish(each, failed("no luck"));
  const requires = (onFailure: string) => ({ type: "poll", requires: [{ taskId: id, onFailure }] });
  await expect(rig.create(requires("cancel"))).rejects.toMatchObject({
    code: "ORR_STATE_TRANSITION",
    details: { field: "requires[0].taskId", value: id, state: "failed" },
  });
  const waiting = await rig.create(requires("block"));
  await rig.service.retryTask(id);
  for (const each of await rig.claim()) await rig.finish(each);
  expect((await rig.claim()).map((each) => each.taskId)).toEqual([waiting.id]);
});

test.each([
  [
    "a cycle",
    [
      { key: "a", requires: [{ key: "b" }] },
      { key: "b", parentKey: "a" },
    ],
    "ORR_INPUT_CYCLE",
    "tasks[0].requires",
  ],
  [
    "an unknown key",
    [{}, { requires: [{ key: "nothing" }] }],
    "ORR_NOT_FOUND_TASK",
    "tasks[1].requires[0].key",
  ],
  ["an unknown parent", [{}, { parentId: 999 }], "ORR_NOT_FOUND_TASK", "tasks[1].parentId"],
  ["an unknown type", [{}, { type: "jobs.mial" }], "ORR_NOT_FOUND_TASK_TYPE", "tasks[1].type"],
  [
    "a wrong input",
    [{}, { type: "jobs.mail", input: { to: "me" } }],
    "ORR_INPUT_ARGUMENTS",
    "tasks[1].input.to",
  ],
  [
    "a wrong trigger",
    [{}, { triggers: [{ kind: "interval", everyMs: -1 }] }],
    "ORR_INPUT_TRIGGER",
    "tasks[1].triggers[0].everyMs",
  ],
  [
    "a trigger that has come to its end",
    [{}, { triggers: [{ kind: "interval", everyMs: 1, endAt: "2020-01-01T00:00:00Z" }] }],
    "ORR_INPUT_TRIGGER",
    "tasks[1].triggers[0]",
  ],
  [
    "a task required twice",
    [{ key: "a" }, { requires: [{ key: "a" }, { key: "a" }] }],
    "ORR_INPUT_INVALID",
    "tasks[1].requires[1].key",
  ],
])("%s stores nothing of the list", async (...row) => {
  const [, tasks, code, field] = row;
  await using rig = await openRig();
  const requests = tasks.map((task) => ({ type: "poll", ...task }));
  await expect(rig.service.createTasks(requests)).rejects.toMatchObject({
    code,
    details: { field },
  });
  expect(await storedCount(rig)).toBe(0);
});

test("an unknown type is refused with the names that look like it", async () => {
  await using rig = await openRig();
  await expect(rig.create({ type: "mail" })).rejects.toMatchObject({
    code: "ORR_NOT_FOUND_TASK_TYPE",
    details: { field: "type", value: "mail", nearest: ["jobs.mail"] },
  });
});

test("a full queue refuses the whole list, and says how full it is", async () => {
  await using rig = await openRig();
  const one = { type: "narrow" };
  await rig.service.createTasks([one, one, one]);
  const before = await storedCount(rig);
  await expect(rig.service.createTasks([one, one, { type: "poll" }, one])).rejects.toMatchObject({
    code: "ORR_CONFLICT_QUEUE_FULL",
    details: { type: "narrow", unfinishedMax: 5, unfinished: 3, wanted: 3 },
  });
  await expect(rig.service.enqueue([one, one, one])).rejects.toMatchObject({
    code: "ORR_CONFLICT_QUEUE_FULL",
  });
  expect(await storedCount(rig)).toBe(before);
  await rig.service.enqueue([one, one]);
});

test("keys that exist and tasks with triggers take no room in a queue", async () => {
  await using rig = await openRig();
  const keyed = ["a", "b", "c", "d", "e"].map((key) => ({ type: "narrow", key }));
  const first = await rig.service.createTasks(keyed);
  expect(await rig.service.createTasks(keyed)).toEqual(first);
  await rig.create({ type: "narrow", triggers: [{ kind: "interval", everyMs: 1_000 }] });
});

test("callers at the same time do not overfill a queue between them", async () => {
  await using rig = await openRig();
  const attempts = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? rig.create({ type: "narrow" }) : rig.service.enqueue([{ type: "narrow" }]),
    ),
  );
  expect(attempts.filter((each) => each.status === "fulfilled")).toHaveLength(5);
  expect((await rig.service.listRuns({ type: "narrow" })).items).toHaveLength(5);
});

test("runs are queued in order, with what is said of each", async () => {
  await using rig = await openRig();
  const ids = await rig.service.enqueue([
    { type: "poll", input: 1 },
    { type: "poll", input: 2, delayMs: 60_000, priority: "low" },
    { type: "jobs.mail", input: null, dueAt: "2026-03-01T10:00:00Z", concurrencyKey: "c" },
  ]);
  expect(ids.toSorted((left, right) => left - right)).toEqual(ids);
  const runs = await Promise.all(ids.map((id) => rig.service.getRun(id)));
  expect(runs).toMatchObject([
    { taskId: null, input: 1, dueAt: parseInstant(startAt), priority: "normal" },
    { input: 2, dueAt: parseInstant("2026-03-01T09:01:00Z"), priority: "low" },
    { typeName: "jobs.mail", dueAt: parseInstant("2026-03-01T10:00:00Z"), concurrencyKey: "c" },
  ]);
});

test("an empty list is stored at once", async () => {
  await using rig = await openRig();
  expect(await rig.service.createTasks([])).toEqual([]);
  expect(await rig.service.enqueue([])).toEqual([]);
});

test("a thousand tasks with a common parent are stored together", async () => {
  await using rig = await openRig();
  const children = Array.from({ length: 1_000 }, (_, index) => ({
    type: "poll",
    input: index,
    parentKey: "tree",
  }));
  const [tree, ...rest] = await rig.service.createTasks([
    { type: "poll", key: "tree" },
    ...children,
  ]);
  expect(rest.map((each) => each.input)).toEqual(children.map((each) => each.input));
  expect(new Set(rest.map((each) => each.parentId))).toEqual(new Set([tree?.id]));
});
