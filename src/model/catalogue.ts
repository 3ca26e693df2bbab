/** The task definitions that a process knows, by name. */

import type { TaskDefinition } from "./handler.ts";

/** Read access to task definitions. */
export interface Catalogue {
  find(name: string): TaskDefinition | undefined;
  /** In the order of names. */
  list(): readonly TaskDefinition[];
}
