/**
 * The one graph type of this room: what requires what, on integer arrays, so that a hundred
 * thousand nodes are ordered in milliseconds. A graph is never changed; `GraphBuilder` collects
 * what the next one is made of. Order, cycles, slices and paths are functions in other files.
 */

import { InvariantError, NotFoundError } from "../kernel/errors.ts";
import { shownValue } from "../kernel/fields.ts";

/** A node's place in `Graph.keys`: nodes are numbered from 0 in the order of first mention. */
export type NodeNumber = number;

/** A requirement; null adds a node and no requirement. */
export type Edge<Key> = readonly [requirer: Key, required: Key | null];

/**
 * For each node a list of nodes: that of node n stands in `targets` from `starts[n]` to before
 * `starts[n + 1]`.
 */
export interface Adjacency {
  /** One longer than there are nodes. */
  readonly starts: Int32Array;
  /** Within a list in the order of first mention, each once. */
  readonly targets: Int32Array;
}

/** What requires what. Cycles, also of one node, are possible until somebody asks for an order. */
export interface Graph<Key> {
  /** By number. */
  readonly keys: readonly Key[];
  readonly numbers: ReadonlyMap<Key, NodeNumber>;
  /** What each node requires. */
  readonly requires: Adjacency;
  /** The same edges from the other end: by what each node is required. */
  readonly requiredBy: Adjacency;
}

/** A graph, or what can give one: `Dependencies`, a definition. */
export type GraphSource<Key> = Graph<Key> | { toGraph(): Graph<Key> };

/** The graph of a source. */
export function graphFrom<Key>(source: GraphSource<Key>): Graph<Key> {
  return "toGraph" in source ? source.toGraph() : source;
}

/** Collects nodes and edges; time and memory are linear in what was added. */
export class GraphBuilder<Key> {
  #keys: Key[] = [];
  #numbers = new Map<Key, NodeNumber>();
  readonly #requirers: NodeNumber[] = [];
  readonly #required: NodeNumber[] = [];
  /** Whether a graph was built of the keys and numbers, which then must not change any more. */
  #isShared = false;

  /**
   * Adds an edge, or a node alone. Of two new nodes the required one is numbered first; an edge
   * that is there already adds nothing.
   */
  add(edge: Edge<Key>): this {
    const required = edge[1];
    if (required === null) {
      this.#numberOf(edge[0]);
      return this;
    }
    this.#required.push(this.#numberOf(required));
    this.#requirers.push(this.#numberOf(edge[0]));
    return this;
  }

  /** Whether the node was mentioned. */
  has(key: Key): boolean {
    return this.#numbers.has(key);
  }

  /** The graph of all that was added so far; what is added later does not touch it. */
  build(): Graph<Key> {
    this.#isShared = true;
    return {
      keys: this.#keys,
      numbers: this.#numbers,
      ...adjacencies(this.#keys.length, {
        requirers: this.#requirers,
        required: this.#required,
      }),
    };
  }

  #numberOf(key: Key): NodeNumber {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#isShared) {
      this.#keys = [...this.#keys];
      this.#numbers = new Map(this.#numbers);
      this.#isShared = false;
    }
    const number = this.#keys.length;
    this.#numbers.set(key, number);
    this.#keys.push(key);
    return number;
  }
}

/** The graph of some edges. */
export function graphOf<Key>(edges: Iterable<Edge<Key>>): Graph<Key> {
  const builder = new GraphBuilder<Key>();
  for (const edge of edges) builder.add(edge);
  return builder.build();
}

/** Edges by number: requirement i is that of `requirers[i]` for `required[i]`. */
export interface NumberedEdges {
  readonly requirers: ArrayLike<NodeNumber>;
  readonly required: ArrayLike<NodeNumber>;
}

/** The graph of nodes that are numbered already; duplicate edges collapse. */
export function graphOfNumbers<Key>(keys: readonly Key[], edges: NumberedEdges): Graph<Key> {
  const numbers = new Map<Key, NodeNumber>();
  for (const [number, key] of keys.entries()) numbers.set(key, number);
  return { keys, numbers, ...adjacencies(keys.length, edges) };
}

/** The same graph with every edge turned round; it shares the arrays and costs nothing. */
export function reversed<Key>(graph: Graph<Key>): Graph<Key> {
  return { ...graph, requires: graph.requiredBy, requiredBy: graph.requires };
}

/** Every edge once, grouped by requirer; a node that has none at either end comes with null. */
export function* edgesOf<Key>(graph: Graph<Key>): Generator<Edge<Key>, void, undefined> {
  for (const [number, key] of graph.keys.entries()) {
    const required = targetsOf(graph.requires, number);
    if (required.length === 0 && degreeOf(graph.requiredBy, number) === 0) yield [key, null];
    for (const target of required) yield [key, keyAt(graph, target)];
  }
}

