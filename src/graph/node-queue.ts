/**
 * Which nodes of a stepped group are to be started and which to be stepped, in an order that never
 * changes. A node is known by its rank, its place in that order. Each start, step and end costs the
 * same however many nodes there are, so a run is linear in nodes, edges and steps.
 */

import { Countdown } from "./countdown.ts";
import { at, type Graph, type NodeNumber } from "./graph.ts";
import { NumberSet } from "./number-set.ts";

/** A node's place in the order of its group, from 0. */
export type NodeRank = number;

/** The nodes of one group that wait, are ready, or are in flight. */
export class NodeQueue {
  readonly #graph: Graph<unknown>;
  readonly #order: Int32Array;
  readonly #ranks: Int32Array;
  readonly #countdown: Countdown;
  /** By number: 1 once the node has ended or was taken out. */
  readonly #isOut: Uint8Array;
  readonly #ready: NumberSet;
  readonly #inFlight: NumberSet;
  /** In flight as well, but its turn in this round is over. */
  #hadTurn: NodeRank[] = [];
  /** Ready as well, but the round had passed its rank by then. */
  #passedBy: NodeRank[] = [];
  #startedLast: NodeRank = -1;

  /** `order` holds each number of the graph once. */
  constructor(graph: Graph<unknown>, order: Int32Array) {
    const nodeCount = order.length;
    this.#graph = graph;
    this.#order = order;
    this.#ranks = new Int32Array(nodeCount);
    for (const [rank, number] of order.entries()) this.#ranks[number] = rank;
    this.#isOut = new Uint8Array(nodeCount);
    this.#ready = new NumberSet(nodeCount);
    this.#inFlight = new NumberSet(nodeCount);
    this.#countdown = new Countdown(graph, (number) => this.#release(at(this.#ranks, number)));
  }

  /** How many nodes are in flight. */
  get inFlightCount(): number {
    return this.#inFlight.size + this.#hadTurn.length;
  }

  /** Begins a round of starts, from the first rank. */
  beginStarts(): void {
    for (const rank of this.#passedBy) this.#ready.add(rank);
    this.#passedBy = [];
    this.#startedLast = -1;
  }

  /** The next ready node of this round of starts, or -1. */
  takeReady(): NodeRank {
    this.#startedLast = this.#ready.takeLeast();
    return this.#startedLast;
  }

  /** Begins a round of steps, from the first rank. */
  beginSteps(): void {
    this.#startedLast = -1;
    for (const rank of this.#hadTurn) this.#inFlight.add(rank);
    this.#hadTurn = [];
  }

  /** The next node in flight of this round of steps, or -1. */
  takeInFlight(): NodeRank {
    let rank = this.#inFlight.takeLeast();
    // Taken out since it was kept.
    while (rank !== -1 && this.#isOut[at(this.#order, rank)] === 1) {
      rank = this.#inFlight.takeLeast();
    }
    return rank;
  }

  /** The node that was taken is in flight from now on, or still is. */
  keep(rank: NodeRank): void {
    this.#hadTurn.push(rank);
  }

  /** The node has ended; what waited only for it is ready. False when it was out before. */
  finish(rank: NodeRank): boolean {
    const number = at(this.#order, rank);
    if (this.#isOut[number] === 1) return false;
    this.#isOut[number] = 1;
    this.#countdown.release(number);
    return true;
  }

  /** Takes out the node and all that requires it, directly or not; the ranks, itself first. */
  takeOut(rank: NodeRank): readonly NodeRank[] {
    const taken: NodeRank[] = [];
    const open: NodeNumber[] = [at(this.#order, rank)];
    const { starts, targets } = this.#graph.requiredBy;
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      if (this.#isOut[number] === 1) continue;
      this.#isOut[number] = 1;
      taken.push(at(this.#ranks, number));
      for (let place = at(starts, number); place < at(starts, number + 1); place += 1) {
        open.push(at(targets, place));
      }
    }
    return taken;
  }

  #release(rank: NodeRank): void {
    if (rank < this.#startedLast) this.#passedBy.push(rank);
    else this.#ready.add(rank);
  }
}
