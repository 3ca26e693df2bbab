/** How each node of a run ended. */

import { assert } from "../kernel/assert.ts";
import type { NodeNumber } from "./graph.ts";

/** How a node ended. */
export type NodeOutcome<Result> =
  | { readonly state: "succeeded"; readonly value: Result }
  | { readonly state: "failed"; readonly error: unknown }
  /** It stopped as asked, or, with `wasStarted` false, it never began. */
  | { readonly state: "cancelled"; readonly wasStarted: boolean; readonly reason: unknown }
  /** It was asked to stop for this reason and did not; it may still be at work. */
  | { readonly state: "abandoned"; readonly reason: unknown };

/** Waits, is in flight, or is between two tries. */
const open = 0;
const succeeded = 1;
/** How it ended is in the map of the others: most nodes of most runs succeed. */
const otherwise = 2;

/** The ends of all nodes: each node ends once. */
export class RunLedger {
  /** What nodes have returned, by number. */
  readonly values: unknown[];
  readonly #states: Uint8Array;
  readonly #others = new Map<NodeNumber, NodeOutcome<never>>();
  #openCount: number;

  constructor(nodeCount: number) {
    this.values = Array.from({ length: nodeCount });
    this.#states = new Uint8Array(nodeCount);
    this.#openCount = nodeCount;
  }

  /** Nodes that have not ended. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Whether the node has not ended. */
  isOpen(number: NodeNumber): boolean {
    return this.#states[number] === open;
  }

  /** Whether the node has returned. */
  hasSucceeded(number: NodeNumber): boolean {
    return this.#states[number] === succeeded;
  }

  /** Enters that a node has succeeded. */
  succeed(number: NodeNumber, value: unknown): void {
    this.#end(number, succeeded);
    this.values[number] = value;
  }

  /** Enters any other end. */
  end(number: NodeNumber, outcome: NodeOutcome<never>): void {
    this.#end(number, otherwise);
    this.#others.set(number, outcome);
  }

  /** How the node ended; undefined when it has not. */
  outcomeOf(number: NodeNumber): NodeOutcome<unknown> | undefined {
    if (!this.hasSucceeded(number)) return this.#others.get(number);
    return { state: "succeeded", value: this.values[number] };
  }

  #end(number: NodeNumber, state: number): void {
    assert(this.isOpen(number), "a node ends once");
    this.#states[number] = state;
    this.#openCount -= 1;
  }
}
