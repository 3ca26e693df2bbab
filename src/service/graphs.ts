/** Use cases of stored graphs: to see them and their results, and to wait for their end. */

import { InvalidInputError, NotFoundError, TimeoutError } from "../kernel/errors.ts";
import { fieldIn, ifPresent, invalidField } from "../kernel/fields.ts";
import { toId, type TaskId } from "../kernel/ids.ts";
import { present } from "../kernel/assert.ts";
import { isGraph, type RunResults, type TaskGraph } from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type { Task } from "../model/task.ts";
import type { ServiceContext } from "./context.ts";
import { waitUntil, type WaitFields } from "./follow.ts";
import { readNames, unknownNode } from "./graph-requests.ts";

/** Results that one call answers. */
const resultCountMax = 1_000;

/**
 * A graph with its nodes and edges, by its id or that of one of its nodes.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that belongs to no graph
 */
export async function getGraph({ store }: ServiceContext, id: unknown): Promise<TaskGraph> {
  const given = toId<TaskId>(id, "id");
  const graph = await store.graphs.find(given);
  // Looked up a second time for ids of nodes alone.
  return graph ?? present(await store.graphs.find(await graphIdOf(store, given)), "a graph");
}

/** The graph that an id means: that of the graph itself, or of one of its nodes. */
async function graphIdOf(store: Store, id: TaskId): Promise<TaskId> {
  const task = await store.tasks.find(id);
  if (task !== undefined && isGraph(task)) return id;
  const isNode = task !== undefined && task.nodeName !== null;
  return isNode && task.parentId !== null
    ? task.parentId
    : refuse(task, { id, expected: "the id of a graph, or of one of its nodes" });
}

/**
 * What nodes of a graph have answered, by name: of those that are named, or of all. Nodes that have
 * not succeeded are left out.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` also for a name that no node has;
 * `ORR_INPUT_TOO_LARGE` where none are named and there are more results than are read at once
 */
export async function getGraphResults(
  { store }: ServiceContext,
  request: { readonly id: unknown; readonly nodes?: unknown },
): Promise<RunResults> {
  const rootId = await graphIdOf(store, toId<TaskId>(request.id, "id"));
  const names = ifPresent(request.nodes, (value) =>
    readNames(value, { field: "nodes", max: resultCountMax }),
  );
  if (names !== undefined) await refuseUnknown(store, rootId, names);
  const limit = resultCountMax + 1;
  const results = await store.graphs.listNodeResults(rootId, { names, limit });
  if (Object.keys(results).length < limit) return results;
  throw new InvalidInputError(
    "ORR_INPUT_TOO_LARGE",
    `graph ${rootId} has more than ${resultCountMax} results: name the nodes whose results are` +
      " wanted",
    { details: { field: "nodes", taskId: rootId } },
  );
}

async function refuseUnknown(
  store: Store,
  rootId: TaskId,
  names: readonly string[],
): Promise<void> {
  const found = await store.graphs.listNamed(rootId, names);
  const known = new Set(found.map((node) => node.name));
  for (const [index, name] of names.entries()) {
    if (!known.has(name)) throw unknownNode(name, { field: fieldIn("nodes", index), known: [] });
  }
}

/**
 * Locks the root of a graph; only inside a transaction.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that is no graph
 */
export async function lockGraph(store: Store, id: TaskId): Promise<Task> {
  const root = await store.tasks.lock(id);
  if (root !== undefined && isGraph(root)) return root;
  return refuse(root, { id, expected: "the id of a graph" });
}

function refuse(
  task: Task | undefined,
  { id, expected }: { readonly id: TaskId; readonly expected: string },
): never {
  if (task === undefined) {
    throw new NotFoundError("ORR_NOT_FOUND_TASK", `no task has the id ${id}`, {
      details: { field: "id", value: id },
    });
  }
  throw invalidField("id", { expected, value: id });
}

/**
 * The graph, once it has ended or stands still; by its id or that of one of its nodes.
 * @throws TimeoutError `ORR_TIMEOUT_WAIT`
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that belongs to no graph
 */
export async function waitForGraph(
  context: ServiceContext,
  { id, fields }: { readonly id: unknown; readonly fields: WaitFields },
): Promise<TaskGraph> {
  const { store } = context;
  const rootId = await graphIdOf(store, toId<TaskId>(id, "id"));
  let root: Task | undefined;
  await waitUntil(context, fields, {
    look: async () => {
      root = await store.tasks.find(rootId);
      if (root === undefined) return refuse(root, { id: rootId, expected: "a graph" });
      if (root.state === "paused") return false;
      return root.finishedAt !== null || !(await store.graphs.isMoving(rootId));
    },
    late: (timeoutMs) =>
      new TimeoutError(
        "ORR_TIMEOUT_WAIT",
        `graph ${rootId} has not ended within ${timeoutMs} ms: it is ${root?.state}`,
        { details: { taskId: rootId, state: root?.state ?? null, timeoutMs } },
      ),
  });
  return present(await store.graphs.find(rootId), "a graph");
}
