/** Bringing graphs back that ended without success, or single nodes of them. */

import { StateError } from "../kernel/errors.ts";
import type { TaskId } from "../kernel/ids.ts";
import { present } from "../kernel/assert.ts";
import { hasSucceeded, isGraph } from "../model/graph.ts";
import { refusedTransition } from "../model/state-machine.ts";
import type { Store } from "../model/store.ts";
import type { Task } from "../model/task.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";

/** Names that one error lists. */
const shownNamesMax = 20;

/**
 * Refuses what belongs to a graph whose work has been undone, or is being undone.
 * @throws StateError `ORR_STATE_TRANSITION`
 */
export async function refuseUndone(store: Store, task: Task): Promise<void> {
  const graphId = isGraph(task) ? task.id : task.nodeName === null ? null : task.parentId;
  if (graphId === null) return;
  const undoId = await store.graphs.findUndo(graphId);
  if (undoId === undefined) return;
  throw new StateError(
    "ORR_STATE_TRANSITION",
    `graph ${graphId} has been undone by graph ${undoId}: submit it again instead`,
    { details: { taskId: graphId, undoneById: undoId } },
  );
}

/** The error for a graph that workers are still at. */
export async function refuseRunning(store: Store, graphId: TaskId, event: string): Promise<void> {
  const running = await store.graphs.listRunning(graphId, shownNamesMax + 1);
  if (running.length === 0) return;
  const names = running.slice(0, shownNamesMax);
  const shown = running.length > names.length ? [...names, "…"] : names;
  throw new StateError(
    "ORR_STATE_TRANSITION",
    `graph ${graphId} cannot ${event} while these nodes are running: ${shown.join(", ")}`,
    { details: { taskId: graphId, event, nodes: names } },
  );
}

/**
 * Revives the nodes of a locked graph that ended without success; what has succeeded is not run
 * again. One whose nodes are only blocked goes on where they are.
 * @throws StateError `ORR_STATE_TRANSITION` when nothing is to be retried, or a node that was
 * cancelled has not stopped yet
 */
export async function retryGraph(store: Store, root: Task): Promise<void> {
  const graph = present(await store.graphs.find(root.id), "a locked graph");
  const ended = graph.nodes.filter((node) => node.finishedAt !== null && !hasSucceeded(node));
  if (ended.some((node) => node.runId !== null)) await refuseRunning(store, root.id, "be retried");
  const types = new Map((await store.taskTypes.list()).map((type) => [type.name, type]));
  await reserveRoom(
    store,
    demandOf(ended.map((node) => present(types.get(node.typeName), "the type of a node"))),
  );
  const moved = await store.graphs.revive(root.id);
  if (moved === 0) {
    const state = `${root.state} and has no node that ended without success`;
    throw refusedTransition(`graph ${root.id}`, { state, event: "retry" });
  }
  if (root.state !== "active") await store.tasks.applyEvent(root.id, "retry", null);
  await store.graphs.settle([root.id]);
}

/** A graph that had ended goes on when one of its nodes is run once more. */
export async function reviveGraphOf(store: Store, node: Task): Promise<void> {
  const root = await store.tasks.lock(present(node.parentId, "the graph of a node"));
  if (root === undefined || root.state === "active" || root.state === "paused") return;
  await store.tasks.applyEvent(root.id, "retry", null);
}
