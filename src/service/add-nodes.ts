/**
 * Adds nodes to a graph that is there: on request from outside, or by a node that is running, which
 * is how work fans out. A name that the graph has is left as it is, so that a node which is tried
 * again adds nothing twice.
 */

import { InvalidInputError, LeaseLostError, StateError } from "../kernel/errors.ts";
import { fieldIn } from "../kernel/fields.ts";
import { present } from "../kernel/assert.ts";
import { toId, type TaskId } from "../kernel/ids.ts";
import type { NodeAddition, TaskGraph } from "../model/graph.ts";
import type { ClaimedRun } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import type { Task } from "../model/task.ts";
import type { ServiceContext } from "./context.ts";
import { checkInputs } from "./create-tasks.ts";
import { newNodes, nodeTypesOf, type NodeTypes } from "./graph-nodes.ts";
import {
  type AdditionRequest,
  type NodeRequest,
  readAddition,
  unknownNode,
} from "./graph-requests.ts";
import { lockGraph } from "./graphs.ts";
import { demandOf, reserveRoom } from "./queue-room.ts";

/**
 * Adds nodes; those that say nothing require nothing.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK` `ORR_NOT_FOUND_TASK_TYPE`
 * @throws StateError `ORR_STATE_TRANSITION` when the graph has ended, or a node that is to wait has
 * started
 * @throws InvalidInputError `ORR_INPUT_*`
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export async function addGraphNodes(
  context: ServiceContext,
  request: { readonly id: unknown; readonly addition: unknown },
): Promise<TaskGraph> {
  const { store } = context;
  const rootId = toId<TaskId>(request.id, "id");
  const addition = readAddition(request.addition);
  const types = await prepared(context, addition);
  await store.transaction(async (inside) => {
    const root = await lockGraph(inside, rootId);
    await add(inside, root, { ...addition, ...types });
  });
  return present(await store.graphs.find(rootId), "a graph");
}

/**
 * Adds nodes to the graph of a running node, while its token is current; those that say nothing
 * require the running node. Answers the names of those that were not there.
 * @throws LeaseLostError `ORR_LEASE_LOST`
 * @throws StateError `ORR_STATE_TRANSITION` also for a run that is no node's
 */
export async function addNodesOfRun(
  context: ServiceContext,
  run: ClaimedRun,
  { nodes, options }: NodeAddition,
): Promise<readonly string[]> {
  const read = readAddition({ ...options, nodes });
  const types = await prepared(context, read);
  return await context.store.transaction(async (store) => {
    const node = run.taskId === null ? undefined : await store.tasks.lock(run.taskId);
    const { nodeName, parentId } = node ?? { nodeName: null, parentId: null };
    if (nodeName === null || parentId === null) throw noNode(run);
    if ((await store.graphs.holdRun(run)) === undefined) throw lost(run);
    const own = read.nodes.map((each) =>
      each.saysRequires ? each : { ...each, requires: [nodeName] },
    );
    const root = await lockGraph(store, parentId);
    return await add(store, root, { ...read, ...types, nodes: own });
  });
}

async function prepared(context: ServiceContext, { nodes }: AdditionRequest): Promise<NodeTypes> {
  const types = await nodeTypesOf(context.store, nodes);
  await checkInputs(context, nodes);
  return types;
}

function noNode({ id }: ClaimedRun): StateError {
  return new StateError("ORR_STATE_TRANSITION", `run ${id} belongs to no node of a graph`, {
    details: { runId: id },
  });
}

function lost({ id, fence }: ClaimedRun): LeaseLostError {
  return new LeaseLostError(
    "ORR_LEASE_LOST",
    `run ${id} is no longer held under the token ${fence}: it adds no nodes`,
    { details: { runId: id, fence } },
  );
}

type Addition = AdditionRequest & NodeTypes;

