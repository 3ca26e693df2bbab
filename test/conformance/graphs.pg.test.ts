/**
 * Graphs of tasks over the local scheduler and over the remote one: the same calls, the same
 * answers, the same errors, with a worker that runs the nodes.
 */

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { GraphRecord } from "../../src/api/graph-records.ts";
import type { Scheduler } from "../../src/api/scheduler.ts";
import { present } from "../../src/kernel/assert.ts";
import { isRecord } from "../../src/kernel/json.ts";
import { defineTask } from "../../src/model/define-task.ts";
import { openSchedulerRig, type SchedulerRig } from "./rig.ts";

const once = { retry: { limit: 0 } } as const;
/** Adds its own number to those of what it requires. */
const sum = defineTask({
  name: "sum",
  ...once,
  run: async ({ params, results }) => {
    const parts = Object.values(await results()).map(Number);
    return parts.reduce((total, each) => total + each, Number(params));
  },
});
const list: string[] = [];
/** Notes what it undoes. */
const undo = defineTask({
  name: "undo",
  ...once,
  run: ({ params }) => {
    if (isRecord(params)) list.push(`${String(params["node"])} ${String(params["output"])}`);
  },
});
const broken = defineTask({
  name: "broken",
  ...once,
  run: () => {
    throw new RangeError("out of paper");
  },
});
/** As many parts as its input says, and a join that waits for them. */
const split = defineTask({
  name: "split",
  ...once,
  run: async ({ params, addNodes }) => {
    const parts = Array.from({ length: Number(params) }, (_, index) => ({
      name: `part ${index}`,
      type: "sum",
      input: index,
    }));
    await addNodes(parts, { before: ["join"] });
  },
});
/** A program that shows what it is given. */
const program = defineTask({
  name: "program",
  ...once,
  command: {
    file: "/bin/sh",
    args: [
      "-c",
      `read -r input; read -r results
       test "$results" = "$ORRERY_RESULTS" || exit 3
       echo "{\\"orrery\\": {\\"output\\": [$input, $results]}}"`,
    ],
  },
});
/** A program that adds the parts that its input says, and fails when it is told to by a name. */
const splitter = defineTask<{ readonly parts: readonly string[] }>({
  name: "splitter",
  ...once,
  command: ({ parts }) => ({
    file: "/bin/sh",
    args: [
      "-c",
      `for part; do
         echo "{\\"orrery\\": {\\"addNodes\\": [$part], \\"before\\": [\\"join\\"]}}"
       done`,
      "sh",
      ...parts,
    ],
  }),
});
let open = (): void => undefined;
/** Says how far it is, and waits to be let go. */
const gated = defineTask({
  name: "gated",
  ...once,
  run: ({ progress }) => {
    progress(0.25, "a quarter");
    return new Promise<void>((resolve) => (open = resolve));
  },
});
/** Nobody claims its runs while it is paused. */
const idle = defineTask({ name: "idle", run: () => undefined });

let rig: SchedulerRig;

