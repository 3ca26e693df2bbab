/** Graphs that grow while they run, and graphs that are undone. */

import { expect, test } from "vitest";
import { claimByName, diamond, nodes, statesOf, step } from "../../test/service/graph-steps.ts";
import { openServiceRig, type ServiceRig } from "../../test/service/rig.ts";
import { present } from "../kernel/assert.ts";
import type { TaskId } from "../kernel/ids.ts";
import { toId } from "../kernel/ids.ts";
import { defineTask } from "../model/define-task.ts";
import type { AddNodesOptions, GraphNodeRequest, TaskGraph } from "../model/graph.ts";
import { eventful, failed } from "../model/outcome.ts";
import type { ClaimedRun } from "../model/run.ts";

const once = { retry: { limit: 0 } } as const;
const work = defineTask({ name: "work", ...once, run: () => undefined });
const undo = defineTask({ name: "undo", ...once, run: () => undefined });

const open = async (): Promise<ServiceRig> => await openServiceRig([work, undo]);

async function submit(
  rig: ServiceRig,
  shape: Readonly<Record<string, readonly string[]>>,
  rest: Partial<GraphNodeRequest> = {},
): Promise<TaskId> {
  return (await rig.service.submitGraph({ nodes: nodes(shape, rest) })).root.id;
}

async function claimed(rig: ServiceRig, name: string): Promise<ClaimedRun> {
  return present((await claimByName(rig)).get(name), name);
}

async function addFrom(
  rig: ServiceRig,
  run: ClaimedRun,
  [added, options = {}]: readonly [readonly GraphNodeRequest[], AddNodesOptions?],
): Promise<readonly string[]> {
  return await rig.service.graphAccess.addNodes(run, { nodes: added, options });
}

function nodeOf(graph: TaskGraph, name: string): TaskGraph["nodes"][number] {
  return present(
    graph.nodes.find((node) => node.name === name),
    name,
  );
}

const parts = [1, 2, 3].map((part) => ({ name: `part ${part}`, type: "work" }));

test("a running node adds nodes that run behind it, and its join waits for them", async () => {
  await using rig = await open();
  const id = await submit(rig, { split: [], join: ["split"] });
  const split = await claimed(rig, "split");
  expect(await addFrom(rig, split, [parts, { before: ["join"] }])).toEqual([
    "part 1",
    "part 2",
    "part 3",
  ]);
  expect(await rig.claim()).toEqual([]);
  await rig.finish(split);
  expect(await step(rig)).toEqual(["part 1", "part 2", "part 3"]);
  expect(await step(rig)).toEqual(["join"]);
  const graph = await rig.service.getGraph(id);
  expect(graph.root.state).toBe("completed");
  expect(await rig.service.graphAccess.findResults(nodeOf(graph, "join").id)).toEqual({
    split: null,
    "part 1": "part 1",
    "part 2": "part 2",
    "part 3": "part 3",
  });
});

test("a node that is tried again adds nothing twice", async () => {
  await using rig = await open();
  const id = await submit(rig, { split: [], join: ["split"] });
  const split = await claimed(rig, "split");
  await addFrom(rig, split, [parts, { before: ["join"] }]);
  expect(await addFrom(rig, split, [parts, { before: ["join"] }])).toEqual([]);
  const more = [...parts, { name: "part 4", type: "work" }];
  expect(await addFrom(rig, split, [more, { before: ["join"] }])).toEqual(["part 4"]);
  const graph = await rig.service.getGraph(id);
  expect(nodeOf(graph, "join").requires).toHaveLength(5);
  await rig.finish(split);
  await step(rig);
  expect(await step(rig)).toEqual(["join"]);
});

test("a run that was taken away adds nothing", async () => {
  await using rig = await open();
  const id = await submit(rig, { split: [] });
  const stale = await claimed(rig, "split");
  await rig.store.runs.release([stale]);
  const current = await claimed(rig, "split");
  await expect(addFrom(rig, stale, [parts])).rejects.toMatchObject({ code: "ORR_LEASE_LOST" });
  expect((await rig.service.getGraph(id)).nodes).toHaveLength(1);
  await rig.finish(current);
  await expect(addFrom(rig, current, [parts])).rejects.toMatchObject({ code: "ORR_LEASE_LOST" });
});

test("a run of no graph cannot add nodes", async () => {
  await using rig = await open();
  await rig.create({ type: "work" });
  const [run] = await rig.claim();
  await expect(addFrom(rig, present(run, "a run"), [parts])).rejects.toThrow(
    "belongs to no node of a graph",
  );
});

