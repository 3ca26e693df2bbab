/**
 * Makes an order possible where nodes require each other, by dropping requirements under a rule
 * that can be said in a sentence. In each group of nodes that all require each other:
 * 1. whatever requires nothing more of its group goes to the front, with nothing dropped;
 * 2. whatever is required by nothing more of its group goes to the end, with nothing dropped;
 * 3. when neither is left, that node goes to the front which the most others wait for, less what it
 *    waits for itself (of equal ones the first mentioned), and what it still waits for is dropped.
 *
 * The fewest possible requirements to drop are hard to find (the problem is NP-hard); this rule
 * never drops more than half of a group's, takes time in proportion to the edges times the
 * logarithm of their number, and always drops the same.
 * @source Eades, Lin, Smyth: A fast and effective heuristic for the feedback arc set problem, 1993
 */

import { InvariantError } from "../kernel/errors.ts";
import {
  at,
  degreesOf,
  type Edge,
  type Graph,
  graphFrom,
  graphOfNumbers,
  type GraphSource,
  keyAt,
} from "./graph.ts";
import type { NodeNumber, NumberedEdges } from "./graph.ts";
import { cyclicGroupNumbers, groupsOf } from "./groups.ts";
import { NodeHeap } from "./node-heap.ts";

/** A graph that has an order, and what it took. */
export interface BrokenCycles<Key> {
  /** All nodes, under the numbers that they had, without the dropped edges. */
  readonly graph: Graph<Key>;
  /** The requirements that were dropped, in the order in which the rule came to them. */
  readonly dropped: readonly Edge<Key>[];
}

/** Drops requirements until there is no cycle; a graph without one stays as it is. */
export function breakCycles<Key>(source: GraphSource<Key>): BrokenCycles<Key> {
  const graph = graphFrom(source);
  const cyclic = cyclicGroupNumbers(graph);
  if (cyclic.length === 0) return { graph, dropped: [] };
  const breaking = new Breaking(graph, groupsOf(graph));
  for (const group of cyclic) breaking.order(group);
  const { requirers, required } = breaking;
  return {
    graph: graphOfNumbers(graph.keys, keptEdges(graph, breaking)),
    dropped: requirers.map((requirer, index) => [
      keyAt(graph, requirer),
      keyAt(graph, required[index] ?? -1),
    ]),
  };
}

class Breaking {
  /** The dropped edges. */
  readonly requirers: NodeNumber[] = [];
  readonly required: NodeNumber[] = [];
  readonly #graph: Graph<unknown>;
  readonly #groups: Int32Array;
  readonly #isPlaced: Uint8Array;
  /** Edges to and from nodes of the same group that have no place yet. */
  readonly #requiresLeft: Int32Array;
  readonly #requiredByLeft: Int32Array;

  constructor(graph: Graph<unknown>, groups: Int32Array) {
    this.#graph = graph;
    this.#groups = groups;
    this.#isPlaced = new Uint8Array(graph.keys.length);
    this.#requiresLeft = degreesOf(graph.requires);
    this.#requiredByLeft = degreesOf(graph.requiredBy);
  }

  /** Gives each node of a group its place, and drops what stands against the order. */
  order(group: readonly NodeNumber[]): void {
    const free: NodeNumber[] = [];
    const waiting = new NodeHeap();
    for (const node of group) this.#count(node);
    for (const node of group) this.#enqueue(node, { free, waiting });
    for (let placed = 0; placed < group.length; placed += 1) {
      const node = this.#takeFree(free) ?? this.#takeMostWanted(waiting);
      this.#isPlaced[node] = 1;
      this.#settle(node, { free, waiting });
    }
  }

