/**
 * Reads what callers ask to be stored: shapes, bounds and exclusions, with the path of what is
 * wrong. What needs the database (names, keys, limits) is left to who stores it.
 */

import {
  fieldIn,
  ifPresent,
  invalidField,
  readFields,
  readList,
  readNumber,
  readOneOf,
  readText,
  type Fields,
} from "../kernel/fields.ts";
import { toId, type TaskId } from "../kernel/ids.ts";
import { type Instant, parseInstant } from "../kernel/instant.ts";
import { isRecord, type JsonValue } from "../kernel/json.ts";
import { inputBytesMax, readJson } from "../kernel/json-input.ts";
import { policyMsMax, readRetryPolicy, readTimeoutMs } from "../model/policy-input.ts";
import type { OnRequirementFailure, OverridesRequest } from "../model/task.ts";
import { taskTypeNameLettersMax } from "../model/task-name.ts";
import type { RetryPolicy } from "../policy/retry.ts";
import { priorities, type Priority } from "../policy/slot-shares.ts";

/** Tasks or runs of one request. */
export const requestCountMax = 10_000;
/** Letters of names and keys. */
export const nameLettersMax = 200;
/** Triggers of one task. */
export const triggerCountMax = 100;
/** Tasks that one task can require. */
export const requirementCountMax = 1_000;

/** When a run without trigger starts at the earliest. */
export type Due =
  | { readonly kind: "at-once" }
  | { readonly kind: "at"; readonly at: Instant }
  | { readonly kind: "after"; readonly delayMs: number };

/** What tasks and runs have in common. */
export interface RunRequest {
  /** The path of the request; empty when it stands alone. */
  readonly field: string;
  readonly typeName: string;
  readonly input: JsonValue;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  /** Of the retry policy perhaps a part; the rest is the type's. */
  readonly overrides: OverridesRequest;
  readonly due: Due;
}

/** How a request names another task. */
export type TaskReference =
  | { readonly kind: "id"; readonly id: TaskId; readonly field: string }
  | { readonly kind: "key"; readonly key: string; readonly field: string };

/** A task that must succeed first. */
export interface RequirementRequest {
  readonly task: TaskReference;
  readonly onFailure: OnRequirementFailure;
}

/** A task that is to be stored. */
export interface TaskRequest extends RunRequest {
  readonly name: string | undefined;
  readonly key: string | null;
  readonly parent: TaskReference | undefined;
  /** Not yet read; empty for a task that runs once. */
  readonly triggers: readonly unknown[];
  readonly requires: readonly RequirementRequest[];
}

const runFields = [
  "type",
  "input",
  "priority",
  "concurrencyKey",
  "dueAt",
  "delayMs",
  "overrides",
] as const;
const taskFields = [
  ...runFields,
  "name",
  "key",
  "parentId",
  "parentKey",
  "triggers",
  "requires",
] as const;
/** What may become of what waits for a task that fails. */
export const onFailures: readonly OnRequirementFailure[] = ["block", "cancel"];

/** Reads one run. @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` */
export function readRunRequest(value: unknown, field: string): RunRequest {
  return readCommonFields(readFields(value, field, runFields), field);
}

/** Reads one task. @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE` */
export function readTaskRequest(value: unknown, field: string): TaskRequest {
  const given = readFields(value, field, taskFields);
  const short = (key: string): string | undefined =>
    ifPresent(given[key], (each) =>
      readText(each, { field: fieldIn(field, key), max: nameLettersMax }),
    );
  const request = {
    ...readCommonFields(given, field),
    name: short("name"),
    key: short("key") ?? null,
    parent: parentOf(given, field),
    triggers: readList(given["triggers"] ?? [], {
      field: fieldIn(field, "triggers"),
      max: triggerCountMax,
    }),
    requires: requirementsOf(given["requires"] ?? [], fieldIn(field, "requires")),
  };
  if (request.triggers.length > 0) {
    for (const other of ["dueAt", "delayMs", "requires"]) {
      const absent = other === "requires" ? request.requires.length === 0 : !(other in given);
      if (!absent && given[other] !== undefined)
        refuseBoth(given, { field, other, key: "triggers" });
    }
  }
  return request;
}

