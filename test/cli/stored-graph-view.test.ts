/** A stored graph as people see it: trees, log lines, tables, from records alone. */

import { expect, it } from "vitest";
import type { GraphNodeRecord, GraphRecord } from "../../src/api/graph-records.ts";
import { graphFields, nodeTable, picturedGraph } from "../../src/cli/graph-view.ts";
import { StoredBoard } from "../../src/cli/graph/stored-board.ts";
import { openStoredView } from "../../src/cli/graph/stored-view.ts";
import { captureShell } from "./captured-shell.ts";

const createdAt = "2026-03-01T09:00:00.000000Z";

const waiting: GraphNodeRecord = {
  name: "waiting",
  taskId: 2,
  type: "work",
  undo: null,
  state: "active",
  stateReason: null,
  lastOutcome: null,
  runId: 1,
  runState: "queued",
  runAttempt: 0,
  progress: null,
  startedAt: null,
  finishedAt: null,
  requires: [],
};
const resting: GraphNodeRecord = { ...waiting, name: "resting", runAttempt: 1 };
const running: GraphNodeRecord = {
  ...resting,
  name: "running",
  runState: "running",
  startedAt: "2026-03-01T09:00:01.000000Z",
};
const blocked: GraphNodeRecord = { ...waiting, name: "blocked", runState: "blocked" };
const revived: GraphNodeRecord = { ...waiting, name: "revived", lastOutcome: "failed" };
const failed: GraphNodeRecord = {
  ...running,
  name: "failed",
  state: "failed",
  stateReason: "no luck",
  lastOutcome: "failed",
  runId: null,
  runState: null,
  runAttempt: null,
  finishedAt: "2026-03-01T09:00:02.000000Z",
};

function graphOf(...nodes: readonly GraphNodeRecord[]): GraphRecord {
  return {
    id: 1,
    name: "graph",
    key: null,
    state: "active",
    stateReason: null,
    isStalled: false,
    undoesId: null,
    undoneById: null,
    createdAt,
    finishedAt: null,
    nodes,
  };
}

it("says of a node that it rests when it was tried and is queued again, and only then", () => {
  const nodes = [waiting, resting, running, blocked, revived, failed];
  const board = new StoredBoard(graphOf(...nodes));
  expect(nodes.map(({ name }) => board.of(name).state)).toEqual([
    "waiting",
    "resting",
    "running",
    "waiting",
    "waiting",
    "failed",
  ]);
  const { options } = picturedGraph(graphOf(...nodes));
  expect(nodes.map(({ name }) => options.state?.(name))).toEqual([
    "waiting",
    "waiting",
    "running",
    "waiting",
    "waiting",
    "failed",
  ]);
});

it("counts nodes in the words in which the table shows them", () => {
  const graph = graphOf(waiting, resting, running, blocked, failed);
  expect(graphFields(graph)).toContainEqual([
    "nodes",
    "5: 2 queued, 1 running, 1 blocked, 1 failed",
  ]);
  const states = nodeTable(graph.nodes).rows.map((cells) => cells[3]);
  expect(states.map((cell) => (typeof cell === "object" ? cell.text : cell))).toEqual([
    "queued",
    "queued",
    "running",
    "blocked",
    "failed",
  ]);
});

it("tells in a log that a node is to be tried again, when that was seen", () => {
  const captured = captureShell([]);
  const view = openStoredView(captured.shell, { quiet: false });
  view.show(graphOf(running), 1_500);
  view.show(graphOf({ ...resting, name: "running" }), 2_000);
  view.show(graphOf({ ...failed, name: "running" }), 2_500);
  expect(captured.result().err.split("\n")).toEqual([
    "    1.500 s  0 of 1 done, 1 running, 1.5 s",
    "    2.000 s  running: to be tried again",
    "    2.000 s  running: failed after 1.0 s: no luck",
    "",
  ]);
});