  /** Leaves only edges within the group, and drops the one to itself, which no order can keep. */
  #count(node: NodeNumber): void {
    for (const target of this.#neighbours(node, "requires")) {
      if (target === node) this.#drop(node, target);
      if (target === node || this.#isElsewhere(target, node)) {
        this.#requiresLeft[node] = at(this.#requiresLeft, node) - 1;
      }
    }
    for (const source of this.#neighbours(node, "requiredBy")) {
      if (source === node || this.#isElsewhere(source, node)) {
        this.#requiredByLeft[node] = at(this.#requiredByLeft, node) - 1;
      }
    }
  }

  #enqueue(node: NodeNumber, queues: Queues): void {
    const isFree = at(this.#requiresLeft, node) === 0 || at(this.#requiredByLeft, node) === 0;
    if (isFree) queues.free.push(node);
    else queues.waiting.push(node, this.#urgency(node));
  }

  /** Lower is sooner. */
  #urgency(node: NodeNumber): number {
    return at(this.#requiresLeft, node) - at(this.#requiredByLeft, node);
  }

  #takeFree(free: NodeNumber[]): NodeNumber | undefined {
    for (let node = free.pop(); node !== undefined; node = free.pop()) {
      if (this.#isPlaced[node] === 0) return node;
    }
    return undefined;
  }

  #takeMostWanted(waiting: NodeHeap): NodeNumber {
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      const { node, priority } = entry;
      if (this.#isPlaced[node] === 1) continue;
      const urgency = this.#urgency(node);
      if (urgency > priority) {
        // It was more urgent when it was put in.
        waiting.push(node, urgency);
        continue;
      }
      for (const target of this.#neighbours(node, "requires")) {
        if (this.#isLeft(target, node)) this.#drop(node, target);
      }
      return node;
    }
    throw new InvariantError("ORR_BUG_INVARIANT", "a group has fewer nodes than were counted");
  }

  /** Tells the node's neighbours that it has its place. */
  #settle(node: NodeNumber, queues: Queues): void {
    for (const requirer of this.#neighbours(node, "requiredBy")) {
      if (!this.#isLeft(requirer, node)) continue;
      this.#requiresLeft[requirer] = at(this.#requiresLeft, requirer) - 1;
      this.#enqueue(requirer, queues);
    }
    for (const required of this.#neighbours(node, "requires")) {
      if (!this.#isLeft(required, node)) continue;
      this.#requiredByLeft[required] = at(this.#requiredByLeft, required) - 1;
      // It has become less urgent: the entry that it has is mended when it comes up.
      if (at(this.#requiredByLeft, required) === 0) queues.free.push(required);
    }
  }

  #drop(from: NodeNumber, to: NodeNumber): void {
    this.requirers.push(from);
    this.required.push(to);
  }

  #isLeft(other: NodeNumber, node: number): boolean {
    return other !== node && this.#isPlaced[other] === 0 && !this.#isElsewhere(other, node);
  }

  #isElsewhere(other: NodeNumber, node: number): boolean {
    return at(this.#groups, other) !== at(this.#groups, node);
  }

  #neighbours(node: NodeNumber, direction: "requires" | "requiredBy"): Int32Array {
    const { starts, targets } = this.#graph[direction];
    return targets.subarray(at(starts, node), at(starts, node + 1));
  }
}

interface Queues {
  readonly free: NodeNumber[];
  readonly waiting: NodeHeap;
}

/** The graph's edges without the dropped ones. */
function keptEdges(graph: Graph<unknown>, dropped: NumberedEdges): NumberedEdges {
  const nodeCount = graph.keys.length;
  // An edge as one number: exact, since a graph of a million nodes stays below 2^40.
  const edgeOf = (from: NodeNumber, to: NodeNumber): number => from * nodeCount + to;
  const isDropped = new Set<number>();
  for (let index = 0; index < dropped.requirers.length; index += 1) {
    isDropped.add(edgeOf(dropped.requirers[index] ?? 0, dropped.required[index] ?? 0));
  }
  const requirers: NodeNumber[] = [];
  const required: NodeNumber[] = [];
  const { starts, targets } = graph.requires;
  for (let number = 0; number < nodeCount; number += 1) {
    for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
      const target = at(targets, place);
      if (isDropped.has(edgeOf(number, target))) continue;
      requirers.push(number);
      required.push(target);
    }
  }
  return { requirers, required };
}
