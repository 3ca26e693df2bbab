/**
 * Reads graphs that callers ask to be stored, and nodes that are to be added to one: shapes,
 * bounds, names and order. What needs the database is left to who stores them.
 */

import { InvalidInputError } from "../kernel/errors.ts";
import {
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readOneOf,
  readText,
} from "../kernel/fields.ts";
import { nearestNames, suggestionOf } from "../kernel/nearest-names.ts";
import { GraphBuilder } from "../graph/graph.ts";
import { completeOrderOf } from "../graph/topological-order.ts";
import type { OnRequirementFailure } from "../model/task.ts";
import { taskTypeNameLettersMax } from "../model/task-name.ts";
import { nameLettersMax, onFailures, readCommonFields, type RunRequest } from "./read-requests.ts";

/** Nodes of one request; more are added to the graph later. */
export const nodeCountMax = 10_000;
/** Nodes that one addition can make wait. */
export const beforeCountMax = 100;
/** Edges from nodes that wait to nodes that are added, in one addition. */
const waitCountMax = 100_000;
/** What becomes of nodes when one that they require fails, unless somebody says otherwise. */
const onFailureDefault: OnRequirementFailure = "cancel";

/** A node that is to be stored. */
export interface NodeRequest extends RunRequest {
  readonly name: string;
  readonly requires: readonly string[];
  /** Undefined where the request does not say, which may differ from requiring nothing. */
  readonly saysRequires: boolean;
  readonly onFailure: OnRequirementFailure;
  /** Name of a task type. */
  readonly undo: string | undefined;
}

/** A graph that is to be stored. */
export interface GraphRequest {
  readonly name: string | undefined;
  readonly key: string | null;
  /** In an order in which each stands behind what it requires. */
  readonly nodes: readonly NodeRequest[];
}

/** Nodes that are to be added to a graph. */
export interface AdditionRequest {
  readonly nodes: readonly NodeRequest[];
  readonly before: readonly string[];
  readonly onFailure: OnRequirementFailure;
}

const nodeFields = [
  "name",
  "type",
  "input",
  "requires",
  "onFailure",
  "undo",
  "priority",
  "concurrencyKey",
  "overrides",
];

/**
 * Reads a graph.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` `ORR_INPUT_CYCLE`
 */
export function readGraphRequest(value: unknown): GraphRequest {
  const given = readFields(value, "", ["name", "key", "onFailure", "nodes"]);
  const short = (field: string): string | undefined =>
    ifPresent(given[field], (each) => readText(each, { field, max: nameLettersMax }));
  const nodes = readNodes(given["nodes"], readOnFailure(given["onFailure"], "onFailure"));
  if (nodes.length === 0) {
    throw invalidField("nodes", { expected: "an array with a node at least", value: [] });
  }
  const names = new Set(nodes.map((node) => node.name));
  for (const node of nodes) checkRequired(node, names);
  return { name: short("name"), key: short("key") ?? null, nodes: ordered(nodes) };
}

/**
 * Reads nodes that are to be added and what is to wait for them. Whether the graph has what they
 * name is left to who adds them.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` `ORR_INPUT_CYCLE`
 */
export function readAddition(value: unknown): AdditionRequest {
  const given = readFields(value, "", ["nodes", "before", "onFailure"]);
  const onFailure = readOnFailure(given["onFailure"], "onFailure");
  const nodes = readNodes(given["nodes"], onFailure);
  const before = readNames(given["before"] ?? [], { field: "before", max: beforeCountMax });
  const added = new Set(nodes.map((node) => node.name));
  for (const [index, name] of before.entries()) {
    if (!added.has(name)) continue;
    const expected = "a node that is there already, not one that is being added";
    throw invalidField(fieldIn("before", index), { expected, value: name });
  }
  if (before.length * nodes.length > waitCountMax) {
    throw new InvalidInputError(
      "ORR_INPUT_TOO_LARGE",
      `before and nodes make ${before.length * nodes.length} edges, at most ${waitCountMax} are` +
        " added at once: let one node collect the others",
      { details: { field: "before", value: before.length } },
    );
  }
  return { nodes: ordered(nodes), before, onFailure };
}

/**
 * Refuses a name that no node has.
 * @throws InvalidInputError `ORR_INPUT_INVALID` with the nearest names
 */
export function unknownNode(
  name: string,
  { field, known }: { readonly field: string; readonly known: Iterable<string> },
): InvalidInputError {
  const nearest = nearestNames(name, known);
  return new InvalidInputError(
    "ORR_INPUT_INVALID",
    `${field}: no node of the graph is named ${JSON.stringify(name)}${suggestionOf(nearest)}`,
    { details: { field, value: name, nearest: [...nearest] } },
  );
}

function checkRequired(node: NodeRequest, names: ReadonlySet<string>): void {
  for (const [index, name] of node.requires.entries()) {
    if (names.has(name)) continue;
    const field = fieldIn(fieldIn(node.field, "requires"), index);
    throw unknownNode(name, { field, known: names });
  }
}

function readNodes(value: unknown, onFailure: OnRequirementFailure): readonly NodeRequest[] {
  const places = new Map<string, string>();
  return readList(value, { field: "nodes", max: nodeCountMax }).map((each, index) => {
    const node = readNode(each, fieldIn("nodes", index), onFailure);
    const field = fieldIn(node.field, "name");
    const first = places.get(node.name);
    if (first !== undefined) {
      throw invalidField(field, { expected: `unlike ${first}`, value: node.name });
    }
    places.set(node.name, field);
    return node;
  });
}

function readNode(value: unknown, field: string, onFailure: OnRequirementFailure): NodeRequest {
  const given = readFields(value, field, nodeFields);
  const at = (key: string): string => fieldIn(field, key);
  return {
    ...readCommonFields(given, field),
    name: readText(given["name"], { field: at("name"), max: nameLettersMax }),
    saysRequires: given["requires"] !== undefined,
    requires: readNames(given["requires"] ?? [], { field: at("requires"), max: nodeCountMax }),
    onFailure:
      given["onFailure"] === undefined
        ? onFailure
        : readOnFailure(given["onFailure"], at("onFailure")),
    undo: ifPresent(given["undo"], (name) =>
      readText(name, { field: at("undo"), max: taskTypeNameLettersMax }),
    ),
  };
}

/**
 * Names of nodes, each once.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export function readNames(
  value: unknown,
  { field, max }: { readonly field: string; readonly max: number },
): readonly string[] {
  const seen = new Set<string>();
  for (const [index, each] of readList(value, { field, max }).entries()) {
    const place = fieldIn(field, index);
    const name = readText(each, { field: place, max: nameLettersMax });
    if (seen.has(name)) {
      throw invalidField(place, { expected: "a node that is not named already", value: name });
    }
    seen.add(name);
  }
  return [...seen];
}

function readOnFailure(value: unknown, field: string): OnRequirementFailure {
  return (
    ifPresent(value, (each) => readOneOf(each, { field, words: onFailures })) ?? onFailureDefault
  );
}

/** Each node behind those of the list that it requires, otherwise as they stand. */
function ordered(nodes: readonly NodeRequest[]): readonly NodeRequest[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const builder = new GraphBuilder<string>();
  for (const { name } of nodes) builder.add([name, null]);
  for (const { name, requires } of nodes) {
    for (const each of requires) if (byName.has(each)) builder.add([name, each]);
  }
  const graph = builder.build();
  return Array.from(completeOrderOf(graph)).flatMap((number) => {
    const node = byName.get(graph.keys[number] ?? "");
    return node === undefined ? [] : [node];
  });
}
