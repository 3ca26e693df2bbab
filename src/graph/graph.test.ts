import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  degreesOf,
  type Edge,
  edgesOf,
  GraphBuilder,
  graphOf,
  keysAt,
  nameOf,
  numberOf,
  reversed,
  targetsOf,
} from "./graph.ts";

const anyEdges = fc.array(
  fc.tuple(fc.nat(12), fc.option(fc.nat(12))).map(([a, b]): Edge<number> => [a, b]),
  { maxLength: 60 },
);

describe("a graph", () => {
  it("numbers nodes as they are mentioned, the required one of an edge first", () => {
    const graph = graphOf<string>([
      ["b", "a"],
      ["lone", null],
      ["c", "b"],
    ]);
    expect(graph.keys).toEqual(["a", "b", "lone", "c"]);
    expect(numberOf(graph, "lone")).toBe(2);
  });

  it("keeps an edge once and the neighbours in the order of mention", () => {
    const graph = graphOf<string>([
      ["c", "b"],
      ["c", "a"],
      ["c", "b"],
      ["c", null],
    ]);
    expect(keysAt(graph, targetsOf(graph.requires, numberOf(graph, "c")))).toEqual(["b", "a"]);
    expect([...degreesOf(graph.requiredBy)]).toEqual([1, 0, 1]);
  });

  it("takes any value as a node, undefined and NaN among them", () => {
    const graph = graphOf<unknown>([
      [undefined, Number.NaN],
      [undefined, Number.NaN],
    ]);
    expect([...edgesOf(graph)]).toEqual(
      [
        [Number.NaN, null],
        [undefined, Number.NaN],
      ].slice(1),
    );
  });

  it("names the node that it does not have", () => {
    expect(() => numberOf(graphOf([["a", "b"]]), "z")).toThrow(
      expect.objectContaining({ code: "ORR_NOT_FOUND_NODE", message: "the graph has no node z" }),
    );
  });

  it("gives back the edges that it was made of, and lone nodes with null", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const textOf = (edge: Edge<number>): string => edge.join(">");
        const connected = new Set(edges.flatMap(([a, b]) => (b === null ? [] : [a, b])));
        const expected = edges.filter(([a, b]) => b !== null || !connected.has(a)).map(textOf);
        const kept = [...edgesOf(graphOf(edges))].map(textOf);
        expect(kept.toSorted()).toEqual([...new Set(expected)].toSorted());
      }),
    );
  });

  it("turned round has every edge the other way, and turned again is as before", () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const graph = graphOf(edges);
        const turned = [...edgesOf(reversed(graph))].map(([a, b]) =>
          b === null ? [a, b] : [b, a],
        );
        const textsOf = (all: Iterable<readonly unknown[]>): readonly string[] =>
          Array.from(all, (edge) => edge.join(">")).toSorted();
        expect(textsOf(turned)).toEqual(textsOf(edgesOf(graph)));
        expect(reversed(reversed(graph))).toEqual(graph);
      }),
    );
  });

  it("is not touched by what its builder is given later", () => {
    const builder = new GraphBuilder<string>().add(["b", "a"]);
    const graph = builder.build();
    builder.add(["a", "b"]).add(["c", "a"]);
    expect(graph.keys).toEqual(["a", "b"]);
    expect([...edgesOf(graph)]).toEqual([["b", "a"]]);
    expect(builder.has("c")).toBe(true);
  });
});

describe("nameOf", () => {
  it.each([
    ["text", "text"],
    [7, "7"],
    [{ name: "server" }, "server"],
    [{ name: 7 }, "[object Object]"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
  ])("names %o as %s", (key, name) => {
    expect(nameOf(key)).toBe(name);
  });
});