/** Adds to a locked graph. */
async function add(store: Store, root: Task, addition: Addition): Promise<readonly string[]> {
  if (root.state !== "active" && root.state !== "paused") throw ended(root);
  const { nodes, before } = addition;
  const named = new Set([...before, ...nodes.flatMap((node) => [node.name, ...node.requires])]);
  const found = await store.graphs.listNamed(root.id, [...named]);
  const ids = new Map(found.map(({ name, id }) => [name, id]));
  const fresh = nodes.filter((node) => !ids.has(node.name));
  checkNames({ ...addition, nodes: fresh }, ids);
  await checkRequired(store, fresh, ids);
  await refuseCycle(store, addition, ids);
  const demand = fresh.map((node) => present(addition.types.get(node.typeName), "a type"));
  await reserveRoom(store, demandOf(demand));
  const reserved = await store.tasks.reserveIds(fresh.length);
  for (const [place, node] of fresh.entries()) {
    ids.set(node.name, present(reserved[place], "a reserved id"));
  }
  const place = { rootId: root.id, topId: root.rootId, ids };
  await store.tasks.create(newNodes(fresh, { ...addition, ...place }));
  await letWait(store, addition, ids);
  // Those that came just now are held back like the others.
  if (root.state === "paused") await store.graphs.setPaused(root.id, true);
  return fresh.map((node) => node.name);
}

function ended(root: Task): StateError {
  return new StateError(
    "ORR_STATE_TRANSITION",
    `graph ${root.id} is ${root.state}: nothing can be added to it`,
    { details: { taskId: root.id, state: root.state } },
  );
}

function checkNames({ nodes, before }: Addition, ids: ReadonlyMap<string, TaskId>): void {
  const known = new Set([...ids.keys(), ...nodes.map((node) => node.name)]);
  for (const [index, name] of before.entries()) {
    if (!ids.has(name)) throw unknownNode(name, { field: fieldIn("before", index), known });
  }
  for (const node of nodes) {
    for (const [index, name] of node.requires.entries()) {
      const field = fieldIn(fieldIn(node.field, "requires"), index);
      if (!known.has(name)) throw unknownNode(name, { field, known });
    }
  }
}

/** A node that is to be cancelled with one that has failed already would wait for ever. */
async function checkRequired(
  store: Store,
  fresh: readonly NodeRequest[],
  ids: ReadonlyMap<string, TaskId>,
): Promise<void> {
  const required = new Set(
    fresh.flatMap((node) => node.requires.flatMap((name) => ids.get(name) ?? [])),
  );
  const states = new Map(
    // Read and not locked: nobody moves a node without its root, which is held.
    (await store.tasks.findMany([...required])).map((task) => [task.id, task.state]),
  );
  for (const node of fresh) {
    for (const [index, name] of node.requires.entries()) {
      const id = ids.get(name);
      const state = id === undefined ? undefined : states.get(id);
      const isDead = state === "failed" || state === "disabled" || state === "cancelled";
      if (!isDead || node.onFailure === "block") continue;
      const field = fieldIn(fieldIn(node.field, "requires"), index);
      throw new StateError(
        "ORR_STATE_TRANSITION",
        `${field}: the node ${JSON.stringify(name)} is ${state}: what requires it is cancelled`,
        { details: { field, value: name, state } },
      );
    }
  }
}

/** What is to wait must not be waited for by what it is to wait for. */
async function refuseCycle(
  store: Store,
  { nodes, before }: Addition,
  ids: ReadonlyMap<string, TaskId>,
): Promise<void> {
  if (before.length === 0) return;
  const above = nodes.flatMap((node) => [node.name, ...node.requires]);
  const aboveIds = new Set(above.flatMap((name) => ids.get(name) ?? []));
  const others = before.flatMap((name) => ids.get(name) ?? []);
  if (!(await store.graphs.isWaitingFor({ ids: [...aboveIds], others }))) return;
  throw new InvalidInputError(
    "ORR_INPUT_CYCLE",
    `before: what is added waits for one of ${before.join(", ")}, which would have to wait for it`,
    { details: { field: "before", value: [...before] } },
  );
}

async function letWait(
  store: Store,
  { nodes, before, onFailure }: Addition,
  ids: ReadonlyMap<string, TaskId>,
): Promise<void> {
  const idOf = (name: string): TaskId => present(ids.get(name), `the node ${name}`);
  const started = await store.graphs.addWaits(
    before.flatMap((waiting) =>
      nodes.map((node) => ({
        taskId: idOf(waiting),
        requiresTaskId: idOf(node.name),
        onFailure,
      })),
    ),
  );
  if (started.length === 0) return;
  const names = before.filter((name) => started.includes(idOf(name)));
  throw new StateError(
    "ORR_STATE_TRANSITION",
    `before: these nodes have started and cannot wait any more: ${names.join(", ")}`,
    { details: { field: "before", value: names } },
  );
}
