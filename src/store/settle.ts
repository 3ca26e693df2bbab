/**
 * What follows when runs of tasks have ended, inside the transaction that ended them: the tasks
 * move on, those that waited are let go, those that can no longer run are cancelled.
 */

import type { TaskId } from "../kernel/ids.ts";
import type { FinishedRun } from "../model/run.ts";
import { channelOf } from "./channel.ts";
import type { Session } from "./session.ts";
import { cancelIdleRun, requestCancel } from "./statements/run-end.ts";
import { listLiveRunsOfTask } from "./statements/run-queue.ts";
import { lockLiveTasks, moveTask } from "./statements/task.ts";
import {
  listDependentsToCancel,
  satisfyDependents,
  settleTasks,
} from "./statements/task-settle.ts";

/**
 * Settles the tasks of ended runs; their rows are locked. Answers the tasks that are to be
 * cancelled because one that they require will not succeed.
 */
export async function settleEndedRuns(
  session: Session,
  runs: readonly FinishedRun[],
): Promise<readonly TaskId[]> {
  if (runs.length === 0) return [];
  const channel = channelOf(session.context.schema);
  const settled = await session.query(settleTasks, [
    JSON.stringify(runs.map(endedJson)),
    session.nowParameter(),
    channel,
  ]);
  const completed = settled.filter((task) => task.state === "completed").map((task) => task.id);
  if (completed.length > 0) {
    await session.query(satisfyDependents, [completed, session.nowParameter(), channel]);
  }
  const dead = settled
    .filter((task) => ["failed", "disabled", "cancelled"].includes(task.state))
    .map((task) => task.id);
  return dead.length === 0 ? [] : await session.query(listDependentsToCancel, [dead]);
}

function endedJson(run: FinishedRun): object {
  return {
    task_id: run.taskId,
    trigger_id: run.triggerId,
    outcome: run.outcome.kind,
    error: "error" in run.outcome ? run.outcome.error.message : null,
    next_interval_ms: run.nextIntervalMs,
  };
}

/**
 * Cancels tasks that wait for something that will not come: their waiting runs end, one that
 * somebody started all the same is asked to stop.
 */
export async function cancelDependents(session: Session, ids: readonly TaskId[]): Promise<void> {
  if (ids.length === 0) return;
  const reason = "a required task did not succeed";
  const error = { code: "ORR_CANCELLED_RUN", message: reason, details: {}, stack: null };
  const now = session.nowParameter();
  // Looked at again under the lock: one may have ended since it was listed.
  for (const id of await session.query(lockLiveTasks, [ids])) {
    await session.query(moveTask, [id, "cancelled", reason, now]);
    for (const runId of await session.query(listLiveRunsOfTask, [id])) {
      const ended = await session.query(cancelIdleRun, [runId, JSON.stringify(error), now]);
      if (ended.length > 0) continue;
      await session.query(requestCancel, [runId, reason, now, channelOf(session.context.schema)]);
    }
  }
}
