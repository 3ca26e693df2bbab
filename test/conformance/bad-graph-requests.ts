/** Malformed requests of graphs; what a row says is told in `bad-request.ts`. */

import type { BadRequest } from "./bad-request.ts";

const plain = { name: "a", type: "plain" };
const many = Array.from({ length: 10_001 }, (_, index) => ({ ...plain, name: `n${index}` }));

type Row = readonly [title: string, body: unknown, field: string, message: string];

/** Rows about the body of `submitGraph` with a field that is invalid. */
const invalidRows: readonly Row[] = [
  ["a graph that is a list", [], "", "must be an object"],
  ["a graph without nodes", {}, "nodes", "must be an array"],
  ["a graph of no node", { nodes: [] }, "nodes", "with a node at least"],
  ["a graph with an unknown field", { nodes: [plain], edges: [] }, "edges", "not a known field"],
  ["a graph with an empty key", { nodes: [plain], key: "" }, "key", "must be a text"],
  [
    "a graph with a wrong rule",
    { nodes: [plain], onFailure: "stop" },
    "onFailure",
    "block, cancel",
  ],
  ["a node without name", { nodes: [{ type: "plain" }] }, "nodes[0].name", "must be a text"],
  ["a node without type", { nodes: [{ name: "a" }] }, "nodes[0].type", "must be a text"],
  ["a node that is null", { nodes: [null] }, "nodes[0]", "must be an object"],
  ["a node with triggers", { nodes: [{ ...plain, triggers: [] }] }, "nodes[0].triggers", "known"],
  ["two nodes of a name", { nodes: [plain, plain] }, "nodes[1].name", "unlike nodes[0].name"],
  [
    "a requirement in no list",
    { nodes: [{ ...plain, requires: "b" }] },
    "nodes[0].requires",
    "array",
  ],
  [
    "a node that requires what is not there",
    { nodes: [{ ...plain, requires: ["b"] }] },
    "nodes[0].requires[0]",
    'no node of the graph is named "b"',
  ],
  [
    "a node of a built-in type",
    { nodes: [{ ...plain, type: "(pass)" }] },
    "nodes[0].type",
    "not a built-in one",
  ],
  ["an undo that is an object", { nodes: [{ ...plain, undo: {} }] }, "nodes[0].undo", "a text"],
];

const cannotBe = "id must be a";

/** All rows. */
export const badGraphRequests: readonly BadRequest[] = [
  ...invalidRows.map(([title, body, field, message]): BadRequest => ({
    title,
    operation: "submitGraph",
    body,
    code: "ORR_INPUT_INVALID",
    field,
    message,
  })),
  {
    title: "a graph of too many nodes",
    operation: "submitGraph",
    body: { nodes: many },
    code: "ORR_INPUT_TOO_LARGE",
    field: "nodes",
    message: "at most 10000 items",
  },
  {
    title: "a node of a type that nobody registered",
    operation: "submitGraph",
    body: { nodes: [{ ...plain, type: "plian" }] },
    code: "ORR_NOT_FOUND_TASK_TYPE",
    field: "nodes[0].type",
    message: '"plain"?',
  },
  {
    title: "an undo that nobody registered",
    operation: "submitGraph",
    body: { nodes: [{ ...plain, undo: "plian" }] },
    code: "ORR_NOT_FOUND_TASK_TYPE",
    field: "nodes[0].undo",
    message: '"plain"?',
  },
  {
    title: "a node whose input is wrong",
    operation: "submitGraph",
    body: { nodes: [{ name: "a", type: "mail", input: { to: "nobody" } }] },
    code: "ORR_INPUT_ARGUMENTS",
    field: "nodes[0].input.to",
    message: "nodes[0].input.to",
  },
  {
    title: "a graph for a queue that is full",
    operation: "submitGraph",
    body: { nodes: [{ name: "a", type: "full" }] },
    code: "ORR_CONFLICT_QUEUE_FULL",
    field: "",
    message: "takes 0 unfinished runs",
  },
  {
    title: "a graph id that is a word",
    operation: "getGraph",
    params: { id: "first" },
    code: "ORR_INPUT_INVALID",
    field: "id",
    message: cannotBe,
  },
  {
    title: "a graph that nobody has",
    operation: "undoGraph",
    params: { id: 999_999 },
    body: {},
    code: "ORR_NOT_FOUND_TASK",
    field: "id",
    message: "999999",
  },
  {
    title: "an addition to a graph that nobody has",
    operation: "addGraphNodes",
    params: { id: 999_999 },
    body: { nodes: [plain] },
    code: "ORR_NOT_FOUND_TASK",
    field: "id",
    message: "999999",
  },
  {
    title: "an addition that makes itself wait",
    operation: "addGraphNodes",
    params: { id: 1 },
    body: { nodes: [plain], before: ["a"] },
    code: "ORR_INPUT_INVALID",
    field: "before[0]",
    message: "a node that is there already",
  },
  {
    title: "an addition of too many edges",
    operation: "addGraphNodes",
    params: { id: 1 },
    body: {
      nodes: many.slice(0, 2_000),
      before: Array.from({ length: 60 }, (_, index) => `join ${index}`),
    },
    code: "ORR_INPUT_TOO_LARGE",
    field: "before",
    message: "120000 edges",
  },
];
