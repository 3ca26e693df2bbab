/** The heaviest way through a graph: no run of its nodes can be shorter. Linear. */

import {
  at,
  type Graph,
  graphFrom,
  type GraphSource,
  keyAt,
  type NodeNumber,
  targetsOf,
} from "./graph.ts";
import { completeOrderOf } from "./topological-order.ts";

/** A path along which each node requires the one before. */
export interface Path<Key> {
  /** From a node that requires nothing to one that nothing requires. */
  readonly keys: readonly Key[];
  /** The sum of the weights of its nodes. */
  readonly weight: number;
}

/**
 * For each node the heaviest path that begins with it and goes on with what requires it: what is
 * left to do when its turn comes. `order` must be complete and in the graph's direction.
 */
export function weightsAhead<Key>(
  graph: Graph<Key>,
  { order, weights }: { readonly order: Int32Array; readonly weights: Float64Array },
): Float64Array {
  const { starts, targets } = graph.requiredBy;
  const ahead = new Float64Array(weights.length);
  for (let place = order.length - 1; place >= 0; place -= 1) {
    const number = at(order, place);
    let heaviest = 0;
    for (let edge = at(starts, number); edge < at(starts, number + 1); edge += 1) {
      heaviest = Math.max(heaviest, ahead[at(targets, edge)] ?? 0);
    }
    ahead[number] = heaviest + (weights[number] ?? 0);
  }
  return ahead;
}

/**
 * The heaviest path of the graph, of equal ones the one whose nodes were mentioned first; empty for
 * a graph without nodes. Weights are at least 0, and 1 each unless said otherwise.
 * @throws InvalidInputError `ORR_INPUT_CYCLE`
 */
export function criticalPath<Key>(
  source: GraphSource<Key>,
  weightOf: (node: Key) => number = () => 1,
): Path<Key> {
  const graph = graphFrom(source);
  return criticalPathOf(
    graph,
    Float64Array.from(graph.keys, (key) => weightOf(key)),
  );
}

/** The same with the weights by number. */
export function criticalPathOf<Key>(graph: Graph<Key>, weights: Float64Array): Path<Key> {
  const ahead = weightsAhead(graph, { order: completeOrderOf(graph), weights });
  const keys: Key[] = [];
  let node = heaviestOf(graph.keys.keys(), ahead);
  const weight = node === undefined ? 0 : (ahead[node] ?? 0);
  while (node !== undefined) {
    keys.push(keyAt(graph, node));
    node = heaviestOf(targetsOf(graph.requiredBy, node), ahead);
  }
  return { keys, weight };
}

function heaviestOf(numbers: Iterable<NodeNumber>, ahead: Float64Array): NodeNumber | undefined {
  let heaviest: NodeNumber | undefined;
  let weight = -1;
  for (const number of numbers) {
    const other = ahead[number] ?? 0;
    if (other < weight || (other === weight && number > (heaviest ?? 0))) continue;
    heaviest = number;
    weight = other;
  }
  return heaviest;
}
