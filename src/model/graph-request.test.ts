import { expect, test } from "vitest";
import { graphOf } from "../graph/graph.ts";
import { defineTask } from "./define-task.ts";
import { graphRequestOf, workOf } from "./graph-request.ts";

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

test("a definition becomes what a node is as a task", () => {
  const build = defineTask<{ readonly name: string }>({ name: "build", run: () => null });
  const raze = defineTask({ name: "raze", run: () => null });
  expect(workOf(build, { name: "app" }, { undo: raze, onFailure: "block" })).toEqual({
    type: "build",
    input: { name: "app" },
    undo: "raze",
    onFailure: "block",
  });
  expect(workOf(raze, {})).toEqual({ type: "raze", input: {} });
});

test("a definition that only a scan would name, and an input that is no JSON, are refused", () => {
  const unnamed = defineTask({ run: () => null });
  const named = defineTask({ name: "named", run: () => null });
  expect(() => workOf(unnamed, {})).toThrow("type must be a definition with a name");
  expect(() => workOf(named, {}, { undo: unnamed })).toThrow("undo must be a definition");
  expect(() => workOf(named, { at: 1n })).toThrow(/^input/);
});
