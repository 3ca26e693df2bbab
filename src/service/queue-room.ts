/** Keeps a type's unfinished runs within its limit. */

import { ConflictError } from "../kernel/errors.ts";
import type { TaskTypeId } from "../kernel/ids.ts";
import type { Store } from "../model/store.ts";
import type { TaskType } from "../model/task-type.ts";

/** Runs that are about to be queued, by type. */
export type QueueDemand = ReadonlyMap<TaskType, number>;

/** Counts how many of `types` there are of each, leaving out those without a limit. */
export function demandOf(types: Iterable<TaskType>): QueueDemand {
  const counts = new Map<TaskType, number>();
  for (const type of types) {
    if (type.limits.unfinishedMax === null) continue;
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

/**
 * Locks the limited types until the transaction ends and checks that their queues take the demand.
 * Only inside the transaction that queues the runs: the count stays true as long as the lock.
 * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
 */
export async function reserveRoom(store: Store, demand: QueueDemand): Promise<void> {
  const ids = [...demand.keys()].map((type) => type.id);
  if (ids.length === 0) return;
  await store.taskTypes.lock(ids);
  const unfinished = await store.taskTypes.countUnfinished(ids);
  for (const [type, wanted] of demand) checkRoom(type, { wanted, unfinished });
}

function checkRoom(
  type: TaskType,
  counts: { readonly wanted: number; readonly unfinished: ReadonlyMap<TaskTypeId, number> },
): void {
  const unfinishedMax = type.limits.unfinishedMax ?? Number.POSITIVE_INFINITY;
  const unfinished = counts.unfinished.get(type.id) ?? 0;
  if (unfinished + counts.wanted <= unfinishedMax) return;
  throw new ConflictError(
    "ORR_CONFLICT_QUEUE_FULL",
    `${type.name} takes ${unfinishedMax} unfinished runs and has ${unfinished}: ` +
      `${counts.wanted} more are refused, and nothing was stored`,
    { details: { type: type.name, unfinishedMax, unfinished, wanted: counts.wanted } },
  );
}
