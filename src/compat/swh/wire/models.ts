/**
 * The eight models of the wire: their fields in order, each under the record's name in camelCase,
 * which is the wire's name in snake_case. In a body a model is the tag `scheduler_model` over a map
 * of its fields, with the model's name last under `__type__`.
 */

import type { Instant } from "../../../kernel/instant.ts";
import type { Interval } from "../../../kernel/interval.ts";
import { SwhFault } from "../errors.ts";
import {
  type LastVisitStatus,
  lastVisitStatuses,
  type Lister,
  type OriginVisitStats,
  type SchedulerMetrics,
  taskPolicies,
  type TaskArguments,
  type TaskPolicy,
  taskPriorities,
  type TaskPriority,
  taskRunStatuses,
  type TaskRunStatus,
  type TaskStatus,
  taskStatuses,
  type TaskType,
} from "../records.ts";
import type { Integer, SwhJsonObject } from "../values.ts";
import * as kinds from "./kinds.ts";
import { PlainTag, Tagged, type WireObject, type WireValue } from "./wire-value.ts";
import { wireName } from "./wire-name.ts";

/** One field of a model. */
export interface Field<T> {
  readonly kind: kinds.Kind<T>;
  /** What stands for a field that is left out; without it the field must be there. */
  readonly absent?: () => T;
}

type Fields<T> = { readonly [Key in keyof T]-?: Field<T[Key]> };

/** A field on both sides. */
interface NamedField {
  readonly key: string;
  readonly wire: string;
  readonly field: Field<unknown>;
}

/** One model: reads its maps, writes its records. */
export class Model<T extends object> {
  readonly name: string;
  readonly #fields: readonly NamedField[];

  constructor(name: string, fields: Fields<T>) {
    this.name = name;
    this.#fields = Object.entries<Field<unknown>>(fields).map(([key, field]) => {
      return { key, wire: wireName(key), field };
    });
  }

  /** @throws SwhFault for an unknown, a missing or a wrong field */
  read(map: WireObject): ModelValue<T> {
    const record: Record<string, unknown> = {};
    let taken = 0;
    for (const { key, wire, field } of this.#fields) {
      if (Object.hasOwn(map, wire)) {
        taken += 1;
        const place = { name: `${this.name}.${wire}`, inModel: true };
        record[key] = field.kind.decode(map[wire] ?? null, place);
      } else if (field.absent !== undefined) record[key] = field.absent();
      else throw new SwhFault("TypeError", `${this.name} misses the field '${wire}'`);
    }
    if (taken + 1 < Object.keys(map).length) throw this.#unknownField(map);
    return new ModelValue(this, record as T);
  }

  #unknownField(map: WireObject): SwhFault {
    const known = new Set(["__type__", ...this.#fields.map(({ wire }) => wire)]);
    const key = Object.keys(map).find((each) => !known.has(each)) ?? "";
    return new SwhFault("TypeError", `${this.name} has no field '${key.slice(0, 40)}'`);
  }

  /** A record whose missing fields have their defaults. */
  complete(record: Partial<T>): T {
    const missing = this.#fields.flatMap(({ key, field }) =>
      Reflect.get(record, key) === undefined && field.absent !== undefined
        ? [[key, field.absent()] as const]
        : [],
    );
    return { ...record, ...Object.fromEntries(missing) } as T;
  }

  /** The map of a record. */
  write(record: T): WireObject {
    const map: Record<string, WireValue> = {};
    for (const { key, wire, field } of this.#fields) {
      map[wire] = field.kind.encode(Reflect.get(record, key));
    }
    map["__type__"] = this.name;
    return map;
  }

  /** The record of a value that must be this model. */
  readonly kind: kinds.Kind<T> = {
    decode: (value, place) => {
      if (value instanceof ModelValue && value.model === this) return value.record as T;
      throw kinds.wrongKind(place, `a ${this.name}`, value);
    },
    encode: (record) => new ModelValue(this, record),
  };
}

