/**
 * Which of the ready nodes starts first: by priority, then by the way that is still ahead, then by
 * first mention. All of it is known before the run, so it is one permutation of the nodes.
 */

import { weightsAhead } from "./critical-path.ts";
import { at, type Graph } from "./graph.ts";

/** A permutation of the nodes and its inverse. */
export interface Ranks {
  /** The place of each node; of those that are ready the lowest starts first. */
  readonly rankOf: Int32Array;
  readonly nodeAt: Int32Array;
}

/** What the ranks depend on. */
export interface Precedence {
  /** A topological order of all nodes. */
  readonly order: Int32Array;
  readonly priorities: Float64Array;
  readonly estimatesMs: Float64Array;
}

/** Ranks all nodes of a graph. */
export function rankNodes(graph: Graph<unknown>, precedence: Precedence): Ranks {
  const { order, estimatesMs } = precedence;
  const byNumber = order.toSorted();
  const byWay = byFallingWeight(byNumber, weightsAhead(graph, { order, weights: estimatesMs }));
  const nodeAt = byFallingWeight(byWay, inheritedPriorities(graph, precedence));
  const rankOf = new Int32Array(nodeAt.length);
  for (let rank = 0; rank < nodeAt.length; rank += 1) rankOf[at(nodeAt, rank)] = rank;
  return { rankOf, nodeAt };
}

/** For each node the highest priority of itself and of all that wait for it. */
function inheritedPriorities(graph: Graph<unknown>, precedence: Precedence): Float64Array {
  const { starts, targets } = graph.requiredBy;
  const { order, priorities } = precedence;
  const inherited = Float64Array.from(priorities);
  for (let place = order.length - 1; place >= 0; place -= 1) {
    const node = at(order, place);
    let highest = inherited[node] ?? 0;
    for (let edge = at(starts, node); edge < at(starts, node + 1); edge += 1) {
      highest = Math.max(highest, inherited[at(targets, edge)] ?? 0);
    }
    inherited[node] = highest;
  }
  return inherited;
}

/**
 * The nodes by falling weight; nodes of one weight stay as they stood. Weights are sorted as plain
 * numbers, which needs no function, and the nodes counted into place: a sort of nodes that compares
 * their weights takes several times as long.
 */
function byFallingWeight(nodes: Int32Array, weights: Float64Array): Int32Array {
  const [first] = weights;
  if (weights.every((weight) => weight === first)) return nodes;
  const rising = weights.toSorted();
  const distinct = rising.subarray(0, withoutRepeats(rising));
  const classCount = distinct.length;
  const classes = new Int32Array(nodes.length);
  const nextOf = new Int32Array(classCount + 1);
  for (let index = 0; index < nodes.length; index += 1) {
    const weight = weights[at(nodes, index)] ?? 0;
    const each = classCount - 1 - placeOf(weight, distinct);
    classes[index] = each;
    nextOf[each + 1] = at(nextOf, each + 1) + 1;
  }
  for (let each = 0; each < classCount; each += 1) {
    nextOf[each + 1] = at(nextOf, each + 1) + at(nextOf, each);
  }
  const placed = new Int32Array(nodes.length);
  for (let index = 0; index < nodes.length; index += 1) {
    const each = at(classes, index);
    const place = at(nextOf, each);
    placed[place] = at(nodes, index);
    nextOf[each] = place + 1;
  }
  return placed;
}

/** Moves the distinct numbers of a sorted list to its front, and answers how many there are. */
function withoutRepeats(rising: Float64Array): number {
  let count = 0;
  for (const weight of rising) {
    if (count > 0 && rising[count - 1] === weight) continue;
    rising[count] = weight;
    count += 1;
  }
  return count;
}

/** Where a number stands in a sorted list that has it. */
function placeOf(weight: number, rising: Float64Array): number {
  let low = 0;
  let high = rising.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) < weight) low = middle + 1;
    else high = middle;
  }
  return low;
}