test("added nodes may require each other and what is there already", async () => {
  await using rig = await open();
  const id = await submit(rig, { first: [], split: ["first"] });
  await step(rig);
  const split = await claimed(rig, "split");
  const added = [
    { name: "b", type: "work", requires: ["a", "first"] },
    { name: "a", type: "work", requires: [] },
  ];
  await addFrom(rig, split, [added]);
  expect(statesOf(await rig.service.getGraph(id))).toMatchObject({ a: "queued", b: "blocked" });
  expect(await step(rig)).toEqual(["a"]);
  expect(await step(rig)).toEqual(["b"]);
  expect((await rig.service.getGraph(id)).root.state).toBe("active");
  await rig.finish(split);
  expect((await rig.service.getGraph(id)).root.state).toBe("completed");
});

test("what has started cannot be made to wait, and then nothing is added", async () => {
  await using rig = await open();
  const id = await submit(rig, { split: [], beside: [] });
  const runs = await claimByName(rig);
  const call = addFrom(rig, present(runs.get("split"), "split"), [parts, { before: ["beside"] }]);
  await expect(call).rejects.toThrow("these nodes have started and cannot wait any more: beside");
  expect((await rig.service.getGraph(id)).nodes).toHaveLength(2);
});

test("nodes that wait for each other by way of an addition are refused", async () => {
  await using rig = await open();
  const id = await submit(rig, { split: [], join: ["split"], after: ["join"] });
  const split = await claimed(rig, "split");
  const added = [{ name: "x", type: "work", requires: ["after"] }];
  await expect(addFrom(rig, split, [added, { before: ["join"] }])).rejects.toMatchObject({
    code: "ORR_INPUT_CYCLE",
  });
  expect((await rig.service.getGraph(id)).nodes).toHaveLength(3);
});

const x = { name: "x", type: "work" };

test.each<[string, readonly [GraphNodeRequest[], AddNodesOptions?], string]>([
  ["an unknown requirement", [[{ ...x, requires: ["splat"] }]], 'is named "splat"'],
  ["an unknown join", [[x], { before: ["joint"] }], "before[0]: no node"],
  ["itself as join", [[x], { before: ["x"] }], "before[0] must be a node"],
])("an addition with %s is refused by name", async (_, addition, message) => {
  await using rig = await open();
  await submit(rig, { split: [] });
  const split = await claimed(rig, "split");
  await expect(addFrom(rig, split, addition)).rejects.toThrow(message);
});

test("nodes are added from outside while the graph lives, paused ones wait", async () => {
  await using rig = await open();
  const id = await submit(rig, { a: [] });
  await rig.service.pauseTask(id);
  const addition = { nodes: [{ name: "b", type: "work" }] };
  const graph = await rig.service.addGraphNodes({ id, addition });
  expect(statesOf(graph)).toEqual({ a: "paused", b: "paused" });
  await rig.service.resumeTask(id);
  expect(await step(rig)).toEqual(["a", "b"]);
  const late = rig.service.addGraphNodes({
    id,
    addition: { nodes: [{ name: "c", type: "work" }] },
  });
  await expect(late).rejects.toThrow(`graph ${id} is completed: nothing can be added to it`);
});

test("what requires a failed node cannot be added, unless it is to be blocked", async () => {
  await using rig = await open();
  const id = await submit(rig, { a: [], b: [] });
  const runs = await claimByName(rig);
  await rig.finish(present(runs.get("a"), "a"), failed("no"));
  const behind = (onFailure: "block" | "cancel"): object => ({
    id,
    addition: { nodes: [{ name: "c", type: "work", requires: ["a"], onFailure }] },
  });
  const add = (onFailure: "block" | "cancel") =>
    rig.service.addGraphNodes({ id, addition: {}, ...behind(onFailure) });
  await expect(add("cancel")).rejects.toThrow('the node "a" is failed');
  expect(statesOf(await add("block"))).toMatchObject({ c: "blocked" });
});

test("undoing runs the undo of what was done in reverse, with its input and output", async () => {
  await using rig = await open();
  const id = await submit(rig, diamond, { undo: "undo", input: { of: 1 } });
  while ((await step(rig)).length > 0);
  const reverse = await rig.service.undoGraph(id);
  expect(reverse.root.name).toBe("undo of graph");
  expect(reverse.undoesId).toBe(id);
  expect((await rig.service.getGraph(id)).undoneById).toBe(reverse.root.id);
  const top = await claimByName(rig);
  expect([...top]).toMatchObject([
    ["top", { input: { node: "top", input: { of: 1 }, output: "top" } }],
  ]);
  for (const run of top.values()) await rig.finish(run);
  expect(await step(rig)).toEqual(["left", "right"]);
  expect(await step(rig)).toEqual(["bottom"]);
  expect((await rig.service.getGraph(reverse.root.id)).root.state).toBe("completed");
});

