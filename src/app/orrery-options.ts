/** What `Orrery.open` takes, checked once and frozen. */

import { systemClock, type Clock } from "../kernel/clock.ts";
import { ConfigError, InvalidInputError } from "../kernel/errors.ts";
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
import type { Instant } from "../kernel/instant.ts";
import { isRecord } from "../kernel/json.ts";
import { randomSeed } from "../kernel/rng.ts";
import type { EngineEvent } from "../engine/events.ts";
import { isTaskDefinition } from "../model/define-task.ts";
import type { VisitsOptions } from "../api/visits.ts";
import type { TaskDefinition } from "../model/handler.ts";
import { readRetentionClassName } from "../model/policy-input.ts";
import type { RetentionClass } from "../model/task-type.ts";
import type { VisitSetting } from "../model/visiting.ts";
import { readVisits } from "../service/read-visits.ts";
import { readDatabaseUrl } from "./config-fields.ts";
import { readSwhOptions, type ResolvedSwhOptions, type SwhOptions } from "./swh-options.ts";
import {
  readWorkerOptions,
  type ResolvedWorkerOptions,
  type WorkerOptions,
} from "./worker-options.ts";

/** All options of `Orrery.open`; none is needed. */
export interface OrreryOptions {
  /** A PostgreSQL of your own, 14 or newer, `postgres://…`. Excludes `dataDirectory`. */
  readonly databaseUrl?: string;
  /** Where the embedded PostgreSQL lives, for one process. @defaultValue ./.orrery */
  readonly dataDirectory?: string;
  /** The schema that holds the tables, a lowercase identifier. @defaultValue orrery */
  readonly schema?: string;
  /** Database connections at most, besides the one that listens, 1 to 1000. @defaultValue 8 */
  readonly poolSize?: number;
  /** Definitions that this process can run; each needs a name. @defaultValue none */
  readonly tasks?: readonly TaskDefinition[];
  /** Directories whose modules are scanned for definitions. @defaultValue none */
  readonly taskDirectories?: readonly string[];
  /** Retention classes besides `brief`, `standard` and `long`, or in their place. */
  readonly retention?: readonly RetentionClass[];
  /** False keeps this process from executing runs. @defaultValue a worker with its defaults */
  readonly worker?: WorkerOptions | false;
  /**
   * Whether this process fires triggers, takes back runs of dead workers and prunes history. Any
   * number may; a worker always does.
   * @defaultValue true with a worker, false without
   */
  readonly fire?: boolean;
  /** How tasks of the Software Heritage scheduler are kept. */
  readonly swh?: SwhOptions;
  /**
   * Which origins of the frontier are visited by which task type, by visit type. Any number of
   * processes may say the same; those that fire fill the queues.
   * @defaultValue none
   */
  readonly visits?: VisitsOptions;
  /** The environment of which programs get a part; hand in `process.env`. @defaultValue empty */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told what the engine does; must neither throw nor wait. */
  readonly onEvent?: (event: EngineEvent) => void;
  /** Told about each step of the embedded server that takes time. */
  readonly onLog?: (line: string) => void;
  /** For tests: where time comes from. @defaultValue the machine's clock */
  readonly clock?: Clock;
  /** For tests: the time that rules in place of the database's clock; null leaves it to that. */
  readonly now?: () => Instant | null;
  /** For tests: of all chance. @defaultValue random */
  readonly seed?: number;
}

/** Which database, in one of the two ways. */
export type DatabaseChoice =
  | { readonly kind: "external"; readonly connectionString: string }
  | { readonly kind: "embedded"; readonly directory: string };

/** The options with everything filled in. */
export interface ResolvedOptions {
  readonly database: DatabaseChoice;
  readonly schema: string;
  readonly poolSize: number;
  readonly tasks: readonly TaskDefinition[];
  readonly taskDirectories: readonly string[];
  readonly retention: readonly RetentionClass[];
  readonly worker: ResolvedWorkerOptions | null;
  readonly fire: boolean;
  readonly swh: ResolvedSwhOptions;
  readonly visits: readonly VisitSetting[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onLog: (line: string) => void;
  readonly clock: Clock;
  readonly now: () => Instant | null;
  readonly seed: number;
}

/** What absent options mean; those of the worker stand beside its options. */
export const orreryDefaults = {
  dataDirectory: "./.orrery",
  schema: "orrery",
  poolSize: 8,
} as const;

const known: readonly (keyof OrreryOptions)[] = [
  "databaseUrl",
  "dataDirectory",
  "schema",
  "poolSize",
  "tasks",
  "taskDirectories",
  "retention",
  "worker",
  "fire",
  "swh",
  "visits",
  "environment",
  "onEvent",
  "onLog",
  "clock",
  "now",
  "seed",
];
const pathLettersMax = 4_096;
const listLengthMax = 10_000;
const poolSizeMax = 1_000;
const keepDaysMax = 36_500;
const seedMax = 4_294_967_295;

/**
 * Checks options and fills in defaults.
 * @throws ConfigError `ORR_CONFIG_INVALID` naming the field, with the nearest known name for one
 * that does not exist
 */
export function resolveOptions(options: OrreryOptions): ResolvedOptions {
  return asConfigError(() => {
    const given = readFields(options, "", known);
    const worker = given["worker"] === false ? null : readWorkerOptions(given["worker"] ?? {});
    return Object.freeze({
      database: databaseOf(given),
      schema: ifPresent(given["schema"], readSchemaName) ?? orreryDefaults.schema,
      poolSize: wholeOr(given, "poolSize", {
        min: 1,
        max: poolSizeMax,
        otherwise: orreryDefaults.poolSize,
      }),
      tasks: ifPresent(given["tasks"], readTasks) ?? [],
      taskDirectories: ifPresent(given["taskDirectories"], readDirectories) ?? [],
      retention: ifPresent(given["retention"], readRetention) ?? [],
      worker,
      fire: fireOf(given["fire"], worker !== null),
      swh: readSwhOptions(given["swh"] ?? {}),
      visits: readVisits(given["visits"] ?? {}, "visits"),
      environment: ifPresent(given["environment"], readEnvironment) ?? {},
      ...hooksOf(options, given),
      seed: wholeOr(given, "seed", { min: 0, max: seedMax, otherwise: randomSeed() }),
    });
  });
}

/** A wrong option is for whoever wrote the program, like a wrong configuration file. */
function asConfigError<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof InvalidInputError)) throw thrown;
    throw new ConfigError("ORR_CONFIG_INVALID", thrown.message, {
      details: thrown.details,
      cause: thrown,
    });
  }
}

