/** The code of the nodes that only keep order; every worker has it. */

import { passTypeName } from "./graph.ts";
import type { TaskDefinition } from "./handler.ts";
import { taskTypeDefaults } from "./task-type.ts";

/** Does nothing, well. */
export const passDefinition: TaskDefinition = Object.freeze({
  settings: Object.freeze({ ...taskTypeDefaults, name: passTypeName }),
  schema: undefined,
  code: Object.freeze({ kind: "in-process", run: () => null }),
});
