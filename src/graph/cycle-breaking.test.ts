import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakCycles } from "./cycle-breaking.ts";
import { type Edge, edgesOf, type Graph, graphOf } from "./graph.ts";
import { groupsOf } from "./groups.ts";
import { orderOf } from "./topological-order.ts";

const pairsOf = (graph: Graph<number>): readonly string[] =>
  [...edgesOf(graph)].flatMap(([a, b]) => (b === null ? [] : [`${a}>${b}`])).toSorted();

describe("breakCycles", () => {
  it("drops what the node still waits for that the most others wait for", () => {
    const { graph, dropped } = breakCycles(
      graphOf<string>([
        ["compiler", "tool"],
        ["tool", "compiler"],
        ["library", "compiler"],
        ["compiler", "library"],
        ["tool", "library"],
      ]),
    );
    // Wanted less waiting: library 2 - 1, tool 1 - 2, compiler 2 - 2; then 0 for both others, of
    // which the tool was mentioned first.
    expect(dropped).toEqual([
      ["library", "compiler"],
      ["tool", "compiler"],
    ]);
    expect([...orderOf(graph)].map((number) => graph.keys[number])).toEqual([
      "library",
      "tool",
      "compiler",
    ]);
  });

  it("drops nothing for what only leads to a group or only follows from it", () => {
    const { dropped } = breakCycles(
      graphOf<string>([
        ["a", "b"],
        ["b", "a"],
        ["a", "before"],
        ["after", "b"],
      ]),
    );
    expect(dropped).toEqual([["b", "a"]]);
  });

  it("drops the requirement of a node for itself", () => {
    const { graph, dropped } = breakCycles(graphOf<string>([["a", "a"]]));
    expect(dropped).toEqual([["a", "a"]]);
    expect([...edgesOf(graph)]).toEqual([["a", null]]);
  });

  it("answers a graph without cycles as it is", () => {
    const graph = graphOf<string>([["b", "a"]]);
    expect(breakCycles(graph)).toEqual({ graph, dropped: [] });
    expect(breakCycles(graph).graph).toBe(graph);
  });

  it("gives an order and keeps all else, for any graph", () => {
    const edges = fc.array(
      fc.tuple(fc.nat(15), fc.nat(15)).map(([a, b]): Edge<number> => [a, b]),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(edges, (some) => {
        const graph = graphOf(some);
        const broken = breakCycles(graph);
        expect(orderOf(broken.graph).length).toBe(graph.keys.length);
        expect(broken.graph.keys).toEqual(graph.keys);
        const dropped = broken.dropped.map((edge) => edge.join(">"));
        expect([...pairsOf(broken.graph), ...dropped].toSorted()).toEqual(pairsOf(graph));
        const groups = groupsOf(graph);
        const groupOf = (key: number | null): number | undefined =>
          groups[graph.numbers.get(key ?? -1) ?? -1];
        for (const [a, b] of broken.dropped) expect(groupOf(a)).toBe(groupOf(b));
      }),
      { numRuns: 300 },
    );
  });

  it("drops at most half of the requirements between different nodes", () => {
    const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 90 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const graph = graphOf<number>(pairs.filter(([a, b]) => a !== b));
        expect(breakCycles(graph).dropped.length).toBeLessThanOrEqual(pairsOf(graph).length / 2);
      }),
    );
  });
});
