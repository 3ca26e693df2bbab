/** What travels about the archive: plain maps in both dialects. */

import type { Instant } from "../../../kernel/instant.ts";
import { SwhFault } from "../errors.ts";
import { taskPolicies, taskRunStatuses, taskStatuses } from "../records.ts";
import type { ArchivedIds, ArchivedRun, ArchivePage } from "../scheduler.ts";
import type { SwhJson } from "../values.ts";
import * as kinds from "./kinds.ts";
import { isMap, isWireObject, WireTime, type WireObject, type WireValue } from "./wire-value.ts";

/** A time as text, which the database reads, or an instant. */
export const archiveTime: kinds.Kind<string | Instant> = {
  decode: (value, place) => {
    if (typeof value === "string") return value;
    if (value instanceof WireTime) return value.instant;
    throw kinds.wrongKind(place, "a text or a datetime", value);
  },
  encode: (value) => (typeof value === "string" ? value : new WireTime(value)),
};

/** The digits of a task id, as text. */
export const archiveToken: kinds.Kind<string> = {
  decode: (value, place) => {
    if (typeof value === "string") return value;
    throw new SwhFault("AssertionError", `${place.name} must be a text or null`);
  },
  encode: (value) => value,
};

/** A map with these two; whatever else it has is passed over. */
export const archivedIds: kinds.Kind<ArchivedIds> = {
  decode: (value, place) => {
    if (!isWireObject(value)) throw kinds.wrongKind(place, "a map", value);
    return {
      taskId: idAt(value, { ...place, key: "task_id" }),
      taskRunId: idAt(value, { ...place, key: "task_run_id" }),
    };
  },
  encode: ({ taskId, taskRunId }) => ({ task_id: taskId, task_run_id: taskRunId }),
};

function idAt(map: WireObject, at: kinds.Place & { readonly key: string }): number | bigint {
  if (!Object.hasOwn(map, at.key)) throw new SwhFault("KeyError", `${at.name} misses '${at.key}'`);
  return kinds.integer.decode(map[at.key] ?? null, { ...at, name: `${at.name}.${at.key}` });
}

const nullableTime = kinds.nullable(kinds.time);
const nullableText = kinds.nullable(kinds.text);
const nullableObject = kinds.nullable(kinds.jsonObject);

/** Keys come in this order. */
const archivedRun: kinds.Kind<ArchivedRun> = {
  decode: (value, place) => {
    if (!isWireObject(value)) throw kinds.wrongKind(place, "a map", value);
    const read = <T>(key: string, kind: kinds.Kind<T>): T =>
      kind.decode(value[key] ?? null, { ...place, name: `${place.name}.${key}` });
    return {
      taskId: Number(read("task_id", kinds.integer)),
      taskPolicy: read("task_policy", kinds.oneOf(taskPolicies)),
      taskStatus: read("task_status", kinds.oneOf(taskStatuses)),
      taskRunId: Number(read("task_run_id", kinds.integer)),
      arguments: read("arguments", archivedArguments),
      type: read("type", kinds.text),
      backendId: read("backend_id", nullableText),
      metadata: read("metadata", nullableObject),
      scheduled: read("scheduled", nullableTime),
      started: read("started", nullableTime),
      ended: read("ended", nullableTime),
      taskRunStatus: read("task_run_status", kinds.oneOf(taskRunStatuses)),
    };
  },
  encode: (run) => ({
    task_id: run.taskId,
    task_policy: run.taskPolicy,
    task_status: run.taskStatus,
    task_run_id: run.taskRunId,
    arguments: archivedArguments.encode(run.arguments),
    type: run.type,
    backend_id: run.backendId,
    metadata: run.metadata,
    scheduled: nullableTime.encode(run.scheduled),
    started: nullableTime.encode(run.started),
    ended: nullableTime.encode(run.ended),
    task_run_status: run.taskRunStatus,
  }),
};

const archivedArguments: kinds.Kind<ArchivedRun["arguments"]> = {
  decode: (value, place) => {
    if (!isWireObject(value)) throw kinds.wrongKind(place, "a map", value);
    const { args = null, kwargs = null } = value;
    return { args: indexedArgs(args, place), kwargs: kinds.text.decode(kwargs, place) };
  },
  encode: ({ args, kwargs }) => ({ args: args.size === 0 ? {} : args, kwargs }),
};

/** In JSON the indices are texts. */
function indexedArgs(value: WireValue, place: kinds.Place): ReadonlyMap<number, SwhJson> {
  if (!isMap(value) && !isWireObject(value)) throw kinds.wrongKind(place, "a map", value);
  const entries: Iterable<readonly [WireValue, WireValue]> = isMap(value)
    ? value
    : Object.entries(value);
  return new Map(
    Array.from(entries, ([index, item]) => [Number(index), kinds.json.decode(item, place)]),
  );
}

const archivedRuns = kinds.list(archivedRun);

/** A page; the token is there only when another page is. */
export const archivePage: kinds.Kind<ArchivePage> = {
  decode: (value, place) => {
    if (!isWireObject(value)) throw kinds.wrongKind(place, "a map", value);
    const tasks = archivedRuns.decode(value["tasks"] ?? null, place);
    const token = value["next_page_token"];
    return token === undefined
      ? { tasks }
      : { tasks, nextPageToken: kinds.text.decode(token, place) };
  },
  encode: ({ tasks, nextPageToken }) => ({
    tasks: archivedRuns.encode(tasks),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  }),
};
