/** From what was asked for to what is stored: roots and nodes of graphs as tasks. */

import { fieldIn, invalidField } from "../kernel/fields.ts";
import { present } from "../kernel/assert.ts";
import type { TaskId } from "../kernel/ids.ts";
import { graphTypeName, isBuiltInType } from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type { NewDependency, NewGraphPart, NewTask } from "../model/task.ts";
import { type TaskType, taskTypeDefaults } from "../model/task-type.ts";
import { filledOverrides, typesOf } from "./create-tasks.ts";
import type { NodeRequest } from "./graph-requests.ts";
import { typeNamed } from "./task-types.ts";

/** The types of nodes and those that undo them, by name. */
export interface NodeTypes {
  readonly types: ReadonlyMap<string, TaskType>;
  readonly undoTypes: ReadonlyMap<string, TaskType>;
}

/**
 * Looks up the types that nodes name, each once.
 * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE`
 */
export async function nodeTypesOf(store: Store, nodes: readonly NodeRequest[]): Promise<NodeTypes> {
  const undoTypes = new Map<string, TaskType>();
  for (const { undo, field } of nodes) {
    if (undo === undefined || undoTypes.has(undo)) continue;
    const place = fieldIn(field, "undo");
    if (isBuiltInType(undo)) {
      throw invalidField(place, { expected: "a type of yours, not a built-in one", value: undo });
    }
    undoTypes.set(undo, await typeNamed(store, { name: undo, field: place }));
  }
  return { types: await typesOf(store, nodes), undoTypes };
}

/** One of our own types, which is registered when it is used for the first time. */
export async function builtInType(store: Store, name: string): Promise<TaskType> {
  const known = await store.taskTypes.find(name);
  if (known !== undefined) return known;
  const description =
    name === graphTypeName
      ? "Stands for a whole graph; ends with its last node."
      : "Does nothing: keeps the order of what is undone.";
  const [type] = await store.taskTypes.register([{ ...taskTypeDefaults, name, description }]);
  return present(type, "a registered type");
}

/** What all tasks of graphs have in common. */
const bare = {
  key: null,
  input: {},
  priority: "normal",
  concurrencyKey: null,
  overrides: {},
  triggers: [],
  requires: [],
  dueAt: null,
} as const satisfies Partial<NewTask>;

/** The root of a graph. */
export function newRoot(root: {
  readonly id: TaskId;
  readonly typeId: TaskType["id"];
  readonly name: string;
  readonly key: string | null;
  readonly undoesId: TaskId | null;
}): NewTask {
  const { undoesId, ...rest } = root;
  return { ...bare, ...rest, parentId: null, rootId: root.id, graph: { kind: "root", undoesId } };
}

/** A node under its root. */
export function newNode(
  node: Pick<NewTask, "id" | "typeId" | "requires"> & Partial<NewTask>,
  place: {
    readonly rootId: TaskId;
    readonly topId: TaskId;
    readonly part: Omit<Extract<NewGraphPart, { kind: "node" }>, "kind">;
  },
): NewTask {
  const { rootId, topId, part } = place;
  return {
    ...bare,
    name: part.name,
    ...node,
    parentId: rootId,
    rootId: topId,
    graph: { kind: "node", ...part },
  };
}

/** Nodes as somebody asked for them; `ids` has those of all nodes that they require. */
export function newNodes(
  nodes: readonly NodeRequest[],
  known: NodeTypes & {
    readonly rootId: TaskId;
    readonly topId: TaskId;
    readonly ids: ReadonlyMap<string, TaskId>;
  },
): readonly NewTask[] {
  const idOf = (name: string): TaskId => present(known.ids.get(name), `the node ${name}`);
  return nodes.map((node) => {
    const { name, input, priority, concurrencyKey, onFailure } = node;
    const undo = node.undo === undefined ? undefined : known.undoTypes.get(node.undo);
    const requires = node.requires.map((each): NewDependency => ({
      requiresTaskId: idOf(each),
      reason: "graph",
      onFailure,
    }));
    const type = present(known.types.get(node.typeName), `the type ${node.typeName}`);
    const overrides = filledOverrides(node.overrides, type);
    return newNode(
      { id: idOf(name), typeId: type.id, requires, input, priority, concurrencyKey, overrides },
      { ...known, part: { name, undoTypeId: undo?.id ?? null, undoesId: null } },
    );
  });
}
