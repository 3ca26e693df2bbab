/**
 * The reverse of a graph: a new one over the nodes that have succeeded, its edges turned round,
 * each node running the type that undoes what it stands for.
 */

import { StateError } from "../kernel/errors.ts";
import { present } from "../kernel/assert.ts";
import { toId, type TaskId, type TaskTypeId } from "../kernel/ids.ts";
import { GraphBuilder, keysAt, reversed, targetsOf } from "../graph/graph.ts";
import { partOf, reachedFrom } from "../graph/slices.ts";
import { orderOf } from "../graph/topological-order.ts";
import {
  type GraphNode,
  graphTypeName,
  hasSucceeded,
  passTypeName,
  type TaskGraph,
} from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type { NewTask, Task } from "../model/task.ts";
import type { ServiceContext } from "./context.ts";
import { builtInType, newNode, newRoot } from "./graph-nodes.ts";
import { refuseRunning } from "./graph-retry.ts";
import { lockGraph } from "./graphs.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";
import { nameLettersMax } from "./read-requests.ts";

/**
 * Undoes what a graph has done: what has not begun is cancelled, what has succeeded is undone in
 * reverse order. Asked twice it answers the same graph.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws StateError `ORR_STATE_TRANSITION` while nodes are running, whose names it tells, and when
 * nothing that has succeeded can be undone
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export async function undoGraph({ store }: ServiceContext, id: unknown): Promise<TaskGraph> {
  const rootId = toId<TaskId>(id, "id");
  const types: UndoTypes = {
    rootTypeId: (await builtInType(store, graphTypeName)).id,
    passTypeId: (await builtInType(store, passTypeName)).id,
  };
  const undoId = await store.transaction(async (inside) => {
    const root = await lockGraph(inside, rootId);
    const known = await inside.graphs.findUndo(rootId);
    if (known !== undefined) return known;
    await stop(inside, root);
    return await storeUndo(inside, present(await inside.graphs.find(rootId), "a graph"), types);
  });
  return present(await store.graphs.find(undoId), "the graph just stored");
}

interface UndoTypes {
  readonly rootTypeId: TaskTypeId;
  readonly passTypeId: TaskTypeId;
}

/** Nothing of it begins any more, and nothing runs. */
async function stop(store: Store, root: Task): Promise<void> {
  await refuseRunning(store, root.id, "be undone");
  if (root.finishedAt !== null) return;
  await store.graphs.cancel(root.id, "it is being undone");
  // One may have been claimed in between.
  await refuseRunning(store, root.id, "be undone");
}

async function storeUndo(store: Store, graph: TaskGraph, types: UndoTypes): Promise<TaskId> {
  const { root } = graph;
  const undone = new Map(
    graph.nodes.filter((node) => hasSucceeded(node)).map((node) => [node.name, node]),
  );
  const order = undoOrder(undone);
  if (order.names.length === 0) {
    throw new StateError(
      "ORR_STATE_TRANSITION",
      `nothing of graph ${root.id} can be undone: no node that has succeeded names an undo`,
      { details: { taskId: root.id, state: root.state } },
    );
  }
  await reserveUndoRoom(store, [...undone.values()]);
  const [rootId, ...nodeIds] = await store.tasks.reserveIds(order.names.length + 1);
  const id = present(rootId, "the id of the root");
  const ids = new Map(order.names.map((name, place) => [name, present(nodeIds[place], "an id")]));
  // Cutting may leave half of a letter, which the database does not store.
  const name = `undo of ${root.name}`.slice(0, nameLettersMax).toWellFormed();
  await store.tasks.create([
    newRoot({ id, typeId: types.rootTypeId, name, key: null, undoesId: root.id }),
    ...order.names.map((each) =>
      undoNode(present(undone.get(each), "a node"), { id, ids, types, after: order.after }),
    ),
  ]);
  return id;
}

function undoNode(
  node: GraphNode,
  known: {
    readonly id: TaskId;
    readonly ids: ReadonlyMap<string, TaskId>;
    readonly types: UndoTypes;
    readonly after: (name: string) => readonly string[];
  },
): NewTask {
  const { id: rootId, ids, types } = known;
  const idOf = (name: string): TaskId => present(ids.get(name), `the node ${name}`);
  const requires = known.after(node.name).map((name) => ({
    requiresTaskId: idOf(name),
    reason: "graph" as const,
    // What was done before what cannot be undone stays as it is, until somebody retries.
    onFailure: "cancel" as const,
  }));
  const undoesId = node.undoTypeId === null ? null : node.id;
  return newNode(
    { id: idOf(node.name), typeId: node.undoTypeId ?? types.passTypeId, requires },
    { rootId, topId: rootId, part: { name: node.name, undoTypeId: null, undoesId } },
  );
}

async function reserveUndoRoom(store: Store, undone: readonly GraphNode[]): Promise<void> {
  const types = new Map((await store.taskTypes.list()).map((type) => [type.name, type]));
  const demand = undone.flatMap(({ undoTypeName }) => types.get(undoTypeName ?? "") ?? []);
  await reserveRoom(store, demandOf(demand));
}

interface UndoOrder {
  /** Each behind those that are undone before it. */
  readonly names: readonly string[];
  /** What is undone right before a node. */
  readonly after: (name: string) => readonly string[];
}

/**
 * The order in which nodes are undone. One without undo stays between two that have one, where it
 * keeps them in order; at either end it is left out.
 */
function undoOrder(nodes: ReadonlyMap<string, GraphNode>): UndoOrder {
  const builder = new GraphBuilder<string>();
  for (const [name, { requires }] of nodes) {
    builder.add([name, null]);
    for (const edge of requires) if (nodes.has(edge.requires)) builder.add([name, edge.requires]);
  }
  const graph = builder.build();
  const undoable = [...graph.keys.entries()]
    .filter(([, name]) => (nodes.get(name)?.undoTypeId ?? null) !== null)
    .map(([number]) => number);
  const behind = reachedFrom(graph.requiredBy, undoable);
  const ahead = reachedFrom(graph.requires, undoable);
  const isKept = behind.map((mark, number) => mark * (ahead[number] ?? 0));
  const kept = partOf(graph, isKept);
  const backward = reversed(kept);
  return {
    names: keysAt(backward, orderOf(backward)),
    after: (name) => {
      const number = present(backward.numbers.get(name), `the node ${name}`);
      return keysAt(backward, targetsOf(backward.requires, number));
    },
  };
}
