/** The local scheduler: both halves of the interface over one store. */

import type { Store } from "../../model/store.ts";
import type { SwhIrregularEnd } from "../../model/swh-task.ts";
import { createFrontier } from "./frontier.ts";
import { RowLimits, rowCountMaxDefault } from "./row-limits.ts";
import type { SwhScheduler } from "./scheduler.ts";
import { createTaskScheduler, type TaskRules } from "./tasks.ts";

/** Irregular ends that are told when nobody says how many. */
const irregularEndsDefault = 1000;

/** How the local scheduler does what the reference leaves open. */
export interface LocalSwhOptions extends Partial<Pick<TaskRules, "intervalRule">> {
  readonly store: Store;
  /** Rows of one answer at most. @defaultValue 100000 */
  readonly rowCountMax?: number;
}

/** The local scheduler also tells what its interface lets happen. */
export interface LocalSwhScheduler extends SwhScheduler {
  /** Ends of runs that had ended, or of tasks that had been disabled or completed; latest first. */
  listIrregularEnds(limit?: number): Promise<readonly SwhIrregularEnd[]>;
}

/** Makes it; everything that it knows is in the store. */
export function createLocalSwhScheduler(options: LocalSwhOptions): LocalSwhScheduler {
  const { store, intervalRule = "shrink", rowCountMax = rowCountMaxDefault } = options;
  const limits = new RowLimits(rowCountMax);
  return {
    ...createTaskScheduler(store.swhTasks, { intervalRule, limits }),
    ...createFrontier(store.frontier, limits),
    listIrregularEnds: async (limit = irregularEndsDefault) =>
      await store.swhTasks.listIrregularEnds(limit),
  };
}
