/** A group of tasks that depend on each other, run step by step. */

import { type Clock, holdingClock } from "../kernel/clock.ts";
import { StateError } from "../kernel/errors.ts";
import { invalidField, readFields } from "../kernel/fields.ts";
import { type CompatOption, readCompat } from "./compat.ts";
import { refuseCycles } from "./cycle-refusal.ts";
import type { Dependencies } from "./dependencies.ts";
import { DependencyGraph } from "./dependency-graph.ts";
import { type Graph, nameOf, reversed } from "./graph.ts";
import { type GracePeriod, GroupMembers } from "./group-members.ts";
import { runGroupAsHeat } from "./group-run-heat.ts";
import { runGroup } from "./group-run.ts";
import { callTask, isSteppedTask, type Resumable, type SteppedTask } from "./stepped-task.ts";
import { taskDescription } from "./task-description.ts";
import type { TaskStatus } from "./task-outcome.ts";
import { orderOf } from "./topological-order.ts";

/** What a group may be given besides its dependencies; durations are seconds. */
export interface GroupOptions<Key> extends CompatOption {
  /**
   * A node runs before what it requires, so that what was built up is taken down.
   * @defaultValue false
   */
  readonly reverse?: boolean;
  /** @defaultValue the name of the task and the text of the dependencies */
  readonly name?: string;
  /**
   * Seconds that nodes in flight may still take when another one has failed, for all or by node;
   * null closes them at once. Of no effect on failures of nodes while aggregating.
   * @defaultValue null
   */
  readonly errorWaitTime?: GracePeriod<Key>;
  /**
   * A failure cancels only what requires the failed node; the rest goes on, and in the end all
   * errors are thrown as one `ExceptionGroup`.
   * @defaultValue false
   */
  readonly aggregateExceptions?: boolean;
  /** @defaultValue the system's clock; the process stays while a runner of the group waits */
  readonly clock?: Clock;
}

/** The task of a group whose nodes are no tasks themselves. */
export interface NodeTaskOption<Key, Result> {
  /** Called for each node, with the node. */
  readonly task: SteppedTask<readonly [Key], Result>;
}

const optionFields = [
  "task",
  "reverse",
  "name",
  "errorWaitTime",
  "aggregateExceptions",
  "clock",
  "compat",
];

/**
 * A task that manages subtasks with dependencies between them. It is itself a task: give it to a
 * `TaskRunner`, or delegate to `run()`. Runners are used up by one run; a further one ends at once.
 * @example
 * ```ts
 * const group = new DependencyTaskGroup(dependencies, {
 *   *task(server: Server) {
 *     server.boot();
 *     while (!server.isUp()) yield;
 *     return server.address;
 *   },
 *   errorWaitTime: 240,
 * });
 * await new TaskRunner(group).run({ waitTime: 1, timeout: 3_600 });
 * ```
 */
export class DependencyTaskGroup<Key, Result = unknown> {
  /** Read at the moment of each failure, so it can be changed while the group runs. */
  errorWaitTime: GracePeriod<Key>;
  /** Whether failures are collected. */
  readonly aggregateExceptions: boolean;
  readonly #graph: Graph<Key>;
  readonly #task: SteppedTask<readonly [Key], Result>;
  readonly #name: string | undefined;
  readonly #isHeat: boolean;
  readonly #members: GroupMembers<Key, Result>;
  #isRunning = false;

  /**
   * Nothing is called yet. Without `task` every node must be a task, and is called. What is added
   * to the dependencies from now on is not part of the group.
   * @throws InvalidInputError `ORR_INPUT_INVALID`; `ORR_INPUT_CYCLE` when there is no order
   */
  constructor(
    dependencies: Dependencies<Key & SteppedTask<readonly [], Result>>,
    options?: GroupOptions<Key>,
  );
  constructor(
    dependencies: Dependencies<Key>,
    options: GroupOptions<Key> & NodeTaskOption<Key, Result>,
  );
  constructor(
    dependencies: Dependencies<Key>,
    options: GroupOptions<Key> & Partial<NodeTaskOption<Key, Result>> = {},
  ) {
    readFields(options, "options", optionFields);
    const { reverse = false, errorWaitTime = null, aggregateExceptions = false } = options;
    const compat = readCompat(options.compat);
    const forward = dependencies.toGraph();
    const graph = reverse ? reversed(forward) : forward;
    this.errorWaitTime = errorWaitTime;
    this.aggregateExceptions = aggregateExceptions;
    this.#graph = forward;
    this.#name = options.name;
    this.#isHeat = compat === "heat";
    this.#task = options.task ?? callingNodes(forward);
    // In the reference nodes stand in forward order also when they run in reverse.
    const ordered = this.#isHeat ? forward : graph;
    const order = orderOf(ordered);
    refuseCycles(ordered, { order, compat });
    const clock = options.clock ?? holdingClock;
    this.#members = new GroupMembers({ graph, order, task: this.#task, clock, compat });
  }

  /** What it is called in texts. */
  get name(): string {
    if (this.#name !== undefined) return this.#name;
    return `(${taskDescription(this.#task)}) ${String(new DependencyGraph(this.#graph))}`;
  }

  /** How far each node has come; an error of a node that was being closed stands here only. */
  get nodes(): ReadonlyMap<Key, TaskStatus<Result>> {
    return this.#members.statuses();
  }

  /**
   * The group as a generator; each resumption steps every node in flight once and starts what is
   * ready then. It ends with the results of the nodes that came to their end.
   *
   * The first failure ends the group, with `errorWaitTime` for nodes in flight, and is thrown when
   * all have ended. An error that is thrown into the group does the same and is thrown instead of
   * any failure. A `TaskInterrupt`, from a node or from outside, closes all nodes at once and
   * passes through, and so does closing the generator.
   * @throws what a node threw; with `aggregateExceptions` an `ExceptionGroup` of all of it, whose
   * cause is what was thrown into the group. An `ExceptionGroup` also when `errorWaitTime` throws:
   * it is then taken for null
   * @throws StateError `ORR_STATE_RUNNER` while another run of this group goes on
   */
  *run(): Resumable<ReadonlyMap<Key, Result>> {
    if (this.#isRunning) {
      throw new StateError("ORR_STATE_RUNNER", `${this.toString()} is running already`);
    }
    this.#isRunning = true;
    try {
      yield* this.#isHeat ? runGroupAsHeat(this.#members, this) : runGroup(this.#members, this);
    } finally {
      this.#isRunning = false;
    }
    return this.#members.results();
  }

  /**
   * Ends the group from outside, between two steps: nodes that were not started never are, those in
   * flight are closed, after `gracePeriod` seconds if it is given. The run then ends without error.
   * @throws what `gracePeriod` throws, and interrupts of nodes; all nodes are closed by then
   */
  cancelAll(gracePeriod: GracePeriod<Key> = null): void {
    this.#members.cancelAll(gracePeriod);
  }

  /** `DependencyTaskGroup` and the name. */
  toString(): string {
    return `${this.constructor.name}(${this.name})`;
  }
}

/** The task of a group whose nodes are tasks: it calls them. Found out now, not in the middle. */
function callingNodes<Key, Result>(graph: Graph<Key>): SteppedTask<readonly [Key], Result> {
  for (const node of graph.keys) checkNode<Result>(node);
  return function callNode(node) {
    return callTask(checkNode<Result>(node), []);
  };
}

function checkNode<Result>(node: unknown): SteppedTask<readonly [], Result> {
  if (isSteppedTask<readonly [], Result>(node)) return node;
  const expected = "given, because a node is no task itself";
  throw invalidField("options.task", { expected, value: nameOf(node) });
}
