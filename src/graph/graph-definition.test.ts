/** What a definition and the options of a run refuse. */

import { describe, expect, it } from "vitest";
import { defineGraph } from "./graph-definition.ts";
import { edgesOf, graphOf } from "./graph.ts";
import { planGraph } from "./graph-plan.ts";
import { runGraph } from "./run-graph.ts";

/** Fields as they come from code without types. */
function untyped(fields: object): never {
  return fields as never;
}

describe("a definition", () => {
  it("knows its edges, those of `requires` and those of `after`, each once", () => {
    const graph = defineGraph()
      .node("a", () => 1)
      .node("b", () => 2)
      .node("c", { requires: ["a"], after: ["b", "a"], run: () => 3 });
    expect([...edgesOf(graph.toGraph())]).toEqual([
      ["c", "a"],
      ["c", "b"],
    ]);
  });

  const one = () => defineGraph().node("one", () => 1);

  it.each([
    [() => one().node(untyped({ x: 1 }), () => 1), "name must be a text that is not empty"],
    [() => one().node("one" as never, () => 1), "name must be a name that no node has yet"],
    [() => one().node("x".repeat(201), () => 1), "name must have at most 200 letters"],
    [
      () => one().node("two", untyped({ requires: ["oen"], run: () => 1 })),
      'two.requires[0] names "oen", which is not defined before; did you mean "one"?',
    ],
    [
      () => one().node("two", untyped({ after: ["two"], run: () => 1 })),
      'two.after[0] names "two", which is not defined before',
    ],
    [() => one().node("two", untyped({ needs: [], run: () => 1 })), "two.needs is not a known"],
    [() => one().node("two", untyped({ requires: "one", run: () => 1 })), "requires must be an ar"],
    [() => one().node("two", untyped({})), "two.run must be a function, not nothing"],
    [() => one().node("two", untyped({ run: () => 1, undo: 7 })), "two.undo must be a function"],
    [() => one().node("two", { timeoutMs: -1, run: () => 1 }), "two.timeoutMs must be a number"],
    [() => one().node("two", { priority: Number.NaN, run: () => 1 }), "two.priority must be a num"],
    [() => one().node("two", { estimateMs: -5, run: () => 1 }), "two.estimateMs must be a number"],
    [
      () => one().node("two", { retry: untyped({}), run: () => 1 }),
      "two.retry.limit must be a whole number from 0 to 10000, not nothing",
    ],
    [
      () => one().node("two", { retry: untyped({ limit: 1, wait: 5 }), run: () => 1 }),
      "two.retry.wait is not a known field",
    ],
    [
      () => one().node("two", { retry: { limit: 1, jitter: 2 }, run: () => 1 }),
      "two.retry.jitter must be a number from 0 to 1, not 2",
    ],
  ])("refuses %s", (define, message) => {
    expect(define).toThrow(message);
  });
});

describe("options that are refused", () => {
  const graph = defineGraph().node("a", () => 1);

  it.each([
    [{ concurrency: 0 }, "concurrency must be a whole number from 1"],
    [{ concurrency: 1.5 }, "concurrency must be a whole number from 1"],
    [{ concurency: 1 }, 'options.concurency is not a known field; did you mean "concurrency"?'],
    [{ onFailure: "ignore" }, "onFailure must be one of stop, isolate"],
    [{ graceMs: -1 }, "graceMs must be a number from 0"],
    [{ timeoutMs: 2 ** 31 }, "timeoutMs must be a number from 0 to 2147483647"],
    [{ errorWaitMs: "1s" }, "errorWaitMs must be a number from 0"],
    [{ signal: {} }, "signal must be an AbortSignal"],
    [{ onEvent: "log" }, "onEvent must be a function"],
    [{ results: { a: 1 } }, "results are those of an earlier run"],
    [{ reverse: true }, "results must be the results of an earlier run, not nothing"],
    [{ run: "a" }, "run must be a function"],
    [{ run: () => 1, settings: {} }, "settings must be a function"],
    [{ settings: () => ({}) }, "options.settings is not a known field"],
  ])("%j", async (options, message) => {
    await expect(runGraph(graph, untyped(options))).rejects.toThrow(message);
  });

  it("a graph of edges without a function for its nodes", async () => {
    await expect(runGraph(graphOf([["a", "b"]]), untyped({}))).rejects.toThrow(
      "run must be a function, which is called for each node, not nothing",
    );
  });

  it("settings of a node that are none", async () => {
    const settings = () => untyped({ timeout: 5 });
    const edges = graphOf<string>([["a", "b"]]);
    await expect(runGraph(edges, { run: () => 1, settings })).rejects.toThrow(
      'settings of b.timeout is not a known field; did you mean "timeoutMs"?',
    );
    expect(() => planGraph(edges, { settings })).toThrow("settings of b.timeout");
  });

  it("a cycle, before anything has started", async () => {
    let count = 0;
    const cyclic = graphOf<string>([
      ["a", "b"],
      ["b", "a"],
      ["b", "c"],
    ]);
    const run = runGraph(cyclic, { run: () => (count += 1) });
    await expect(run).rejects.toMatchObject({ code: "ORR_INPUT_CYCLE" });
    expect(count).toBe(0);
    expect(() => planGraph(cyclic)).toThrow("the shortest is b > a > b");
  });
});