/**
 * The number of a node.
 * @throws NotFoundError `ORR_NOT_FOUND_NODE`
 */
export function numberOf<Key>(graph: Graph<Key>, key: Key): NodeNumber {
  const number = graph.numbers.get(key);
  if (number !== undefined) return number;
  throw new NotFoundError("ORR_NOT_FOUND_NODE", `the graph has no node ${nameOf(key)}`, {
    details: { node: shownValue(key) },
  });
}

/** The node of a number that is known to be one of the graph's. */
export function keyAt<Key>(graph: Graph<Key>, number: NodeNumber): Key {
  const key = graph.keys[number];
  // A key may itself be undefined.
  if (key === undefined && number >= graph.keys.length) return outOfBounds(number);
  return key as Key;
}

/** The nodes of some numbers. */
export function keysAt<Key>(graph: Graph<Key>, numbers: Iterable<NodeNumber>): readonly Key[] {
  return Array.from(numbers, (number) => keyAt(graph, number));
}

/** The list of one node; a view, not a copy. */
export function targetsOf(adjacency: Adjacency, number: NodeNumber): Int32Array {
  const { starts, targets } = adjacency;
  return targets.subarray(at(starts, number), at(starts, number + 1));
}

/** How long the list of one node is. */
export function degreeOf({ starts }: Adjacency, number: NodeNumber): number {
  return at(starts, number + 1) - at(starts, number);
}

/** How long each node's list is. */
export function degreesOf({ starts }: Adjacency): Int32Array {
  const degrees = new Int32Array(starts.length - 1);
  for (let number = 0; number < degrees.length; number += 1) {
    degrees[number] = at(starts, number + 1) - at(starts, number);
  }
  return degrees;
}

/** How a node is named in messages and pictures: text as it is, all else as it prints itself. */
export function nameOf(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "object" && key !== null && Object.hasOwn(key, "name")) {
    const { name }: { readonly name?: unknown } = key;
    if (typeof name === "string") return name;
  }
  return String(key);
}

/**
 * An entry that is known to be there; a wrong index is our bug and never reads as undefined. Short,
 * so that the compiler always puts it in place of its call.
 */
export function at(array: Int32Array, index: number): number {
  return array[index] ?? outOfBounds(index);
}

function outOfBounds(index: number): never {
  throw new InvariantError("ORR_BUG_INVARIANT", `the graph has nothing at ${index}`);
}

/** Both directions of some edges. */
function adjacencies(
  nodeCount: number,
  edges: NumberedEdges,
): Pick<Graph<unknown>, "requires" | "requiredBy"> {
  const requires = withoutDuplicates(grouped(nodeCount, edges));
  return { requires, requiredBy: turned(requires) };
}

/** Sorts edges by requirer, by counting; those of one requirer stay in order. */
function grouped(nodeCount: number, { requirers, required }: NumberedEdges): Adjacency {
  const starts = new Int32Array(nodeCount + 1);
  for (let edge = 0; edge < requirers.length; edge += 1) {
    const requirer = requirers[edge] ?? nodeCount;
    starts[requirer + 1] = at(starts, requirer + 1) + 1;
  }
  for (let number = 0; number < nodeCount; number += 1) {
    starts[number + 1] = at(starts, number + 1) + at(starts, number);
  }
  const next = starts.slice(0, nodeCount);
  const targets = new Int32Array(requirers.length);
  for (let edge = 0; edge < requirers.length; edge += 1) {
    const requirer = requirers[edge] ?? nodeCount;
    const place = at(next, requirer);
    targets[place] = required[edge] ?? nodeCount;
    next[requirer] = place + 1;
  }
  return { starts, targets };
}

/** Keeps the first of equal edges. */
function withoutDuplicates({ starts, targets }: Adjacency): Adjacency {
  const nodeCount = starts.length - 1;
  const seenFrom = new Int32Array(nodeCount).fill(-1);
  const keptStarts = new Int32Array(nodeCount + 1);
  let kept = 0;
  for (let number = 0; number < nodeCount; number += 1) {
    for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
      const target = at(targets, place);
      if (at(seenFrom, target) === number) continue;
      seenFrom[target] = number;
      // What is kept never overtakes what is read.
      targets[kept] = target;
      kept += 1;
    }
    keptStarts[number + 1] = kept;
  }
  return {
    starts: keptStarts,
    targets: kept === targets.length ? targets : targets.slice(0, kept),
  };
}

/** The same edges, listed at their other ends. */
function turned({ starts, targets }: Adjacency): Adjacency {
  const sources = new Int32Array(targets.length);
  for (let number = 0; number < starts.length - 1; number += 1) {
    sources.fill(number, at(starts, number), at(starts, number + 1));
  }
  return grouped(starts.length - 1, { requirers: targets, required: sources });
}
