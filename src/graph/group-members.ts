/** The nodes of a stepped group with the runner of each, and how they are cancelled. */

import type { Clock } from "../kernel/clock.ts";
import { present } from "../kernel/assert.ts";
import type { Compat } from "./compat.ts";
import { type Graph, keysAt } from "./graph.ts";
import { NodeQueue, type NodeRank } from "./node-queue.ts";
import { readSeconds } from "./seconds.ts";
import { type SteppedTask, thrownBy } from "./stepped-task.ts";
import { rethrowInterrupt } from "./task-interrupt.ts";
import type { TaskStatus } from "./task-outcome.ts";
import { TaskRunner } from "./task-runner.ts";

/** Seconds that nodes in flight may still take, for all or by node; null is none. */
export type GracePeriod<Key> = number | null | ((node: Key) => number | null);

/** What a group is made of. */
export interface MembersInput<Key, Result> {
  /** Its edges say what waits for what: turned round already in a group that runs in reverse. */
  readonly graph: Graph<Key>;
  /** All numbers of the graph, in the order in which nodes take their turns. */
  readonly order: Int32Array;
  readonly task: SteppedTask<readonly [Key], Result>;
  readonly clock: Clock;
  readonly compat: Compat | undefined;
}

/** A node and what drives its task. */
interface Member<Key, Result> {
  readonly key: Key;
  readonly runner: TaskRunner<Result, readonly [Key]>;
}

/** Nodes, runners and queue of one group; a node is known by its rank. */
export class GroupMembers<Key, Result> {
  /** Which nodes are next. */
  readonly queue: NodeQueue;
  readonly #members: readonly Member<Key, Result>[];
  /** In order; whatever is not over is among them. */
  #unfinished: readonly NodeRank[];
  /** All before this rank are over. */
  #overBefore = 0;
  readonly #clock: Clock;
  /** On the clock: when a grace period ends that all were given. */
  #graceEndsAtMs = Infinity;

  constructor({ graph, order, task, clock, compat }: MembersInput<Key, Result>) {
    this.#clock = clock;
    this.queue = new NodeQueue(graph, order);
    const options = { clock, ...(compat === undefined ? {} : { compat }) };
    this.#members = keysAt(graph, order).map((key) => {
      return { key, runner: new TaskRunner(task, { ...options, args: [key] }) };
    });
    this.#unfinished = this.#members.map((_, rank) => rank);
  }

  /** How many nodes there are, over or not. */
  get count(): number {
    return this.#members.length;
  }

  /** Whether every node is over. */
  get areOver(): boolean {
    while (this.#members[this.#overBefore]?.runner.done === true) this.#overBefore += 1;
    return this.#overBefore === this.#members.length;
  }

  /** What drives the task of a node. */
  runner(rank: NodeRank): TaskRunner<Result, readonly [Key]> {
    return this.#member(rank).runner;
  }

  /** How far each node has come, in the order in which they take their turns. */
  statuses(): ReadonlyMap<Key, TaskStatus<Result>> {
    return new Map(
      this.#members.map(({ key, runner: { started, done, outcome } }) => {
        return [key, { started, done, outcome }];
      }),
    );
  }

  /** What those nodes returned that came to their end. */
  results(): ReadonlyMap<Key, Result> {
    const results = new Map<Key, Result>();
    for (const { key, runner } of this.#members) {
      if (runner.outcome.state === "succeeded") results.set(key, runner.outcome.value);
    }
    return results;
  }

  /**
   * Cancels every node that is not over: those not started at once, those in flight after their
   * grace period. What a node throws while it is closed is its own outcome and not thrown here.
   * @throws what `gracePeriod` throws, and interrupts of nodes; all nodes are closed by then
   */
  cancelAll(gracePeriod: GracePeriod<Key>): void {
    if (typeof gracePeriod === "number" && !this.#shortens(gracePeriod)) return;
    const thrown = thrownBy(() => {
      for (const rank of this.#unfinished) {
        const { started, done } = this.runner(rank);
        if (!done) this.#cancel(rank, started ? this.#graceOf(gracePeriod, rank) : null);
      }
    });
    // Nobody would step any more those that were granted time before.
    if (thrown !== undefined) this.#closeAll();
    this.#unfinished = this.#unfinished.filter((rank) => !this.runner(rank).done);
    if (thrown !== undefined) throw thrown.error;
  }

  /**
   * Cancels a node and all that requires it, directly or not, without a grace period. Answers how
   * many nodes left the graph; none when the node was over.
   * @throws interrupts of the node
   */
  cancelDownward(rank: NodeRank): number {
    const ranks = this.queue.takeOut(rank);
    for (const each of ranks) this.#cancel(each, null);
    return ranks.length;
  }

  /** Many failures within one grace period would otherwise each ask every node in flight. */
  #shortens(gracePeriod: number): boolean {
    const seconds = readSeconds(gracePeriod, "gracePeriod") ?? 0;
    const endsAtMs = this.#clock.monotonicMs() + seconds * 1_000;
    if (endsAtMs >= this.#graceEndsAtMs) return false;
    this.#graceEndsAtMs = endsAtMs;
    return true;
  }

  #closeAll(): void {
    // What they throw is their outcome; what made this necessary is thrown instead.
    for (const rank of this.#unfinished) thrownBy(() => this.runner(rank).cancel());
  }

  /** An error of a node that is being closed is its outcome, and stops nobody else's closing. */
  #cancel(rank: NodeRank, seconds: number | null): void {
    const thrown = thrownBy(() => this.runner(rank).cancel(seconds));
    if (thrown !== undefined) rethrowInterrupt(thrown.error);
  }

  #graceOf(gracePeriod: GracePeriod<Key>, rank: NodeRank): number | null {
    if (typeof gracePeriod !== "function") return readSeconds(gracePeriod, "gracePeriod");
    return readSeconds(gracePeriod(this.#member(rank).key), "gracePeriod");
  }

  #member(rank: NodeRank): Member<Key, Result> {
    return present(this.#members[rank], "the node of a rank");
  }
}
