/** What a run of a graph does while nothing goes wrong. */

import { describe, expect, it } from "vitest";
import { recorder } from "../../test/support/recorded-run.ts";
import { Dependencies } from "./dependencies.ts";
import { defineGraph } from "./graph-definition.ts";
import { type Edge, graphOf } from "./graph.ts";
import { runGraph, settleGraph } from "./run-graph.ts";

const diamond: readonly Edge<string>[] = [
  ["left", "base"],
  ["right", "base"],
  ["top", "left"],
  ["top", "right"],
];

describe("a defined graph", () => {
  it("gives each node what the nodes that it requires have returned", async () => {
    const graph = defineGraph()
      .node("host", async () => ({ port: 80 }))
      .node("path", () => "/x")
      .node("address", {
        requires: ["host", "path"],
        run: ({ results: { host, path } }) => `${host.port}${path}`,
      })
      .node("seen", { after: ["address"], run: ({ results }) => Object.keys(results) });
    expect(await runGraph(graph)).toEqual({
      host: { port: 80 },
      path: "/x",
      address: "80/x",
      seen: [],
    });
  });

  it("may be run again, and any number of runs at a time", async () => {
    let count = 0;
    const graph = defineGraph().node("count", async () => (count += 1));
    const results = await Promise.all([runGraph(graph), runGraph(graph), runGraph(graph)]);
    expect(results.map((each) => each.count)).toEqual([1, 2, 3]);
  });

  it("without nodes has run at once", async () => {
    expect(await runGraph(defineGraph())).toEqual({});
    expect((await settleGraph(defineGraph())).state).toBe("succeeded");
  });

  it("takes names that objects have already", async () => {
    const graph = defineGraph()
      .node("__proto__", () => 1)
      .node("constructor", {
        requires: ["__proto__"],
        run: ({ results }) => Object.getOwnPropertyDescriptor(results, "__proto__")?.value === 1,
      });
    const results = await runGraph(graph);
    expect(Object.entries(results)).toEqual([
      ["__proto__", 1],
      ["constructor", true],
    ]);
  });
});

describe("one function for all nodes", () => {
  it("is given the node and the results by node, and answers all of them", async () => {
    const sums = await runGraph(graphOf(diamond), {
      run: (node, { results }): number =>
        node.length + [...results.values()].reduce((sum, each) => sum + each, 0),
    });
    expect([...sums]).toEqual([
      ["base", 4],
      ["left", 8],
      ["right", 9],
      ["top", 20],
    ]);
  });

  it("in reverse runs a node after all that require it, with their results", async () => {
    const seen: string[] = [];
    await runGraph(new Dependencies(diamond), {
      reverse: true,
      run: (node, { results }) => {
        seen.push(`${node} after ${[...results.keys()].join(" ")}`.trim());
      },
    });
    expect(seen).toEqual([
      "top after",
      "left after top",
      "right after top",
      "base after left right",
    ]);
  });

  it("runs the nodes of a definition too, in place of their own functions", async () => {
    const graph = defineGraph()
      .node("a", () => 1)
      .node("b", { requires: ["a"], run: () => 2 });
    expect([...(await runGraph(graph, { run: (node) => `dry ${node}` }))]).toEqual([
      ["a", "dry a"],
      ["b", "dry b"],
    ]);
  });

  it("takes nodes of any kind, objects among them", async () => {
    const [first, second] = [{ name: "first" }, Symbol("second")];
    const results = await runGraph(graphOf<unknown>([[second, first]]), {
      run: (node) => typeof node,
    });
    expect(results.get(first)).toBe("object");
    expect(results.get(second)).toBe("symbol");
  });
});