beforeAll(async () => {
  rig = await openSchedulerRig({
    tasks: [sum, undo, broken, split, program, splitter, gated, idle],
  });
  await rig.orrery.pauseTaskType("idle");
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

function statesOf(graph: GraphRecord): Readonly<Record<string, string>> {
  return Object.fromEntries(graph.nodes.map((node) => [node.name, node.state]));
}

describe.each(["local", "remote"] as const)("the %s scheduler", (kind) => {
  const of = (): Scheduler => (kind === "local" ? rig.orrery : rig.remote);

  afterAll(() => {
    expect(rig.breaches).toEqual([]);
    expect(rig.errors).toEqual([]);
  });

  async function outputOf(graph: GraphRecord, name: string): Promise<unknown> {
    const node = present(
      graph.nodes.find((each) => each.name === name),
      name,
    );
    const { items } = await of().listRuns({ taskId: node.taskId });
    return items[0]?.output;
  }

  test("submits a graph, waits for its end and reads it, results passed along", async () => {
    const { id, nodes } = await of().submitGraph({
      name: "sums",
      key: `sums ${kind}`,
      nodes: [
        { name: "total", type: "sum", input: 100, requires: ["one", "two"], priority: "high" },
        { name: "one", type: "sum", input: 1 },
        { name: "two", type: "sum", input: 2, requires: ["one"] },
      ],
    });
    expect(nodes.map((node) => node.name)).toEqual(["one", "two", "total"]);
    const done = await of().waitForGraph(id, { timeoutMs: 30_000 });
    expect(done).toMatchObject({ id, name: "sums", state: "completed", isStalled: false });
    expect(await of().getGraph(id)).toEqual(done);
    expect(await outputOf(done, "total")).toBe(104);
    const again = await of().submitGraph({
      key: `sums ${kind}`,
      nodes: [{ name: "x", type: "sum" }],
    });
    expect(again).toEqual(done);
  });

  test("a node's id stands for its graph, and results are read by name", async () => {
    const { id, nodes } = await of().submitGraph({
      nodes: [
        { name: "one", type: "sum", input: 1 },
        { name: "bad", type: "broken" },
        { name: "total", type: "sum", input: 100, requires: ["one"] },
      ],
    });
    const done = await of().waitForGraph(present(nodes[2], "a node").taskId);
    expect(done.id).toBe(id);
    expect(await of().getGraph(present(nodes[0], "a node").taskId)).toEqual(done);
    expect(await of().getGraphResults(id)).toEqual({ one: 1, total: 101 });
    expect(await of().getGraphResults(id, { nodes: ["total", "bad"] })).toEqual({ total: 101 });
    await expect(of().getGraphResults(id, { nodes: ["one", "tota"] })).rejects.toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field: "nodes[1]", value: "tota" },
    });
  });

  test("the ends of a graph's nodes are followed alone, each with its name", async () => {
    const leave = new AbortController();
    const run = await of().createTask({ type: "sum", input: 1 });
    const { id } = await of().submitGraph({
      nodes: [
        { name: "one", type: "sum", input: 1 },
        { name: "two", type: "sum", input: 1, requires: ["one"] },
      ],
    });
    await of().waitForGraph(id);
    const { items } = await of().listRuns({ taskId: run.id });
    const { id: runId } = await of().waitForRun(present(items[0], "a run").id);
    const after = `${runId}.1`;
    const told: (string | null)[] = [];
    for await (const event of of().followRuns({ graphId: id, after, signal: leave.signal })) {
      expect(event).toMatchObject({ graphId: id, final: true });
      told.push(event.node);
      if (told.length === 2) break;
    }
    leave.abort();
    expect(told).toEqual(["one", "two"]);
  });

  test("a running node shows how far it has come", async () => {
    const { id } = await of().submitGraph({ nodes: [{ name: "a", type: "gated" }] });
    const node = await vi.waitFor(async () => {
      const [first] = (await of().getGraph(id)).nodes;
      expect(first?.progress).not.toBeNull();
      return first;
    });
    expect(node).toMatchObject({
      runState: "running",
      progress: { fraction: 0.25, message: "a quarter" },
    });
    open();
    const done = await of().waitForGraph(id);
    expect(done.nodes[0]).toMatchObject({ state: "completed", progress: null });
  });

  test("a failed node takes with it what requires it, and a retry of all goes on", async () => {
    const { id } = await of().submitGraph({
      nodes: [
        { name: "a", type: "sum", input: 1 },
        { name: "b", type: "broken", requires: ["a"] },
        { name: "c", type: "sum", input: 1, requires: ["b"] },
      ],
    });
    const failed = await of().waitForGraph(id);
    expect(failed.state).toBe("failed");
    expect(statesOf(failed)).toEqual({ a: "completed", b: "failed", c: "cancelled" });
    expect(failed.nodes[1]?.stateReason).toBe("out of paper");
    await of().retryTask(id);
    const again = await of().waitForGraph(id);
    expect(statesOf(again)).toEqual({ a: "completed", b: "failed", c: "cancelled" });
    expect(again.nodes[0]).toEqual(failed.nodes[0]);
    expect(again.nodes[1]?.finishedAt).not.toBe(failed.nodes[1]?.finishedAt);
  });

  test("a graph that stands still is answered as such", async () => {
    const { id } = await of().submitGraph({
      onFailure: "block",
      nodes: [
        { name: "a", type: "broken" },
        { name: "b", type: "sum", requires: ["a"] },
      ],
    });
    const still = await of().waitForGraph(id);
    expect(still).toMatchObject({ state: "active", isStalled: true });
    await of().cancelTask(id);
    expect((await of().waitForGraph(id)).state).toBe("cancelled");
  });

  test("work that shows while it runs is added, and joined", async () => {
    const { id } = await of().submitGraph({
      nodes: [
        { name: "split", type: "split", input: 5 },
        { name: "join", type: "sum", input: 100, requires: ["split"] },
      ],
    });
    const done = await of().waitForGraph(id);
    expect(done.nodes).toHaveLength(7);
    expect(done.state).toBe("completed");
    expect(await outputOf(done, "join")).toBe(110);
    expect(done.nodes.find((node) => node.name === "join")?.requires).toHaveLength(6);
  });

  test("programs get results as a second line and in a variable", async () => {
    const { id } = await of().submitGraph({
      nodes: [
        { name: "one", type: "sum", input: 7 },
        { name: "two", type: "program", input: { in: 1 }, requires: ["one"] },
      ],
    });
    const done = await of().waitForGraph(id);
    expect(done.state).toBe("completed");
    expect(await outputOf(done, "two")).toEqual([{ in: 1 }, { one: 7 }]);
  });

  test("a program adds nodes by its reports, and fails with what was refused", async () => {
    const part = (name: string, input: number): string =>
      JSON.stringify({ name, type: "sum", input });
    const graphOf = (parts: readonly string[]) =>
      of().submitGraph({
        nodes: [
          { name: "split", type: "splitter", input: { parts } },
          { name: "join", type: "sum", input: 100, requires: ["split"] },
        ],
      });
    const good = await graphOf([part("a", 1), part("b", 2)]);
    const done = await of().waitForGraph(good.id);
    expect(done.state).toBe("completed");
    expect(await of().getGraphResults(good.id)).toEqual({ split: null, join: 103, a: 1, b: 2 });
    const bad = await graphOf([part("a", 1), JSON.stringify({ name: "b", tipe: "sum" })]);
    const failed = await of().waitForGraph(bad.id);
    expect(statesOf(failed)).toMatchObject({ split: "failed", join: "cancelled" });
    expect(failed.nodes[0]?.stateReason).toMatch(/^nodes\[0\].tipe is not a known field/);
  });

  test("undoes what was done, last first, and answers the same graph again", async () => {
    const { id } = await of().submitGraph({
      nodes: [
        { name: "a", type: "sum", input: 1, undo: "undo" },
        { name: "b", type: "sum", input: 1, requires: ["a"] },
        { name: "c", type: "sum", input: 1, requires: ["b"], undo: "undo" },
      ],
    });
    await of().waitForGraph(id);
    list.length = 0;
    const reverse = await of().undoGraph(id);
    expect(reverse).toMatchObject({ undoesId: id, name: "undo of graph" });
    expect(reverse.nodes.map((node) => [node.name, node.type])).toEqual([
      ["c", "undo"],
      ["b", "(pass)"],
      ["a", "undo"],
    ]);
    expect((await of().waitForGraph(reverse.id)).state).toBe("completed");
    expect(list).toEqual(["c 3", "a 1"]);
    expect((await of().undoGraph(id)).id).toBe(reverse.id);
    expect((await of().getGraph(id)).undoneById).toBe(reverse.id);
  });

  test("nodes are added from outside while the graph lives", async () => {
    const { id } = await of().submitGraph({ nodes: [{ name: "a", type: "idle" }] });
    const more = await of().addGraphNodes(id, [{ name: "b", type: "sum", input: 1 }], {
      before: ["a"],
    });
    expect(more.nodes.map((node) => node.name)).toEqual(["a", "b"]);
    expect(more.nodes[0]?.requires).toMatchObject([{ node: "b", onFailure: "cancel" }]);
    await expect(of().waitForGraph(id, { timeoutMs: 0 })).rejects.toMatchObject({
      code: "ORR_TIMEOUT_WAIT",
      details: { taskId: id, state: "active" },
    });
    await of().cancelTask(id);
    await expect(of().addGraphNodes(id, [{ name: "c", type: "sum" }])).rejects.toMatchObject({
      code: "ORR_STATE_TRANSITION",
    });
  });

  test("refuses what is no graph, is not there, or has no order", async () => {
    const task = await of().createTask({ type: "idle" });
    await expect(of().getGraph(task.id)).rejects.toMatchObject({
      code: "ORR_INPUT_INVALID",
      details: { field: "id" },
    });
    await expect(of().undoGraph(999_999)).rejects.toMatchObject({ code: "ORR_NOT_FOUND_TASK" });
    await expect(of().waitForGraph(999_999)).rejects.toMatchObject({
      code: "ORR_NOT_FOUND_TASK",
    });
    const ring = [
      { name: "a", type: "sum", requires: ["b"] },
      { name: "b", type: "sum", requires: ["a"] },
    ];
    await expect(of().submitGraph({ nodes: ring })).rejects.toMatchObject({
      code: "ORR_INPUT_CYCLE",
      details: { cycle: ["a", "b"] },
    });
  });
});
