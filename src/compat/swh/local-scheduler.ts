/** The local scheduler: both halves of the interface over one store. */

import type { Store } from "../../model/store.ts";
import type { SwhFrontier, SwhScheduler } from "./scheduler.ts";
import { createTaskScheduler, type TaskRules } from "./tasks.ts";

/** How the local scheduler does what the reference leaves open. */
export interface LocalSwhOptions extends Partial<TaskRules> {
  readonly store: Store;
  readonly frontier: SwhFrontier;
}

/** Makes it; everything that it knows is in the store. */
export function createLocalSwhScheduler(options: LocalSwhOptions): SwhScheduler {
  const { store, frontier, intervalRule = "shrink" } = options;
  return { ...createTaskScheduler(store.swhTasks, { intervalRule }), ...frontier };
}
