/**
 * Graphs in files: what requires what, as JSON or JSON Lines, with what is known of each node. A
 * name that is required must stand in the file itself, so that a slip of the pen is no new node.
 */

import { type Graph, GraphBuilder } from "../../graph/graph.ts";
import { type NodeSettings, readNodeSettings } from "../../graph/node-settings.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { fieldIn, invalidField, readFields, readList, readText } from "../../kernel/fields.ts";
import { isRecord } from "../../kernel/json.ts";
import { nearestNames, suggestionOf } from "../../kernel/nearest-names.ts";
import { parseJson } from "../input-option.ts";

/** A graph with the settings of its nodes. */
export interface GraphFile {
  readonly graph: Graph<string>;
  readonly settings: (node: unknown) => NodeSettings;
}

/** More would be no file but a flood. */
const nodeCountMax = 1_000_000;
const nameLettersMax = 1_000;
const nodeFields = ["requires", "priority", "estimateMs"];

/** One node as it stands in a file; `field` says where. */
interface FileNode {
  readonly name: string;
  readonly field: string;
  readonly requires: readonly string[];
  readonly settings: NodeSettings;
}

/** Where a text comes from, as errors name it. */
export interface FileSource {
  readonly source: string;
}

/**
 * Reads `{ "node": ["required", …], … }`; an object with `requires`, `priority` and `estimateMs`
 * may stand in place of the list. A graph as it is submitted, `{ "nodes": [{ … }] }`, is read too.
 * @throws InvalidInputError `ORR_INPUT_JSON` `ORR_INPUT_INVALID`
 */
export function parseGraph(text: string, { source }: FileSource): GraphFile {
  const record = parseJson(text, source);
  if (!isRecord(record)) {
    throw invalidField(source, { expected: "an object with the nodes as keys", value: record });
  }
  if (isRequest(record)) return graphFileOf(record.nodes.map(requestedNode));
  const nodes = Object.entries(record).map(([name, value]) => {
    const given = Array.isArray(value) ? { requires: value } : value;
    return readNode(name, readFields(given, name, nodeFields), { field: name });
  });
  return graphFileOf(nodes);
}

/** A node whose name is `nodes` requires names, not objects. */
function isRequest(
  record: Readonly<Record<string, unknown>>,
): record is { readonly nodes: readonly Readonly<Record<string, unknown>>[] } {
  const { nodes } = record;
  return Array.isArray(nodes) && nodes.length > 0 && nodes.every(isRecord);
}

/** Of a node to be submitted what the order depends on; its other fields are no matter here. */
function requestedNode(given: Readonly<Record<string, unknown>>, index: number): FileNode {
  const field = fieldIn("nodes", index);
  const { name, requires, priority } = given;
  const level = typeof priority === "string" ? levels[priority] : priority;
  return readNode(name, { requires, priority: level }, { field, nameField: "name" });
}

/** The words of priorities as numbers, of which the highest goes first. */
const levels: Readonly<Record<string, number>> = { high: 1, normal: 0, low: -1 };

/**
 * Reads a node from each line: `{ "node": "name", "requires": ["other", …] }`, which may have
 * `priority` and `estimateMs` too.
 * @throws InvalidInputError `ORR_INPUT_JSON` `ORR_INPUT_INVALID`
 */
export function parseGraphLines(text: string, { source }: FileSource): GraphFile {
  const nodes: FileNode[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const field = `line ${index + 1}`;
    const given = readFields(parseJson(line, `${source}, ${field},`), field, [
      "node",
      ...nodeFields,
    ]);
    nodes.push(readNode(given["node"], given, { field }));
  }
  return graphFileOf(nodes);
}

function readNode(
  name: unknown,
  given: Readonly<Record<string, unknown>>,
  { field, nameField = "node" }: { readonly field: string; readonly nameField?: string },
): FileNode {
  const place = fieldIn(field, "requires");
  const requires = readList(given["requires"] ?? [], { field: place, max: nodeCountMax });
  const { priority, estimateMs } = readNodeSettings(given, field);
  return {
    name: readText(name, { field: fieldIn(field, nameField), max: nameLettersMax }),
    field,
    requires: requires.map((each, index) =>
      readText(each, { field: fieldIn(place, index), max: nameLettersMax }),
    ),
    settings: { priority, estimateMs },
  };
}

function graphFileOf(nodes: readonly FileNode[]): GraphFile {
  const byName = new Map<unknown, FileNode>();
  const builder = new GraphBuilder<string>();
  for (const node of nodes) {
    if (byName.has(node.name)) {
      const expected = "a name that no other node has";
      throw invalidField(fieldIn(node.field, "node"), { expected, value: node.name });
    }
    byName.set(node.name, node);
    builder.add([node.name, null]);
  }
  for (const { name, field, requires } of nodes) {
    for (const [index, other] of requires.entries()) {
      if (!byName.has(other)) {
        throw notInFile(other, { field: fieldIn(fieldIn(field, "requires"), index), byName });
      }
      builder.add([name, other]);
    }
  }
  return { graph: builder.build(), settings: (name) => byName.get(name)?.settings ?? {} };
}

function notInFile(
  name: string,
  where: { readonly field: string; readonly byName: ReadonlyMap<unknown, FileNode> },
): InvalidInputError {
  const hint = suggestionOf(
    nearestNames(
      name,
      Array.from(where.byName.values(), (node) => node.name),
    ),
  );
  const named = JSON.stringify(name);
  const message = `${where.field} names ${named}, which the file does not have${hint}`;
  return new InvalidInputError("ORR_INPUT_INVALID", message, {
    details: { field: where.field, value: name },
  });
}
