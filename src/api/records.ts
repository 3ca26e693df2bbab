/**
 * The records that users see, the same from the local scheduler, the remote one and the REST API.
 * Instants are RFC 3339 text in UTC with six digits, durations are milliseconds, ids whole numbers.
 */

import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { OccurrenceVerdict } from "../model/firing.ts";
import type { ForecastSource } from "../model/forecast.ts";
import type { LogLevel } from "../model/run.ts";
import type { OutcomeKind, RunError } from "../model/outcome.ts";
import type { RunState, TaskState, WorkerState } from "../model/state-machine.ts";
import type {
  DependencyReason,
  OnRequirementFailure,
  PolicyOverrides,
  TaskTriggerSpec,
} from "../model/task.ts";
import type { ExecutorKind, TaskTypeLimits } from "../model/task-type.ts";
import type { TokenRole } from "../model/worker.ts";
import type { IntervalPolicy } from "../policy/adaptive-interval.ts";
import type { Coalesce, OverlapPolicy } from "../policy/firing-policy.ts";
import type { RetryPolicy } from "../policy/retry.ts";
import type { Priority } from "../policy/slot-shares.ts";

/** A kind of work. */
export interface TaskTypeRecord {
  readonly name: string;
  readonly description: string;
  readonly executor: ExecutorKind;
  readonly interval: IntervalPolicy;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | null;
  readonly graceMs: number;
  readonly limits: TaskTypeLimits;
  readonly retentionClass: string;
  /** JSON Schema of the input, where the schema library offers one. */
  readonly inputSchema: JsonObject | null;
  readonly pausedAt: string | null;
  readonly createdAt: string;
}

/** A trigger of a task: its rule, how it fires, and when. */
export interface TriggerRecord {
  readonly id: number;
  readonly taskId: number;
  readonly spec: TaskTriggerSpec;
  /** Plain English. */
  readonly description: string;
  /** Null when there is none, while it or its task is paused, or while an adaptive run is out. */
  readonly nextFireAt: string | null;
  readonly previousFireAt: string | null;
  /** The present interval of an adaptive trigger. */
  readonly intervalMs: number | null;
  /** By how much a run may start after its fire time; null for no bound. */
  readonly misfireGraceMs: number | null;
  readonly coalesce: Coalesce;
  /** Its runs that may be under way at one time. */
  readonly maxInstances: number;
  readonly overlap: OverlapPolicy;
  /** Since when it alone is paused; null while it is not. */
  readonly pausedAt: string | null;
}

/** What was decided of a fire time. */
export interface OccurrenceRecord {
  readonly triggerId: number;
  readonly fireAt: string;
  readonly verdict: OccurrenceVerdict;
  /** Why, where the verdict does not say it all. */
  readonly reason: string | null;
  /** The run of a fired one. */
  readonly runId: number | null;
  readonly decidedAt: string;
}

/** An edge to a task that must succeed first. */
export interface RequirementRecord {
  readonly taskId: number;
  readonly reason: DependencyReason;
  readonly onFailure: OnRequirementFailure;
  readonly satisfiedAt: string | null;
}

/** A task in a list. */
export interface TaskRecord {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly key: string | null;
  readonly parentId: number | null;
  readonly rootId: number;
  readonly input: JsonValue;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  readonly overrides: PolicyOverrides;
  readonly state: TaskState;
  readonly stateReason: string | null;
  readonly lastOutcome: OutcomeKind | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
}

/** A task with all that hangs on it. */
export interface TaskDetailRecord extends TaskRecord {
  readonly triggers: readonly TriggerRecord[];
  readonly requires: readonly RequirementRecord[];
}

/** How far a running handler says it has come. */
export interface ProgressRecord {
  readonly fraction: number | null;
  readonly message: string | null;
  readonly updatedAt: string;
}

/** A run in a list. */
export interface RunRecord {
  readonly id: number;
  readonly type: string;
  readonly taskId: number | null;
  readonly triggerId: number | null;
  readonly state: RunState;
  readonly outcome: OutcomeKind | null;
  readonly input: JsonValue;
  readonly output: JsonValue;
  readonly error: RunError | null;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  readonly fireAt: string | null;
  readonly dueAt: string;
  readonly createdAt: string;
  readonly claimedAt: string | null;
  readonly leaseExpiresAt: string | null;
  readonly finishedAt: string | null;
  readonly attempt: number;
  readonly failureCount: number;
  readonly lostCount: number;
  readonly workerId: number | null;
  readonly fence: number | null;
  readonly cancelRequestedAt: string | null;
  /** How many required tasks it still waits for. */
  readonly pendingCount: number;
  readonly progress: ProgressRecord | null;
}

