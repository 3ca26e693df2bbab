/** Stores whole graphs. */

import { ConflictError } from "../kernel/errors.ts";
import { present } from "../kernel/assert.ts";
import type { TaskId } from "../kernel/ids.ts";
import { graphTypeName, isGraph, type TaskGraph } from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type { ServiceContext } from "./context.ts";
import { checkInputs, storedOnce } from "./create-tasks.ts";
import { builtInType, newNodes, newRoot, nodeTypesOf, type NodeTypes } from "./graph-nodes.ts";
import { type GraphRequest, readGraphRequest } from "./graph-requests.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";

/** What a graph is called that nobody has named. */
const nameDefault = "graph";

/**
 * Stores a graph: a root, its nodes and their edges, all or none. A key that exists changes nothing
 * and answers the graph that has it.
 * @throws InvalidInputError `ORR_INPUT_*` with `details.field` such as `nodes[3].input.url`;
 * `ORR_INPUT_CYCLE` names the shortest cycle
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE`
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`; `ORR_CONFLICT_NAME` when a task that is no
 * graph has the key
 */
export async function submitGraph(context: ServiceContext, value: unknown): Promise<TaskGraph> {
  const { store } = context;
  const request = readGraphRequest(value);
  const types = await nodeTypesOf(store, request.nodes);
  await checkInputs(context, request.nodes);
  const rootType = await builtInType(store, graphTypeName);
  const id = await storedOnce(store, async (inside) => {
    const known = await graphWithKey(inside, request.key);
    return known ?? (await storeGraph(inside, request, { ...types, rootTypeId: rootType.id }));
  });
  return present(await store.graphs.find(id), "the graph just stored");
}

async function graphWithKey(store: Store, key: string | null): Promise<TaskId | undefined> {
  if (key === null) return undefined;
  const id = (await store.tasks.findIdsByKey([key])).get(key);
  if (id === undefined) return undefined;
  const task = await store.tasks.find(id);
  if (task === undefined || isGraph(task)) return id;
  throw new ConflictError(
    "ORR_CONFLICT_NAME",
    `key: task ${id}, which is no graph, has the key ${JSON.stringify(key)}`,
    { details: { field: "key", value: key, taskId: id } },
  );
}

async function storeGraph(
  store: Store,
  request: GraphRequest,
  known: NodeTypes & { readonly rootTypeId: Parameters<typeof newRoot>[0]["typeId"] },
): Promise<TaskId> {
  const { nodes, name, key } = request;
  const demand = nodes.map((node) => present(known.types.get(node.typeName), "a type"));
  await reserveRoom(store, demandOf(demand));
  const [rootId, ...nodeIds] = await store.tasks.reserveIds(nodes.length + 1);
  const id = present(rootId, "the id of the root");
  const ids = new Map(nodes.map((node, place) => [node.name, present(nodeIds[place], "an id")]));
  const root = { id, typeId: known.rootTypeId, name: name ?? nameDefault, key, undoesId: null };
  await store.tasks.create([
    newRoot(root),
    ...newNodes(nodes, { ...known, rootId: id, topId: id, ids }),
  ]);
  return id;
}
