/** Use cases of stored graphs: to see them and to wait for their end. */

import { NotFoundError } from "../kernel/errors.ts";
import { invalidField } from "../kernel/fields.ts";
import { toId, type TaskId } from "../kernel/ids.ts";
import { present } from "../kernel/assert.ts";
import { TimeoutError } from "../kernel/errors.ts";
import { graphTypeName, type TaskGraph } from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type { Task } from "../model/task.ts";
import type { ServiceContext } from "./context.ts";
import { waitUntil, type WaitFields } from "./follow.ts";

/**
 * A graph with its nodes and edges.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that is no graph
 */
export async function getGraph({ store }: ServiceContext, id: unknown): Promise<TaskGraph> {
  const rootId = toId<TaskId>(id, "id");
  return (await store.graphs.find(rootId)) ?? refuse(await store.tasks.find(rootId), rootId);
}

/**
 * Locks the root of a graph; only inside a transaction.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that is no graph
 */
export async function lockGraph(store: Store, id: TaskId): Promise<Task> {
  const root = await store.tasks.lock(id);
  return root?.typeName === graphTypeName ? root : refuse(root, id);
}

function refuse(task: Task | undefined, id: TaskId): never {
  if (task === undefined) {
    throw new NotFoundError("ORR_NOT_FOUND_TASK", `no task has the id ${id}`, {
      details: { field: "id", value: id },
    });
  }
  throw invalidField("id", { expected: "the id of a graph", value: id });
}

/**
 * The graph, once it has ended or stands still.
 * @throws TimeoutError `ORR_TIMEOUT_WAIT`
 * @throws NotFoundError `ORR_NOT_FOUND_TASK`
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that is no graph
 */
export async function waitForGraph(
  context: ServiceContext,
  { id, fields }: { readonly id: unknown; readonly fields: WaitFields },
): Promise<TaskGraph> {
  const { store } = context;
  const rootId = toId<TaskId>(id, "id");
  let root: Task | undefined;
  await waitUntil(context, fields, {
    look: async () => {
      root = await store.tasks.find(rootId);
      if (root?.typeName !== graphTypeName) return refuse(root, rootId);
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
