/** Tasks: the port's `TaskStore` over its statements. */

import { present } from "../kernel/assert.ts";
import type { RunId, TaskId } from "../kernel/ids.ts";
import { taskTable, transition } from "../model/state-machine.ts";
import type { CreatedTask, TaskStore } from "../model/store.ts";
import type { NewTask, Task, TaskDetail } from "../model/task.ts";
import { channelOf } from "./channel.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { levelOf } from "./statements/run-rows.ts";
import { createTaskRun, createTasks, holdRequiredTasks } from "./statements/task-create.ts";
import { listDependentsToCancel, satisfyDependents } from "./statements/task-settle.ts";
import * as statements from "./statements/task.ts";
import { newTriggerJson } from "./trigger-store.ts";

/** The task store of a session. */
export function createTaskStore(session: Session): TaskStore {
  const channel = channelOf(session.context.schema);
  const now = (): string | null => session.nowParameter();
  return {
    create: async (tasks) => await create(session, tasks),
    find: async (id) => {
      const [task] = await details(session, await session.query(statements.findTasks, [[id]]));
      return task;
    },
    findByKey: async (key) => {
      const found = await session.query(statements.findTasksByKey, [[key]]);
      const [task] = await details(session, found);
      return task;
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
    lock: async (id) => await session.queryOne(statements.lockTask, [id]),
    applyEvent: async (id, event, reason) => {
      const task = present(await session.queryOne(statements.lockTask, [id]), `task ${id}`);
      const state = present(transition(taskTable, task.state, event), `${task.state} → ${event}`);
      await session.query(statements.moveTask, [id, state, reason, now()]);
    },
    setRunsPaused: async (id, paused) => {
      if (paused) await session.query(statements.pauseTaskRuns, [id]);
      else await session.query(statements.resumeTaskRuns, [id, channel]);
    },
    createRun: async (id) => {
      const run = await session.queryOne(createTaskRun, [id, now(), channel]);
      return present(run, `the run of task ${id}`).id as RunId;
    },
    satisfyDependents: async (id) => await session.query(satisfyDependents, [[id], now(), channel]),
    listDependentsToCancel: async (id) => await session.query(listDependentsToCancel, [[id]]),
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

async function create(
  session: Session,
  tasks: readonly NewTask[],
): Promise<readonly CreatedTask[]> {
  if (tasks.length === 0) return [];
  return await session.transaction(async (inside) => {
    const required = tasks.flatMap((task) => task.requires.map((edge) => edge.requiresTaskId));
    if (required.length > 0) await inside.query(holdRequiredTasks, [required]);
    const stored = await inside.query(createTasks, [
      JSON.stringify(tasks.map(taskJson)),
      inside.nowParameter(),
      channelOf(inside.context.schema),
    ]);
    const idByPlace = new Map(stored.map((each) => [each.place - 1, each.id]));
    const known = tasks.flatMap((task, place) =>
      idByPlace.has(place) || task.key === null ? [] : [task.key],
    );
    const found = [
      ...(await inside.query(statements.findTasks, [[...idByPlace.values()]])),
      ...(known.length === 0 ? [] : await inside.query(statements.findTasksByKey, [known])),
    ];
    const full = await details(inside, found);
    const byId = new Map(full.map((task) => [task.id, task]));
    const byKey = new Map(full.map((task) => [task.key, task]));
    return tasks.map((task, place) => {
      const id = idByPlace.get(place);
      const record = id === undefined ? byKey.get(task.key) : byId.get(id);
      return { task: present(record, `task ${place} of the list`), created: id !== undefined };
    });
  });
}

function taskJson(task: NewTask): object {
  return {
    type_id: task.typeId,
    name: task.name,
    key: task.key,
    parent_id: task.parentId,
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
