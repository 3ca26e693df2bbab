/**
 * In which order the nodes of a graph can be done: one after another, or in waves of what can be
 * done at once. Linear in nodes and edges.
 */

import {
  at,
  degreesOf,
  type Graph,
  graphFrom,
  type GraphSource,
  keysAt,
  type NodeNumber,
} from "./graph.ts";
import { assertAcyclic } from "./cycles.ts";
import { NumberSet } from "./number-set.ts";

/**
 * A topological order: again and again the first node, by number, that requires nothing any more.
 * Nodes on a cycle, and all that require them, are left out; without a cycle it holds every node.
 */
export function orderOf<Key>(graph: Graph<Key>): Int32Array {
  const nodeCount = graph.keys.length;
  const { starts, targets } = graph.requiredBy;
  const waiting = degreesOf(graph.requires);
  const ready = new NumberSet(nodeCount);
  for (let number = 0; number < nodeCount; number += 1) {
    if (at(waiting, number) === 0) ready.add(number);
  }
  const order = new Int32Array(nodeCount);
  let count = 0;
  for (let number = ready.takeLeast(); number !== -1; number = ready.takeLeast()) {
    order[count] = number;
    count += 1;
    // `Countdown` in place: behind its call the order of 100 000 nodes takes a tenth longer.
    for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
      const requirer = at(targets, place);
      const left = at(waiting, requirer) - 1;
      waiting[requirer] = left;
      if (left === 0) ready.add(requirer);
    }
  }
  return order.subarray(0, count);
}

/**
 * The order of `orderOf` for a graph that must have one.
 * @throws InvalidInputError `ORR_INPUT_CYCLE`, with the shortest cycle in `details.cycle`
 */
export function completeOrderOf<Key>(graph: Graph<Key>): Int32Array {
  const order = orderOf(graph);
  assertAcyclic(graph, order);
  return order;
}

/**
 * The nodes in waves: the first requires nothing, each further one only what stands in waves before
 * it and something of the last of them. Within a wave nodes stand by number.
 * @throws InvalidInputError `ORR_INPUT_CYCLE`, with the shortest cycle in `details.cycle`
 */
export function wavesOf<Key>(graph: Graph<Key>): readonly Int32Array[] {
  const { starts, targets } = graph.requires;
  const waveOf = new Int32Array(graph.keys.length);
  const sizes: NodeNumber[] = [];
  for (const number of completeOrderOf(graph)) {
    let wave = 0;
    for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
      wave = Math.max(wave, at(waveOf, at(targets, place)) + 1);
    }
    waveOf[number] = wave;
    sizes[wave] = (sizes[wave] ?? 0) + 1;
  }
  const members = sizes.map((size) => new Int32Array(size));
  const filled = new Int32Array(members.length);
  for (const [number, wave] of waveOf.entries()) {
    const place = at(filled, wave);
    filled[wave] = place + 1;
    const numbers = members[wave];
    if (numbers !== undefined) numbers[place] = number;
  }
  return members;
}

/**
 * The nodes in topological order: again and again the first by mention that requires nothing more.
 * @throws InvalidInputError `ORR_INPUT_CYCLE`, with the shortest cycle in `details.cycle`
 */
export function topologicalOrder<Key>(source: GraphSource<Key>): readonly Key[] {
  const graph = graphFrom(source);
  return keysAt(graph, completeOrderOf(graph));
}

/**
 * The nodes in waves: those of the first require nothing, those of each further one only what
 * stands in waves before. Within a wave nodes stand in the order of first mention.
 * @throws InvalidInputError `ORR_INPUT_CYCLE`, with the shortest cycle in `details.cycle`
 */
export function waves<Key>(source: GraphSource<Key>): readonly (readonly Key[])[] {
  const graph = graphFrom(source);
  return wavesOf(graph).map((wave) => keysAt(graph, wave));
}
