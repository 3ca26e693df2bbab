/** Tasks: the port's `TaskStore` over its statements. */

import { present } from "../kernel/assert.ts";
import { ConflictError, StoreError } from "../kernel/errors.ts";
import type { RunId, TaskId } from "../kernel/ids.ts";
import { taskTable, transition } from "../model/state-machine.ts";
import type { TaskStore } from "../model/store.ts";
import type { NewTask, Task, TaskDetail } from "../model/task.ts";
import { channelOf } from "./channel.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { levelOf } from "./statements/run-rows.ts";
import { cancelLockedTasks, followEnds } from "./settle.ts";
import * as creation from "./statements/task-create.ts";
import * as statements from "./statements/task.ts";
import { newTriggerJson } from "./trigger-store.ts";

/** The task store of a session. */
export function createTaskStore(session: Session): TaskStore {
  const channel = channelOf(session.context.schema);
  const now = (): string | null => session.nowParameter();
  return {
    reserveIds: async (count) =>
      count === 0 ? [] : await session.query(creation.reserveTaskIds, [count]),
    create: async (tasks) => await create(session, tasks),
    find: async (id) => {
      const [task] = await details(session, await session.query(statements.findTasks, [[id]]));
      return task;
    },
    findMany: async (ids) =>
      await details(session, await session.query(statements.findTasks, [ids])),
    findIdsByKey: async (keys) => {
      if (keys.length === 0) return new Map();
      const found = await session.query(statements.findIdsByKey, [keys]);
      return new Map(found.map(({ key, id }) => [key, id]));
    },
    list: async (filter, page) =>
      await session.query(statements.listTasks, [
        page.beforeId ?? null,
        page.limit,
        filter.typeName ?? null,
        filter.states ?? null,
        filter.rootId ?? null,
        filter.parentId ?? null,
        filter.key ?? null,
      ]),
    lock: async (id) => {
      const [task] = await lockMany(session, [id]);
      return task;
    },
    lockMany: async (ids) => (ids.length === 0 ? [] : await lockMany(session, ids)),
    applyEvent: async (id, event, reason) => {
      const task = present(await session.queryOne(statements.lockTasks, [[id]]), `task ${id}`);
      const state = present(transition(taskTable, task.state, event), `${task.state} → ${event}`);
      await session.query(statements.moveTask, [id, state, reason, now()]);
    },
    cancel: async (id, reason) =>
      await followEnds(session, await cancelLockedTasks(session, [id], reason)),
    setRunsPaused: async (id, paused) => {
      if (paused) await session.query(statements.pauseTaskRuns, [id]);
      else await session.query(statements.resumeTaskRuns, [id, channel]);
    },
    createRun: async (id) => {
      const run = await session.queryOne(creation.createTaskRun, [id, now(), channel]);
      return present(run, `the run of task ${id}`).id as RunId;
    },
    setNextFire: async (fires) => {
      if (fires.length === 0) return;
      await session.query(statements.setNextFire, [
        fires.map((fire) => fire.triggerId),
        fires.map((fire) => instantParameter(fire.nextFireAt)),
        channel,
      ]);
    },
  };
}

async function lockMany(session: Session, ids: readonly TaskId[]): Promise<readonly Task[]> {
  await session.query(statements.lockGraphsOfTasks, [ids]);
  return await session.query(statements.lockTasks, [ids]);
}

async function create(session: Session, tasks: readonly NewTask[]): Promise<void> {
  if (tasks.length === 0) return;
  const own = new Set(tasks.map((task) => task.id));
  const required = new Set(
    tasks.flatMap((task) => task.requires.map((edge) => edge.requiresTaskId)),
  );
  const others = [...required].filter((id) => !own.has(id));
  await session.transaction(async (inside) => {
    if (others.length > 0) await inside.query(creation.holdRequiredTasks, [others]);
    const values = [
      JSON.stringify(tasks.map(taskJson)),
      inside.nowParameter(),
      channelOf(inside.context.schema),
    ];
    try {
      await inside.query(creation.createTasks, values);
    } catch (thrown) {
      throw takenKey(thrown) ?? thrown;
    }
  });
}

/** The error for a key that somebody else took first. */
function takenKey(thrown: unknown): ConflictError | undefined {
  if (!(thrown instanceof StoreError) || thrown.details["constraint"] !== "task_key_key") {
    return undefined;
  }
  return new ConflictError("ORR_CONFLICT_DUPLICATE", "a task with one of the keys has just come", {
    cause: thrown,
  });
}

function taskJson(task: NewTask): object {
  const { graph } = task;
  const node = graph?.kind === "node" ? graph : undefined;
  return {
    id: task.id,
    type_id: task.typeId,
    name: task.name,
    key: task.key,
    parent_id: task.parentId,
    root_id: task.rootId,
    is_root: graph?.kind === "root",
    node_name: node?.name ?? null,
    undo_type_id: node?.undoTypeId ?? null,
    undoes_id: graph?.undoesId ?? null,
    input: task.input,
    priority: levelOf(task.priority),
    concurrency_key: task.concurrencyKey,
    overrides: task.overrides,
    due_at: instantParameter(task.dueAt),
    triggers: task.triggers.map(newTriggerJson),
    requires: task.requires.map((edge) => ({
      requires_task_id: edge.requiresTaskId,
      reason: edge.reason,
      on_failure: edge.onFailure,
    })),
  };
}

/** Tasks with their triggers and edges, in two statements for all. */
async function details(session: Session, tasks: readonly Task[]): Promise<readonly TaskDetail[]> {
  if (tasks.length === 0) return [];
  const ids: readonly TaskId[] = tasks.map((task) => task.id);
  const triggers = Map.groupBy(
    await session.query(statements.listTriggers, [ids]),
    (trigger) => trigger.taskId,
  );
  const edges = Map.groupBy(
    await session.query(statements.listDependencies, [ids]),
    (edge) => edge.taskId,
  );
  return tasks.map((task) => ({
    ...task,
    triggers: triggers.get(task.id) ?? [],
    requires: edges.get(task.id) ?? [],
  }));
}