/** A record on its way. */
export class ModelValue<T extends object> extends Tagged {
  override readonly tag = "scheduler_model";
  readonly model: Model<T>;
  readonly record: T;

  constructor(model: Model<T>, record: T) {
    super();
    this.model = model;
    this.record = record;
  }

  override get data(): WireObject {
    return this.model.write(this.record);
  }
}

/** A field that must be there. */
export function required<T>(kind: kinds.Kind<T>): Field<T> {
  return { kind };
}

/** A field that may be null, and is when it is left out. */
export function optional<T>(kind: kinds.Kind<T>): Field<T | null> {
  return { kind: kinds.nullable(kind), absent: () => null };
}

/** A field with a default. */
export function defaulted<T>(kind: kinds.Kind<T>, value: T): Field<T> {
  return { kind, absent: () => value };
}

/** The model of a task: of one to be created, and of a stored one. */
export interface TaskFields {
  readonly type: string;
  readonly arguments: TaskArguments;
  readonly nextRun: Instant;
  readonly status: TaskStatus;
  readonly policy: TaskPolicy;
  readonly retriesLeft: Integer | null;
  readonly id: Integer | null;
  readonly currentInterval: Interval | null;
  readonly priority: TaskPriority | null;
}

/** The model of a run. */
export interface TaskRunFields {
  readonly task: Integer | null;
  readonly id: Integer | null;
  readonly backendId: string | null;
  readonly scheduled: Instant | null;
  readonly started: Instant | null;
  readonly ended: Instant | null;
  readonly metadata: SwhJsonObject | null;
  readonly status: TaskRunStatus;
}

/** The model of a lister: one that is not stored yet has neither id nor dates. */
export type ListerFields = Omit<Lister, "id" | "created" | "updated"> & {
  readonly id: string | null;
  readonly created: Instant | null;
  readonly updated: Instant | null;
};

/** The model of an origin: the seen-dates are the store's. */
export interface ListedOriginFields {
  readonly listerId: string;
  readonly url: string;
  readonly visitType: string;
  readonly extraLoaderArguments: SwhJsonObject;
  readonly lastUpdate: Instant | null;
  readonly isFork: boolean | null;
  readonly forkedFromUrl: string | null;
  readonly enabled: boolean;
  readonly firstSeen: Instant | null;
  readonly lastSeen: Instant | null;
}

/** The model of metrics. */
export type MetricsFields = Omit<SchedulerMetrics, "lastUpdate"> & {
  readonly lastUpdate: Instant | null;
};

/** The status of a visit has a tag of its own; where it is read plain text will do. */
const visitStatus: kinds.Kind<LastVisitStatus> = {
  decode: (value, place) => {
    const bare =
      value instanceof PlainTag && value.tag === "last_visit_status" ? value.data : value;
    const status = lastVisitStatuses.find((word) => word === bare);
    if (status !== undefined) return status;
    if (typeof bare !== "string") throw kinds.wrongKind(place, "a last_visit_status", value);
    const shown = bare.slice(0, 40);
    throw new SwhFault("ValueError", `'${shown}' is not a valid LastVisitStatus`);
  },
  encode: (value) => new PlainTag("last_visit_status", value),
};

/** `TaskType`. */
export const taskTypeModel: Model<TaskType> = new Model<TaskType>("TaskType", {
  type: required(kinds.text),
  description: required(kinds.text),
  backendName: required(kinds.text),
  defaultInterval: optional(kinds.interval),
  minInterval: optional(kinds.interval),
  maxInterval: optional(kinds.interval),
  backoffFactor: optional(kinds.fraction),
  maxQueueLength: { kind: kinds.nullable(kinds.integer), absent: () => 1000 },
  numRetries: optional(kinds.integer),
  retryDelay: optional(kinds.interval),
});

/** `TaskArguments`. */
export const argumentsModel: Model<TaskArguments> = new Model<TaskArguments>("TaskArguments", {
  args: { kind: kinds.list(kinds.json), absent: () => [] },
  kwargs: { kind: kinds.jsonObject, absent: () => ({}) },
});

