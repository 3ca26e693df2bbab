/** What a run does at each node: run it, undo it, or call one function for all. */

import { InvalidInputError } from "../kernel/errors.ts";
import { checkFunction, invalidField, readFields } from "../kernel/fields.ts";
import { present } from "../kernel/assert.ts";
import { isRecord } from "../kernel/json.ts";
import { type DefinedNode, type GraphDefinition, isGraphDefinition } from "./graph-definition.ts";
import type { GraphWork } from "./graph-run.ts";
import {
  type Graph,
  graphFrom,
  type GraphSource,
  keyAt,
  nameOf,
  type NodeNumber,
  reversed,
  targetsOf,
} from "./graph.ts";
import type { NodeContext } from "./node-context.ts";
import {
  nodeSettingFields,
  type NodeSettings,
  nodeSettingsDefault,
  readNodeSettings,
  type ResolvedNodeSettings,
} from "./node-settings.ts";
import { partOf } from "./slices.ts";
import { runOptionFields } from "./run-options.ts";

/** The options that say what is done; their types to the caller stand with `runGraph`. */
export interface WorkOptions<Key> {
  readonly run?: (node: Key, context: NodeContext<never>) => unknown;
  readonly settings?: (node: Key) => NodeSettings;
  readonly reverse?: boolean;
  readonly results?: object;
}

/**
 * The work of a run.
 * @throws InvalidInputError `ORR_INPUT_INVALID` for options that do not go together
 */
export function workOf<Key>(source: GraphSource<Key>, options: WorkOptions<Key>): GraphWork<Key> {
  const { run, settings, reverse, results } = options;
  if (run !== undefined) {
    readFields(options, "options", [...runOptionFields, "run", "settings", "reverse"]);
    checkFunction(run, { field: "run" });
    const graph = graphFrom(source);
    return nodesWork(reverse === true ? reversed(graph) : graph, { run, settings });
  }
  if (!isGraphDefinition(source)) {
    const expected = "a function, which is called for each node";
    throw invalidField("run", { expected, value: run });
  }
  readFields(options, "options", [...runOptionFields, "reverse", "results"]);
  if (reverse !== true) {
    if (results === undefined) return definedWork(graphFrom(source), source);
    const message = "results are those of an earlier run, which a run with reverse: true undoes";
    throw new InvalidInputError("ORR_INPUT_INVALID", message, { details: { field: "results" } });
  }
  if (isRecord(results)) return undoWork(graphFrom(source), { definition: source, results });
  throw invalidField("results", { expected: "the results of an earlier run", value: results });
}

/** The settings of each node. */
export function settingsReader<Key>(
  source: GraphSource<Key>,
  settings: ((node: Key) => NodeSettings) | undefined,
): (node: Key) => ResolvedNodeSettings {
  if (settings !== undefined) {
    checkFunction(settings, { field: "settings" });
    return (node) => {
      const field = `settings of ${nameOf(node)}`;
      return readNodeSettings(readFields(settings(node), field, nodeSettingFields), field);
    };
  }
  if (!isGraphDefinition(source)) return () => nodeSettingsDefault;
  return (node) => source.find(node)?.settings ?? nodeSettingsDefault;
}

/** One function for all nodes. */
function nodesWork<Key>(
  graph: Graph<Key>,
  {
    run,
    settings,
  }: {
    readonly run: NonNullable<WorkOptions<Key>["run"]>;
    readonly settings: WorkOptions<Key>["settings"];
  },
): GraphWork<Key> {
  const read = settingsReader(graph, settings);
  const known = settings === undefined ? undefined : graph.keys.map(read);
  return {
    graph,
    settingsOf: (number) => known?.[number] ?? nodeSettingsDefault,
    resultsOf: (number, values) =>
      new Map(
        Array.from(targetsOf(graph.requires, number), (other) => [
          keyAt(graph, other),
          values[other],
        ]),
      ),
    call: (number, context) => run(keyAt(graph, number), context),
  };
}

function definedWork<Key>(graph: Graph<Key>, definition: GraphDefinition): GraphWork<Key> {
  const nodes = nodesOf(graph, definition);
  const numbers = new Map<unknown, NodeNumber>(graph.numbers);
  return {
    graph,
    settingsOf: (number) => nodeAt(nodes, number).settings,
    resultsOf: (number, values) =>
      Object.fromEntries(
        nodeAt(nodes, number).requires.map((name) => [name, values[numbers.get(name) ?? -1]]),
      ),
    call: (number, context) => nodeAt(nodes, number).run(context),
  };
}

/** Backwards over the nodes that have a result; one without `undo` is done at once. */
function undoWork<Key>(
  whole: Graph<Key>,
  from: {
    readonly definition: GraphDefinition;
    readonly results: Readonly<Record<string, unknown>>;
  },
): GraphWork<Key> {
  const { definition, results } = from;
  const isFinished = (key: Key): boolean => Object.hasOwn(results, nameOf(key));
  const marks = Uint8Array.from(whole.keys, (key) => (isFinished(key) ? 1 : 0));
  const graph = reversed(partOf(whole, marks));
  const nodes = nodesOf(graph, definition);
  return {
    graph,
    settingsOf: (number) => nodeAt(nodes, number).settings,
    resultsOf: () => ({}),
    call: (number, context) =>
      nodeAt(nodes, number).undo?.(results[nameOf(keyAt(graph, number))], context),
  };
}

function nodesOf<Key>(graph: Graph<Key>, definition: GraphDefinition): readonly DefinedNode[] {
  return graph.keys.map((key) => present(definition.find(key), `node ${nameOf(key)}`));
}

function nodeAt(nodes: readonly DefinedNode[], number: NodeNumber): DefinedNode {
  return present(nodes[number], `node ${number}`);
}
