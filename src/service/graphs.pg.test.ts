/** Graphs of tasks: stored, run in order, failing, revived, paused, cancelled, waited for. */

import { expect, test } from "vitest";
import { claimByName, diamond, nodes, statesOf, step } from "../../test/service/graph-steps.ts";
import { openServiceRig, type ServiceRig, startAt } from "../../test/service/rig.ts";
import { present } from "../kernel/assert.ts";
import type { TaskId } from "../kernel/ids.ts";
import { parseInstant } from "../kernel/instant.ts";
import { defineTask } from "../model/define-task.ts";
import type { GraphNode } from "../model/graph.ts";
import { eventful, failed, permfailed } from "../model/outcome.ts";

const once = { retry: { limit: 0 } } as const;
const work = defineTask({ name: "work", ...once, run: () => undefined });
const other = defineTask({ name: "other", ...once, run: () => undefined });
const narrow = defineTask({ name: "narrow", limits: { unfinishedMax: 2 }, run: () => undefined });

const open = async (): Promise<ServiceRig> => await openServiceRig([work, other, narrow]);

test("a graph becomes a root, tasks and edges, and runs in order to its end", async () => {
  await using rig = await open();
  const graph = await rig.service.submitGraph({ name: "build", nodes: nodes(diamond) });
  expect(graph.root).toMatchObject({ name: "build", typeName: "(graph)", state: "active" });
  expect(graph.nodes.map((node) => node.name)).toEqual(["bottom", "left", "right", "top"]);
  expect(statesOf(graph)).toEqual({
    bottom: "queued",
    left: "blocked",
    right: "blocked",
    top: "blocked",
  });
  expect(graph.nodes[3]?.requires).toEqual([
    { requires: "left", onFailure: "cancel", satisfiedAt: null },
    { requires: "right", onFailure: "cancel", satisfiedAt: null },
  ]);
  const below = await rig.service.listTasks({ parentId: graph.root.id });
  expect(below.items.map((task) => task.rootId)).toEqual(graph.nodes.map(() => graph.root.id));
  expect(await step(rig)).toEqual(["bottom"]);
  expect(await step(rig)).toEqual(["left", "right"]);
  expect((await rig.service.getGraph(graph.root.id)).root.state).toBe("active");
  expect(await step(rig)).toEqual(["top"]);
  const done = await rig.service.getGraph(graph.root.id);
  expect(done.root).toMatchObject({ state: "completed", stateReason: null });
  expect(done.root.finishedAt).not.toBeNull();
  expect(done.nodes.every((node) => node.startedAt !== null && node.finishedAt !== null)).toBe(
    true,
  );
});

test("the results of required nodes are kept and handed on by name", async () => {
  await using rig = await open();
  const graph = await rig.service.submitGraph({ nodes: nodes(diamond) });
  await step(rig, { bottom: eventful({ rows: 7 }) });
  const [, left, , top] = graph.nodes;
  const results = (id: TaskId) => rig.service.graphAccess.findResults(id);
  expect(await results(present(left, "left").id)).toEqual({ bottom: { rows: 7 } });
  await step(rig, { left: eventful(null), right: eventful([1, 2]) });
  expect(await results(present(top, "top").id)).toEqual({ left: null, right: [1, 2] });
});

test("results are read all at once up to a bound, beyond it by name", async () => {
  await using rig = await open();
  const names = Array.from({ length: 1_001 }, (_, index) => `n${index}`);
  const shape = Object.fromEntries(names.map((name) => [name, []]));
  const { id } = (await rig.service.submitGraph({ nodes: nodes(shape) })).root;
  let left = names.length;
  while (left > 1) left -= (await step(rig)).length;
  expect(left).toBe(1);
  expect(Object.keys(await rig.service.getGraphResults({ id }))).toHaveLength(1_000);
  await step(rig);
  await expect(rig.service.getGraphResults({ id })).rejects.toMatchObject({
    code: "ORR_INPUT_TOO_LARGE",
    details: { field: "nodes", taskId: id },
  });
  expect(await rig.service.getGraphResults({ id, nodes: ["n1000", "n3"] })).toEqual({
    n3: "n3",
    n1000: "n1000",
  });
});

test("plain requirements hand on results by key or id, also when required later", async () => {
  await using rig = await open();
  const keyed = await rig.create({ type: "work", key: "first" });
  const bare = await rig.create({ type: "work" });
  for (const run of await rig.claim()) await rig.finish(run, eventful({ of: run.taskId }));
  const last = await rig.create({
    type: "work",
    requires: [{ key: "first" }, { taskId: bare.id }],
  });
  expect(await rig.service.graphAccess.findResults(last.id)).toEqual({
    first: { of: keyed.id },
    [bare.id]: { of: bare.id },
  });
});

