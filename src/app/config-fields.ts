/**
 * Checks a configuration field by field. What a schedule asks for in detail (its input, its
 * trigger) is checked where it is stored; here only what would stop it from getting there.
 */

import type { CreateTaskRequest } from "../api/scheduler.ts";
import type { VisitsOptions } from "../api/visits.ts";
import {
  type Fields,
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readNumber,
  readText,
} from "../kernel/fields.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { isRecord } from "../kernel/json.ts";
import type { RetentionClass } from "../model/task-type.ts";
import { readVisits } from "../service/read-visits.ts";
import type { OrreryConfig, WorkerConfig } from "./config.ts";
import { readSwhConfig } from "./swh-options.ts";

/** More entries in one list are taken for a mistake. */
const listLengthMax = 10_000;
const pathLengthMax = 4_096;
const keyLengthMax = 200;
const dayMs = 86_400_000;

const configKeys: readonly (keyof OrreryConfig)[] = [
  "tasks",
  "schedules",
  "dataDirectory",
  "databaseUrl",
  "schema",
  "host",
  "port",
  "requireToken",
  "allowedHosts",
  "worker",
  "swh",
  "visits",
  "retention",
];
const workerKeys: readonly (keyof WorkerConfig)[] = ["slotCount", "drainMs"];
/** Names become parts of table names in the database. */
const retentionNamePattern = /^[a-z][a-z0-9_]{0,29}$/;
const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * The configuration, with nothing in it that is not known and right.
 * @throws InvalidInputError naming the field, as in `worker.slotCount`, and its value
 */
export function readConfig(value: unknown): OrreryConfig {
  if (!isRecord(value)) {
    throw invalidField("the default export", { expected: "an object", value });
  }
  const fields = readFields(value, "", configKeys);
  return withoutAbsent({
    tasks: ifPresent(fields["tasks"], (list) => readTexts(list, "tasks")),
    schedules: ifPresent(fields["schedules"], readSchedules),
    dataDirectory: path(fields, "dataDirectory"),
    databaseUrl: ifPresent(fields["databaseUrl"], readDatabaseUrl),
    schema: ifPresent(fields["schema"], readSchema),
    host: path(fields, "host"),
    port: ifPresent(fields["port"], (port) =>
      readNumber(port, { field: "port", min: 0, max: 65_535, whole: true }),
    ),
    requireToken: ifPresent(fields["requireToken"], readFlag),
    allowedHosts: ifPresent(fields["allowedHosts"], (list) => readTexts(list, "allowedHosts")),
    worker: ifPresent(fields["worker"], readWorker),
    swh: ifPresent(fields["swh"], readSwhConfig),
    visits: ifPresent(fields["visits"], readVisitsOptions),
    retention: ifPresent(fields["retention"], readRetention),
  });
}

function path(fields: Fields, field: string): string | undefined {
  return ifPresent(fields[field], (value) => readText(value, { field, max: pathLengthMax }));
}

function readTexts(value: unknown, field: string): readonly string[] {
  return readList(value, { field, max: listLengthMax }).map((each, index) =>
    readText(each, { field: fieldIn(field, index), max: pathLengthMax }),
  );
}

function readFlag(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw invalidField("requireToken", { expected: "true or false", value });
}

/**
 * A connection string of PostgreSQL; the value is not repeated in the error, for it may hold a
 * password.
 * @throws InvalidInputError `ORR_INPUT_INVALID`, naming `field`
 */
export function readDatabaseUrl(value: unknown, field = "databaseUrl"): string {
  const text = readText(value, { field, max: pathLengthMax });
  if (/^postgres(?:ql)?:\/\//.test(text)) return text;
  throw new InvalidInputError(
    "ORR_INPUT_INVALID",
    `${field} must begin with postgres:// or postgresql://`,
    { details: { field, value: "(not shown: it may hold a password)" } },
  );
}

function readSchema(value: unknown): string {
  const text = readText(value, { field: "schema", max: 63 });
  if (schemaPattern.test(text)) return text;
  throw invalidField("schema", {
    expected: "a lowercase identifier of PostgreSQL: letters, digits, underscores",
    value,
  });
}

function readWorker(value: unknown): WorkerConfig {
  const fields = readFields(value, "worker", workerKeys);
  return withoutAbsent({
    slotCount: ifPresent(fields["slotCount"], (count) =>
      readNumber(count, { field: "worker.slotCount", min: 1, max: 1_000, whole: true }),
    ),
    drainMs: ifPresent(fields["drainMs"], (ms) =>
      readNumber(ms, { field: "worker.drainMs", min: 0, max: dayMs }),
    ),
  });
}

function readVisitsOptions(value: unknown): VisitsOptions {
  if (isVisits(value)) return value;
  throw invalidField("visits", { expected: "an object of visit types", value });
}

/** Whoever opens a scheduler reads them again; here they are read to say what is wrong. */
function isVisits(value: unknown): value is VisitsOptions {
  readVisits(value, "visits");
  return isRecord(value);
}

function readRetention(value: unknown): readonly RetentionClass[] {
  return readList(value, { field: "retention", max: listLengthMax }).map((each, index) => {
    const field = fieldIn("retention", index);
    const fields = readFields(each, field, ["name", "keepDays"]);
    const name = readText(fields["name"], { field: fieldIn(field, "name"), max: 30 });
    if (!retentionNamePattern.test(name)) {
      throw invalidField(fieldIn(field, "name"), {
        expected: "a lowercase letter, then letters, digits, underscores, at most 30",
        value: name,
      });
    }
    const days = { field: fieldIn(field, "keepDays"), min: 1, max: 36_500, whole: true };
    return { name, keepDays: readNumber(fields["keepDays"], days) };
  });
}

function readSchedules(value: unknown): readonly CreateTaskRequest[] {
  const seen = new Set<string>();
  return readList(value, { field: "schedules", max: listLengthMax }).map((each, index) => {
    const field = fieldIn("schedules", index);
    if (!isScheduleLike(each)) throw invalidField(field, { expected: "a task", value: each });
    const key = readText(each.key, { field: fieldIn(field, "key"), max: keyLengthMax });
    readText(each.type, { field: fieldIn(field, "type"), max: keyLengthMax });
    if (seen.has(key)) {
      throw invalidField(fieldIn(field, "key"), { expected: "unique in the file", value: key });
    }
    seen.add(key);
    return each;
  });
}

/** The rest of the request is checked by the service, like any other. */
function isScheduleLike(value: unknown): value is CreateTaskRequest {
  return isRecord(value);
}

type Present<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

/** An absent field and one that is undefined mean the same; the types want it absent. */
function withoutAbsent<T extends object>(fields: T): Present<T> {
  const present: Present<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) Object.assign(present, { [key]: value });
  }
  return present;
}
