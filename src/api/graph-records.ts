/** Graphs of tasks as users see them, and whether one has come to rest. */

import type { OutcomeKind } from "../model/outcome.ts";
import type { RunState, TaskState } from "../model/state-machine.ts";
import type { OnRequirementFailure } from "../model/task.ts";
import type { ProgressRecord } from "./records.ts";

/** An edge of a graph, seen from the node that waits. */
export interface GraphEdgeRecord {
  /** Name of the node that must succeed first. */
  readonly node: string;
  readonly onFailure: OnRequirementFailure;
  /** When it succeeded; null while it has not. */
  readonly satisfiedAt: string | null;
}

/** A node of a graph. */
export interface GraphNodeRecord {
  readonly name: string;
  readonly taskId: number;
  readonly type: string;
  /** The type that undoes it. */
  readonly undo: string | null;
  readonly state: TaskState;
  readonly stateReason: string | null;
  readonly lastOutcome: OutcomeKind | null;
  /** Its run that has not ended. */
  readonly runId: number | null;
  readonly runState: RunState | null;
  /** Tries that this run has begun: of a queued one above 0 when it is to be tried again. */
  readonly runAttempt: number | null;
  /** How far a running one says it has come. */
  readonly progress: ProgressRecord | null;
  /** When its present try began, or the one that ended it. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly requires: readonly GraphEdgeRecord[];
}

/** A graph of tasks as it stands. */
export interface GraphRecord {
  /** That of its root task, by which it is cancelled, paused, resumed and retried as a whole. */
  readonly id: number;
  readonly name: string;
  readonly key: string | null;
  readonly state: TaskState;
  readonly stateReason: string | null;
  /** Whether nothing moves any more: all nodes that are left wait for some that have failed. */
  readonly isStalled: boolean;
  /** The graph whose work this one undoes. */
  readonly undoesId: number | null;
  /** The graph that undoes the work of this one. */
  readonly undoneById: number | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  /** In the order in which they were stored: each behind what it required then. */
  readonly nodes: readonly GraphNodeRecord[];
}

/** Whether waiting for a graph is over: it has ended, or goes on only when somebody helps. */
export function isAtRest(graph: Pick<GraphRecord, "finishedAt" | "isStalled">): boolean {
  return graph.finishedAt !== null || graph.isStalled;
}
