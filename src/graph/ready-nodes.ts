/** Which node of a run is next: those whose requirements have succeeded, by rank. */

import { Countdown } from "./countdown.ts";
import { at, type Graph, type NodeNumber } from "./graph.ts";
import { rankNodes, type Ranks } from "./node-ranks.ts";
import type { ResolvedNodeSettings } from "./node-settings.ts";
import { NumberSet } from "./number-set.ts";
import { completeOrderOf } from "./topological-order.ts";

/** The nodes that may start; each step costs no more than the edges that it follows. */
export class ReadyNodes {
  readonly #ranks: Ranks;
  /** Ranks. */
  readonly #ready: NumberSet;
  readonly #countdown: Countdown;

  /** @throws InvalidInputError `ORR_INPUT_CYCLE` */
  constructor(graph: Graph<unknown>, settingsOf: (number: NodeNumber) => ResolvedNodeSettings) {
    const nodeCount = graph.keys.length;
    const priorities = new Float64Array(nodeCount);
    const estimatesMs = new Float64Array(nodeCount);
    for (let number = 0; number < nodeCount; number += 1) {
      const { priority, estimateMs } = settingsOf(number);
      priorities[number] = priority;
      estimatesMs[number] = estimateMs;
    }
    this.#ranks = rankNodes(graph, { order: completeOrderOf(graph), priorities, estimatesMs });
    this.#ready = new NumberSet(nodeCount);
    this.#countdown = new Countdown(graph, (number) => this.put(number));
  }

  /** Takes out the node that is to start first, or answers -1 when none may. */
  take(): NodeNumber {
    const rank = this.#ready.takeLeast();
    return rank === -1 ? -1 : at(this.#ranks.nodeAt, rank);
  }

  /** Puts a node in that may start. */
  put(number: NodeNumber): void {
    this.#ready.add(at(this.#ranks.rankOf, number));
  }

  /** Enters that a node has succeeded: whatever waited for it alone may start. */
  release(number: NodeNumber): void {
    this.#countdown.release(number);
  }
}
