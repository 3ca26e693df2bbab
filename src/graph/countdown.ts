/** Which nodes require nothing any more: each counts down as what it requires is done. Linear. */

import { at, degreesOf, type Graph, type NodeNumber } from "./graph.ts";

/** The open requirements of each node. */
export class Countdown {
  readonly #requiredBy: Graph<unknown>["requiredBy"];
  /** By number. */
  readonly #open: Int32Array;
  readonly #onFree: (number: NodeNumber) => void;

  /** `onFree` is told once of each node without open requirements: of some at once, by number. */
  constructor(graph: Graph<unknown>, onFree: (number: NodeNumber) => void) {
    this.#requiredBy = graph.requiredBy;
    this.#open = degreesOf(graph.requires);
    this.#onFree = onFree;
    for (let number = 0; number < this.#open.length; number += 1) {
      if (at(this.#open, number) === 0) onFree(number);
    }
  }

  /** Enters, once, that a node is done: whatever waited for it alone is free. */
  release(number: NodeNumber): void {
    const { starts, targets } = this.#requiredBy;
    const open = this.#open;
    const end = at(starts, number + 1);
    for (let place = at(starts, number); place < end; place += 1) {
      const requirer = at(targets, place);
      const left = at(open, requirer) - 1;
      open[requirer] = left;
      if (left === 0) this.#onFree(requirer);
    }
  }
}
