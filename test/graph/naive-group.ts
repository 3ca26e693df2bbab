/**
 * The run of a stepped group written down as its rules are told, without regard to speed: every
 * pass looks at every node, and the graph is one of sets that creates what is looked up in it. A
 * model for the group with `compat: "heat"` to agree with.
 */

import type { Dependencies } from "../../src/graph/dependencies.ts";
import { ExceptionGroup } from "../../src/graph/exception-group.ts";
import { TaskInterrupt } from "../../src/graph/task-interrupt.ts";
import { TaskRunner } from "../../src/graph/task-runner.ts";
import type { Resumable } from "../../src/graph/stepped-task.ts";
import type { GroupOptions, NodeTaskOption } from "../../src/graph/dependency-task-group.ts";

interface Entry {
  readonly requires: Set<string>;
  readonly requiredBy: Set<string>;
}

/** What the model and the group both take. */
export type NaiveOptions = GroupOptions<string> & NodeTaskOption<string, unknown>;

/** The group by its rules. */
export class NaiveGroup {
  readonly #runners: ReadonlyMap<string, TaskRunner<unknown, readonly [string]>>;
  readonly #graph = new Map<string, Entry>();
  readonly #options: NaiveOptions;
  #last = "";

  constructor(dependencies: Dependencies<string>, options: NaiveOptions) {
    const { clock, task } = options;
    this.#options = options;
    this.#runners = new Map(
      Array.from(dependencies, (node) => {
        const runnerOptions = { args: [node], compat: "heat", ...(clock && { clock }) } as const;
        return [node, new TaskRunner(task, runnerOptions)];
      }),
    );
    const graph = dependencies.graph({ reverse: options.reverse ?? false });
    for (const node of graph) {
      this.#graph.set(node, {
        requires: new Set(graph.requires(node)),
        requiredBy: new Set(graph.requiredBy(node)),
      });
    }
  }

  /** Started and done, by node. */
  states(): Readonly<Record<string, readonly [boolean, boolean]>> {
    return Object.fromEntries(
      [...this.#runners].map(([node, { started, done }]) => [node, [started, done]]),
    );
  }

  *run(): Resumable<void> {
    const raised: unknown[] = [];
    const thrown: unknown[] = [];
    while ([...this.#runners.values()].some(({ done }) => !done)) {
      let isClosed = true;
      try {
        this.#start();
        if (this.#graph.size > 0) {
          try {
            yield;
          } catch (error) {
            thrown.push(error);
            throw error;
          }
        }
        this.#step();
        isClosed = false;
      } catch (error) {
        isClosed = false;
        if (error instanceof TaskInterrupt) {
          this.cancelAll(null);
          throw error;
        }
        if (this.#options.aggregateExceptions === true) this.#cancelUpward(this.#last);
        else this.cancelAll(this.#options.errorWaitTime ?? null);
        raised.push(error);
      } finally {
        if (isClosed) this.cancelAll(null);
      }
    }
    if (raised.length === 0) return;
    if (this.#options.aggregateExceptions === true) throw new ExceptionGroup(raised);
    throw thrown.length > 0 ? thrown.at(-1) : raised[0];
  }

  cancelAll(grace: number | null | ((node: string) => number | null)): void {
    for (const [node, runner] of this.#runners) {
      const isInFlight = runner.started && !runner.done;
      const seconds = typeof grace === "function" && isInFlight ? grace(node) : grace;
      this.#cancel(runner, isInFlight && typeof seconds === "number" ? seconds : null);
    }
  }

  #start(): void {
    for (const [node, runner] of this.#runners) {
      const entry = this.#graph.get(node);
      if (entry === undefined || entry.requires.size > 0 || runner.started || runner.done) continue;
      this.#last = node;
      runner.start();
      if (runner.done) this.#delete(node);
    }
  }

  #step(): void {
    for (const [node, runner] of this.#runners) {
      if (!this.#graph.has(node) || !runner.started) continue;
      this.#last = node;
      if (runner.step()) this.#delete(node);
    }
  }

  #cancelUpward(node: string): void {
    const runner = this.#runners.get(node);
    if (runner !== undefined) this.#cancel(runner, null);
    for (const requirer of this.#entry(node).requiredBy) this.#cancelUpward(requirer);
    this.#delete(node);
  }

  #cancel(runner: TaskRunner<unknown, readonly [string]>, seconds: number | null): void {
    try {
      runner.cancel(seconds);
    } catch (error) {
      if (error instanceof TaskInterrupt) throw error;
    }
  }

  #delete(node: string): void {
    for (const requirer of this.#entry(node).requiredBy)
      this.#entry(requirer).requires.delete(node);
    this.#graph.delete(node);
  }

  #entry(node: string): Entry {
    const entry = this.#graph.get(node) ?? { requires: new Set(), requiredBy: new Set() };
    this.#graph.set(node, entry);
    return entry;
  }
}
