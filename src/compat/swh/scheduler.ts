/**
 * The scheduler of Software Heritage as an interface: 34 methods under their documented names in
 * camelCase, with arguments of one type by name. The local one (over our store) and the remote one
 * (over HTTP, ours or the original server) implement it and pass one conformance suite.
 *
 * Dialects. This is the interface of the `current` dialect (typed records). The `seed` dialect, of
 * releases 1.3.0 to 2.2.2, is a rendering of the same calls: its wire carries tasks, task types and
 * runs as plain maps and lacks `getVisitTypesForListedOrigins`, some arguments and some columns.
 * The server and the client do that rendering; the scheduler below them knows no dialect.
 *
 * Errors. What the reference refuses by name rejects with `SchedulerException`, `StaleData`,
 * `UnknownPolicy` or `SwhFault`; what the database refuses with `StoreError`. Times that are left
 * out are those of the database's clock, so that processes need not agree on theirs.
 */

import type { Instant } from "../../kernel/instant.ts";
import type { Interval } from "../../kernel/interval.ts";
import type {
  LastVisitStatus,
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
  TaskPolicy,
  TaskPriority,
  TaskRun,
  TaskRunStatus,
  TaskStatus,
  TaskType,
} from "./records.ts";
import type { Integer, SwhJson, SwhJsonObject } from "./values.ts";

/** What `setStatusTasks` sets, and on which of the named tasks. */
export interface SetStatusOptions {
  /** @defaultValue disabled */
  readonly status?: TaskStatus;
  /** Null keeps it. @defaultValue null */
  readonly nextRun?: Instant | null;
  /** Only those that have not completed and whose next run is past. @defaultValue false */
  readonly exceptCompletedTasks?: boolean;
}

/** A conjunction of filters; null, 0, empty text and empty lists ask for nothing. */
export interface TaskSearch {
  readonly taskId?: Integer | readonly Integer[] | null;
  readonly taskType?: string | readonly string[] | null;
  readonly status?: TaskStatus | readonly TaskStatus[] | null;
  readonly priority?: TaskPriority | readonly TaskPriority[] | null;
  readonly policy?: TaskPolicy | null;
  /** `nextRun` at this time or before. */
  readonly before?: Instant | null;
  /** `nextRun` at this time or later. */
  readonly after?: Instant | null;
  /** Null and 0 mean all. */
  readonly limit?: Integer | null;
}

/** Which ready tasks, and how many. */
export interface ReadyOptions {
  /** The latest next run. @defaultValue now */
  readonly timestamp?: Instant | null;
  /** Null means all. @defaultValue null */
  readonly numTasks?: Integer | null;
}

/** What is noted with a run. */
export interface RunNote {
  /** Laid over what the run has. @defaultValue null */
  readonly metadata?: SwhJsonObject | null;
  /** @defaultValue now */
  readonly timestamp?: Instant | null;
}

/** Which tasks and runs to archive. */
export interface ArchiveFilter {
  /** From this time on: an instant, or text that the database reads (UTC without an offset). */
  readonly afterTs: string | Instant;
  /** Before this time. */
  readonly beforeTs: string | Instant;
  /** Rows at most. @defaultValue 10 */
  readonly limit?: Integer;
  /** Of the page before. @defaultValue null */
  readonly pageToken?: string | null;
}

/** A run with its task, as it goes to the archive. */
export interface ArchivedRun {
  readonly taskId: number;
  readonly taskPolicy: TaskPolicy;
  readonly taskStatus: TaskStatus;
  readonly taskRunId: number;
  /** `args` by their index, `kwargs` as JSON text. */
  readonly arguments: {
    readonly args: ReadonlyMap<number, SwhJson>;
    readonly kwargs: string;
  };
  readonly type: string;
  readonly backendId: string | null;
  readonly metadata: SwhJsonObject | null;
  readonly scheduled: Instant | null;
  readonly started: Instant | null;
  readonly ended: Instant | null;
  readonly taskRunStatus: TaskRunStatus;
}

