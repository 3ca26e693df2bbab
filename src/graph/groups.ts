/**
 * Groups of nodes that all require each other, directly or not: every cycle lies within one. Found
 * in linear time.
 */

import {
  type Adjacency,
  at,
  type Graph,
  graphFrom,
  type GraphSource,
  keysAt,
  type NodeNumber,
} from "./graph.ts";

/**
 * The group of each node: two nodes are in one group when each requires the other, directly or not.
 * Groups are numbered from 0, and none requires anything of a group with a higher number.
 */
export function groupsOf<Key>(graph: Graph<Key>): Int32Array {
  return new GroupSearch(graph.requires).groups();
}

/** Tarjan's search without recursion, which a long chain would not survive. */
class GroupSearch {
  readonly #starts: Int32Array;
  readonly #targets: Int32Array;
  readonly #groups: Int32Array;
  /** When a node was first met, counted from 1; 0 before. */
  readonly #metAt: Int32Array;
  /** The earliest met node that is known to be reached from here and not yet in a group. */
  readonly #lowest: Int32Array;
  readonly #nextPlace: Int32Array;
  readonly #path: NodeNumber[] = [];
  readonly #open: NodeNumber[] = [];
  #metCount = 0;
  #groupCount = 0;

  constructor({ starts, targets }: Adjacency) {
    this.#starts = starts;
    this.#targets = targets;
    const nodeCount = starts.length - 1;
    this.#groups = new Int32Array(nodeCount).fill(-1);
    this.#metAt = new Int32Array(nodeCount);
    this.#lowest = new Int32Array(nodeCount);
    this.#nextPlace = starts.slice(0, nodeCount);
  }

  groups(): Int32Array {
    for (let root = 0; root < this.#metAt.length; root += 1) {
      if (at(this.#metAt, root) !== 0) continue;
      this.#meet(root);
      for (let node = this.#path.at(-1); node !== undefined; node = this.#path.at(-1)) {
        this.#advance(node);
      }
    }
    return this.#groups;
  }

  #meet(node: NodeNumber): void {
    this.#metCount += 1;
    this.#metAt[node] = this.#metCount;
    this.#lowest[node] = this.#metCount;
    this.#path.push(node);
    this.#open.push(node);
  }

  /** Looks at the node's next edge, or leaves the node when there is none. */
  #advance(node: NodeNumber): void {
    const place = at(this.#nextPlace, node);
    if (place === at(this.#starts, node + 1)) {
      this.#leave(node);
      return;
    }
    this.#nextPlace[node] = place + 1;
    const target = at(this.#targets, place);
    if (at(this.#metAt, target) === 0) this.#meet(target);
    else if (at(this.#groups, target) === -1) this.#lower(node, at(this.#metAt, target));
  }

  #leave(node: NodeNumber): void {
    this.#path.pop();
    const before = this.#path.at(-1);
    if (before !== undefined) this.#lower(before, at(this.#lowest, node));
    if (at(this.#lowest, node) !== at(this.#metAt, node)) return;
    for (let member = this.#open.pop(); member !== undefined; member = this.#open.pop()) {
      this.#groups[member] = this.#groupCount;
      if (member === node) break;
    }
    this.#groupCount += 1;
  }

  #lower(node: NodeNumber, metAt: number): void {
    this.#lowest[node] = Math.min(at(this.#lowest, node), metAt);
  }
}

/**
 * The groups that hold a cycle, each with its nodes by number: groups of two and more, and single
 * nodes that require themselves. They stand in the order of their first node.
 */
export function cyclicGroupNumbers<Key>(graph: Graph<Key>): readonly (readonly NodeNumber[])[] {
  const groups = groupsOf(graph);
  const members = new Map<number, NodeNumber[]>();
  for (const [number, group] of groups.entries()) {
    const others = members.get(group);
    if (others === undefined) members.set(group, [number]);
    else others.push(number);
  }
  return [...members.values()].filter(
    ([first = 0, second]) => second !== undefined || requiresItself(graph.requires, first),
  );
}

/** Whether a node has an edge to itself. */
export function requiresItself({ starts, targets }: Adjacency, number: NodeNumber): boolean {
  for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
    if (at(targets, place) === number) return true;
  }
  return false;
}

/**
 * The groups of nodes that all require each other, directly or not; without one the graph has an
 * order. Groups, and nodes within them, stand in the order of first mention.
 */
export function cyclicGroups<Key>(source: GraphSource<Key>): readonly (readonly Key[])[] {
  const graph = graphFrom(source);
  return cyclicGroupNumbers(graph).map((group) => keysAt(graph, group));
}
