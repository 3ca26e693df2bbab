/**
 * Tasks of the Software Heritage scheduler as the store keeps them, and the port to them. Their
 * rules are that system's and not those of native tasks: any status may be set at any time, runs
 * are reported from outside, may end twice, and may share the name that a broker gave them.
 * Arguments and metadata are JSON text, since numbers of any size must survive.
 */

import type { Instant } from "../kernel/instant.ts";
import type { Interval } from "../kernel/interval.ts";

/** Where a task stands. `disabled` is not final: any status may be set to any other. */
export const swhTaskStatuses = [
  "next_run_not_scheduled",
  "next_run_scheduled",
  "completed",
  "disabled",
] as const;
/** One of them. */
export type SwhTaskStatus = (typeof swhTaskStatuses)[number];

/** Whether a task runs again and again, or once. */
export const swhTaskPolicies = ["recurring", "oneshot"] as const;
/** One of them. */
export type SwhTaskPolicy = (typeof swhTaskPolicies)[number];

/** The level of a task that is grabbed apart from those without one; no level goes first. */
export const swhTaskPriorities = ["high", "normal", "low"] as const;
/** One of them. */
export type SwhTaskPriority = (typeof swhTaskPriorities)[number];

/** Where a run of a task stands; all but the first two are ends. */
export const swhRunStatuses = [
  "scheduled",
  "started",
  "eventful",
  "uneventful",
  "failed",
  "permfailed",
  "lost",
] as const;
/** One of them. */
export type SwhRunStatus = (typeof swhRunStatuses)[number];

/** A whole number: a `number` while it is a safe integer, a `bigint` beyond. */
export type WholeNumber = number | bigint;

/** A kind of task, with the intervals that adapt to what its runs find. */
export interface SwhTaskType {
  /** Unique. */
  readonly type: string;
  readonly description: string;
  /** The name under which the workers know it. */
  readonly backendName: string;
  readonly defaultInterval: Interval | null;
  readonly minInterval: Interval | null;
  readonly maxInterval: Interval | null;
  /** Each successful run divides the task's interval by it. */
  readonly backoffFactor: number | null;
  /** Read by those who feed a broker; null is no limit. */
  readonly maxQueueLength: WholeNumber | null;
  readonly numRetries: WholeNumber | null;
  /** Null means an hour. */
  readonly retryDelay: Interval | null;
}

/** A stored task. */
export interface SwhTask {
  readonly id: number;
  readonly type: string;
  /** JSON text of an object with `args` and `kwargs`. */
  readonly argumentsJson: string;
  readonly nextRun: Instant;
  readonly status: SwhTaskStatus;
  readonly policy: SwhTaskPolicy;
  readonly retriesLeft: WholeNumber;
  readonly currentInterval: Interval | null;
  readonly priority: SwhTaskPriority | null;
}

/** A task to be stored; its interval comes from the type, its retries too when they are null. */
export type NewSwhTask = Omit<SwhTask, "id" | "currentInterval" | "retriesLeft"> & {
  readonly retriesLeft: WholeNumber | null;
};

/** A stored run. */
export interface SwhTaskRun {
  readonly id: number;
  readonly task: number;
  /** How the broker calls it; several runs may share one. */
  readonly backendId: string | null;
  readonly scheduled: Instant | null;
  readonly started: Instant | null;
  readonly ended: Instant | null;
  /** JSON text of an object. */
  readonly metadataJson: string | null;
  readonly status: SwhRunStatus;
}

/** A run to be noted. */
export interface NewSwhTaskRun {
  readonly task: WholeNumber;
  readonly backendId: string | null;
  readonly scheduled: Instant | null;
  readonly metadataJson: string | null;
}

/** New status of some tasks. */
export interface SwhStatusChange {
  readonly taskIds: readonly WholeNumber[];
  readonly status: SwhTaskStatus;
  /** Null keeps it. */
  readonly nextRun: Instant | null;
  /** Only those that have not completed and whose next run is past. */
  readonly exceptCompleted: boolean;
}

/** A conjunction of filters; null does not filter. By ascending id. */
export interface SwhTaskFilter {
  readonly taskIds: readonly WholeNumber[] | null;
  readonly types: readonly string[] | null;
  readonly statuses: readonly SwhTaskStatus[] | null;
  readonly priorities: readonly SwhTaskPriority[] | null;
  readonly policy: SwhTaskPolicy | null;
  /** `nextRun` at this time or before. */
  readonly before: Instant | null;
  /** `nextRun` at this time or later. */
  readonly after: Instant | null;
  readonly limit: WholeNumber;
}

/** Which waiting tasks. */
export interface SwhReadyRequest {
  readonly type: string;
  /** Whether those with a priority, or those without. */
  readonly hasPriority: boolean;
  /** The latest next run; null is now. */
  readonly timestamp: Instant | null;
  readonly limit: WholeNumber;
}

