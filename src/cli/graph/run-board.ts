/** How far a run of a graph has come: its events, summed up. Pure. */

import { assertNever } from "../../kernel/assert.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { GraphEvent, NodeChange } from "../../graph/graph-event.ts";

/** Where a node stands; `resting` is between two tries. */
export type BoardState =
  | "waiting"
  | "running"
  | "resting"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "abandoned";

/** What is known of a node. */
export interface BoardNode {
  readonly state: BoardState;
  /** When it last started, in milliseconds of the run. */
  readonly startedMs: number;
  /** From its first start to its end; null while it has none. */
  readonly durationMs: number | null;
  /** How far it says it has come, 0 to 1; null when it does not know. */
  readonly fraction: number | null;
  /** What it says of its progress, or why it ended as it did. */
  readonly message: string | null;
}

/** Counts of a graph without nodes. */
export const noNodes: Readonly<Record<BoardState, number>> = {
  waiting: 0,
  running: 0,
  resting: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  abandoned: 0,
};

/** A node of which nothing was told. */
export const nothingYet: BoardNode = {
  state: "waiting",
  startedMs: 0,
  durationMs: null,
  fraction: null,
  message: null,
};

/** Where the nodes of a graph stand. */
export interface Board {
  /** How many nodes stand where. */
  readonly counts: Readonly<Record<BoardState, number>>;
  /** What is known of a node. */
  of(node: unknown): BoardNode;
}

/** The nodes of a run. */
export class RunBoard implements Board {
  /** Those of which anything was told. */
  readonly #nodes = new Map<unknown, BoardNode>();
  readonly #counts: Record<BoardState, number>;

  constructor(nodeCount: number) {
    this.#counts = { ...noNodes, waiting: nodeCount };
  }

  /** How many nodes stand where. */
  get counts(): Readonly<Record<BoardState, number>> {
    return this.#counts;
  }

  /** What is known of a node. */
  of(node: unknown): BoardNode {
    return this.#nodes.get(node) ?? nothingYet;
  }

  /** Takes in what has happened. */
  enter(event: GraphEvent<unknown>): void {
    if (!("node" in event)) return;
    const before = this.of(event.node);
    const after = changed(before, event);
    this.#nodes.set(event.node, after);
    this.#counts[before.state] -= 1;
    this.#counts[after.state] += 1;
  }
}

function changed(node: BoardNode, event: NodeChange & { readonly atMs: number }): BoardNode {
  switch (event.kind) {
    case "started": {
      const message = event.attempt === 1 ? null : `try ${event.attempt}`;
      return { ...node, state: "running", startedMs: event.atMs, fraction: null, message };
    }
    case "progress":
      return { ...node, fraction: event.fraction, message: event.message };
    case "retrying":
      return { ...node, state: "resting", message: messageOf(event.error) };
    case "timed-out":
      return { ...node, message: "out of time, asked to stop" };
    case "succeeded":
      return { ...node, state: "succeeded", durationMs: event.durationMs, message: null };
    case "failed": {
      const message = messageOf(event.error);
      return { ...node, state: "failed", durationMs: event.durationMs, message };
    }
    case "cancelled":
      return { ...node, state: "cancelled", message: messageOf(event.reason) };
    case "abandoned": {
      const message = messageOf(event.reason);
      return { ...node, state: "abandoned", durationMs: event.durationMs, message };
    }
    default:
      return assertNever(event);
  }
}
