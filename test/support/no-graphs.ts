/** The graph access of executors whose runs belong to no graph. */

import { StateError } from "../../src/kernel/errors.ts";
import type { GraphAccess } from "../../src/model/graph.ts";

/** Nothing is required, and nothing can be added. */
export const noGraphs: GraphAccess = {
  findResults: () => Promise.resolve({}),
  addNodes: ({ id }) =>
    Promise.reject(new StateError("ORR_STATE_TRANSITION", `run ${id} belongs to no graph`)),
};
