/** Storing tasks by way of the port, for tests that need no service. */

import { present } from "../../src/kernel/assert.ts";
import type { TaskTypeId } from "../../src/kernel/ids.ts";
import type { Store } from "../../src/model/store.ts";
import type { NewTask, TaskDetail } from "../../src/model/task.ts";

/** A task as a test writes it; what is absent has no meaning for the test. */
export type WantedTask = Partial<Omit<NewTask, "id" | "rootId" | "typeId">> & {
  readonly typeId: TaskTypeId;
};

const nothing = {
  name: "a task",
  key: null,
  parentId: null,
  input: null,
  priority: "normal",
  concurrencyKey: null,
  overrides: {},
  graph: null,
  triggers: [],
  requires: [],
  dueAt: null,
} as const satisfies Partial<NewTask>;

/** Stores tasks; a task below another one belongs to its tree. In order. */
export async function storeTasks(
  store: Store,
  wanted: readonly WantedTask[],
): Promise<readonly TaskDetail[]> {
  return await store.transaction(async (inside) => {
    const ids = await inside.tasks.reserveIds(wanted.length);
    const parents = wanted.flatMap(({ parentId }) => parentId ?? []);
    const known = await inside.tasks.findMany(parents);
    const rootIds = new Map(known.map((task) => [task.id, task.rootId]));
    const tasks = wanted.map((task, place): NewTask => {
      const id = present(ids[place], "a reserved id");
      const parentId = task.parentId ?? null;
      const rootId = parentId === null ? id : present(rootIds.get(parentId), "the parent");
      return { ...nothing, ...task, id, rootId };
    });
    await inside.tasks.create(tasks);
    const stored = await inside.tasks.findMany(ids);
    return stored.toSorted((one, other) => one.id - other.id);
  });
}
