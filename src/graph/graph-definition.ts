/**
 * A graph written down node by node, typed: a node may require only what was defined before it, so
 * there is no cycle, and its function is given what those return, under their names.
 */

import { InvalidInputError } from "../kernel/errors.ts";
import {
  checkFunction,
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readText,
} from "../kernel/fields.ts";
import { isRecord } from "../kernel/json.ts";
import { nearestNames, suggestionOf } from "../kernel/nearest-names.ts";
import { GraphBuilder, type Graph } from "./graph.ts";
import type { NodeContext } from "./node-context.ts";
import {
  nodeSettingFields,
  nodeSettingsDefault,
  type NodeSettings,
  readNodeSettings,
  type ResolvedNodeSettings,
} from "./node-settings.ts";

/** No results: those of a node that requires nothing. No name is a key of it. */
export type NoResults = object;

/** The function of a node. */
export type NodeFunction<Results, Result> = (
  context: NodeContext<Results>,
) => Result | PromiseLike<Result>;

/** A node of a graph in which `Results` are defined already. */
export interface NodeDefinition<
  Results,
  Required extends keyof Results & string,
  Result,
> extends NodeSettings {
  /** Nodes that must have succeeded before; `run` is given their results. */
  readonly requires?: readonly Required[];
  /** Nodes that must have succeeded before, and whose results do not matter. */
  readonly after?: readonly (keyof Results & string)[];
  readonly run: NodeFunction<Readonly<Pick<Results, Required>>, Result>;
  /** Undoes what `run` did, given what it returned; called by runs in reverse. */
  readonly undo?: (result: Awaited<Result>, context: NodeContext<NoResults>) => unknown;
}

/** A node as the run sees it. */
export interface DefinedNode {
  readonly requires: readonly string[];
  readonly settings: ResolvedNodeSettings;
  // A function of some results is one of no possible results too: the context that the run hands
  // over finds out what `requires` names, and so has the results that the function was typed for.
  readonly run: (context: NodeContext<never>) => unknown;
  readonly undo: ((result: unknown, context: NodeContext<NoResults>) => unknown) | null;
}

/** Names are shown in errors, events and pictures. */
const nameLettersMax = 200;
const definitionFields = ["requires", "after", "run", "undo", ...nodeSettingFields];
/** A node that requires more was not written by hand. */
const requiredMax = 10_000;

/** Nodes with names, of which each may require those before it. Made by `defineGraph`. */
export class GraphDefinition<Results extends object = NoResults> {
  readonly #nodes = new Map<string, DefinedNode>();
  readonly #builder = new GraphBuilder<string>();

  /**
   * Adds a node and answers the same definition, whose type now knows its result.
   * @throws InvalidInputError `ORR_INPUT_INVALID` for a name that is taken or required and unknown
   */
  node<const Name extends string, Result, const Required extends keyof Results & string = never>(
    name: Name extends keyof Results ? never : Name,
    definition: NodeDefinition<Results, Required, Result> | NodeFunction<NoResults, Result>,
  ): GraphDefinition<Results & Readonly<Record<Name, Awaited<Result>>>> {
    const key = readText(name, { field: "name", max: nameLettersMax });
    if (this.#nodes.has(key)) {
      throw invalidField("name", { expected: "a name that no node has yet", value: key });
    }
    const { node, before } = this.#read(key, definition);
    this.#nodes.set(key, node);
    this.#builder.add([key, null]);
    for (const other of before) this.#builder.add([key, other]);
    return this;
  }

  /** The nodes and edges by themselves: to be drawn, ordered or cut. */
  toGraph(): Graph<string> {
    return this.#builder.build();
  }

  /** What a node does, for the run. */
  find(node: unknown): DefinedNode | undefined {
    return typeof node === "string" ? this.#nodes.get(node) : undefined;
  }

  #read<Required extends keyof Results & string, Result>(
    key: string,
    definition: NodeDefinition<Results, Required, Result> | NodeFunction<NoResults, Result>,
  ): { readonly node: DefinedNode; readonly before: readonly string[] } {
    if (typeof definition === "function") {
      const settings = nodeSettingsDefault;
      return { node: { requires: [], settings, run: definition, undo: null }, before: [] };
    }
    const given = readFields(definition, key, definitionFields);
    const { run, undo } = definition;
    checkFunction(run, { field: fieldIn(key, "run") });
    if (undo !== undefined) checkFunction(undo, { field: fieldIn(key, "undo") });
    const requires = this.#readNames(definition.requires, fieldIn(key, "requires"));
    const after = this.#readNames(definition.after, fieldIn(key, "after"));
    const settings = readNodeSettings(given, key);
    const before = [...requires, ...after];
    if (undo === undefined) return { node: { requires, settings, run, undo: null }, before };
    // A run in reverse hands over what the node returned in a run before.
    const undoAny: DefinedNode["undo"] = (result, context) =>
      undo(result as Awaited<Result>, context);
    return { node: { requires, settings, run, undo: undoAny }, before };
  }

  #readNames(value: unknown, field: string): readonly string[] {
    const names = ifPresent(value, (each) => readList(each, { field, max: requiredMax })) ?? [];
    return names.map((each, index) => {
      const place = fieldIn(field, index);
      const name = readText(each, { field: place, max: nameLettersMax });
      if (this.#nodes.has(name)) return name;
      const hint = suggestionOf(nearestNames(name, this.#nodes.keys()));
      throw new InvalidInputError(
        "ORR_INPUT_INVALID",
        `${place} names ${JSON.stringify(name)}, which is not defined before${hint}`,
        { details: { field: place, value: name } },
      );
    });
  }
}

/** Whether a value, such as a module's export, is what `defineGraph` makes. */
export function isGraphDefinition(value: unknown): value is GraphDefinition {
  // By its members: the definition may come from another copy of this package.
  if (!isRecord(value)) return false;
  return ["node", "find", "toGraph"].every((name) => typeof value[name] === "function");
}

/** An empty graph, to which nodes are added. */
export function defineGraph(): GraphDefinition {
  return new GraphDefinition();
}
