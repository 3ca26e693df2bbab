/** How the records of the interface travel in the `current` dialect: as models. */

import type { Instant } from "../../../kernel/instant.ts";
import { SwhFault } from "../errors.ts";
import type {
  ListedOrigin,
  Lister,
  ListerUpdate,
  NewListedOrigin,
  NewOriginVisitStats,
  NewTask,
  NewTaskRun,
  NewTaskType,
  OriginVisitStats,
  SchedulerMetrics,
  Task,
  TaskRun,
  TaskType,
} from "../records.ts";
import type { ListedOriginPage } from "../scheduler.ts";
import { type Kind, type Place, list, nullable } from "./kinds.ts";
import {
  argumentsModel,
  type ListedOriginFields,
  listedOriginModel,
  type ListerFields,
  listerModel,
  metricsModel,
  taskModel,
  taskRunModel,
  taskTypeModel,
  visitStatsModel,
} from "./models.ts";
import { isList, isWireObject, PlainTag, type WireValue } from "./wire-value.ts";

/** The records as one dialect has them. */
export interface RecordKinds {
  readonly newTaskType: Kind<NewTaskType>;
  readonly taskType: Kind<TaskType>;
  readonly newTask: Kind<NewTask>;
  /** As creation and look-up by id answer it. */
  readonly task: Kind<Task>;
  /** As the searches answer it. */
  readonly foundTask: Kind<Task>;
  readonly newTaskRun: Kind<NewTaskRun>;
  readonly taskRun: Kind<TaskRun>;
  /** A run, or that there is none. */
  readonly markedRun: Kind<TaskRun | null>;
  readonly listerUpdate: Kind<ListerUpdate>;
  readonly lister: Kind<Lister>;
  readonly newListedOrigin: Kind<NewListedOrigin>;
  readonly listedOrigin: Kind<ListedOrigin>;
  readonly originPage: Kind<ListedOriginPage>;
  readonly newVisitStats: Kind<NewOriginVisitStats>;
  readonly visitStats: Kind<OriginVisitStats>;
  readonly metrics: Kind<SchedulerMetrics>;
}

/** A kind whose values are read and written as another. */
export function through<Inner, Outer>(
  kind: Kind<Inner>,
  turn: {
    readonly read: (inner: Inner, place: Place) => Outer;
    readonly write: (outer: Outer) => Inner;
  },
): Kind<Outer> {
  return {
    decode: (value, place) => turn.read(kind.decode(value, place), place),
    encode: (value) => kind.encode(turn.write(value)),
  };
}

/** What a server always says. */
export function said<T>(value: T | null, place: Place): T {
  if (value !== null) return value;
  throw new SwhFault("TypeError", `${place.name} misses what a stored record has`);
}

const taskRun: Kind<TaskRun> = through(taskRunModel.kind, {
  read: (run, place) => ({
    ...run,
    task: Number(said(run.task, place)),
    id: Number(said(run.id, place)),
  }),
  write: (run) => run,
});

const task: Kind<Task> = through(taskModel.kind, {
  read: (stored, place) => ({
    ...stored,
    id: Number(said(stored.id, place)),
    retriesLeft: said(stored.retriesLeft, place),
  }),
  write: (stored) => stored,
});

const newTask: Kind<NewTask> = through(taskModel.kind, {
  read: (created) => created,
  write: (created) =>
    taskModel.complete({ ...created, arguments: argumentsModel.complete(created.arguments) }),
});

/** A run's task, which a run to be noted must have. */
export function taskOfRun<T>(id: T | null, place: Place): T {
  if (id !== null) return id;
  throw new SwhFault("NotNullViolation", `${place.name} must name its task`);
}

const newTaskRun: Kind<NewTaskRun> = through(taskRunModel.kind, {
  read: (run, place) => ({ ...run, task: taskOfRun(run.task, place) }),
  write: (run) => taskRunModel.complete(run),
});

/** A stored lister has an id and dates. */
export function storedLister(fields: ListerFields, place: Place): Lister {
  const { id, created, updated } = fields;
  const dates = { created: said(created, place), updated: said(updated, place) };
  return { ...fields, ...dates, id: said(id, place) };
}

/** A stored origin has been seen. */
export function storedOrigin(fields: ListedOriginFields, place: Place): ListedOrigin {
  const { firstSeen, lastSeen } = fields;
  const seen = { firstSeen: said(firstSeen, place), lastSeen: said(lastSeen, place) };
  return { ...fields, ...seen };
}

const lister: Kind<Lister> = through(listerModel.kind, {
  read: storedLister,
  write: (stored) => stored,
});

const listerUpdate: Kind<ListerUpdate> = through(listerModel.kind, {
  read: (update) => update,
  write: (update) => listerModel.complete(update),
});

const listedOrigin: Kind<ListedOrigin> = through(listedOriginModel.kind, {
  read: storedOrigin,
  write: (origin) => origin,
});

const newListedOrigin: Kind<NewListedOrigin> = through(listedOriginModel.kind, {
  read: (origin) => origin,
  write: (origin) => listedOriginModel.complete(origin),
});

/** A page of origins; `total` says whether the dialect has a place for their number. */
export function originPage(
  origin: Kind<ListedOrigin>,
  { total }: { readonly total: boolean },
): Kind<ListedOriginPage> {
  const origins = list(origin);
  return {
    decode: (value, place) => {
      const page = value instanceof PlainTag ? value.data : null;
      if (!isWireObject(page)) throw new SwhFault("TypeError", `${place.name} must be a page`);
      return {
        results: origins.decode(page["results"] ?? null, place),
        nextPageToken: nullable(pageToken).decode(page["next_page_token"] ?? null, place),
      };
    },
    encode: ({ results, nextPageToken }) =>
      new PlainTag("paged_result", {
        results: origins.encode(results),
        next_page_token: nextPageToken,
        ...(total ? { total_results: null } : {}),
      }),
  };
}

/** Lister id and URL. */
export const pageToken: Kind<readonly [string, string]> = {
  decode: (value: WireValue, place) => {
    if (isList(value) && value.length === 2) {
      const [listerId, url] = value;
      if (typeof listerId === "string" && typeof url === "string") return [listerId, url];
    }
    throw new SwhFault("ValueError", `${place.name} must be a list of a lister id and a url`);
  },
  encode: (value) => value,
};

const metrics: Kind<SchedulerMetrics> = through(metricsModel.kind, {
  read: (fields, place) => ({ ...fields, lastUpdate: said<Instant>(fields.lastUpdate, place) }),
  write: (fields) => fields,
});

/** The records of the `current` dialect. */
export const currentRecords: RecordKinds = {
  newTaskType: through(taskTypeModel.kind, {
    read: (type) => type,
    write: (type) => taskTypeModel.complete(type),
  }),
  taskType: taskTypeModel.kind,
  newTask,
  task,
  foundTask: task,
  newTaskRun,
  taskRun,
  markedRun: nullable(taskRun),
  listerUpdate,
  lister,
  newListedOrigin,
  listedOrigin,
  originPage: originPage(listedOrigin, { total: true }),
  newVisitStats: through(visitStatsModel.kind, {
    read: (stats) => stats,
    write: (stats) => visitStatsModel.complete(stats),
  }),
  visitStats: visitStatsModel.kind,
  metrics,
};