test("what requires a failed node is cancelled with it, and the graph fails", async () => {
  await using rig = await open();
  const shape = { ...diamond, alone: [] };
  const { root } = await rig.service.submitGraph({ nodes: nodes(shape) });
  await step(rig, { bottom: failed("no") });
  const graph = await rig.service.getGraph(root.id);
  expect(statesOf(graph)).toEqual({
    alone: "completed",
    bottom: "failed",
    left: "cancelled",
    right: "cancelled",
    top: "cancelled",
  });
  expect(graph.root).toMatchObject({ state: "failed", stateReason: "a node did not succeed" });
  expect(graph.nodes.find((node) => node.name === "top")?.stateReason).toBe(
    "a required task did not succeed",
  );
});

test("what is to be blocked waits, the graph stands still, and a retry goes on", async () => {
  await using rig = await open();
  const request = { nodes: nodes(diamond), onFailure: "block" };
  const { root } = await rig.service.submitGraph(request);
  await step(rig, { bottom: permfailed("no") });
  const stalled = await rig.service.waitForGraph(root.id, {});
  expect(stalled.isStalled).toBe(true);
  expect(statesOf(stalled)).toMatchObject({ bottom: "disabled", left: "blocked", top: "blocked" });
  const failure = stalled.nodes.find((node) => node.name === "bottom");
  await rig.service.retryTask(present(failure, "bottom").id);
  expect((await rig.service.getGraph(root.id)).isStalled).toBe(false);
  expect(await step(rig)).toEqual(["bottom"]);
  expect(await step(rig)).toEqual(["left", "right"]);
  expect(await step(rig)).toEqual(["top"]);
  expect((await rig.service.waitForGraph(root.id, {})).root.state).toBe("completed");
});

test("retrying a graph runs what failed and was cancelled, nothing that finished", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes(diamond) });
  await step(rig);
  await step(rig, { left: failed("no") });
  expect((await rig.service.getGraph(root.id)).root.state).toBe("failed");
  expect(await rig.service.retryTask(root.id)).toMatchObject({ state: "active", finishedAt: null });
  expect(statesOf(await rig.service.getGraph(root.id))).toEqual({
    bottom: "completed",
    left: "queued",
    right: "completed",
    top: "blocked",
  });
  expect(await step(rig)).toEqual(["left"]);
  expect(await step(rig)).toEqual(["top"]);
  expect((await rig.service.getGraph(root.id)).root.state).toBe("completed");
  await expect(rig.service.retryTask(root.id)).rejects.toMatchObject({
    code: "ORR_STATE_TRANSITION",
  });
});

test("a node that comes back has not started, however it comes back", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes({ only: [] }) });
  const node = async (): Promise<GraphNode> =>
    present((await rig.service.getGraph(root.id)).nodes[0], "the node");
  expect(await node()).toMatchObject({ runState: "queued", runAttempt: 0, startedAt: null });
  const run = present((await claimByName(rig)).get("only"), "a run");
  const startedAt = parseInstant(startAt);
  expect(await node()).toMatchObject({ runState: "running", runAttempt: 1, startedAt });
  const workerId = present((await rig.store.workers.list())[0], "the worker").id;
  const { id, fence } = run;
  const outcome = failed("no");
  await rig.store.runs.requeue([{ id, fence, workerId, outcome, durationMs: 1, delayMs: 0 }]);
  expect(await node()).toMatchObject({ runState: "queued", runAttempt: 1, startedAt: null });
  for (const retried of [root.id, (await node()).id]) {
    await step(rig, { only: failed("no") });
    expect(await node()).toMatchObject({ state: "failed", runAttempt: null, startedAt });
    await rig.service.retryTask(retried);
    expect(await node()).toMatchObject({ runState: "queued", runAttempt: 0, startedAt: null });
  }
  await rig.service.cancelTask({ id: root.id });
  expect(await node()).toMatchObject({ state: "cancelled", startedAt: null });
});

test("a node that was cancelled while it finished its work counts as finished", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes(diamond) });
  const bottom = present((await claimByName(rig)).get("bottom"), "bottom");
  await rig.service.cancelTask({ id: root.id });
  await expect(rig.service.retryTask(root.id)).rejects.toThrow(/are running: bottom$/);
  await rig.finish(bottom, eventful("late"));
  await rig.service.retryTask(root.id);
  expect(await step(rig)).toEqual(["left", "right"]);
  expect(await step(rig)).toEqual(["top"]);
  expect((await rig.service.getGraph(root.id)).root.state).toBe("completed");
});

test("cancelling a graph ends what waits and asks what runs to stop", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes(diamond) });
  const bottom = present((await claimByName(rig)).get("bottom"), "bottom");
  const waiting = await rig.create({
    type: "other",
    requires: [{ taskId: root.id, onFailure: "cancel" }],
  });
  await rig.service.cancelTask({ id: root.id, reason: "not today" });
  const graph = await rig.service.getGraph(root.id);
  expect(graph.root).toMatchObject({ state: "cancelled", stateReason: "not today" });
  expect(statesOf(graph)).toMatchObject({ bottom: "running", left: "cancelled" });
  expect((await rig.service.getTask(waiting.id)).state).toBe("cancelled");
  expect(await rig.store.runs.listCancelRequests([bottom])).toMatchObject([
    { reason: "not today" },
  ]);
});

