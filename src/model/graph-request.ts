/** From definitions, and from pure graphs, to the request that stores a graph as tasks. */

import { graphFrom, type GraphSource, keysAt, nameOf, targetsOf } from "../graph/graph.ts";
import { invalidField } from "../kernel/fields.ts";
import { inputBytesMax, readJson } from "../kernel/json-input.ts";
import type { GraphNodeRequest, SubmitGraphRequest } from "./graph.ts";
import type { TaskDefinition } from "./handler.ts";

/** What a node is as a task; its name and what it requires come from the graph. */
export type NodeWork = Omit<GraphNodeRequest, "name" | "requires">;

/** What a node may say besides its type and its input. */
export interface WorkOptions extends Omit<NodeWork, "type" | "input" | "undo"> {
  /** The definition that undoes it; its input is `{ node, input, output }`. */
  readonly undo?: Pick<TaskDefinition, "settings">;
}

/**
 * What a node is as a task of a definition, its input checked by the compiler:
 * `{ name: "load", requires: ["network"], ...workOf(load, { rows: 17 }) }`.
 * @throws InvalidInputError `ORR_INPUT_INVALID` for a definition that only a scan of modules names,
 * and for an input that is no JSON; `ORR_INPUT_TOO_LARGE`
 */
export function workOf<Input>(
  type: TaskDefinition<Input>,
  input: NoInfer<Input>,
  { undo, ...options }: WorkOptions = {},
): NodeWork {
  return {
    ...options,
    type: givenName(type, "type"),
    input: readJson(input, { field: "input", bytesMax: inputBytesMax }),
    ...(undo === undefined ? {} : { undo: givenName(undo, "undo") }),
  };
}

function givenName({ settings }: Pick<TaskDefinition, "settings">, field: string): string {
  if (settings.name !== "") return settings.name;
  const expected = "a definition with a name: defineTask({ name, … })";
  throw invalidField(field, { expected, value: settings.name });
}

/**
 * The request that `submitGraph` takes for a graph of any keys. A node is named as pictures name
 * it: text as it is, an object by its `name`, all else as it prints itself.
 */
export function graphRequestOf<Key>(
  source: GraphSource<Key>,
  nodeWorkOf: (key: Key) => NodeWork,
  options: Omit<SubmitGraphRequest, "nodes"> = {},
): SubmitGraphRequest {
  const graph = graphFrom(source);
  return {
    ...options,
    nodes: graph.keys.map((key, number) => ({
      ...nodeWorkOf(key),
      name: nameOf(key),
      requires: keysAt(graph, targetsOf(graph.requires, number)).map(nameOf),
    })),
  };
}