/** A page of runs to archive; without a token it is the last one. */
export interface ArchivePage {
  readonly tasks: readonly ArchivedRun[];
  readonly nextPageToken?: string;
}

/** A run that has been archived. */
export interface ArchivedIds {
  readonly taskId: Integer;
  readonly taskRunId: Integer;
}

/** A lister by its unique names. */
export interface ListerName {
  readonly name: string;
  /** Null means the empty one. @defaultValue null */
  readonly instanceName?: string | null;
}

/** Which origins to read. */
export interface ListedOriginsFilter {
  /** A UUID. @defaultValue null */
  readonly listerId?: string | null;
  /** Wins over `urls`. @defaultValue null */
  readonly url?: string | null;
  /** Null and an empty list ask for nothing. @defaultValue null */
  readonly urls?: readonly string[] | null;
  /** Null means both. @defaultValue true */
  readonly enabled?: boolean | null;
  /** Rows at most, 1 or more. @defaultValue 1000 */
  readonly limit?: Integer;
  /** Of the page before. @defaultValue null */
  readonly pageToken?: OriginPageToken | null;
}

/** Lister id and URL of the last row of a page. */
export type OriginPageToken = readonly [listerId: string, url: string];

/** A page of origins in the order of lister id and URL (bytes). */
export interface ListedOriginPage {
  readonly results: readonly ListedOrigin[];
  /** Null when the page is not full. */
  readonly nextPageToken: OriginPageToken | null;
}

/** Which origins to visit next. Null or zero switches a cool-down off. */
export interface GrabVisits {
  readonly visitType: string;
  /** Null means all. */
  readonly count: Integer | null;
  /** One of the six policies' names. */
  readonly policy: string;
  /** @defaultValue true */
  readonly enabled?: boolean;
  readonly listerUuid?: string | null;
  readonly listerName?: string | null;
  readonly listerInstanceName?: string | null;
  /** The time of the choice. @defaultValue now */
  readonly timestamp?: Instant | null;
  /** Since the origin was last scheduled. @defaultValue 12 hours */
  readonly absoluteCooldown?: Interval | null;
  /** Since then, unless it was visited after. @defaultValue 7 days */
  readonly scheduledCooldown?: Interval | null;
  /** After a failed visit. @defaultValue 14 days */
  readonly failedCooldown?: Interval | null;
  /** After a visit that found nothing there. @defaultValue 31 days */
  readonly notFoundCooldown?: Interval | null;
  /** Per cent of the table that is looked at; null and 0 mean all of it. @defaultValue null */
  readonly tablesample?: number | null;
  /** Chooses without marking. @defaultValue false */
  readonly dryRun?: boolean;
}

/** Which metrics. */
export interface MetricsFilter {
  readonly listerId?: string | null;
  readonly visitType?: string | null;
}

/** Which metrics to count anew, and as of when. */
export interface MetricsUpdate {
  readonly listerId?: string | null;
  /** @defaultValue the database's time */
  readonly timestamp?: Instant | null;
}

