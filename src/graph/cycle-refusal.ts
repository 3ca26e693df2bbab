/** Refusing a graph with cycles, in our words or in those of `heat.engine.scheduler`. */

import { InvalidInputError } from "../kernel/errors.ts";
import type { Compat } from "./compat.ts";
import { assertAcyclic } from "./cycles.ts";
import { DependencyGraph } from "./dependency-graph.ts";
import { type Graph, keyAt } from "./graph.ts";

/**
 * Refuses a graph whose order is not complete. The message names the shortest cycle; with
 * `compat: "heat"` it is all that is left when what has an order is taken away, and the error with
 * the shortest cycle is its cause.
 * @throws InvalidInputError `ORR_INPUT_CYCLE`; `details.cycle` names the shortest cycle
 */
export function refuseCycles<Key>(
  graph: Graph<Key>,
  { order, compat }: { readonly order: Int32Array; readonly compat: Compat | undefined },
): void {
  if (order.length === graph.keys.length) return;
  try {
    assertAcyclic(graph, order);
  } catch (error) {
    if (compat !== "heat" || !(error instanceof InvalidInputError)) throw error;
    const left = new DependencyGraph(graph);
    for (const number of order) left.delete(keyAt(graph, number));
    const message = `Circular Dependency Found: ${String(left)}`;
    throw new InvalidInputError(error.code, message, { details: error.details, cause: error });
  }
}
