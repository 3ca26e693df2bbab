/** Where the nodes of a stored graph stand, in the words of the live tree. Pure. */

import type { GraphNodeRecord, GraphRecord } from "../../api/graph-records.ts";
import { millisOf, parseInstant } from "../../kernel/instant.ts";
import { boardStateOf } from "./node-state.ts";
import { type Board, type BoardNode, type BoardState, noNodes, nothingYet } from "./run-board.ts";

/** A stored graph as a board; times count from when it was stored. */
export class StoredBoard implements Board {
  readonly counts: Readonly<Record<BoardState, number>>;
  readonly #nodes: ReadonlyMap<unknown, BoardNode>;

  constructor(graph: GraphRecord) {
    const createdMs = msOf(graph.createdAt);
    const counts = { ...noNodes };
    this.#nodes = new Map(
      graph.nodes.map((node) => {
        const shown = boardNodeOf(node, createdMs);
        counts[shown.state] += 1;
        return [node.name, shown];
      }),
    );
    this.counts = counts;
  }

  /** What is known of a node. */
  of(node: unknown): BoardNode {
    return this.#nodes.get(node) ?? nothingYet;
  }
}

/** Milliseconds since 1970 of an instant of a record. */
export function msOf(instant: string): number {
  return millisOf(parseInstant(instant));
}

function boardNodeOf(node: GraphNodeRecord, createdMs: number): BoardNode {
  const { startedAt, finishedAt, progress } = node;
  const state = boardStateOf(node);
  const startedMs = startedAt === null ? 0 : msOf(startedAt) - createdMs;
  const isOver = startedAt !== null && finishedAt !== null;
  return {
    state,
    startedMs,
    durationMs: isOver ? msOf(finishedAt) - createdMs - startedMs : null,
    fraction: progress?.fraction ?? null,
    message: state === "running" ? (progress?.message ?? null) : node.stateReason,
  };
}