describe("order and time", () => {
  it("starts a node in the turn in which the last that it requires succeeds", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const delays: Readonly<Record<string, number>> = { base: 10, left: 20, right: 5, top: 1 };
    await outcome(
      runGraph(graphOf(diamond), {
        clock,
        onEvent,
        run: (node, { delay }) => delay(delays[node] ?? 0),
      }),
    );
    expect(lines).toEqual([
      "0 run-started 4",
      "0 base started 1",
      "10 base succeeded 10",
      "10 left started 1",
      "10 right started 1",
      "15 right succeeded 5",
      "30 left succeeded 20",
      "30 top started 1",
      "31 top succeeded 1",
      "31 run-finished succeeded",
    ]);
  });

  it("never runs more nodes at a time than the limit", async () => {
    const { clock, outcome } = recorder();
    let running = 0;
    let most = 0;
    const lone = Array.from({ length: 20 }, (_, node): Edge<number> => [node, null]);
    await outcome(
      runGraph(graphOf(lone), {
        clock,
        concurrency: 3,
        run: async (node, { delay }) => {
          running += 1;
          most = Math.max(most, running);
          await delay(1 + (node % 4));
          running -= 1;
        },
      }),
    );
    expect(most).toBe(3);
    expect(running).toBe(0);
  });

  const started = async (
    edges: readonly Edge<string>[],
    settings: Readonly<Record<string, { priority?: number; estimateMs?: number }>>,
  ): Promise<string> => {
    const order: string[] = [];
    await runGraph(graphOf(edges), {
      concurrency: 1,
      settings: (node) => settings[node] ?? {},
      run: async (node) => {
        order.push(node);
      },
    });
    return order.join(" ");
  };

  it("starts what has the longest way ahead, in nodes where nothing is estimated", async () => {
    const edges: readonly Edge<string>[] = [
      ["short", null],
      ["b", "a"],
      ["c", "b"],
    ];
    expect(await started(edges, {})).toBe("a b short c");
    expect(await started(edges, { short: { estimateMs: 9_000 } })).toBe("short a b c");
    expect(await started(edges, { c: { estimateMs: 0 } })).toBe("a short b c");
  });

  it("starts the highest priority first, and what an urgent node waits for with it", async () => {
    const edges: readonly Edge<string>[] = [
      ["x", null],
      ["long2", "long1"],
      ["urgent", "below"],
      ["low", null],
    ];
    const order = await started(edges, { urgent: { priority: 5 }, low: { priority: -1 } });
    expect(order).toBe("below urgent long1 x long2 low");
  });

  it("tells progress with the time, and nothing of a node that is over", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    let late: (fraction: number | null) => void = () => undefined;
    const graph = defineGraph().node("a", async ({ progress, delay }) => {
      late = progress;
      progress(0.25, "read");
      await delay(5);
      progress(null);
    });
    await outcome(runGraph(graph, { clock, onEvent }));
    late(1);
    expect(lines).toEqual([
      "0 run-started 1",
      "0 a started 1",
      "0 a progress 0.25 read",
      "5 a progress null null",
      "5 a succeeded 5",
      "5 run-finished succeeded",
    ]);
  });

  it("runs a chain of ten thousand functions that answer at once on a flat stack", async () => {
    const chain = Array.from({ length: 10_000 }, (_, node): Edge<number> => [node + 1, node]);
    const results = await runGraph(graphOf(chain), { run: (node) => node });
    expect(results.size).toBe(10_001);
  });

  it("waits for promises of others, also one that calls back twice", async () => {
    const twice = {
      // oxlint-disable-next-line unicorn/no-thenable -- a foreign promise that breaks the rules
      then: (resolve: (value: string) => void) => {
        resolve("first");
        resolve("second");
      },
    };
    const graph = defineGraph().node("a", () => Promise.resolve(twice));
    expect(await runGraph(graph)).toEqual({ a: "first" });
  });
});

describe("undoing", () => {
  const graphWith = (seen: string[]) =>
    defineGraph()
      .node("network", { run: async () => "n-1", undo: (id) => void seen.push(`remove ${id}`) })
      .node("note", { requires: ["network"], run: () => 7 })
      .node("server", {
        requires: ["network", "note"],
        run: async ({ results }) => `s on ${results.network}`,
        undo: async (id, { delay }) => {
          await delay(5);
          seen.push(`stop ${id}`);
        },
      });

  it("goes backwards and gives each node what it returned", async () => {
    const { clock, onEvent, lines, outcome } = recorder();
    const seen: string[] = [];
    const graph = graphWith(seen);
    const results = await runGraph(graph);
    await outcome(runGraph(graph, { reverse: true, results, clock, onEvent }));
    expect(seen).toEqual(["stop s on n-1", "remove n-1"]);
    expect(lines).toContain("5 note succeeded 0");
  });

  it("leaves alone what has no result", async () => {
    const seen: string[] = [];
    const graph = graphWith(seen);
    const settled = await settleGraph(graph, { reverse: true, results: { network: "n-1" } });
    expect(seen).toEqual(["remove n-1"]);
    expect(Object.keys(settled.outcomes)).toEqual(["network"]);
  });
});
