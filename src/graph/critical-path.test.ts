import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criticalPath } from "./critical-path.ts";
import { type Edge, graphOf, keysAt, targetsOf } from "./graph.ts";

describe("criticalPath", () => {
  it("is the heaviest way, not the one with the most nodes", () => {
    const graph = graphOf<string>([
      ["c", "b"],
      ["b", "a"],
      ["end", "c"],
      ["end", "heavy"],
    ]);
    const weights: Readonly<Record<string, number>> = { heavy: 10, end: 2 };
    expect(criticalPath(graph, (key) => weights[key] ?? 1)).toEqual({
      keys: ["heavy", "end"],
      weight: 12,
    });
    expect(criticalPath(graph)).toEqual({ keys: ["a", "b", "c", "end"], weight: 4 });
  });

  it("takes what was mentioned first where weights are equal", () => {
    const graph = graphOf<string>([
      ["x", null],
      ["b", "a"],
      ["c", "a"],
    ]);
    expect(criticalPath(graph).keys).toEqual(["a", "b"]);
  });

  it("of a graph without nodes is empty, and nodes may weigh nothing", () => {
    expect(criticalPath(graphOf([]))).toEqual({ keys: [], weight: 0 });
    expect(criticalPath(graphOf<string>([["b", "a"]]), () => 0)).toEqual({
      keys: ["a", "b"],
      weight: 0,
    });
  });

  it("is a path of the weight that no path exceeds", () => {
    const edges = fc
      .array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 })
      .map((pairs) => pairs.map(([a, b]): Edge<number> => (a > b ? [a, b] : [a, null])));
    fc.assert(
      fc.property(edges, fc.array(fc.nat(9), { minLength: 10, maxLength: 10 }), (some, weights) => {
        const graph = graphOf(some);
        const weightOf = (key: number): number => weights[key] ?? 0;
        const requiredOf = (key: number): readonly number[] =>
          keysAt(graph, targetsOf(graph.requires, graph.numbers.get(key) ?? -1));
        const heaviestTo = (key: number): number =>
          weightOf(key) + Math.max(0, ...requiredOf(key).map(heaviestTo));
        const path = criticalPath(graph, weightOf);
        expect(path.weight).toBe(Math.max(0, ...graph.keys.map(heaviestTo)));
        expect(path.keys.reduce((sum, key) => sum + weightOf(key), 0)).toBe(path.weight);
        for (const [index, key] of path.keys.entries()) {
          const before = path.keys[index - 1];
          if (before !== undefined) expect(requiredOf(key)).toContain(before);
        }
      }),
    );
  });
});