/** Task types, tasks, their runs and the archive. */
export interface SwhTaskScheduler {
  /** Creates a type; one that exists is left as it is. */
  createTaskType(taskType: NewTaskType): Promise<void>;
  getTaskType(taskTypeName: string): Promise<TaskType | null>;
  /** In the order of their names. */
  getTaskTypes(): Promise<readonly TaskType[]>;
  /**
   * Stores tasks that are not there yet; answers those that equal one of `tasks` in type,
   * arguments, policy, priority, status and next run, by ascending id.
   */
  createTasks(tasks: readonly NewTask[], policy?: TaskPolicy): Promise<readonly Task[]>;
  setStatusTasks(taskIds: readonly Integer[], options?: SetStatusOptions): Promise<void>;
  disableTasks(taskIds: readonly Integer[]): Promise<void>;
  /** By ascending id. */
  searchTasks(search?: TaskSearch): Promise<readonly Task[]>;
  /** Those that exist, each once, by ascending id. */
  getTasks(taskIds: readonly Integer[]): Promise<readonly Task[]>;
  /** Due tasks without priority that wait, by next run and id; changes nothing. */
  peekReadyTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]>;
  /** The same, marked as scheduled; no two calls are given the same task. */
  grabReadyTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]>;
  /** Due tasks with a priority that wait, by next run and id; changes nothing. */
  peekReadyPriorityTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]>;
  /** The same, marked as scheduled; no two calls are given the same task. */
  grabReadyPriorityTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]>;
  /** Notes a run of a task; the task stays as it is. */
  scheduleTaskRun(taskId: Integer, backendId: string, note?: RunNote): Promise<TaskRun>;
  massScheduleTaskRuns(taskRuns: readonly NewTaskRun[]): Promise<void>;
  /** Marks every run with this backend id; answers the one with the lowest id, null without any. */
  startTaskRun(backendId: string, note?: RunNote): Promise<TaskRun | null>;
  /** The same for the end, which moves the task on: each time, also when it had ended before. */
  endTaskRun(backendId: string, status: TaskRunStatus, note?: RunNote): Promise<TaskRun | null>;
  /** Runs of tasks that have ended for good, by task id and start. */
  filterTaskToArchive(filter: ArchiveFilter): Promise<ArchivePage>;
  /** Deletes the named runs, then those of the named tasks that have no run left. */
  deleteArchivedTasks(taskIds: readonly ArchivedIds[]): Promise<void>;
  /** By ascending id; null and 0 mean no limit. */
  getTaskRuns(taskIds: readonly Integer[], limit?: Integer | null): Promise<readonly TaskRun[]>;
}

/** Listers, the origins they list, the visits of those, and metrics: the frontier. */
export interface SwhFrontier {
  /** In the order of creation; with the flag, those whose first visits are to be scheduled. */
  getListers(filter?: { readonly withFirstVisitsToSchedule?: boolean }): Promise<readonly Lister[]>;
  /** Those that exist, in the order of creation. */
  getListersById(listerIds: readonly string[]): Promise<readonly Lister[]>;
  getLister(name: ListerName): Promise<Lister | null>;
  /** The prefix is set only when the lister is created. */
  getOrCreateLister(
    name: ListerName & { readonly firstVisitsQueuePrefix?: string | null },
  ): Promise<Lister>;
  /** @throws StaleData when no lister has this id and this `updated` */
  updateLister(lister: ListerUpdate): Promise<Lister>;
  /** Adds or overwrites, in order; of equal ones the last wins at the place of the first. */
  recordListedOrigins(listedOrigins: readonly NewListedOrigin[]): Promise<readonly ListedOrigin[]>;
  getListedOrigins(filter?: ListedOriginsFilter): Promise<ListedOriginPage>;
  getVisitTypesForListedOrigins(lister: { readonly id: string }): Promise<readonly string[]>;
  /**
   * Chooses origins by a policy and marks them as scheduled; no two calls choose the same.
   * @throws UnknownPolicy
   */
  grabNextVisits(request: GrabVisits): Promise<readonly ListedOrigin[]>;
  /** Merges stats in order; the same key twice is merged twice. */
  originVisitStatsUpsert(originVisitStats: readonly NewOriginVisitStats[]): Promise<void>;
  /** In the order of the ids; unknown ones are left out, repeated ones repeated. */
  originVisitStatsGet(
    ids: readonly (readonly [url: string, visitType: string])[],
  ): Promise<readonly OriginVisitStats[]>;
  /** By visit type. */
  visitSchedulerQueuePositionGet(): Promise<ReadonlyMap<string, Integer>>;
  visitSchedulerQueuePositionSet(visitType: string, position: Integer): Promise<void>;
  /** Counts anew, keeps and answers the counts. */
  updateMetrics(update?: MetricsUpdate): Promise<readonly SchedulerMetrics[]>;
  /** The counts that were kept. */
  getMetrics(filter?: MetricsFilter): Promise<readonly SchedulerMetrics[]>;
}

/** The whole interface. */
export interface SwhScheduler extends SwhTaskScheduler, SwhFrontier {}

/** The outcome words of the interface, for those who report visits. */
export type { LastVisitStatus };