/** Reads what tasks, runs and nodes have in common, from fields whose names are checked. */
export function readCommonFields(given: Fields, field: string): RunRequest {
  const at = (key: string): string => fieldIn(field, key);
  return {
    field,
    typeName: readText(given["type"], { field: at("type"), max: taskTypeNameLettersMax }),
    // Most schemas describe an object, so that is what an input left out is.
    input: readJson(given["input"] === undefined ? {} : given["input"], {
      field: at("input"),
      bytesMax: inputBytesMax,
    }),
    priority:
      ifPresent(given["priority"], (each) =>
        readOneOf(each, { field: at("priority"), words: priorities }),
      ) ?? "normal",
    concurrencyKey:
      ifPresent(given["concurrencyKey"], (each) =>
        readText(each, { field: at("concurrencyKey"), max: nameLettersMax }),
      ) ?? null,
    overrides:
      ifPresent(given["overrides"] ?? undefined, (each) => overridesOf(each, at("overrides"))) ??
      {},
    due: dueOf(given, field),
  };
}

function overridesOf(value: unknown, field: string): OverridesRequest {
  const given = readFields(value, field, ["retry", "timeoutMs"]);
  const retry = ifPresent(given["retry"], (each) =>
    givenRetryPolicy(each, fieldIn(field, "retry")),
  );
  const timeoutMs = ifPresent(given["timeoutMs"], (each) =>
    readTimeoutMs(each, fieldIn(field, "timeoutMs")),
  );
  return {
    ...(retry === undefined ? {} : { retry }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** What was said of a retry policy, and nothing else. */
function givenRetryPolicy(value: unknown, field: string): Partial<RetryPolicy> {
  const policy = readRetryPolicy(value, field);
  const given = isRecord(value) ? value : {};
  // What readers take for absent: a bound may also be lifted by null.
  const said = Object.entries(policy).filter(([key]) => (given[key] ?? undefined) !== undefined);
  return Object.fromEntries(said);
}

function dueOf(given: Fields, field: string): Due {
  const { dueAt, delayMs } = given;
  if (dueAt !== undefined && delayMs !== undefined) {
    refuseBoth(given, { field, other: "delayMs", key: "dueAt" });
  }
  if (delayMs !== undefined) {
    const rule = { field: fieldIn(field, "delayMs"), min: 0, max: policyMsMax };
    return { kind: "after", delayMs: readNumber(delayMs, rule) };
  }
  if (dueAt === undefined) return { kind: "at-once" };
  const place = fieldIn(field, "dueAt");
  if (typeof dueAt !== "string") {
    throw invalidField(place, { expected: "an RFC 3339 time with an offset", value: dueAt });
  }
  return { kind: "at", at: parseInstant(dueAt, place) };
}

function parentOf(given: Fields, field: string): TaskReference | undefined {
  const { parentId, parentKey } = given;
  if (parentId !== undefined && parentKey !== undefined) {
    refuseBoth(given, { field, other: "parentKey", key: "parentId" });
  }
  if (parentId !== undefined) return idReference(parentId, fieldIn(field, "parentId"));
  return ifPresent(parentKey, (each) => keyReference(each, fieldIn(field, "parentKey")));
}

function requirementsOf(value: unknown, field: string): readonly RequirementRequest[] {
  return readList(value, { field, max: requirementCountMax }).map((each, index) => {
    const place = fieldIn(field, index);
    const given = readFields(each, place, ["taskId", "key", "onFailure"]);
    const { taskId, key, onFailure } = given;
    if ((taskId === undefined) === (key === undefined)) {
      const expected = "either a taskId or a key";
      throw invalidField(place, { expected, value: each });
    }
    return {
      task:
        taskId === undefined
          ? keyReference(key, fieldIn(place, "key"))
          : idReference(taskId, fieldIn(place, "taskId")),
      onFailure:
        ifPresent(onFailure, (word) =>
          readOneOf(word, { field: fieldIn(place, "onFailure"), words: onFailures }),
        ) ?? "block",
    };
  });
}

function idReference(value: unknown, field: string): TaskReference {
  if (typeof value !== "number") {
    throw invalidField(field, { expected: "a positive whole number", value });
  }
  return { kind: "id", id: toId<TaskId>(value, field), field };
}

function keyReference(value: unknown, field: string): TaskReference {
  return { kind: "key", key: readText(value, { field, max: nameLettersMax }), field };
}

function refuseBoth(
  given: Fields,
  { field, other, key }: { readonly field: string; readonly other: string; readonly key: string },
): never {
  const expected = `absent where ${fieldIn(field, key)} is given`;
  throw invalidField(fieldIn(field, other), { expected, value: given[other] });
}
