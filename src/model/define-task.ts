/**
 * `defineTask`: what a user writes to give a kind of work its name, its input and its code. Pure:
 * nothing runs and nothing is registered until a scheduler is opened with the definition.
 */

import {
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readNumber,
  readText,
  type Fields,
} from "../kernel/fields.ts";
import { isRecord, type JsonObject, type JsonValue } from "../kernel/json.ts";
import { readJson } from "../kernel/json-input.ts";
import type { IntervalPolicy } from "../policy/adaptive-interval.ts";
import type { RetryPolicy } from "../policy/retry.ts";
import type { ChildCommand, Handler, OutputOf, TaskCode, TaskDefinition } from "./handler.ts";
import {
  graceMsMax,
  readIntervalPolicy,
  readLimits,
  readRetentionClassName,
  readRetryPolicy,
  readTimeoutMs,
} from "./policy-input.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { readTaskTypeName } from "./task-name.ts";
import { taskTypeDefaults, type TaskTypeLimits, type TaskTypeSettings } from "./task-type.ts";

/** What can be said of any task; all of it may be left out. */
export interface DefineTaskSettings<Input, Params> {
  /**
   * Unique in an installation, at most 200 letters, digits and `_ $ . : / @ + -`.
   * @defaultValue path of the module and name of the export, where modules are scanned
   */
  readonly name?: string;
  /** For people, at most 2000 letters. */
  readonly description?: string;
  /** Checks the input at enqueue and makes the handler's `params` of it; any library's. */
  readonly input?: StandardSchema<Input, Params>;
  /** How often and how late a failed run is tried again; missing parts are filled in. */
  readonly retry?: Partial<RetryPolicy>;
  /** The range of adaptive intervals; missing parts are filled in. */
  readonly interval?: Partial<IntervalPolicy>;
  /** Milliseconds that one attempt may take, at most a year; null means no bound. */
  readonly timeoutMs?: number | null;
  /** Milliseconds between asking an attempt to stop and giving up on it, at most an hour. */
  readonly graceMs?: number;
  /** Upper bounds on runs of this type. */
  readonly limits?: Partial<TaskTypeLimits>;
  /** Names the retention class that says how long history and logs are kept. */
  readonly retentionClass?: string;
}

/** A task whose code is a function in the worker's process. */
export interface DefineRunOptions<Input, Params, Returned> extends DefineTaskSettings<
  Input,
  Params
> {
  /** The handler: answers an outcome, or a plain value, which counts as eventful. */
  readonly run: Handler<Params, Returned>;
  readonly command?: never;
}

/** A task whose code is a program, started without a shell. */
export interface DefineCommandOptions<Input, Params> extends DefineTaskSettings<Input, Params> {
  readonly command: ChildCommand | ((params: Params) => ChildCommand);
  readonly run?: never;
}

/** Everything that `defineTask` takes. */
export type DefineTaskOptions<Input, Params, Returned> =
  | DefineRunOptions<Input, Params, Returned>
  | DefineCommandOptions<Input, Params>;

const knownFields = [
  "name",
  "description",
  "input",
  "retry",
  "interval",
  "timeoutMs",
  "graceMs",
  "limits",
  "retentionClass",
  "run",
  "command",
];
const descriptionLettersMax = 2_000;
const argumentCountMax = 10_000;
const commandLettersMax = 100_000;
/** JSON Schema that is kept for people and forms; a larger one is left out. */
const inputSchemaBytesMax = 65_536;

/**
 * Makes a task definition. The types of `create` and `run` follow from the schema's input, those
 * of the handler's `params` from its output, and the result of `run` from what the handler returns.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`, naming the field
 */
export function defineTask<Input = unknown, Params = Input, Returned = JsonValue>(
  options: DefineTaskOptions<Input, Params, Returned>,
): TaskDefinition<Input, OutputOf<Returned>, Params>;
/** Behind the signature that callers see, where types have no say: everything is checked. */
export function defineTask(options: DefineTaskOptions<unknown, unknown, unknown>): TaskDefinition {
  const given = readFields(options, "", knownFields);
  checkSchema(given["input"]);
  const code = codeOf(options);
  const settings = readSettings(given, {
    executor: code.kind,
    inputSchema: jsonSchemaOf(given["input"]),
  });
  return Object.freeze({ settings, schema: options.input, code });
}

/** Whether a value, such as a module's export, is what `defineTask` makes. */
export function isTaskDefinition(value: unknown): value is TaskDefinition {
  if (!isRecord(value)) return false;
  const { settings, code } = value;
  if (!isRecord(settings) || typeof settings["name"] !== "string" || !isRecord(code)) return false;
  return code["kind"] === "in-process"
    ? typeof code["run"] === "function"
    : code["kind"] === "child-process" && typeof code["command"] === "function";
}

/** The same definition under a name that its module and export give it. */
export function withName(definition: TaskDefinition, name: string): TaskDefinition {
  return Object.freeze({
    ...definition,
    settings: Object.freeze({ ...definition.settings, name: readTaskTypeName(name, "name") }),
  });
}

