/** A copy of a graph from which nodes can be deleted; what it was made of does not change. */

import { NotFoundError } from "../kernel/errors.ts";
import { shownValue } from "../kernel/fields.ts";
import {
  type Adjacency,
  type Edge,
  edgesOf,
  type Graph,
  keyAt,
  nameOf,
  type NodeNumber,
  numberOf,
  targetsOf,
} from "./graph.ts";
import { partOf } from "./slices.ts";

/** What requires what, less the nodes that were deleted. Iteration is in first-mention order. */
export class DependencyGraph<Key> implements Iterable<Key> {
  readonly #graph: Graph<Key>;
  /** 1 for each node that is there, by number. */
  readonly #isLive: Uint8Array;
  #size: number;

  constructor(graph: Graph<Key>) {
    this.#graph = graph;
    this.#size = graph.keys.length;
    this.#isLive = new Uint8Array(this.#size).fill(1);
  }

  /** How many nodes it has. */
  get size(): number {
    return this.#size;
  }

  /** Whether the node is there. */
  has(node: Key): boolean {
    const number = this.#graph.numbers.get(node);
    return number !== undefined && this.#isLive[number] === 1;
  }

  /**
   * What the node requires.
   * @throws NotFoundError `ORR_NOT_FOUND_NODE`
   */
  requires(node: Key): ReadonlySet<Key> {
    return this.#neighbours(this.#graph.requires, this.#liveNumberOf(node));
  }

  /**
   * By what the node is required.
   * @throws NotFoundError `ORR_NOT_FOUND_NODE`
   */
  requiredBy(node: Key): ReadonlySet<Key> {
    return this.#neighbours(this.#graph.requiredBy, this.#liveNumberOf(node));
  }

  /** Every edge; a node that has none at either end comes with null. */
  edges(): Iterable<Edge<Key>> {
    return edgesOf(partOf(this.#graph, this.#isLive));
  }

  /**
   * Takes a node away; those that required it lose the requirement.
   * @throws NotFoundError `ORR_NOT_FOUND_NODE`
   */
  delete(node: Key): void {
    this.#isLive[this.#liveNumberOf(node)] = 0;
    this.#size -= 1;
  }

  *[Symbol.iterator](): Generator<Key, void, undefined> {
    for (const [number, key] of this.#graph.keys.entries()) {
      if (this.#isLive[number] === 1) yield key;
    }
  }

  /** Each node with what it requires, such as `{b: {a}, a: {}}`, in first-mention order. */
  toString(): string {
    const nodes = Array.from(this, (key) => {
      const required = Array.from(this.requires(key), nameOf);
      return `${nameOf(key)}: {${required.join(", ")}}`;
    });
    return `{${nodes.join(", ")}}`;
  }

  #neighbours(adjacency: Adjacency, number: NodeNumber): ReadonlySet<Key> {
    const live = targetsOf(adjacency, number).filter((target) => this.#isLive[target] === 1);
    return new Set(Array.from(live, (target) => keyAt(this.#graph, target)));
  }

  #liveNumberOf(node: Key): NodeNumber {
    const number = numberOf(this.#graph, node);
    if (this.#isLive[number] === 1) return number;
    throw new NotFoundError(
      "ORR_NOT_FOUND_NODE",
      `node ${nameOf(node)} was deleted from the graph`,
      { details: { node: shownValue(node) } },
    );
  }
}
