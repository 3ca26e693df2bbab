/** From a pure graph to the request that stores it as tasks. */

import { graphFrom, type GraphSource, keysAt, nameOf, targetsOf } from "../graph/graph.ts";
import type { GraphNodeRequest, SubmitGraphRequest } from "./graph.ts";

/** What a node is as a task; its name and what it requires come from the graph. */
export type NodeWork = Omit<GraphNodeRequest, "name" | "requires">;

/**
 * The request that `submitGraph` takes for a graph of any keys. A node is named as pictures name
 * it: text as it is, an object by its `name`, all else as it prints itself.
 */
export function graphRequestOf<Key>(
  source: GraphSource<Key>,
  workOf: (key: Key) => NodeWork,
  options: Omit<SubmitGraphRequest, "nodes"> = {},
): SubmitGraphRequest {
  const graph = graphFrom(source);
  return {
    ...options,
    nodes: graph.keys.map((key, number) => ({
      ...workOf(key),
      name: nameOf(key),
      requires: keysAt(graph, targetsOf(graph.requires, number)).map(nameOf),
    })),
  };
}
