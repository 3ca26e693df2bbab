/**
 * The eight records of the Software Heritage scheduler. Fields are the wire's in camelCase; the
 * table that maps one to the other, in the order of the wire, stands with the codec. Instants are
 * microseconds in UTC, intervals microseconds, and null is what the reference stores as null.
 */

import type { Instant } from "../../kernel/instant.ts";
import type { Interval } from "../../kernel/interval.ts";
import type {
  SwhRunStatus as TaskRunStatus,
  SwhTaskPolicy as TaskPolicy,
  SwhTaskPriority as TaskPriority,
  SwhTaskStatus as TaskStatus,
  SwhTaskType as TaskType,
} from "../../model/swh-task.ts";
import type { Integer, SwhJson, SwhJsonObject } from "./values.ts";

export {
  swhRunStatuses as taskRunStatuses,
  swhTaskPolicies as taskPolicies,
  swhTaskPriorities as taskPriorities,
  swhTaskStatuses as taskStatuses,
  type SwhRunStatus as TaskRunStatus,
  type SwhTaskPolicy as TaskPolicy,
  type SwhTaskPriority as TaskPriority,
  type SwhTaskStatus as TaskStatus,
  type SwhTaskType as TaskType,
} from "../../model/swh-task.ts";

/** How the last visit of an origin ended. */
export const lastVisitStatuses = ["successful", "failed", "not_found"] as const;
/** One of them. */
export type LastVisitStatus = (typeof lastVisitStatuses)[number];

/** A task type to be created; what is left out is null, and 1000 for `maxQueueLength`. */
export type NewTaskType = Pick<TaskType, "type" | "description" | "backendName"> &
  Partial<TaskType>;

/** What a task is called with. */
export interface TaskArguments {
  readonly args: readonly SwhJson[];
  readonly kwargs: SwhJsonObject;
}

/** A stored task. */
export interface Task {
  readonly type: string;
  readonly arguments: TaskArguments;
  readonly nextRun: Instant;
  readonly status: TaskStatus;
  readonly policy: TaskPolicy;
  readonly retriesLeft: Integer;
  readonly id: number;
  readonly currentInterval: Interval | null;
  readonly priority: TaskPriority | null;
}

/**
 * A task to be created. `policy` defaults to that of the call, `status` to
 * `next_run_not_scheduled`, `retriesLeft` to the type's `numRetries`, the others to nothing. Id and
 * interval of a new task come from the store, so they have no place here.
 */
export interface NewTask {
  readonly type: string;
  readonly arguments: Partial<TaskArguments>;
  readonly nextRun: Instant;
  readonly status?: TaskStatus;
  readonly policy?: TaskPolicy;
  readonly retriesLeft?: Integer | null;
  readonly priority?: TaskPriority | null;
}

/** A run of a task. */
export interface TaskRun {
  readonly task: number;
  readonly id: number;
  /** How the broker calls it; several runs may share one. */
  readonly backendId: string | null;
  readonly scheduled: Instant | null;
  readonly started: Instant | null;
  readonly ended: Instant | null;
  readonly metadata: SwhJsonObject | null;
  readonly status: TaskRunStatus;
}

/** A run to be noted as scheduled. */
export interface NewTaskRun {
  readonly task: Integer;
  readonly backendId: string | null;
  /** @defaultValue null */
  readonly scheduled?: Instant | null;
  /** @defaultValue null */
  readonly metadata?: SwhJsonObject | null;
}

/** A place where origins are listed: a forge, a package index. */
export interface Lister {
  /** Unique together with `instanceName`. */
  readonly name: string;
  /** Empty for the only instance. */
  readonly instanceName: string;
  /** A UUID in lower case. */
  readonly id: string;
  /** What the lister keeps between its runs. */
  readonly currentState: SwhJsonObject;
  readonly created: Instant;
  /** Grows with each change; an update must name the value that it has read. */
  readonly updated: Instant;
  readonly lastListingFinishedAt: Instant | null;
  readonly firstVisitsQueuePrefix: string | null;
  readonly firstVisitsScheduledAt: Instant | null;
}

/**
 * A lister as it is to become, with the `updated` that was read. An id or `updated` of null matches
 * no lister; `created` never changes.
 */
export type ListerUpdate = Omit<Lister, "id" | "created" | "updated"> & {
  readonly id: string | null;
  readonly updated: Instant | null;
};

/** Something to be visited, as one lister found it. */
export interface ListedOrigin {
  /** The UUID of its lister. */
  readonly listerId: string;
  readonly url: string;
  readonly visitType: string;
  readonly extraLoaderArguments: SwhJsonObject;
  readonly lastUpdate: Instant | null;
  readonly isFork: boolean | null;
  readonly forkedFromUrl: string | null;
  readonly enabled: boolean;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
}

/**
 * An origin to be recorded. What is left out is null, `{}` for `extraLoaderArguments` and true for
 * `enabled`, also where something else was stored. The seen-dates come from the store.
 */
export type NewListedOrigin = Pick<ListedOrigin, "listerId" | "url" | "visitType"> &
  Partial<Omit<ListedOrigin, "firstSeen" | "lastSeen">>;

/** What is known of the visits of a URL; shared by all listers that list it. */
export interface OriginVisitStats {
  readonly url: string;
  readonly visitType: string;
  readonly lastSuccessful: Instant | null;
  readonly lastVisit: Instant | null;
  readonly lastVisitStatus: LastVisitStatus | null;
  readonly lastScheduled: Instant | null;
  readonly lastSnapshot: Uint8Array | null;
  /** Any number of 64 bits. */
  readonly nextVisitQueuePosition: Integer | null;
  readonly nextPositionOffset: Integer;
  readonly successiveVisits: Integer;
}

/**
 * Stats to be merged into the stored ones: null or nothing keeps the stored value. The two counts
 * have defaults (4 and 1) and are always overwritten.
 */
export type NewOriginVisitStats = Pick<OriginVisitStats, "url" | "visitType"> &
  Partial<OriginVisitStats>;

/** How many origins a lister knows of one visit type. */
export interface SchedulerMetrics {
  readonly listerId: string;
  readonly visitType: string;
  readonly lastUpdate: Instant;
  readonly originsKnown: Integer;
  readonly originsEnabled: Integer;
  readonly originsNeverVisited: Integer;
  readonly originsWithPendingChanges: Integer;
}