function databaseOf(given: Fields): DatabaseChoice {
  const { databaseUrl, dataDirectory } = given;
  if (databaseUrl !== undefined && dataDirectory !== undefined) {
    const expected = "absent where databaseUrl is given";
    throw invalidField("dataDirectory", { expected, value: dataDirectory });
  }
  if (databaseUrl !== undefined) {
    return { kind: "external", connectionString: readDatabaseUrl(databaseUrl) };
  }
  const directory = ifPresent(dataDirectory, (value) =>
    readText(value, { field: "dataDirectory", max: pathLettersMax }),
  );
  return { kind: "embedded", directory: directory ?? orreryDefaults.dataDirectory };
}

function readSchemaName(value: unknown): string {
  if (typeof value === "string" && /^[a-z_][a-z0-9_]{0,62}$/.test(value)) return value;
  const expected = "a lowercase letter or _ and up to 62 of a-z, 0-9 and _";
  throw invalidField("schema", { expected, value });
}

function readTasks(value: unknown): readonly TaskDefinition[] {
  return readList(value, { field: "tasks", max: listLengthMax }).map((each, index) => {
    if (isTaskDefinition(each)) return each;
    throw invalidField(fieldIn("tasks", index), { expected: "made by defineTask", value: each });
  });
}

function readDirectories(value: unknown): readonly string[] {
  return readList(value, { field: "taskDirectories", max: listLengthMax }).map((each, index) =>
    readText(each, { field: fieldIn("taskDirectories", index), max: pathLettersMax }),
  );
}

function readRetention(value: unknown): readonly RetentionClass[] {
  return readList(value, { field: "retention", max: listLengthMax }).map((each, index) => {
    const field = fieldIn("retention", index);
    const fields = readFields(each, field, ["name", "keepDays"]);
    const days = { field: fieldIn(field, "keepDays"), min: 1, max: keepDaysMax, whole: true };
    return {
      name: readRetentionClassName(fields["name"], fieldIn(field, "name")),
      keepDays: readNumber(fields["keepDays"], days),
    };
  });
}

function fireOf(value: unknown, hasWorker: boolean): boolean {
  if (value === undefined) return hasWorker;
  if (typeof value !== "boolean") throw invalidField("fire", { expected: "a boolean", value });
  if (hasWorker && !value) {
    throw invalidField("fire", { expected: "true where there is a worker", value });
  }
  return value;
}

function readEnvironment(value: unknown): Readonly<Record<string, string | undefined>> {
  const isEnvironment = (each: unknown): each is Readonly<Record<string, string | undefined>> =>
    isRecord(each) &&
    Object.values(each).every((text) => text === undefined || typeof text === "string");
  if (isEnvironment(value)) return value;
  throw invalidField("environment", { expected: "an object of texts", value });
}

/** Functions and the clock are taken as the compiler knows them, once they are there at all. */
function hooksOf(
  options: OrreryOptions,
  given: Fields,
): Pick<ResolvedOptions, "onEvent" | "onLog" | "clock" | "now"> {
  for (const field of ["onEvent", "onLog", "now"]) {
    const value = given[field];
    if (value !== undefined && typeof value !== "function") {
      throw invalidField(field, { expected: "a function", value });
    }
  }
  const { clock } = given;
  if (clock !== undefined && !(isRecord(clock) && typeof clock["schedule"] === "function")) {
    throw invalidField("clock", { expected: "a clock", value: clock });
  }
  return {
    onEvent: options.onEvent ?? (() => undefined),
    onLog: options.onLog ?? (() => undefined),
    clock: options.clock ?? systemClock,
    now: options.now ?? (() => null),
  };
}

function wholeOr(
  given: Fields,
  field: string,
  rule: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const { min, max, otherwise } = rule;
  const read = (value: unknown): number => readNumber(value, { field, min, max, whole: true });
  return ifPresent(given[field], read) ?? otherwise;
}