/** One try of a run. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly outcome: OutcomeKind;
  readonly workerId: number | null;
  readonly fence: number | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly output: JsonValue;
  readonly error: RunError | null;
}

/** A run with its tries, oldest first. */
export interface RunDetailRecord extends RunRecord {
  readonly attempts: readonly AttemptRecord[];
}

/** A line of a run's log. */
export interface LogRecord {
  readonly runId: number;
  readonly attempt: number;
  readonly seq: number;
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly data: JsonObject | null;
}

/** An attempt that ended, as the event stream tells it. */
export interface RunEventRecord extends AttemptRecord {
  readonly runId: number;
  readonly type: string;
  readonly taskId: number | null;
  /** The graph that its task is a node of. */
  readonly graphId: number | null;
  /** Name of that node. */
  readonly node: string | null;
  /** Whether the run has ended with it; otherwise it will be tried again. */
  readonly final: boolean;
}

/** A worker process. */
export interface WorkerRecord {
  readonly id: number;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly state: WorkerState;
  readonly slotCount: number;
  readonly runningCount: number;
  readonly startedAt: string;
  readonly heartbeatAt: string;
  readonly expiresAt: string;
}

/** How many live runs of a type are in a state. */
export interface RunCountRecord {
  readonly type: string;
  readonly state: string;
  readonly count: number;
  /** Since the oldest due one became due. */
  readonly lagMs: number;
}

/** The installation as a whole. */
export interface SystemRecord {
  readonly version: string;
  readonly now: string;
  /** When everything was paused; null while it runs. */
  readonly pausedAt: string | null;
  readonly nextFireAt: string | null;
  readonly taskTypeCount: number;
  readonly workers: readonly WorkerRecord[];
  readonly counts: readonly RunCountRecord[];
  readonly database: {
    readonly serverVersion: string;
    readonly database: string;
    readonly schema: string;
    readonly migration: string;
    readonly sizeBytes: number;
  };
}

/** One run that is expected. */
export interface ForecastOccurrenceRecord {
  readonly at: string;
  /** A calendar trigger, an adaptive one, or the queue, where it waits already. */
  readonly source: ForecastSource;
  readonly type: string;
  readonly taskId: number | null;
  readonly triggerId: number | null;
  readonly runId: number | null;
}

/** How many runs an hour brings. */
export interface ForecastHourRecord {
  /** Its beginning; hours are those of UTC. */
  readonly at: string;
  readonly count: number;
  /** What they take together, as far as durations are known. */
  readonly busyMs: number;
}

/** How many runs of a type are expected. */
export interface ForecastTypeRecord {
  readonly type: string;
  readonly count: number;
  /** What one takes: the median of recent attempts; null while there are none. */
  readonly durationMs: number | null;
  readonly busyMs: number;
  /** When the type was paused: until it is resumed its runs only wait. */
  readonly pausedAt: string | null;
}

/**
 * What will run in a span of time if nothing changes: fires of triggers, adaptive ones repeated at
 * their present interval plus the usual duration, and queued runs that are due later.
 */
export interface ForecastRecord {
  /** The database's clock. */
  readonly now: string;
  /** The span begins after this time, or with it if it is now. */
  readonly from: string;
  readonly to: string;
  /** When everything was paused; null while it runs. */
  readonly pausedAt: string | null;
  readonly count: number;
  readonly busyMs: number;
  /** Whether all triggers and queued runs were looked at; otherwise the counts are too low. */
  readonly complete: boolean;
  /** Triggers whose rule this release cannot read; they are not counted. */
  readonly unreadableCount: number;
  /** Every hour of the span, in order. */
  readonly hours: readonly ForecastHourRecord[];
  /** The types that have runs in the span, the most frequent first. */
  readonly types: readonly ForecastTypeRecord[];
  /** The first runs, at most as many as were asked for; the counts know all of them. */
  readonly occurrences: readonly ForecastOccurrenceRecord[];
  /** Whether there are more than `occurrences` lists. */
  readonly truncated: boolean;
}

/** An API token, without its secret. */
export interface TokenRecord {
  readonly id: number;
  readonly name: string;
  readonly role: TokenRole;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

/** A page of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Hand it in as `cursor` for the next page; null on the last one. */
  readonly nextCursor: string | null;
}
