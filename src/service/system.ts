/** The installation as a whole: its state, pausing and resuming everything. */

import type { SystemStatus } from "../model/system-status.ts";
import type { ServiceContext } from "./context.ts";

/** State, workers and counts at about one moment; for people and metrics. */
export async function getSystem({ store, version }: ServiceContext): Promise<SystemStatus> {
  const [now, pausedAt, nextFireAt, types, workers, counts, database] = await Promise.all([
    store.system.now(),
    store.system.findPausedAt(),
    store.triggers.findNextFireAt(),
    store.taskTypes.list(),
    store.workers.list(),
    store.runs.count(),
    store.system.describe(),
  ]);
  return {
    version,
    now,
    pausedAt: pausedAt ?? null,
    nextFireAt: nextFireAt ?? null,
    taskTypeCount: types.length,
    workers,
    counts,
    database,
  };
}

/** Fires and claims nothing anywhere until resumed, or goes on; idempotent. */
export async function setSystemPaused(
  context: ServiceContext,
  paused: boolean,
): Promise<SystemStatus> {
  await context.store.system.setPaused(paused);
  return getSystem(context);
}
