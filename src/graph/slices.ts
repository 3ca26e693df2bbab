/** Parts of a graph: what a change of some nodes touches, or any that are marked. Linear. */

import {
  type Adjacency,
  at,
  type Graph,
  graphOfNumbers,
  keysAt,
  type NodeNumber,
} from "./graph.ts";

/** The nodes, all that require them directly or not, and the edges between those. */
export function withRequirers<Key>(graph: Graph<Key>, numbers: Iterable<NodeNumber>): Graph<Key> {
  return partOf(graph, reachedFrom(graph.requiredBy, numbers));
}

/** Marks with 1 each node that some nodes lead to, themselves included. */
export function reachedFrom(adjacency: Adjacency, numbers: Iterable<NodeNumber>): Uint8Array {
  const { starts, targets } = adjacency;
  const isReached = new Uint8Array(starts.length - 1);
  const open: NodeNumber[] = [];
  const reach = (number: NodeNumber): void => {
    if (isReached[number] === 1) return;
    isReached[number] = 1;
    open.push(number);
  };
  for (const number of numbers) reach(number);
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
      reach(at(targets, place));
    }
  }
  return isReached;
}

/** The marked nodes, in the order that they had, and the edges between them. */
export function partOf<Key>(graph: Graph<Key>, isMarked: Uint8Array): Graph<Key> {
  const { starts, targets } = graph.requires;
  const kept: NodeNumber[] = [];
  const newNumbers = new Int32Array(graph.keys.length).fill(-1);
  for (const [number, mark] of isMarked.entries()) {
    if (mark === 1) newNumbers[number] = kept.push(number) - 1;
  }
  const requirers: NodeNumber[] = [];
  const required: NodeNumber[] = [];
  for (const [newNumber, number] of kept.entries()) {
    for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
      const target = at(newNumbers, at(targets, place));
      if (target === -1) continue;
      requirers.push(newNumber);
      required.push(target);
    }
  }
  return graphOfNumbers(keysAt(graph, kept), { requirers, required });
}