/** What is written to all runs with one backend id. */
export interface SwhRunNote {
  readonly backendId: string;
  /** Laid over what the run has. */
  readonly metadataJson: string | null;
  /** Null is now. */
  readonly timestamp: Instant | null;
}

/** The end of runs. */
export interface SwhRunEnd extends SwhRunNote {
  readonly status: SwhRunStatus;
  /** Uneventful runs multiply the interval by the type's factor, where others divide by it. */
  readonly widens: boolean;
}

/** Which runs to archive: those of tasks that have ended for good, within some time. */
export interface SwhArchiveFilter {
  /** Text that PostgreSQL reads as a time; UTC without an offset. */
  readonly from: string;
  /** Not at this time any more. */
  readonly until: string;
  readonly taskIdMin: WholeNumber;
  /** Tasks up to this one only; null for all. */
  readonly taskIdMax: WholeNumber | null;
  readonly limit: WholeNumber;
}

/** A run with its task, for the archive. */
export interface SwhArchivedRun {
  readonly task: SwhTask;
  readonly run: SwhTaskRun;
}

/** An end that the interface allows and nobody means. */
export interface SwhIrregularEnd {
  readonly runId: number;
  readonly taskId: number;
  /** Before the end; one of the ends when the run had ended already. */
  readonly runStatusBefore: SwhRunStatus;
  /** Before the end; `disabled` and `completed` tasks may have been revived by it. */
  readonly taskStatusBefore: SwhTaskStatus;
  readonly status: SwhRunStatus;
  readonly recordedAt: Instant;
}

/** What became of runs that are no longer kept. */
export interface SwhRolledRuns {
  /** The names of months that came and went. */
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  /** Tasks that had ended for good and have no run left, deleted. */
  readonly tasks: number;
  /** False when there is more to delete at once. */
  readonly isDone: boolean;
}

/** How long runs are kept. */
export interface SwhRunHistory {
  /** Says for how many days, for all processes and from now on; null for ever. */
  keepRuns(days: number | null): Promise<void>;
  /**
   * Adds the coming month, drops those of which no run is kept, and deletes the tasks that the
   * archive would have deleted with them. Does nothing where runs are kept for ever.
   */
  rollRuns(): Promise<SwhRolledRuns>;
}

/** Tasks of the Software Heritage scheduler. Each method is one statement. */
export interface SwhTaskStore {
  /** Stores a type unless one of that name is there. */
  createType(type: SwhTaskType): Promise<void>;
  findType(name: string): Promise<SwhTaskType | undefined>;
  /** By name. */
  listTypes(): Promise<readonly SwhTaskType[]>;
  /**
   * Stores those that no stored task equals in type, arguments, policy, priority and status, nor,
   * for oneshot ones, in next run. Answers all stored tasks that equal one in all of those.
   */
  create(tasks: readonly NewSwhTask[]): Promise<readonly SwhTask[]>;
  setStatus(change: SwhStatusChange): Promise<void>;
  search(filter: SwhTaskFilter): Promise<readonly SwhTask[]>;
  /** Waiting tasks that are due, by next run and id. */
  peekReady(request: SwhReadyRequest): Promise<readonly SwhTask[]>;
  /** The same, marked as scheduled in the same statement: no two calls get the same task. */
  grabReady(request: SwhReadyRequest): Promise<readonly SwhTask[]>;
  /** Stores runs; in the order given. */
  scheduleRuns(runs: readonly NewSwhTaskRun[]): Promise<readonly SwhTaskRun[]>;
  /** Stores a run that is scheduled at the given time, else now. */
  scheduleRun(run: NewSwhTaskRun): Promise<SwhTaskRun>;
  /** Marks all runs of a backend id as started; answers that with the lowest id. */
  startRuns(note: SwhRunNote): Promise<SwhTaskRun | undefined>;
  /** Ends them, moves their tasks on, and keeps what was irregular about it. */
  endRuns(end: SwhRunEnd): Promise<SwhTaskRun | undefined>;
  /** By ascending id. */
  listRuns(taskIds: readonly WholeNumber[], limit: WholeNumber): Promise<readonly SwhTaskRun[]>;
  /** By task id and start, those that never started last. */
  listArchivable(filter: SwhArchiveFilter): Promise<readonly SwhArchivedRun[]>;
  /** Deletes runs, then those of the tasks that have no run left. */
  deleteArchived(ids: {
    readonly taskIds: readonly WholeNumber[];
    readonly runIds: readonly WholeNumber[];
  }): Promise<void>;
  /** The latest first. */
  listIrregularEnds(limit: number): Promise<readonly SwhIrregularEnd[]>;
}