/** `Task`. */
export const taskModel: Model<TaskFields> = new Model<TaskFields>("Task", {
  type: required(kinds.text),
  arguments: required(argumentsModel.kind),
  nextRun: required(kinds.time),
  status: defaulted(kinds.oneOf(taskStatuses), "next_run_not_scheduled"),
  policy: defaulted(kinds.oneOf(taskPolicies), "recurring"),
  retriesLeft: optional(kinds.integer),
  id: optional(kinds.integer),
  currentInterval: optional(kinds.interval),
  priority: optional(kinds.oneOf(taskPriorities)),
});

/** `TaskRun`. */
export const taskRunModel: Model<TaskRunFields> = new Model<TaskRunFields>("TaskRun", {
  task: required(kinds.nullable(kinds.integer)),
  id: optional(kinds.integer),
  backendId: optional(kinds.text),
  scheduled: optional(kinds.time),
  started: optional(kinds.time),
  ended: optional(kinds.time),
  metadata: optional(kinds.jsonObject),
  status: defaulted(kinds.oneOf(taskRunStatuses), "scheduled"),
});

/** `Lister`. */
export const listerModel: Model<ListerFields> = new Model<ListerFields>("Lister", {
  name: required(kinds.text),
  instanceName: required(kinds.text),
  id: optional(kinds.uuid),
  currentState: { kind: kinds.jsonObject, absent: () => ({}) },
  created: optional(kinds.time),
  updated: optional(kinds.time),
  lastListingFinishedAt: optional(kinds.time),
  firstVisitsQueuePrefix: optional(kinds.text),
  firstVisitsScheduledAt: optional(kinds.time),
});

/** `ListedOrigin`. */
export const listedOriginModel: Model<ListedOriginFields> = new Model<ListedOriginFields>(
  "ListedOrigin",
  {
    listerId: required(kinds.uuid),
    url: required(kinds.text),
    visitType: required(kinds.text),
    extraLoaderArguments: { kind: kinds.jsonObject, absent: () => ({}) },
    lastUpdate: optional(kinds.time),
    isFork: optional(kinds.boolean),
    forkedFromUrl: optional(kinds.text),
    enabled: defaulted(kinds.boolean, true),
    firstSeen: optional(kinds.time),
    lastSeen: optional(kinds.time),
  },
);

/** `OriginVisitStats`. */
export const visitStatsModel: Model<OriginVisitStats> = new Model<OriginVisitStats>(
  "OriginVisitStats",
  {
    url: required(kinds.text),
    visitType: required(kinds.text),
    lastSuccessful: optional(kinds.time),
    lastVisit: optional(kinds.time),
    lastVisitStatus: optional(visitStatus),
    lastScheduled: optional(kinds.time),
    lastSnapshot: optional(kinds.bytes),
    nextVisitQueuePosition: optional(kinds.integer),
    nextPositionOffset: defaulted<Integer>(kinds.integer, 4),
    successiveVisits: defaulted<Integer>(kinds.integer, 1),
  },
);

/** `SchedulerMetrics`. */
export const metricsModel: Model<MetricsFields> = new Model<MetricsFields>("SchedulerMetrics", {
  listerId: required(kinds.uuid),
  visitType: required(kinds.text),
  lastUpdate: required(kinds.nullable(kinds.time)),
  originsKnown: defaulted<Integer>(kinds.integer, 0),
  originsEnabled: defaulted<Integer>(kinds.integer, 0),
  originsNeverVisited: defaulted<Integer>(kinds.integer, 0),
  originsWithPendingChanges: defaulted<Integer>(kinds.integer, 0),
});

/** As much of a model as its tag needs. */
export interface ReadableModel {
  readonly name: string;
  read(map: WireObject): WireValue;
}

/** The models of the `current` dialect. */
export const currentModels: readonly ReadableModel[] = [
  taskTypeModel,
  argumentsModel,
  taskModel,
  taskRunModel,
  listerModel,
  listedOriginModel,
  visitStatsModel,
  metricsModel,
];
