/** The part of the port to the database that knows whole graphs. */

import type { TaskId } from "../kernel/ids.ts";
import type { RunResults, TaskGraph } from "./graph.ts";
import type { ClaimedRun } from "./run.ts";
import type { OnRequirementFailure } from "./task.ts";

/** A node by name, as far as those who add to its graph look at it. */
export interface NamedNode {
  readonly id: TaskId;
  readonly name: string;
}

/** A node that is to wait for others. */
export interface AddedWait {
  readonly taskId: TaskId;
  readonly requiresTaskId: TaskId;
  readonly onFailure: OnRequirementFailure;
}

/**
 * Graphs of tasks. Whoever changes a node holds its root's row first, so that the end of the graph
 * is seen by exactly one: `TaskStore.lock` takes both.
 */
export interface GraphStore {
  /** A graph with its nodes and edges; `undefined` for a task that is none. */
  find(rootId: TaskId): Promise<TaskGraph | undefined>;
  /** Those of the names that the graph has. */
  listNamed(rootId: TaskId, names: readonly string[]): Promise<readonly NamedNode[]>;
  /** Nodes with a run that a worker holds, by name; at most `limit`. */
  listRunning(rootId: TaskId, limit: number): Promise<readonly string[]>;
  /** Whether a node that has not ended waits for anything but other nodes. */
  isMoving(rootId: TaskId): Promise<boolean>;
  /** The task that undoes the work of another. */
  findUndo(id: TaskId): Promise<TaskId | undefined>;
  /** What the tasks that `id` requires have answered. */
  listResults(id: TaskId): Promise<RunResults>;
  /**
   * What nodes of a graph have answered that have succeeded, by name: those of `names` where they
   * are given; at most `limit`, those that were stored first.
   */
  listNodeResults(
    rootId: TaskId,
    options: { readonly names: readonly string[] | undefined; readonly limit: number },
  ): Promise<RunResults>;
  /** The task of a run, whose row is held until the transaction ends, if the token is current. */
  holdRun(run: Pick<ClaimedRun, "id" | "fence">): Promise<TaskId | undefined>;
  /**
   * Makes nodes that have not started wait for others. Answers those of them that have started or
   * ended and would have had to wait: then nothing may be kept of the transaction.
   */
  addWaits(waits: readonly AddedWait[]): Promise<readonly TaskId[]>;
  /** Whether one of `ids`, or what it still waits for, is one of `others`. */
  isWaitingFor(question: {
    readonly ids: readonly TaskId[];
    readonly others: readonly TaskId[];
  }): Promise<boolean>;
  /** Ends a locked graph with its unfinished nodes as cancelled; asks running ones to stop. */
  cancel(rootId: TaskId, reason: string): Promise<void>;
  /** Holds back all unfinished nodes of a locked graph, or lets them go on. */
  setPaused(rootId: TaskId, paused: boolean): Promise<void>;
  /**
   * Brings back the nodes of a locked graph that ended without success, each with a run that waits
   * for what has not succeeded; those whose work was done all the same count as completed. Answers
   * how many it moved.
   */
  revive(rootId: TaskId): Promise<number>;
  /** Ends locked graphs none of whose nodes is left unfinished, with all that follows from it. */
  settle(rootIds: readonly TaskId[]): Promise<void>;
}
