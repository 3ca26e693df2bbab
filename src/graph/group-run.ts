/** The run of a stepped group: rounds of starts and steps, and what follows a failure. */

import { ExceptionGroup } from "./exception-group.ts";
import type { GracePeriod, GroupMembers } from "./group-members.ts";
import type { NodeRank } from "./node-queue.ts";
import { pause, type Thrown, thrownBy } from "./stepped-task.ts";
import { rethrowInterrupt } from "./task-interrupt.ts";

/** What a run asks about at the moment of a failure. */
export interface FailureSettings<Key> {
  readonly errorWaitTime: GracePeriod<Key>;
  readonly aggregateExceptions: boolean;
}

/**
 * Runs the members of a group. Each resumption is a round: every node in flight is stepped, then
 * failures are handled, then all that is ready is started.
 * @throws as `DependencyTaskGroup.run` says
 */
export function* runGroup<Key>(
  members: GroupMembers<Key, unknown>,
  settings: FailureSettings<Key>,
): Generator<undefined, void, undefined> {
  const run = new GroupRun(members, settings);
  while (!members.areOver) {
    try {
      run.startReady();
      // Nothing is left to be stepped, or a failure has just ended it all.
      if (members.queue.inFlightCount === 0 || members.areOver) continue;
      const thrown = yield* pause(() => members.cancelAll(null));
      if (thrown === undefined) run.stepInFlight();
      else run.stopBy(thrown);
    } catch (interrupt) {
      members.cancelAll(null);
      throw interrupt;
    }
  }
  run.raise();
}

class GroupRun<Key> {
  readonly #members: GroupMembers<Key, unknown>;
  readonly #settings: FailureSettings<Key>;
  /** Of nodes, in the order of occurrence. */
  readonly #failures: unknown[] = [];
  /** Of functions that were asked for a grace period. */
  readonly #graceErrors: unknown[] = [];
  /** The error that was thrown into the group last. */
  #thrown: Thrown | undefined;

  constructor(members: GroupMembers<Key, unknown>, settings: FailureSettings<Key>) {
    this.#members = members;
    this.#settings = settings;
  }

  startReady(): void {
    const { queue } = this.#members;
    queue.beginStarts();
    for (let rank = queue.takeReady(); rank !== -1; rank = queue.takeReady()) {
      const runner = this.#members.runner(rank);
      // Cancelled while it waited.
      if (runner.done) continue;
      const thrown = thrownBy(() => runner.start());
      if (thrown !== undefined) this.#fail(new Map([[rank, thrown]]));
      else if (runner.done) queue.finish(rank);
      else queue.keep(rank);
    }
  }

  stepInFlight(): void {
    const { queue } = this.#members;
    const failed = new Map<NodeRank, Thrown>();
    queue.beginSteps();
    for (let rank = queue.takeInFlight(); rank !== -1; rank = queue.takeInFlight()) {
      const runner = this.#members.runner(rank);
      const thrown = thrownBy(() => runner.step());
      if (thrown !== undefined) {
        rethrowInterrupt(thrown.error);
        failed.set(rank, thrown);
      } else if (runner.done) {
        queue.finish(rank);
      } else {
        queue.keep(rank);
      }
    }
    this.#fail(failed);
  }

  /** An error was thrown into the group: all nodes are to end. */
  stopBy(thrown: Thrown): void {
    rethrowInterrupt(thrown.error);
    this.#thrown = thrown;
    this.#stop();
  }

  raise(): void {
    const { aggregateExceptions } = this.#settings;
    const cause = this.#thrown === undefined ? {} : { cause: this.#thrown.error };
    const errors = [...this.#failures, ...this.#graceErrors];
    if (aggregateExceptions || this.#graceErrors.length > 0) {
      if (errors.length > 0 || this.#thrown !== undefined) throw new ExceptionGroup(errors, cause);
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
    if (errors.length > 0) throw errors[0];
  }

  #fail(failed: ReadonlyMap<NodeRank, Thrown>): void {
    for (const [rank, { error }] of failed) {
      rethrowInterrupt(error);
      this.#failures.push(error);
      if (this.#settings.aggregateExceptions) this.#members.cancelDownward(rank);
    }
    if (failed.size > 0 && !this.#settings.aggregateExceptions) this.#stop();
  }

  #stop(): void {
    const thrown = thrownBy(() => this.#members.cancelAll(this.#settings.errorWaitTime));
    if (thrown === undefined) return;
    rethrowInterrupt(thrown.error);
    this.#graceErrors.push(thrown.error);
  }
}
