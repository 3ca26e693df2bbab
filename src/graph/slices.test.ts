import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Edge, edgesOf, graphOf, numberOf } from "./graph.ts";
import { withRequirers } from "./slices.ts";

const diamond: readonly Edge<string>[] = [
  ["left", "base"],
  ["right", "base"],
  ["top", "left"],
  ["top", "right"],
  ["lone", null],
];

describe("slices", () => {
  it("upwards hold the node and all that requires it, not what those require besides", () => {
    const graph = graphOf(diamond);
    const part = withRequirers(graph, [numberOf(graph, "left")]);
    expect([...edgesOf(part)]).toEqual([["top", "left"]]);
    expect(part.keys).toEqual(["left", "top"]);
  });

  it("of a node that nothing requires hold it alone", () => {
    const graph = graphOf(diamond);
    expect([...edgesOf(withRequirers(graph, [numberOf(graph, "top")]))]).toEqual([["top", null]]);
  });

  it("take a ladder, which has a path for each way up, in time that follows its edges", () => {
    const rungs = 2_000;
    const ladder: Edge<string>[] = [];
    for (let rung = 1; rung <= rungs; rung += 1) {
      for (const side of ["a", "b"]) {
        ladder.push([`${side}${rung}`, `a${rung - 1}`], [`${side}${rung}`, `b${rung - 1}`]);
      }
    }
    const graph = graphOf(ladder);
    expect(withRequirers(graph, [numberOf(graph, "a0")]).keys.length).toBe(2 * rungs + 1);
  });

  it("hold exactly the nodes with a path, and every edge between them, also with cycles", () => {
    const edges = fc.array(fc.tuple(fc.nat(10), fc.nat(10)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const graph = graphOf<number>(pairs);
        const start = graph.keys[0] ?? 0;
        const above = new Set([start]);
        for (let size = 0; size !== above.size;) {
          size = above.size;
          for (const [requirer, required] of pairs) if (above.has(required)) above.add(requirer);
        }
        const part = withRequirers(graph, [0]);
        expect(new Set(part.keys)).toEqual(above);
        const inside = pairs.filter((pair) => pair.every((key) => above.has(key)));
        const textsOf = (all: Iterable<readonly unknown[]>): readonly string[] =>
          [...new Set(Array.from(all, (edge) => edge.join(">")))].toSorted();
        const kept = [...edgesOf(part)].filter(([, required]) => required !== null);
        expect(textsOf(kept)).toEqual(textsOf(inside));
      }),
    );
  });
});
