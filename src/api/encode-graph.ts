/** From graphs of the model to the records that users see. */

import { formatInstant, type Instant } from "../kernel/instant.ts";
import type { GraphNode, TaskGraph } from "../model/graph.ts";
import { encodeProgress } from "./encode.ts";
import type { GraphNodeRecord, GraphRecord } from "./graph-records.ts";

/** A graph. */
export function encodeGraph({ root, nodes, ...graph }: TaskGraph): GraphRecord {
  return {
    id: root.id,
    name: root.name,
    key: root.key,
    state: root.state,
    stateReason: root.stateReason,
    isStalled: graph.isStalled,
    undoesId: graph.undoesId,
    undoneById: graph.undoneById,
    createdAt: formatInstant(root.createdAt),
    finishedAt: textOf(root.finishedAt),
    nodes: nodes.map(encodeNode),
  };
}

function encodeNode(node: GraphNode): GraphNodeRecord {
  return {
    name: node.name,
    taskId: node.id,
    type: node.typeName,
    undo: node.undoTypeName,
    state: node.state,
    stateReason: node.stateReason,
    lastOutcome: node.lastOutcome,
    runId: node.runId,
    runState: node.runState,
    runAttempt: node.runAttempt,
    progress: encodeProgress(node.progress),
    startedAt: textOf(node.startedAt),
    finishedAt: textOf(node.finishedAt),
    requires: node.requires.map(({ requires, onFailure, satisfiedAt }) => ({
      node: requires,
      onFailure,
      satisfiedAt: textOf(satisfiedAt),
    })),
  };
}

function textOf(instant: Instant | null): string | null {
  return instant === null ? null : formatInstant(instant);
}