test("a paused graph starts nothing until it is resumed; what runs, runs on", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes(diamond) });
  const bottom = present((await claimByName(rig)).get("bottom"), "bottom");
  await rig.service.pauseTask(root.id);
  await rig.finish(bottom);
  expect(await rig.claim()).toEqual([]);
  expect(statesOf(await rig.service.getGraph(root.id))).toMatchObject({
    bottom: "completed",
    left: "paused",
    top: "paused",
  });
  await rig.service.resumeTask(root.id);
  expect(await step(rig)).toEqual(["left", "right"]);
  expect(await step(rig)).toEqual(["top"]);
  expect((await rig.service.getGraph(root.id)).root.state).toBe("completed");
});

test("a graph whose last node is cancelled by its run ends", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes({ a: [], b: ["a"] }) });
  const { items } = await rig.service.listRuns({ state: ["queued"] });
  await rig.service.cancelRun({ id: present(items[0], "a queued run").id });
  const graph = await rig.service.getGraph(root.id);
  expect(statesOf(graph)).toEqual({ a: "cancelled", b: "cancelled" });
  expect(graph.root.state).toBe("failed");
});

test("a task that requires a graph runs when the graph has ended", async () => {
  await using rig = await open();
  const { root } = await rig.service.submitGraph({ nodes: nodes({ a: [] }) });
  const after = await rig.create({ type: "other", requires: [{ taskId: root.id }] });
  expect(await step(rig)).toEqual(["a"]);
  expect((await rig.claim()).map((run) => run.taskId)).toEqual([after.id]);
});

test("a key that exists answers the graph that has it, also of two submitted at once", async () => {
  await using rig = await open();
  const request = { key: "nightly", nodes: nodes({ a: [] }) };
  const graphs = await Promise.all([1, 2, 3, 4].map(() => rig.service.submitGraph(request)));
  expect(new Set(graphs.map((graph) => graph.root.id)).size).toBe(1);
  await rig.create({ type: "work", key: "a task" });
  await expect(
    rig.service.submitGraph({ key: "a task", nodes: nodes({ a: [] }) }),
  ).rejects.toMatchObject({ code: "ORR_CONFLICT_NAME", details: { field: "key" } });
});

test("a queue that is full takes no part of a graph", async () => {
  await using rig = await open();
  const tooMany = nodes({ a: [], b: [], c: [] }, { type: "narrow" });
  await expect(rig.service.submitGraph({ nodes: tooMany })).rejects.toMatchObject({
    code: "ORR_CONFLICT_QUEUE_FULL",
  });
  expect((await rig.service.listTasks({})).items).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["no nodes", { nodes: [] }, "nodes must be an array with a node at least"],
  ["a name twice", { nodes: nodes({ a: [] }).concat(nodes({ a: [] })) }, "nodes[1].name must be"],
  ["an unknown requirement", { nodes: nodes({ able: [], b: ["abel"] }) }, 'did you mean "able"'],
  ["a built-in type", { nodes: [{ name: "a", type: "(pass)" }] }, "nodes[0].type must be a type"],
  ["a built-in undo", { nodes: [{ name: "a", type: "work", undo: "(graph)" }] }, "nodes[0].undo"],
  ["a repeated requirement", { nodes: nodes({ a: [], b: ["a", "a"] }) }, "nodes[1].requires[1]"],
  ["an unknown field", { nodes: [{ name: "a", type: "work", after: [] }] }, "nodes[0].after"],
  ["a rule that is none", { nodes: nodes({ a: [] }), onFailure: "ignore" }, "onFailure must be"],
])("a graph with %s is refused by name", async (_, request, message) => {
  await using rig = await open();
  await expect(rig.service.submitGraph(request)).rejects.toThrow(message);
});

test("a cycle is refused with the shortest one by name", async () => {
  await using rig = await open();
  const shape = { a: ["b"], b: ["c"], c: ["d"], d: ["a", "c"] };
  await expect(rig.service.submitGraph({ nodes: nodes(shape) })).rejects.toMatchObject({
    code: "ORR_INPUT_CYCLE",
    details: { cycle: ["c", "d"] },
  });
});

test("tasks of built-in types cannot be made by hand, and other tasks are no graphs", async () => {
  await using rig = await open();
  await rig.service.submitGraph({ nodes: nodes({ a: [] }) });
  await expect(rig.create({ type: "(graph)" })).rejects.toThrow("not a built-in one");
  await expect(rig.service.enqueue([{ type: "(graph)" }])).rejects.toThrow("not a built-in one");
  const task = await rig.create({ type: "work" });
  await expect(rig.service.getGraph(task.id)).rejects.toThrow("must be the id of a graph,");
  await expect(rig.service.getGraph(999_999)).rejects.toMatchObject({
    code: "ORR_NOT_FOUND_TASK",
  });
});
