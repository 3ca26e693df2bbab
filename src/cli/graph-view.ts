/** Graphs of tasks for people: as fields and a table, and as a picture. */

import type { GraphNodeRecord, GraphRecord } from "../api/graph-records.ts";
import type { ProgressRecord } from "../api/records.ts";
import { type Graph, GraphBuilder } from "../graph/graph.ts";
import type { PictureOptions, PictureState } from "../graph/picture.ts";
import type { RunState } from "../model/state-machine.ts";
import { plainStateOf, shownStateOf } from "./graph/node-state.ts";
import { elapsedText, type Field, stateCell, timeText } from "./presentation.ts";
import type { Table } from "./terminal/table.ts";
import { cutTo, onOneLine } from "./terminal/text-width.ts";

/** Nodes that a table shows unless all are asked for. */
const rowCountMax = 100;
/** Letters of what a table says about a node. */
const remarkWidthMax = 60;
/** Requirements that a table names of a node. */
const namedMax = 4;

/** A graph in a few fields. */
export function graphFields(graph: GraphRecord): readonly Field[] {
  const { undoesId, undoneById } = graph;
  const reason = graph.stateReason ?? (graph.isStalled ? standstill : null);
  return [
    ["id", String(graph.id)],
    ["name", graph.name],
    ...(graph.key === null ? [] : [["key", graph.key] as const]),
    ["state", graph.isStalled ? { text: "stalled", style: "warning" } : stateCell(graph.state)],
    ...(reason === null ? [] : [["reason", reason] as const]),
    ["nodes", countText(graph)],
    ...(undoesId === null ? [] : [["undoes graph", String(undoesId)] as const]),
    ...(undoneById === null ? [] : [["undone by graph", String(undoneById)] as const]),
    ["created", timeText(graph.createdAt)],
    ["finished", timeText(graph.finishedAt)],
  ];
}

const standstill = "what is left waits for nodes that have failed; retry them, or the graph";

/** How many nodes there are in each state. */
function countText({ nodes }: GraphRecord): string {
  const counts = Map.groupBy(nodes, shownStateOf);
  const parts = [...counts].map(([state, some]) => `${some.length} ${state}`);
  return `${nodes.length}: ${parts.join(", ")}`;
}

/**
 * The nodes that a table shows of a graph: all, or of a large one those that run, went wrong or are
 * next, before those that wait and those that are done.
 */
export function shownNodes({ nodes }: GraphRecord): readonly GraphNodeRecord[] {
  if (nodes.length <= rowCountMax) return nodes;
  const ranked = nodes.toSorted((left, right) => rankOf(left) - rankOf(right));
  const shown = new Set(ranked.slice(0, rowCountMax));
  return nodes.filter((node) => shown.has(node));
}

const ranks: readonly (GraphNodeRecord["state"] | RunState)[] = [
  "running",
  "failed",
  "disabled",
  "queued",
  "paused",
  "cancelled",
  "blocked",
  "active",
];

/** What matters more comes first; what is done has the last rank. */
function rankOf(node: GraphNodeRecord): number {
  const rank = ranks.indexOf(shownStateOf(node));
  return rank === -1 ? ranks.length : rank;
}

/** Nodes of a graph. */
export function nodeTable(nodes: readonly GraphNodeRecord[]): Table {
  return {
    columns: [
      { title: "NODE", flexible: true },
      { title: "TASK", align: "right" },
      { title: "TYPE", flexible: true },
      { title: "STATE" },
      { title: "STARTED" },
      { title: "TOOK", align: "right" },
      { title: "REMARK", flexible: true },
    ],
    rows: nodes.map((node) => [
      node.name,
      String(node.taskId),
      node.type,
      stateCell(shownStateOf(node)),
      timeText(node.startedAt),
      elapsedText({ from: node.startedAt, to: node.finishedAt }),
      remarkOf(node),
    ]),
  };
}

/** Why it ended as it did, how far it has come, or what it requires. */
function remarkOf(node: GraphNodeRecord): string {
  if (node.stateReason !== null) return cutTo(onOneLine(node.stateReason), remarkWidthMax);
  if (node.progress !== null) return progressText(node.progress);
  if (node.requires.length === 0) return "";
  const names = node.requires.slice(0, namedMax).map((edge) => edge.node);
  const rest = node.requires.length - names.length;
  return `requires ${[...names, ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ")}`;
}

function progressText({ fraction, message }: ProgressRecord): string {
  const percent = fraction === null ? "" : `${Math.floor(fraction * 100)}%`;
  return cutTo(onOneLine(`${percent} ${message ?? ""}`.trim()), remarkWidthMax);
}

/** The graph as the pictures draw it, each node coloured by its state. */
export function picturedGraph(graph: GraphRecord): {
  readonly source: Graph<string>;
  readonly options: PictureOptions<string>;
} {
  const builder = new GraphBuilder<string>();
  for (const { name } of graph.nodes) builder.add([name, null]);
  for (const { name, requires } of graph.nodes) {
    for (const edge of requires) builder.add([name, edge.node]);
  }
  const states = new Map(graph.nodes.map((node) => [node.name, pictureStateOf(node, graph)]));
  return { source: builder.build(), options: { state: (name) => states.get(name) } };
}

function pictureStateOf(node: GraphNodeRecord, { isStalled }: GraphRecord): PictureState {
  return plainStateOf(node) ?? (isStalled ? "blocked" : "waiting");
}
