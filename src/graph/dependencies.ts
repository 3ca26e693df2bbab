/**
 * What requires what, as it is collected and asked about. Nothing is checked while it grows; a
 * cycle is found when an order is asked for.
 */

import { readFields } from "../kernel/fields.ts";
import { type Compat, type CompatOption, readCompat } from "./compat.ts";
import { refuseCycles } from "./cycle-refusal.ts";
import { DependencyGraph } from "./dependency-graph.ts";
import {
  degreeOf,
  type Edge,
  edgesOf,
  type Graph,
  GraphBuilder,
  keyAt,
  keysAt,
  nameOf,
  numberOf,
  reversed,
  targetsOf,
} from "./graph.ts";
import { quoted } from "./quoted-text.ts";
import { withRequirers } from "./slices.ts";
import { orderOf } from "./topological-order.ts";

/**
 * Nodes and the edges between them. A node is any value, known by identity as in a `Map`. Nodes
 * stand in the order of first mention, of a new pair the required one first; this order breaks all
 * ties. Every query is linear, also the first one after an addition.
 * @example
 * ```ts
 * const dependencies = new Dependencies([["server", "network"], ["server", "volume"]]);
 * [...dependencies]; // network, volume, server
 * [...dependencies.reversed()]; // server, network, volume
 * ```
 */
export class Dependencies<Key> implements Iterable<Key> {
  readonly #builder = new GraphBuilder<Key>();
  readonly #compat: Compat | undefined;
  /** Of all that was added; undefined after an addition. */
  #graph: Graph<Key> | undefined;

  /** @throws InvalidInputError `ORR_INPUT_INVALID` */
  constructor(edges: Iterable<Edge<Key>> = [], options: CompatOption = {}) {
    readFields(options, "options", ["compat"]);
    this.#compat = readCompat(options.compat);
    for (const edge of edges) this.#builder.add(edge);
  }

  /** Adds a requirement, or with null a node alone; what is there already adds nothing. */
  add(edge: Edge<Key>): this {
    this.#builder.add(edge);
    this.#graph = undefined;
    return this;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.toGraph().keys.length;
  }

  /** Whether the node was mentioned. */
  has(node: Key): boolean {
    return this.#builder.has(node);
  }

  /**
   * What the node requires directly.
   * @throws NotFoundError `ORR_NOT_FOUND_NODE`
   */
  requires(node: Key): ReadonlySet<Key> {
    return neighbours(this.toGraph(), node);
  }

  /**
   * By what the node is required directly.
   * @throws NotFoundError `ORR_NOT_FOUND_NODE`
   */
  requiredBy(node: Key): ReadonlySet<Key> {
    return neighbours(reversed(this.toGraph()), node);
  }

  /** The nodes that require nothing: they come first. */
  leaves(): readonly Key[] {
    return withoutRequirements(this.toGraph());
  }

  /** The nodes that nothing requires: they come last. */
  roots(): readonly Key[] {
    return withoutRequirements(reversed(this.toGraph()));
  }

  /** Every edge once; a node that has none at either end comes with null. */
  edges(): Iterable<Edge<Key>> {
    return edgesOf(this.toGraph());
  }

  /**
   * The nodes in topological order: again and again the first one, by first mention, that requires
   * nothing any more. Of a graph with cycles come the nodes before them, and then the error.
   * @throws InvalidInputError `ORR_INPUT_CYCLE`, with the shortest cycle in `details.cycle`
   */
  *[Symbol.iterator](): Generator<Key, void, undefined> {
    const graph = this.toGraph();
    const order = orderOf(graph);
    for (const number of order) yield keyAt(graph, number);
    refuseCycles(graph, { order, compat: this.#compat });
  }

  /** The same nodes with every edge turned round. */
  reversed(): Dependencies<Key> {
    return this.#with(reversed(this.toGraph()));
  }

  /** A copy from which nodes can be deleted, on request with every edge turned round. */
  graph({ reverse = false }: { readonly reverse?: boolean } = {}): DependencyGraph<Key> {
    const graph = this.toGraph();
    return new DependencyGraph(reverse ? reversed(graph) : graph);
  }

  /**
   * The part that a change of the node concerns: the node, all that requires it, directly or not,
   * and the edges between those. What they require besides is left out.
   * @throws NotFoundError `ORR_NOT_FOUND_NODE`
   * @throws InvalidInputError `ORR_INPUT_CYCLE` when that part has a cycle
   */
  slice(node: Key): Dependencies<Key> {
    const graph = this.toGraph();
    const part = withRequirers(graph, [numberOf(graph, node)]);
    refuseCycles(part, { order: orderOf(part), compat: this.#compat });
    return this.#with(part);
  }

  /** The same with other nodes; those that become one value become one node. */
  translate<Other>(rename: (node: Key) => Other): Dependencies<Other> {
    const graph = this.toGraph();
    const keys = graph.keys.map(rename);
    const translated = new Dependencies<Other>([], this.#option());
    for (const key of keys) translated.add([key, null]);
    // Only the edges are read of this graph: what merges has two numbers until it is added.
    for (const edge of edgesOf({ ...graph, keys, numbers: new Map() })) translated.add(edge);
    return translated;
  }

  /** The nodes and edges by themselves: to be drawn, put into waves or run. */
  toGraph(): Graph<Key> {
    this.#graph ??= this.#builder.build();
    return this.#graph;
  }

  /** Each node with what it requires, such as `{b: {a}, a: {}}`, in first-mention order. */
  toString(): string {
    return String(this.graph());
  }

  /** The sorted edges as Python prints them, such as `Dependencies([('b', 'a'), ('c', None)])`. */
  repr(): string {
    const pairs = Array.from(this.edges(), ([requirer, required]) => {
      return `(${literal(requirer)}, ${required === null ? "None" : literal(required)})`;
    });
    return `Dependencies([${pairs.toSorted().join(", ")}])`;
  }

  #with(graph: Graph<Key>): Dependencies<Key> {
    const other = new Dependencies<Key>([], this.#option());
    for (const key of graph.keys) other.#builder.add([key, null]);
    for (const edge of edgesOf(graph)) other.#builder.add(edge);
    return other;
  }

  #option(): CompatOption {
    return { compat: this.#compat };
  }
}

function neighbours<Key>(graph: Graph<Key>, node: Key): ReadonlySet<Key> {
  return new Set(keysAt(graph, targetsOf(graph.requires, numberOf(graph, node))));
}

function withoutRequirements<Key>(graph: Graph<Key>): readonly Key[] {
  return graph.keys.filter((_, number) => degreeOf(graph.requires, number) === 0);
}

/** A value as Python prints it, as far as graphs are made of such values. */
function literal(value: unknown): string {
  return typeof value === "string" ? quoted(value) : nameOf(value);
}
