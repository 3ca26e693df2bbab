/**
 * Graphs of tasks: a root task that stands for the whole, and below it nodes with names, each a
 * task that runs when all it requires has succeeded. The pure graphs of the room `graph` know
 * nothing of this; what is stored is decided here.
 */

import type { RunId, TaskId, TaskTypeId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { JsonValue } from "../kernel/json.ts";
import type { Priority } from "../policy/slot-shares.ts";
import type { ClaimedRun, Progress } from "./run.ts";
import { isSuccess, type OutcomeKind } from "./outcome.ts";
import type { RunState, TaskState } from "./state-machine.ts";
import type { OnRequirementFailure, PolicyOverrides, Task } from "./task.ts";

/** The type of the roots of graphs. No definition can have the name: the root never runs. */
export const graphTypeName = "(graph)";

/**
 * The type of nodes that only keep order: they stand in the reverse of a graph for nodes that have
 * nothing to undo. Every worker has the code for it.
 */
export const passTypeName = "(pass)";

/** Whether a type is ours, so that nobody else makes tasks of it. */
export function isBuiltInType(typeName: string): boolean {
  return typeName === graphTypeName || typeName === passTypeName;
}

/** Whether a task is the root of a graph, which stands for the whole. */
export function isGraph({ typeName }: Pick<Task, "typeName">): boolean {
  return typeName === graphTypeName;
}

/** A node that is to be stored. */
export interface GraphNodeRequest {
  /** Unique in its graph; at most 200 letters. */
  readonly name: string;
  /** Name of the task type. */
  readonly type: string;
  /** What the handler is given; checked by the type's schema. @defaultValue {} */
  readonly input?: JsonValue;
  /** Names of nodes that must have succeeded before. @defaultValue none */
  readonly requires?: readonly string[];
  /**
   * What becomes of this node when one that it requires fails for good: `cancel` ends it as well,
   * `block` lets it wait until somebody retries the other. @defaultValue that of the graph
   */
  readonly onFailure?: OnRequirementFailure;
  /**
   * Name of the task type that undoes it. Its run is given `{ node, input, output }`: name, input
   * and result of what it undoes.
   */
  readonly undo?: string;
  /** @defaultValue normal */
  readonly priority?: Priority;
  /** Runs with the same key count against the type's `runningPerKeyMax`. At most 200 letters. */
  readonly concurrencyKey?: string;
  /** Policies that win over the type's. */
  readonly overrides?: PolicyOverrides;
}

/** A graph that is to be stored. */
export interface SubmitGraphRequest {
  /** For people; at most 200 letters. @defaultValue graph */
  readonly name?: string;
  /** Unique among tasks; one that exists changes nothing and answers the graph that has it. */
  readonly key?: string;
  /** What becomes of nodes when one that they require fails for good. @defaultValue cancel */
  readonly onFailure?: OnRequirementFailure;
  /** 1 to 10 000, in any order; running nodes can add more. */
  readonly nodes: readonly GraphNodeRequest[];
}

/** How nodes are added to a graph that is there. */
export interface AddNodesOptions {
  /**
   * Names of nodes that have not started and are to wait for all that is added: the join of a
   * fan-out. @defaultValue none
   */
  readonly before?: readonly string[];
  /**
   * What becomes of the nodes in `before`, and of those added that do not say, when one that they
   * wait for fails for good. @defaultValue cancel
   */
  readonly onFailure?: OnRequirementFailure;
}

/** What the tasks that a run required have answered: by node name, by key, or by id. */
export type RunResults = Readonly<Record<string, JsonValue>>;

/** What running work may ask of the graph around it; the app binds it to the use cases. */
export interface GraphAccess {
  /** The results of what the run's task requires; empty when it requires nothing. */
  findResults(taskId: TaskId): Promise<RunResults>;
  /**
   * Adds nodes to the graph of a running node; answers the names of those that were not there.
   * @throws LeaseLostError `ORR_LEASE_LOST`
   * @throws StateError `ORR_STATE_TRANSITION` when the run belongs to no graph, or that has ended
   * @throws InvalidInputError `ORR_INPUT_*`
   */
  addNodes(run: ClaimedRun, addition: NodeAddition): Promise<readonly string[]>;
}

/** Nodes on their way into a graph, as their author gave them: nothing is checked yet. */
export interface NodeAddition {
  readonly nodes: unknown;
  /** `before` and `onFailure`. */
  readonly options: object;
}

/** An edge between two nodes of a graph, seen from the one that waits. */
export interface GraphEdge {
  readonly requires: string;
  readonly onFailure: OnRequirementFailure;
  readonly satisfiedAt: Instant | null;
}

/** A node as it stands. */
export interface GraphNode {
  readonly id: TaskId;
  readonly name: string;
  readonly typeName: string;
  readonly undoTypeName: string | null;
  readonly undoTypeId: TaskTypeId | null;
  readonly state: TaskState;
  readonly stateReason: string | null;
  readonly lastOutcome: OutcomeKind | null;
  /** Of its run that has not ended; null when there is none. */
  readonly runId: RunId | null;
  readonly runState: RunState | null;
  /** Tries that this run has begun; null when there is none. */
  readonly runAttempt: number | null;
  /** How far a running one says it has come. */
  readonly progress: Progress | null;
  /** When its present try began, or the one that succeeded. */
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly requires: readonly GraphEdge[];
}

/** A graph as it stands. */
export interface TaskGraph {
  readonly root: Task;
  /** The graph whose work this one undoes. */
  readonly undoesId: TaskId | null;
  /** The graph that undoes the work of this one. */
  readonly undoneById: TaskId | null;
  /** Whether nothing moves any more although nodes are left: they wait for some that failed. */
  readonly isStalled: boolean;
  /** In the order of ids, in which each stands behind what it required when it was stored. */
  readonly nodes: readonly GraphNode[];
}

/** Whether the work of a node was done: also when it was cancelled while it was finishing. */
export function hasSucceeded(node: Pick<GraphNode, "state" | "lastOutcome">): boolean {
  if (node.state === "completed") return true;
  const isOver = node.state !== "active" && node.state !== "paused";
  return isOver && isSuccess(node.lastOutcome);
}