function readSettings(
  given: Fields,
  derived: Pick<TaskTypeSettings, "executor" | "inputSchema">,
): TaskTypeSettings {
  const { timeoutMs } = given;
  return Object.freeze({
    ...derived,
    name: ifPresent(given["name"], (name) => readTaskTypeName(name, "name")) ?? "",
    description: readDescription(given["description"]),
    interval: readIntervalPolicy(given["interval"] ?? {}, "interval"),
    retry: readRetryPolicy(given["retry"] ?? {}, "retry"),
    timeoutMs: (timeoutMs ?? null) === null ? null : readTimeoutMs(timeoutMs, "timeoutMs"),
    graceMs:
      ifPresent(given["graceMs"], (value) =>
        readNumber(value, { field: "graceMs", min: 0, max: graceMsMax }),
      ) ?? taskTypeDefaults.graceMs,
    limits: readLimits(given["limits"] ?? {}, "limits"),
    retentionClass:
      ifPresent(given["retentionClass"], (name) =>
        readRetentionClassName(name, "retentionClass"),
      ) ?? taskTypeDefaults.retentionClass,
  });
}

function readDescription(value: unknown): string {
  if (value === undefined || value === "") return taskTypeDefaults.description;
  return readText(value, { field: "description", max: descriptionLettersMax });
}

function codeOf(options: DefineTaskOptions<unknown, unknown, unknown>): TaskCode<unknown, unknown> {
  const { run, command } = options;
  if ((run === undefined) === (command === undefined)) {
    const expected = "given, or else command: exactly one of the two";
    throw invalidField("run", { expected, value: run === undefined ? undefined : "both" });
  }
  if (run !== undefined) {
    if (typeof run !== "function")
      throw invalidField("run", { expected: "a function", value: run });
    return Object.freeze({ kind: "in-process", run });
  }
  // What a function makes of the params is checked by the executor, each time it is asked.
  if (typeof command === "function") return Object.freeze({ kind: "child-process", command });
  const fixed = readChildCommand(command, "command");
  return Object.freeze({ kind: "child-process", command: () => fixed });
}

/**
 * Reads a program with its arguments.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export function readChildCommand(value: unknown, field: string): ChildCommand {
  const given = readFields(value, field, ["file", "args", "env", "cwd"]);
  const text = (each: unknown, at: string): string =>
    readText(each, { field: at, max: commandLettersMax });
  const list = readList(given["args"] ?? [], { field: `${field}.args`, max: argumentCountMax });
  const env = given["env"];
  const cwd = ifPresent(given["cwd"], (each) => text(each, `${field}.cwd`));
  return Object.freeze({
    file: text(given["file"], `${field}.file`),
    args: list.map((each, index) =>
      each === "" ? "" : text(each, fieldIn(`${field}.args`, index)),
    ),
    ...(env === undefined ? {} : { env: readEnvironment(env, `${field}.env`) }),
    ...(cwd === undefined ? {} : { cwd }),
  });
}

function readEnvironment(value: unknown, field: string): Readonly<Record<string, string>> {
  if (!isRecord(value)) throw invalidField(field, { expected: "an object of texts", value });
  const entries = Object.entries(value).map(([name, each]): [string, string] => {
    if (typeof each === "string" && !each.includes("\0")) return [name, each];
    throw invalidField(fieldIn(field, name), { expected: "a text", value: each });
  });
  return Object.fromEntries(entries);
}

/** The `~standard` member of a schema; libraries make schemas of objects and of functions. */
function standardOf(schema: unknown): Fields | undefined {
  const holds = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  if (!holds || !("~standard" in schema)) return undefined;
  return isRecord(schema["~standard"]) ? schema["~standard"] : undefined;
}

function checkSchema(schema: unknown): void {
  if (schema === undefined) return;
  const standard = standardOf(schema);
  if (standard?.["version"] === 1 && typeof standard["validate"] === "function") return;
  throw invalidField("input", { expected: "a Standard Schema, version 1", value: schema });
}

/** JSON Schema of the input, if the library makes one; what it cannot express it refuses. */
function jsonSchemaOf(schema: unknown): JsonObject | null {
  const converter = standardOf(schema)?.["jsonSchema"];
  if (!isConverter(converter)) return null;
  try {
    const made = converter.input({ target: "draft-2020-12" });
    const json = readJson(made, { field: "input", bytesMax: inputSchemaBytesMax });
    return isJsonObject(json) ? json : null;
  } catch {
    // The JSON Schema is for display only: a type without one validates all the same.
    return null;
  }
}

/** A schema library's maker of JSON Schema. */
interface JsonSchemaConverter {
  readonly input: (options: { readonly target: string }) => unknown;
}

function isConverter(value: unknown): value is JsonSchemaConverter {
  return isRecord(value) && typeof value["input"] === "function";
}

function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value);
}
