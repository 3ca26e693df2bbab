/**
 * Async mode: the nodes of a graph are functions that return promises, run as soon as what they
 * require has succeeded. `runGraph` answers results or throws; `settleGraph` never throws for what
 * nodes do and answers what became of each.
 */

import { type GraphDefinition, isGraphDefinition } from "./graph-definition.ts";
import type { RunState } from "./graph-event.ts";
import { GraphRun, type RunEnd } from "./graph-run.ts";
import { workOf, type WorkOptions } from "./graph-work.ts";
import { type Graph, type GraphSource, keyAt } from "./graph.ts";
import type { NodeContext } from "./node-context.ts";
import type { NodeSettings } from "./node-settings.ts";
import type { NodeOutcome } from "./run-ledger.ts";
import { resolveRunOptions, type RunGraphOptions } from "./run-options.ts";

/** Options of a run that calls one function for every node. */
export interface RunNodesOptions<Key, Result> extends RunGraphOptions<Key> {
  /** Called for each node; `results` are those of the nodes that it waited for, by node. */
  readonly run: (
    node: Key,
    context: NodeContext<ReadonlyMap<Key, Result>>,
  ) => Result | PromiseLike<Result>;
  /** Time-out, retries, priority and estimate of each node. */
  readonly settings?: (node: Key) => NodeSettings;
  /**
   * Turns every edge round: a node runs when all that require it have succeeded.
   * @defaultValue false
   */
  readonly reverse?: boolean;
}

/** Options of a run that undoes an earlier one. */
export interface UndoGraphOptions<Results> extends RunGraphOptions<keyof Results & string> {
  /** Each node's `undo` is called, when those of all nodes that require it have succeeded. */
  readonly reverse: true;
  /** What the earlier run returned, or the results that it settled with; the rest is left alone. */
  readonly results: Readonly<Partial<Results>>;
}

/** What became of a run. */
export interface Settlement<Results, Outcomes> {
  readonly state: RunState;
  /** What `runGraph` throws; undefined when the run has succeeded. */
  readonly error: unknown;
  /** What nodes failed with, in the order of occurrence. */
  readonly errors: readonly unknown[];
  /** What the nodes that succeeded have returned. */
  readonly results: Results;
  /** How each node ended. */
  readonly outcomes: Outcomes;
}

/** The outcome of each node of a definition. */
export type OutcomesOf<Results> = {
  readonly [Name in keyof Results]: NodeOutcome<Results[Name]>;
};

/**
 * Runs a graph and answers what its nodes have returned: by name for a definition, else in a map.
 * @example
 * ```ts
 * const graph = defineGraph()
 *   .node("fetch", ({ signal }) => fetchText(address, signal))
 *   .node("parse", { requires: ["fetch"], run: ({ results }) => parse(results.fetch) });
 * const { parse } = await runGraph(graph, { concurrency: 4 });
 * ```
 * @throws the first error of a node, or an `ExceptionGroup` of all under `onFailure: "isolate"`
 * @throws the signal's reason when it is aborted; TimeoutError `ORR_TIMEOUT_GRAPH`
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CYCLE`, before anything has started
 */
export function runGraph<Results extends object>(
  graph: GraphDefinition<Results>,
  options?: RunGraphOptions<keyof Results & string>,
): Promise<Results>;
/** Undoes an earlier run: calls `undo` of each node that has a result, in reverse order. */
export function runGraph<Results extends object>(
  graph: GraphDefinition<Results>,
  options: UndoGraphOptions<Results>,
): Promise<void>;
/** Calls one function for each node of any graph, forwards or in reverse. */
export function runGraph<Key, Result>(
  graph: GraphSource<Key>,
  options: RunNodesOptions<Key, Result>,
): Promise<ReadonlyMap<Key, Result>>;
/** One implementation; what the overloads promise is kept by the kind of work. */
export async function runGraph<Key>(
  graph: GraphSource<Key>,
  options: AnyOptions<Key> = {},
): Promise<unknown> {
  const ended = await runToEnd(graph, options);
  const { state, error } = ended.end;
  if (state !== "succeeded") throw error;
  return options.results === undefined ? resultsOf(ended) : undefined;
}

/**
 * Runs a graph as `runGraph` does and answers what became of each node, whatever that is.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_CYCLE`, before anything has started
 */
export function settleGraph<Results extends object>(
  graph: GraphDefinition<Results>,
  options?: RunGraphOptions<keyof Results & string>,
): Promise<Settlement<Partial<Results>, OutcomesOf<Results>>>;
/** Undoes an earlier run, and answers what became of each `undo`. */
export function settleGraph<Results extends object>(
  graph: GraphDefinition<Results>,
  options: UndoGraphOptions<Results>,
): Promise<Settlement<object, Partial<Record<keyof Results, NodeOutcome<unknown>>>>>;
/** Calls one function for each node of any graph, and answers what became of each call. */
export function settleGraph<Key, Result>(
  graph: GraphSource<Key>,
  options: RunNodesOptions<Key, Result>,
): Promise<Settlement<ReadonlyMap<Key, Result>, ReadonlyMap<Key, NodeOutcome<Result>>>>;
/** One implementation; what the overloads promise is kept by the kind of work. */
export async function settleGraph<Key>(
  graph: GraphSource<Key>,
  options: AnyOptions<Key> = {},
): Promise<Settlement<unknown, unknown>> {
  const ended = await runToEnd(graph, options);
  const { state, error, errors } = ended.end;
  return { state, error, errors, results: resultsOf(ended), outcomes: outcomesOf(ended) };
}

type AnyOptions<Key> = RunGraphOptions<Key> & WorkOptions<Key>;

/** A run that is over. */
interface EndedRun<Key> {
  readonly graph: Graph<Key>;
  readonly end: RunEnd;
  /** Whether results go by name, as in a definition, instead of by node. */
  readonly isNamed: boolean;
}

async function runToEnd<Key>(
  source: GraphSource<Key>,
  options: AnyOptions<Key>,
): Promise<EndedRun<Key>> {
  const work = workOf(source, options);
  const end = await new GraphRun(work, resolveRunOptions(options)).end();
  const isNamed = isGraphDefinition(source) && options.run === undefined;
  return { graph: work.graph, end, isNamed };
}

function resultsOf<Key>({ graph, end, isNamed }: EndedRun<Key>): unknown {
  const results = new Map<Key, unknown>();
  for (let number = 0; number < graph.keys.length; number += 1) {
    if (!end.ledger.hasSucceeded(number)) continue;
    results.set(keyAt(graph, number), end.ledger.values[number]);
  }
  return isNamed ? byName(results) : results;
}

function outcomesOf<Key>({ graph, end, isNamed }: EndedRun<Key>): unknown {
  const entries = graph.keys.map((key, number) => [key, end.ledger.outcomeOf(number)] as const);
  const outcomes = new Map(entries);
  return isNamed ? byName(outcomes) : outcomes;
}

function byName(values: ReadonlyMap<unknown, unknown>): object {
  return Object.fromEntries(Array.from(values, ([key, value]) => [String(key), value]));
}
