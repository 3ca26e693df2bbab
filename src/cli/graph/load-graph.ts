/** Finds the graph that a command names: in a module, in a file, on standard input. */

import { extname, resolve } from "node:path";
import { importModule } from "../../app/import-module.ts";
import { isGraphDefinition } from "../../graph/graph-definition.ts";
import type { GraphSource } from "../../graph/graph.ts";
import type { NodeSettings } from "../../graph/node-settings.ts";
import type { RunNodesOptions } from "../../graph/run-graph.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { checkFunction, type Fields, readFields } from "../../kernel/fields.ts";
import { isRecord } from "../../kernel/json.ts";
import { readTextFile } from "../read-file.ts";
import { readInputText, type Shell } from "../shell.ts";
import { type GraphFile, parseGraph, parseGraphLines } from "./graph-file.ts";

/** Options that a module may set for the run of its graph; the command line wins over them. */
export type ModuleOptions = Partial<
  Pick<RunNodesOptions<unknown, unknown>, (typeof optionFields)[number]>
>;

/** A graph and how it is to be run. */
export interface GraphModule {
  readonly graph: GraphSource<unknown>;
  readonly options: ModuleOptions;
}

const moduleEndings = new Set([".ts", ".mts", ".js", ".mjs"]);
const lineEndings = new Set([".jsonl", ".ndjson"]);
const optionFields = [
  "run",
  "settings",
  "reverse",
  "concurrency",
  "onFailure",
  "errorWaitMs",
  "graceMs",
  "timeoutMs",
] as const;

/** A graph to be planned, with the settings of its nodes where it does not have them itself. */
export interface LoadedGraph {
  readonly graph: GraphSource<unknown>;
  readonly settings?: (node: unknown) => NodeSettings;
}

/**
 * Loads a graph from a module, from JSON or JSON Lines, or with `-` from standard input.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_JSON`; ConfigError `ORR_CONFIG_FILE`
 */
export async function loadGraph(shell: Shell, file: string): Promise<LoadedGraph> {
  if (file === "-") return parseGraph(await readInputText(shell), { source: "standard input" });
  if (!moduleEndings.has(extname(file))) return readGraphFile(shell, file);
  const { graph, options } = await loadGraphModule(shell, file);
  return { graph, ...(options.settings === undefined ? {} : { settings: options.settings }) };
}

async function readGraphFile(shell: Shell, file: string): Promise<GraphFile> {
  const text = await readTextFile(shell, { file, field: "file" });
  const parse = lineEndings.has(extname(file)) ? parseGraphLines : parseGraph;
  return parse(text, { source: file });
}

/**
 * The graph of a module: its default export, or the one named `graph`. Either is a graph itself, or
 * an object with `graph` and options of `runGraph`.
 * @throws InvalidInputError `ORR_INPUT_INVALID`; ConfigError `ORR_CONFIG_FILE`
 */
export async function loadGraphModule(shell: Shell, file: string): Promise<GraphModule> {
  if (!moduleEndings.has(extname(file))) throw noModule(file);
  const exports = await importModule(resolve(shell.directory, file), shell.clock);
  const found = exports["default"] ?? exports["graph"];
  if (isGraph(found)) return { graph: found, options: {} };
  if (isRecord(found) && isGraph(found["graph"])) {
    const { graph, ...options } = readFields(found, file, ["graph", ...optionFields]);
    if (isGraph(graph) && areOptions(options)) return { graph, options };
  }
  throw new InvalidInputError("ORR_INPUT_INVALID", `${file} exports no graph`, {
    details: {
      field: "file",
      value: file,
      hint: "its default export must be what defineGraph makes, or { graph, run, … }",
    },
  });
}

function noModule(file: string): InvalidInputError {
  const endings = [...moduleEndings].join(", ");
  return new InvalidInputError("ORR_INPUT_INVALID", `${file} is no module (${endings})`, {
    details: {
      field: "file",
      value: file,
      hint: "a graph in JSON is planned by `graph plan`, and stored and run by `graph submit`",
    },
  });
}

function isGraph(value: unknown): value is GraphSource<unknown> {
  if (isGraphDefinition(value)) return true;
  if (!isRecord(value)) return false;
  return typeof value["toGraph"] === "function" || isRecord(value["requires"]);
}

/** What is called here is checked here, everything else when the graph is run. */
function areOptions(options: Fields): options is ModuleOptions & Fields {
  for (const field of ["run", "settings"]) {
    if (options[field] !== undefined) checkFunction(options[field], { field });
  }
  return true;
}
