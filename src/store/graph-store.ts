/** Graphs of tasks: the port's `GraphStore` over its statements. */

import type { TaskId } from "../kernel/ids.ts";
import type { AddedWait, GraphStore } from "../model/graph-store.ts";
import { type GraphEdge, isGraph, type RunResults, type TaskGraph } from "../model/graph.ts";
import { channelOf } from "./channel.ts";
import type { Session } from "./session.ts";
import { cancelLockedTasks, followEnds, settleGraphs } from "./settle.ts";
import * as graphs from "./statements/graph.ts";
import { satisfyDependents } from "./statements/task-settle.ts";
import { findTasks, listDependencies } from "./statements/task.ts";

/** The graph store of a session. */
export function createGraphStore(session: Session): GraphStore {
  const channel = channelOf(session.context.schema);
  const now = (): string | null => session.nowParameter();
  return {
    find: async (rootId) => await find(session, rootId),
    listNamed: async (rootId, names) => await session.query(graphs.listNamedNodes, [rootId, names]),
    listRunning: async (rootId, limit) =>
      await session.query(graphs.listRunningNodes, [rootId, limit]),
    isMoving: async (rootId) => (await session.queryOne(graphs.isMoving, [rootId])) === true,
    findUndo: async (id) =>
      (await session.queryOne(graphs.findUndoing, [id]))?.undoneById ?? undefined,
    listResults: async (id) => {
      const results = await session.query(graphs.listResults, [id]);
      return resultsByName(results);
    },
    listNodeResults: async (rootId, { names, limit }) =>
      resultsByName(await session.query(graphs.listNodeResults, [rootId, names ?? null, limit])),
    holdRun: async ({ id, fence }) =>
      (await session.queryOne(graphs.holdRun, [id, fence])) ?? undefined,
    addWaits: async (waits) => await addWaits(session, waits),
    isWaitingFor: async ({ ids, others }) =>
      (await session.queryOne(graphs.isWaitingFor, [ids, others])) === true,
    cancel: async (rootId, reason) => {
      const nodes = await session.query(graphs.listUnfinishedNodes, [rootId]);
      await followEnds(session, await cancelLockedTasks(session, [rootId, ...nodes], reason));
    },
    setPaused: async (rootId, paused) => {
      if (paused) await session.query(graphs.pauseNodes, [rootId, now()]);
      else await session.query(graphs.resumeNodes, [rootId, now(), channel]);
    },
    revive: async (rootId) => {
      const completed = await session.query(graphs.completeFinished, [rootId, now()]);
      if (completed.length > 0) {
        await session.query(satisfyDependents, [completed, now(), channel]);
      }
      const revived = await session.query(graphs.reviveNodes, [rootId, now(), channel]);
      return completed.length + revived.length;
    },
    settle: async (rootIds) => await followEnds(session, await settleGraphs(session, rootIds)),
  };
}

function resultsByName(results: readonly graphs.NamedResult[]): RunResults {
  return Object.fromEntries(results.map(({ name, output }) => [name, output]));
}

async function find(session: Session, rootId: TaskId): Promise<TaskGraph | undefined> {
  const root = await session.queryOne(findTasks, [[rootId]]);
  if (root === undefined || !isGraph(root)) return undefined;
  const nodes = await session.query(graphs.listNodes, [rootId]);
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  const edges = new Map<TaskId, GraphEdge[]>(nodes.map((node) => [node.id, []]));
  for (const edge of await session.query(listDependencies, [[...names.keys()]])) {
    const requires = names.get(edge.requiresTaskId);
    if (requires === undefined) continue;
    const { onFailure, satisfiedAt } = edge;
    edges.get(edge.taskId)?.push({ requires, onFailure, satisfiedAt });
  }
  const left = nodes.filter((node) => node.finishedAt === null);
  const isHeld = left.every((node) => node.runState === null || node.runState === "blocked");
  const undoing = await session.queryOne(graphs.findUndoing, [rootId]);
  return {
    root,
    undoesId: undoing?.undoesId ?? null,
    undoneById: undoing?.undoneById ?? null,
    isStalled: root.state === "active" && left.length > 0 && isHeld,
    nodes: nodes.map((node) => ({ ...node, requires: edges.get(node.id) ?? [] })),
  };
}

async function addWaits(session: Session, waits: readonly AddedWait[]): Promise<readonly TaskId[]> {
  if (waits.length === 0) return [];
  const waiting = await session.query(graphs.addEdges, [
    waits.map((wait) => wait.taskId),
    waits.map((wait) => wait.requiresTaskId),
    waits.map((wait) => wait.onFailure),
    session.nowParameter(),
  ]);
  const blocked = new Set(await session.query(graphs.blockRuns, [waiting]));
  return waiting.filter((id) => !blocked.has(id));
}
