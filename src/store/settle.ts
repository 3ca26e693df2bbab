/**
 * What follows when runs of tasks have ended, inside the transaction that ended them: the tasks
 * move on, those that waited are let go, those that can no longer run are cancelled.
 */

import type { RunId, TaskId, TriggerId } from "../kernel/ids.ts";
import { isSuccess } from "../model/outcome.ts";
import type { FinishedRun } from "../model/run.ts";
import { channelOf } from "./channel.ts";
import { listParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { cancelIdleRun, requestCancel } from "./statements/run-end.ts";
import * as graphs from "./statements/graph.ts";
import { lockLiveTasks, moveTask } from "./statements/task.ts";
import {
  cancelTasks,
  keepResults,
  listDependentsToCancel,
  requestCancelOfTasks,
  type SettledTask,
  satisfyDependents,
  settleTasks,
  stopTriggers,
} from "./statements/task-settle.ts";
import {
  listIdleTasks,
  listTriggersOfRuns,
  lockQueueingTriggers,
  releaseWaitingRuns,
} from "./statements/trigger.ts";

/**
 * Settles the tasks of ended runs; their rows are locked. Answers those that have ended, for
 * `followEnds`.
 */
export async function settleEndedRuns(
  session: Session,
  runs: readonly TaskRun[],
): Promise<readonly SettledTask[]> {
  if (runs.length === 0) return [];
  const errors = runs.map(({ outcome }) => ("error" in outcome ? outcome.error.message : null));
  // Of all runs of a task that ended at once: it goes on whichever decides.
  const goingOn = new Set(
    runs.flatMap(({ taskId, nextIntervalMs }) => (nextIntervalMs === null ? [] : [taskId])),
  );
  const moves = runs
    .flatMap(({ triggerId, nextIntervalMs }) =>
      triggerId === null || nextIntervalMs === null ? [] : [{ triggerId, nextIntervalMs }],
    )
    .toSorted((one, other) => one.triggerId - other.triggerId);
  const settled = await session.query(settleTasks, [
    listParameter(runs.map((run) => run.taskId)),
    listParameter(runs.map((run) => run.id)),
    listParameter(runs.map((run) => run.outcome.kind)),
    errors.every((error) => error === null) ? null : JSON.stringify(errors),
    listParameter(runs.map((run) => goingOn.has(run.taskId))),
    session.nowParameter(),
    listParameter(moves.map((move) => move.triggerId)),
    listParameter(moves.map((move) => move.nextIntervalMs)),
  ]);
  const followed = settled.filter(({ followedRunId }) => followedRunId !== null);
  if (followed.length > 0) {
    await session.query(keepResults, [
      followed.map(({ followedRunId }) => followedRunId),
      followed.map(({ id }) => id),
      session.nowParameter(),
    ]);
  }
  return settled.filter(({ state }) => state !== "active" && state !== "paused");
}

/** A run of a task that has ended. */
export type TaskRun = FinishedRun & { readonly taskId: TaskId };

/**
 * All that follows when tasks have ended: those that waited for them are let go or cancelled, and
 * graphs none of whose nodes is left end in turn. The roots of their graphs are locked.
 */
export async function followEnds(session: Session, settled: readonly SettledTask[]): Promise<void> {
  for (let ended = settled; ended.length > 0;) {
    const doomed = await cancelByRule(session, await letDependentsGo(session, ended));
    ended = await settleGraphs(
      session,
      [...ended, ...doomed].flatMap(({ graphId }) => graphId ?? []),
    );
  }
}

/** Ends those of the locked graphs that have no unfinished node; answers them. */
export async function settleGraphs(
  session: Session,
  graphIds: readonly TaskId[],
): Promise<readonly SettledTask[]> {
  if (graphIds.length === 0) return [];
  const channel = channelOf(session.context.schema);
  const values = [[...new Set(graphIds)], session.nowParameter(), channel];
  return await session.query(graphs.settleGraphs, values);
}

/** Lets those go that waited for the tasks; answers those that are to be cancelled with them. */
async function letDependentsGo(
  session: Session,
  settled: readonly SettledTask[],
): Promise<readonly TaskId[]> {
  const completed = settled.filter((task) => task.state === "completed").map((task) => task.id);
  if (completed.length > 0) {
    const channel = channelOf(session.context.schema);
    await session.query(satisfyDependents, [completed, session.nowParameter(), channel]);
  }
  const dead = settled
    .filter((task) => ["failed", "disabled", "cancelled"].includes(task.state))
    .map((task) => task.id);
  return dead.length === 0 ? [] : await session.query(listDependentsToCancel, [dead]);
}

/**
 * Takes the triggers of runs that are to end, as far as their runs wait for each other: after the
 * tasks and before the runs, the order in which all take them. Hand them to `releaseWaiting`.
 */
export async function lockQueueing(
  session: Session,
  triggerIds: readonly (TriggerId | null)[],
): Promise<readonly TriggerId[]> {
  const ids = new Set(triggerIds.filter((id) => id !== null));
  return ids.size === 0 ? [] : await session.query(lockQueueingTriggers, [[...ids]]);
}

/** Lets the next runs of locked triggers go, now that some have ended. */
export async function releaseWaiting(
  session: Session,
  triggerIds: readonly TriggerId[],
): Promise<void> {
  if (triggerIds.length === 0) return;
  const channel = channelOf(session.context.schema);
  await session.query(releaseWaitingRuns, [triggerIds, session.nowParameter(), channel]);
}

/** Ends a run that nobody has started. Answers false when somebody has, or when it is gone. */
export async function cancelIdle(
  session: Session,
  { id, reason }: { readonly id: RunId; readonly reason: string },
): Promise<boolean> {
  return await session.transaction(async (inside) => {
    const triggers = await inside.query(listTriggersOfRuns, [[id]]);
    const queueing = await lockQueueing(inside, triggers);
    const error = { code: "ORR_CANCELLED_RUN", message: reason, details: {}, stack: null };
    const channel = channelOf(inside.context.schema);
    const values = [id, JSON.stringify(error), inside.nowParameter(), channel];
    const gone = await inside.query(cancelIdleRun, values);
    if (gone.length > 0) await releaseWaiting(inside, queueing);
    return gone.length > 0;
  });
}

/**
 * Ends those of the tasks that have fired for the last time and have no run: as their last run
 * ended, or as failed when they never had one. What follows from it is done too.
 */
export async function settleIdleTasks(
  session: Session,
  ids: readonly TaskId[],
  reason: string,
): Promise<void> {
  const locked = await session.query(lockLiveTasks, [ids]);
  const idle = await session.query(listIdleTasks, [locked]);
  const ended = idle.map(({ id, lastOutcome }): SettledTask => {
    // Nodes have no triggers, so it is none.
    return { id, state: isSuccess(lastOutcome) ? "completed" : "failed", graphId: null };
  });
  for (const { id, state } of ended) {
    await session.query(moveTask, [id, state, reason, session.nowParameter()]);
  }
  await followEnds(session, ended);
}

/** Ends runs that nobody has started and asks the others to stop. */
export async function endRunsByRequest(
  session: Session,
  ids: readonly RunId[],
  reason: string,
): Promise<void> {
  const channel = channelOf(session.context.schema);
  for (const id of ids) {
    if (await cancelIdle(session, { id, reason })) continue;
    await session.query(requestCancel, [id, reason, session.nowParameter(), channel]);
  }
}

/** Cancels tasks that wait for something that will not come; answers those that it ended. */
async function cancelByRule(
  session: Session,
  ids: readonly TaskId[],
): Promise<readonly SettledTask[]> {
  if (ids.length === 0) return [];
  // Looked at again under the lock: one may have ended since it was listed.
  const live = await session.query(lockLiveTasks, [ids]);
  return await cancelLockedTasks(session, live, "a required task did not succeed");
}

/**
 * Cancels locked tasks: their waiting runs end, those that somebody started are asked to stop.
 * Hand the answer to `followEnds`.
 */
export async function cancelLockedTasks(
  session: Session,
  ids: readonly TaskId[],
  reason: string,
): Promise<readonly SettledTask[]> {
  if (ids.length === 0) return [];
  const now = session.nowParameter();
  const channel = channelOf(session.context.schema);
  const error = { code: "ORR_CANCELLED_RUN", message: reason, details: {}, stack: null };
  await session.query(stopTriggers, [ids]);
  const ended = await session.query(cancelTasks, [
    ids,
    reason,
    now,
    channel,
    JSON.stringify(error),
  ]);
  await session.query(requestCancelOfTasks, [ended.map((task) => task.id), reason, now, channel]);
  return ended;
}
