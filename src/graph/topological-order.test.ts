import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, type Edge, edgesOf, graphOf, keysAt, reversed } from "./graph.ts";
import { Dependencies } from "./dependencies.ts";
import { completeOrderOf, orderOf, topologicalOrder, waves, wavesOf } from "./topological-order.ts";

/** Edges of a graph without cycles: each node requires smaller ones only. */
const acyclicEdges = fc
  .array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 120 })
  .map((pairs) => pairs.map(([a, b]): Edge<number> => (a > b ? [a, b] : [a, null])));

describe("orderOf", () => {
  it("takes the first node in the order of mention that requires nothing any more", () => {
    const graph = graphOf<string>([
      ["late", "first"],
      ["other", null],
      ["last", "late"],
    ]);
    // Not by waves: "late" is free as soon as "first" is done, and was mentioned before "other".
    expect(keysAt(graph, orderOf(graph))).toEqual(["first", "late", "other", "last"]);
  });

  it("leaves out a cycle and all that requires it", () => {
    const graph = graphOf<string>([
      ["b", "a"],
      ["a", "b"],
      ["above", "a"],
      ["a", "below"],
    ]);
    expect(keysAt(graph, orderOf(graph))).toEqual(["below"]);
  });

  it("puts each node after all that it requires, and is smallest first among those", () => {
    fc.assert(
      fc.property(acyclicEdges, fc.boolean(), (edges, turn) => {
        const graph = turn ? reversed(graphOf(edges)) : graphOf(edges);
        expect([...orderOf(graph)]).toEqual(slowOrder(graph));
      }),
    );
  });

  it("orders a chain of a hundred thousand nodes, mentioned in the unlucky direction", () => {
    const edges = Array.from({ length: 100_000 }, (_, node): Edge<number> => [node, node + 1]);
    const graph = graphOf(edges);
    expect(keyOfLast(graph, orderOf(graph))).toBe(0);
    expect(keyOfLast(graph, orderOf(reversed(graph)))).toBe(100_000);
  });
});

describe("completeOrderOf", () => {
  it("refuses a graph with a cycle", () => {
    const graph = graphOf<string>([
      ["b", "a"],
      ["a", "b"],
    ]);
    expect(() => completeOrderOf(graph)).toThrow(
      expect.objectContaining({ code: "ORR_INPUT_CYCLE" }),
    );
  });
});

describe("wavesOf", () => {
  it("puts each node one wave after the last that it requires", () => {
    fc.assert(
      fc.property(acyclicEdges, (edges) => {
        const graph = graphOf(edges);
        const members = wavesOf(graph).map((wave) => keysAt(graph, wave));
        const waveOf = new Map(members.flatMap((keys, wave) => keys.map((key) => [key, wave])));
        expect(waveOf.size).toBe(graph.keys.length);
        const required = Map.groupBy(edgesOf(graph), ([requirer]) => requirer);
        for (const key of graph.keys) {
          const after = (required.get(key) ?? []).map(([, other]) =>
            other === null ? -1 : (waveOf.get(other) ?? Number.NaN),
          );
          expect(waveOf.get(key)).toBe(Math.max(-1, ...after) + 1);
        }
      }),
    );
  });

  it("has no wave for a graph without nodes, and refuses one with a cycle", () => {
    expect(wavesOf(graphOf([]))).toEqual([]);
    expect(() => wavesOf(graphOf([["a", "a"]]))).toThrow("the shortest is a > a");
  });
});

describe("by key", () => {
  it("order and waves are lists of nodes, of whatever has a graph", () => {
    const house = new Dependencies([
      ["roof", "walls"],
      ["garden", null],
    ]);
    expect(topologicalOrder(house)).toEqual(["walls", "roof", "garden"]);
    expect(waves(house)).toEqual([["walls", "garden"], ["roof"]]);
    expect(() => waves(house.add(["walls", "roof"]))).toThrow("walls > roof > walls");
  });
});

function keyOfLast(graph: ReturnType<typeof graphOf<number>>, order: Int32Array): number {
  return keysAt(graph, order.subarray(-1))[0] ?? Number.NaN;
}

/** The rule word by word: scan from the front, take the first free node, begin again. */
function slowOrder(graph: ReturnType<typeof graphOf<number>>): readonly number[] {
  const { starts, targets } = graph.requires;
  const order: number[] = [];
  const done = new Set<number>();
  while (order.length < graph.keys.length) {
    const free = graph.keys.findIndex((_, number) => {
      const required = targets.subarray(at(starts, number), at(starts, number + 1));
      return !done.has(number) && required.every((other) => done.has(other));
    });
    done.add(free);
    order.push(free);
  }
  return order;
}
