/** Nodes by priority, the lowest first; of equal ones the lowest number. A binary heap. */

import type { NodeNumber } from "./graph.ts";

/** A queue of nodes; a node may stand in it several times. */
export class NodeHeap {
  readonly #nodes: NodeNumber[] = [];
  readonly #priorities: number[] = [];

  /** How many entries it holds. */
  get size(): number {
    return this.#nodes.length;
  }

  /** The entry that `pop` takes out next. */
  peek(): { readonly node: NodeNumber; readonly priority: number } | undefined {
    const [node] = this.#nodes;
    const [priority] = this.#priorities;
    return node === undefined || priority === undefined ? undefined : { node, priority };
  }

  /** Puts a node in. */
  push(node: NodeNumber, priority: number): void {
    let place = this.#nodes.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#standsAfter(above, { node, priority })) break;
      this.#move(above, { to: place });
      place = above;
    }
    this.#nodes[place] = node;
    this.#priorities[place] = priority;
  }

  /** Takes out the first entry. */
  pop(): { readonly node: NodeNumber; readonly priority: number } | undefined {
    const first = this.peek();
    const node = this.#nodes.pop();
    const priority = this.#priorities.pop();
    if (first === undefined || node === undefined || priority === undefined) return undefined;
    if (this.#nodes.length > 0) this.#sink({ node, priority });
    return first;
  }

  /** Puts an entry in place of the first, and down to where it belongs. */
  #sink(entry: { readonly node: NodeNumber; readonly priority: number }): void {
    const count = this.#nodes.length;
    let place = 0;
    for (let below = 1; below < count; below = 2 * place + 1) {
      const right = below + 1;
      if (right < count && this.#standsAfter(below, this.#entryAt(right))) below = right;
      if (this.#standsAfter(below, entry)) break;
      this.#move(below, { to: place });
      place = below;
    }
    this.#nodes[place] = entry.node;
    this.#priorities[place] = entry.priority;
  }

  #entryAt(place: number): { readonly node: NodeNumber; readonly priority: number } {
    return { node: this.#nodes[place] ?? 0, priority: this.#priorities[place] ?? 0 };
  }

  #standsAfter(
    place: number,
    { node, priority }: { readonly node: NodeNumber; readonly priority: number },
  ): boolean {
    const other = this.#priorities[place] ?? 0;
    return other > priority || (other === priority && (this.#nodes[place] ?? 0) > node);
  }

  #move(from: number, { to }: { readonly to: number }): void {
    this.#nodes[to] = this.#nodes[from] ?? 0;
    this.#priorities[to] = this.#priorities[from] ?? 0;
  }
}
