/** A run: one occurrence taken up for execution, in one or more attempts. */

import type {
  FencingToken,
  RunId,
  TaskId,
  TaskTypeId,
  TriggerId,
  WorkerId,
} from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { Priority } from "../policy/slot-shares.ts";
import type { Outcome, OutcomeKind, RunError } from "./outcome.ts";
import type { RunState } from "./state-machine.ts";
import type { PolicyOverrides } from "./task.ts";

/** What differs for one run from what its type says. */
export interface RunOverrides extends PolicyOverrides {
  /** The visit type of the origin that the run visits; only of runs that the frontier asked for. */
  readonly visit?: string;
}

/** The origin that a run visits. */
export interface RunVisit {
  readonly url: string;
  readonly visitType: string;
}

/** What is needed to put a run on the queue without a task of its own. */
export interface QueuedRun {
  readonly input: JsonValue;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  readonly overrides: RunOverrides;
  /** The earliest start; null means at once. */
  readonly dueAt: Instant | null;
}

/** A run that is about to be queued, of a type that was looked up. */
export interface NewRun extends QueuedRun {
  readonly typeId: TaskTypeId;
}

/** A run that is about to be queued, of a type that is still to be found. */
export interface NamedRun extends QueuedRun {
  readonly typeName: string;
}

/** A run, live or ended. */
export interface Run {
  readonly id: RunId;
  readonly taskId: TaskId | null;
  readonly triggerId: TriggerId | null;
  readonly typeId: TaskTypeId;
  readonly typeName: string;
  readonly state: RunState;
  readonly input: JsonValue;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  /** The instant that the trigger yielded; null for runs asked for by somebody. */
  readonly fireAt: Instant | null;
  readonly dueAt: Instant;
  readonly createdAt: Instant;
  /** Attempts begun so far. */
  readonly attempt: number;
  readonly failureCount: number;
  readonly lostCount: number;
  readonly workerId: WorkerId | null;
  readonly fence: FencingToken | null;
  readonly claimedAt: Instant | null;
  readonly leaseExpiresAt: Instant | null;
  readonly cancelRequestedAt: Instant | null;
  /** How many required tasks it still waits for. */
  readonly pendingCount: number;
  /** The outcome that ended it; null while it lives. */
  readonly outcome: OutcomeKind | null;
  readonly output: JsonValue;
  readonly error: RunError | null;
  readonly finishedAt: Instant | null;
  readonly progress: Progress | null;
}

/** How far a running handler says it has come. */
export interface Progress {
  /** 0 to 1, or null when the end is not known. */
  readonly fraction: number | null;
  readonly message: string | null;
  readonly updatedAt: Instant;
}

/** One try of a run, as the history keeps it. */
export interface Attempt {
  readonly runId: RunId;
  /** Counted from 1. */
  readonly attempt: number;
  readonly outcome: OutcomeKind;
  readonly workerId: WorkerId | null;
  readonly fence: FencingToken | null;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly output: JsonValue;
  readonly error: RunError | null;
}

/** A run with all its tries, newest last. */
export interface RunDetail extends Run {
  readonly attempts: readonly Attempt[];
}

/** A run that this worker has just claimed. */
export interface ClaimedRun {
  readonly id: RunId;
  readonly taskId: TaskId | null;
  readonly triggerId: TriggerId | null;
  readonly typeId: TaskTypeId;
  readonly priority: Priority;
  readonly input: JsonValue;
  readonly overrides: RunOverrides;
  readonly attempt: number;
  readonly failureCount: number;
  readonly lostCount: number;
  readonly fireAt: Instant | null;
  readonly dueAt: Instant;
  readonly fence: FencingToken;
  /** The interval of the adaptive trigger that fired it; null for other runs. */
  readonly intervalMs: number | null;
  /** Whether it was claimed for the first time later than its trigger's misfire grace allows. */
  readonly isMissed: boolean;
}

/** The end of a claimed run, with what follows from it already decided. */
export interface FinishedRun {
  readonly id: RunId;
  readonly fence: FencingToken;
  readonly taskId: TaskId | null;
  readonly triggerId: TriggerId | null;
  /** All but `snoozed`. */
  readonly outcome: Outcome;
  /** How long the attempt took on the worker's monotonic clock. */
  readonly durationMs: number;
  /** The new interval of the adaptive trigger that fired it; null for other runs. */
  readonly nextIntervalMs: number | null;
  /** The origin that it has visited; absent for runs that are no visits. */
  readonly visit?: RunVisit;
}

/** A claimed run that goes back to the queue. */
export interface RequeuedRun {
  readonly id: RunId;
  readonly fence: FencingToken;
  readonly workerId: WorkerId;
  /** Why: `failed` is a retry, `lost` a dead worker, `snoozed` the handler's wish. */
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Milliseconds until it is due again. */
  readonly delayMs: number;
}

/** One line of a run's log. */
export interface LogLine {
  readonly runId: RunId;
  readonly attempt: number;
  /** Counted from 1 within an attempt. */
  readonly seq: number;
  readonly at: Instant;
  readonly level: LogLevel;
  readonly message: string;
  readonly data: JsonObject | null;
}

/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** The levels, least first. */
export const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Which runs a list shows; absent fields do not filter. */
export interface RunFilter {
  readonly typeName?: string;
  readonly states?: readonly RunState[];
  readonly taskId?: TaskId;
}