test("only what has succeeded is undone, and what has not begun is cancelled", async () => {
  await using rig = await open();
  const id = await submit(rig, diamond, { undo: "undo" });
  await step(rig);
  const runs = await claimByName(rig);
  await rig.finish(present(runs.get("left"), "left"));
  await expect(rig.service.undoGraph(id)).rejects.toThrow(
    `graph ${id} cannot be undone while these nodes are running: right`,
  );
  expect((await rig.service.getGraph(id)).root.state).toBe("active");
  await rig.finish(present(runs.get("right"), "right"), failed("no"));
  const reverse = await rig.service.undoGraph(id);
  expect(reverse.nodes.map((node) => node.name)).toEqual(["left", "bottom"]);
  expect(statesOf(await rig.service.getGraph(id))).toMatchObject({ top: "cancelled" });
});

test("nodes without undo keep the order of those around them", async () => {
  await using rig = await open();
  const request = [
    ...nodes({ a: [], c: ["b"] }, { undo: "undo" }),
    ...nodes({ b: ["a"], before: [], after: ["c"] }),
  ];
  const { root } = await rig.service.submitGraph({ nodes: request });
  while ((await step(rig)).length > 0);
  const reverse = await rig.service.undoGraph(root.id);
  expect(reverse.nodes.map((node) => [node.name, node.typeName])).toEqual([
    ["c", "undo"],
    ["b", "(pass)"],
    ["a", "undo"],
  ]);
  expect(await step(rig)).toEqual(["c"]);
  expect(await step(rig)).toEqual(["b"]);
  expect(await step(rig)).toEqual(["a"]);
});

test("the name of a reverse is stored when its cut leaves half of a letter", async () => {
  await using rig = await open();
  const name = `a${"😀".repeat(97)}`;
  const request = { name, nodes: nodes({ a: [] }, { undo: "undo" }) };
  const { root } = await rig.service.submitGraph(request);
  await step(rig);
  const reverse = await rig.service.undoGraph(root.id);
  expect(reverse.root.name).toBe(`undo of a${"😀".repeat(95)}\uFFFD`);
});

test("a graph is undone once: asked again the same reverse is answered, no retry", async () => {
  await using rig = await open();
  const id = await submit(rig, { a: [], b: [] }, { undo: "undo" });
  await step(rig, { b: failed("no") });
  const [one, two] = await Promise.all([rig.service.undoGraph(id), rig.service.undoGraph(id)]);
  expect(one?.root.id).toBe(two?.root.id);
  await expect(rig.service.retryTask(id)).rejects.toThrow(`undone by graph ${one?.root.id}`);
  const { nodes: ended } = await rig.service.getGraph(id);
  const b = present(
    ended.find((node) => node.name === "b"),
    "b",
  );
  await expect(rig.service.retryTask(b.id)).rejects.toThrow("has been undone");
});

test("an undo that fails stops what was done before it, until it is retried", async () => {
  await using rig = await open();
  const id = await submit(rig, { a: [], b: ["a"] }, { undo: "undo" });
  while ((await step(rig)).length > 0);
  const { root } = await rig.service.undoGraph(id);
  expect(await step(rig, { b: failed("no") })).toEqual(["b"]);
  expect(statesOf(await rig.service.getGraph(root.id))).toEqual({ b: "failed", a: "cancelled" });
  await rig.service.retryTask(root.id);
  expect(await step(rig)).toEqual(["b"]);
  expect(await step(rig)).toEqual(["a"]);
});

test("a graph of which nothing can be undone says so", async () => {
  await using rig = await open();
  const id = await submit(rig, { a: [] });
  await step(rig);
  await expect(rig.service.undoGraph(id)).rejects.toThrow(
    "no node that has succeeded names an undo",
  );
  await expect(rig.service.undoGraph(toId<TaskId>(99_999, "id"))).rejects.toMatchObject({
    code: "ORR_NOT_FOUND_TASK",
  });
});

test("the result outlives the history that it came from", async () => {
  await using rig = await open();
  const id = await submit(rig, { a: [] }, { undo: "undo" });
  await step(rig, { a: eventful({ rows: 3 }) });
  await rig.database.query("delete from orrery.attempt");
  await rig.service.undoGraph(id);
  expect((await claimed(rig, "a")).input).toMatchObject({ output: { rows: 3 } });
});
