import { expect, test } from "vitest";
import { graphOf } from "../graph/graph.ts";
import { graphRequestOf } from "./graph-request.ts";

test("a pure graph becomes nodes with names, requirements and work", () => {
  const graph = graphOf([
    ["lib", "base"],
    ["app", "lib"],
    ["app", "base"],
  ]);
  const request = graphRequestOf(graph, (name) => ({ type: "build", input: { name } }), {
    name: "packages",
  });
  expect(request).toEqual({
    name: "packages",
    nodes: [
      { name: "base", type: "build", input: { name: "base" }, requires: [] },
      { name: "lib", type: "build", input: { name: "lib" }, requires: ["base"] },
      { name: "app", type: "build", input: { name: "app" }, requires: ["lib", "base"] },
    ],
  });
});

test("keys that are objects are named by their name", () => {
  const base = { name: "base", cost: 1 };
  const request = graphRequestOf(graphOf([[{ name: "top", cost: 2 }, base]]), ({ cost }) => ({
    type: "build",
    input: cost,
  }));
  expect(request.nodes).toEqual([
    { name: "base", type: "build", input: 1, requires: [] },
    { name: "top", type: "build", input: 2, requires: ["base"] },
  ]);
});
