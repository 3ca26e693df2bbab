import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shortestCycle } from "./cycles.ts";
import { type Edge, edgesOf, type Graph, graphOf, targetsOf } from "./graph.ts";
import { cyclicGroups, groupsOf } from "./groups.ts";
import { completeOrderOf, orderOf } from "./topological-order.ts";

const anyEdges = fc.array(
  fc.tuple(fc.nat(14), fc.nat(14)).map(([a, b]): Edge<number> => [a, b]),
  { maxLength: 40 },
);

/** Steps from each node to each by any way, by trying every node in between; 0 is no step yet. */
function distancesOf(graph: Graph<number>): readonly (readonly number[])[] {
  const numbers = graph.keys.map((_, number) => number);
  const far = numbers.map((from) =>
    numbers.map((to) => (targetsOf(graph.requires, from).includes(to) ? 1 : Infinity)),
  );
  for (const between of numbers) {
    for (const row of far) {
      const first = row[between] ?? Infinity;
      for (const to of numbers) {
        row[to] = Math.min(row[to] ?? Infinity, first + (far[between]?.[to] ?? Infinity));
      }
    }
  }
  return far;
}

describe("groupsOf", () => {
  it("puts two nodes together exactly when each requires the other", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const graph = graphOf(edges);
        const far = distancesOf(graph);
        const groups = groupsOf(graph);
        for (const [from, row] of far.entries()) {
          for (const [to, steps] of row.entries()) {
            if (from === to) continue;
            const together = Number.isFinite(steps) && Number.isFinite(far[to]?.[from]);
            expect(groups[from] === groups[to], `${from} and ${to}`).toBe(together);
          }
        }
      }),
    );
  });

  it("numbers a group after all groups that it requires something of", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const graph = graphOf(edges);
        const groups = groupsOf(graph);
        for (const [number] of graph.keys.entries()) {
          for (const target of targetsOf(graph.requires, number)) {
            expect(groups[target]).toBeLessThanOrEqual(groups[number] ?? -1);
          }
        }
      }),
    );
  });

  it("survives a chain of a hundred thousand nodes", () => {
    const edges = Array.from({ length: 100_000 }, (_, node): Edge<number> => [node, node + 1]);
    expect(new Set(groupsOf(graphOf(edges))).size).toBe(100_001);
  });
});

describe("cyclicGroups", () => {
  it("holds a node that requires itself, and no other single one", () => {
    const graph = graphOf<string>([
      ["b", "a"],
      ["own", "own"],
      ["x", "y"],
      ["y", "x"],
    ]);
    expect(cyclicGroups(graph)).toEqual([["own"], ["y", "x"]]);
  });
});

describe("shortestCycle", () => {
  it("finds a cycle that is one, and as short as any", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const graph = graphOf(edges);
        const far = distancesOf(graph);
        const shortest = Math.min(Infinity, ...far.map((row, number) => row[number] ?? Infinity));
        const cycle = shortestCycle(graph);
        expect(cycle?.keys.length ?? Infinity).toBe(shortest);
        expect(cycle?.isShortest ?? true).toBe(true);
        for (const [place, key] of (cycle?.keys ?? []).entries()) {
          const next = cycle?.keys[(place + 1) % cycle.keys.length];
          expect(edges).toContainEqual([key, next]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("exists exactly where the order has gaps", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const graph = graphOf(edges);
        const isOrdered = orderOf(graph).length === graph.keys.length;
        expect(shortestCycle(graph) === undefined).toBe(isOrdered);
      }),
    );
  });

  it("begins with the node that was mentioned first", () => {
    const ring: readonly Edge<string>[] = [
      ["c", "a"],
      ["b", "c"],
      ["a", "b"],
    ];
    const graph = graphOf(ring);
    expect(shortestCycle(graph)?.keys).toEqual(["a", "b", "c"]);
  });

  it("finds the short one behind a ring of a hundred thousand nodes", () => {
    const count = 100_000;
    const edges = Array.from({ length: count }, (_, node): Edge<number> => [
      node,
      (node + 1) % count,
    ]);
    const ring = graphOf(edges);
    expect(shortestCycle(ring)?.keys.length).toBe(count);
    const chord = graphOf([...edges, [count - 1, count - 3] satisfies Edge<number>]);
    expect(shortestCycle(chord)?.keys.length).toBe(3);
  });

  it("says so when looking for a shorter one would have taken too long", () => {
    // Layers in a ring, each node requiring eight of the next layer: every cycle is a hundred long.
    const [layers, width] = [100, 250];
    const edges: Edge<number>[] = [];
    for (let layer = 0; layer < layers; layer += 1) {
      for (let place = 0; place < width; place += 1) {
        for (let step = 0; step < 8; step += 1) {
          const to = ((layer + 1) % layers) * width + ((place + step) % width);
          edges.push([layer * width + place, to]);
        }
      }
    }
    const cycle = shortestCycle(graphOf(edges));
    expect(cycle?.keys.length).toBe(layers);
    expect(cycle?.isShortest).toBe(false);
  });
});

describe("the error for a cycle", () => {
  it("names the shortest cycle, back to where it began", () => {
    const graph = graphOf<string>([
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
      ["c", "b"],
    ]);
    expect(() => completeOrderOf(graph)).toThrow(
      expect.objectContaining({
        code: "ORR_INPUT_CYCLE",
        message: "the graph has cycles; the shortest is b > c > b, where each requires the next",
        details: { cycle: ["b", "c"], cycleNodeCount: 2, isShortest: true },
      }),
    );
  });

  it("names a hundred nodes of a longer one", () => {
    const edges = Array.from({ length: 150 }, (_, node): Edge<number> => [node, (node + 1) % 150]);
    const graph = graphOf(edges);
    expect([...edgesOf(graph)].length).toBe(150);
    expect(() => completeOrderOf(graph)).toThrow(/ > … 50 more > 1, where/);
  });
});
