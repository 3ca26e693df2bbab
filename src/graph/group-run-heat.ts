/**
 * The run of a stepped group as `heat.engine.scheduler` does it, defects included. A phase is
 * abandoned at the node that fails, so later nodes lose a turn; an error that is thrown into a
 * group that aggregates is put down to whichever node had its turn last; nodes that were cancelled
 * because of a failure stay in the graph, so that a run may pause once more at its end.
 */

import { ExceptionGroup } from "./exception-group.ts";
import type { GroupMembers } from "./group-members.ts";
import type { FailureSettings } from "./group-run.ts";
import type { NodeRank } from "./node-queue.ts";
import { pause } from "./stepped-task.ts";
import { rethrowInterrupt, TaskInterrupt } from "./task-interrupt.ts";

/**
 * Runs the members of a group. Each resumption steps the nodes in flight and then starts what is
 * ready, unless one of them fails.
 * @throws as `DependencyTaskGroup.run` says, and what a function throws that is asked for a grace
 * period
 */
export function* runGroupAsHeat<Key>(
  members: GroupMembers<Key, unknown>,
  settings: FailureSettings<Key>,
): Generator<undefined, void, undefined> {
  const phases = new Phases(members);
  const raised: unknown[] = [];
  const thrownIn: unknown[] = [];
  while (!members.areOver) {
    try {
      phases.start();
      if (phases.entryCount > 0) {
        const thrown = yield* pause(() => members.cancelAll(null));
        if (thrown !== undefined) {
          thrownIn.push(thrown.error);
          throw thrown.error;
        }
      }
      phases.step();
    } catch (error) {
      if (error instanceof TaskInterrupt) members.cancelAll(null);
      rethrowInterrupt(error);
      if (settings.aggregateExceptions) phases.cancelLast();
      else members.cancelAll(settings.errorWaitTime);
      raised.push(error);
    }
  }
  if (raised.length === 0) return;
  if (settings.aggregateExceptions) throw new ExceptionGroup(raised);
  throw thrownIn.length > 0 ? thrownIn.at(-1) : raised[0];
}

class Phases {
  /** Nodes that the graph has: all but those that ended, and those that failed. */
  entryCount: number;
  readonly #members: GroupMembers<unknown, unknown>;
  /** The node that had its turn last. */
  #last: NodeRank = -1;

  constructor(members: GroupMembers<unknown, unknown>) {
    this.#members = members;
    this.entryCount = members.count;
  }

  start(): void {
    const { queue } = this.#members;
    queue.beginStarts();
    for (let rank = queue.takeReady(); rank !== -1; rank = queue.takeReady()) {
      const runner = this.#members.runner(rank);
      if (runner.started || runner.done) continue;
      this.#last = rank;
      try {
        runner.start();
      } finally {
        // A task that fails in its first step is started, and found to be over by a further step.
        if (runner.started && !runner.done) queue.keep(rank);
      }
      if (runner.done) this.#finish(rank);
    }
  }

  step(): void {
    const { queue } = this.#members;
    queue.beginSteps();
    for (let rank = queue.takeInFlight(); rank !== -1; rank = queue.takeInFlight()) {
      const runner = this.#members.runner(rank);
      this.#last = rank;
      try {
        runner.step();
      } finally {
        if (!runner.done) queue.keep(rank);
      }
      if (runner.done) this.#finish(rank);
    }
  }

  /** Cancels the node that had its turn last, and all that requires it. */
  cancelLast(): void {
    if (this.#members.cancelDownward(this.#last) > 0) this.entryCount -= 1;
  }

  #finish(rank: NodeRank): void {
    if (this.#members.queue.finish(rank)) this.entryCount -= 1;
  }
}
