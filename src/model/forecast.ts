/** What is going to run, as far as can be told: the forecast, and the facts it is made of. */

import type { RunId, TaskId, TriggerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { TaskTriggerSpec } from "./task.ts";

/** Whose runs a forecast shows; absent fields do not filter. */
export interface ForecastFilter {
  readonly typeName?: string;
  readonly taskId?: TaskId;
}

/** A trigger with a next fire time. */
export interface ForecastTrigger {
  readonly id: TriggerId;
  readonly taskId: TaskId;
  readonly typeName: string;
  readonly spec: TaskTriggerSpec;
  readonly nextFireAt: Instant;
  /** The present interval of an adaptive trigger, in milliseconds; null for the others. */
  readonly intervalMs: number | null;
}

/** An adaptive trigger whose run has not ended: it fires one interval after that end. */
export interface OutstandingTrigger {
  readonly id: TriggerId;
  readonly taskId: TaskId;
  readonly typeName: string;
  readonly intervalMs: number;
  /** When its run was claimed, or becomes due. */
  readonly beginsAt: Instant;
}

/** A queued run that is due later. */
export interface WaitingRun {
  readonly id: RunId;
  readonly taskId: TaskId | null;
  readonly triggerId: TriggerId | null;
  readonly typeName: string;
  readonly dueAt: Instant;
}

/** How many queued runs of a type become due in an hour. */
export interface WaitingCount {
  readonly typeName: string;
  /** Whole hours of UTC since the epoch. */
  readonly hour: number;
  readonly count: number;
}

/** How long attempts of a type took lately. */
export interface LearnedDuration {
  readonly typeName: string;
  /** The median, in milliseconds. */
  readonly durationMs: number;
}

/** Where an expected run comes from. */
export type ForecastSource = "calendar" | "adaptive" | "queued";

/** One expected run. */
export interface ForecastOccurrence {
  readonly at: Instant;
  readonly source: ForecastSource;
  readonly typeName: string;
  readonly taskId: TaskId | null;
  readonly triggerId: TriggerId | null;
  /** The run, where it is on the queue already. */
  readonly runId: RunId | null;
}

/** How many runs an hour brings. */
export interface ForecastHour {
  /** Its first instant. */
  readonly at: Instant;
  readonly count: number;
  /** What they take together, in milliseconds, as far as durations are known. */
  readonly busyMs: number;
}

/** How many runs of a type are expected. */
export interface ForecastType {
  readonly typeName: string;
  readonly count: number;
  /** What one takes, in milliseconds: the median of recent attempts; null while there are none. */
  readonly durationMs: number | null;
  readonly busyMs: number;
  /** When the type was paused: until it is resumed its runs only wait. */
  readonly pausedAt: Instant | null;
}

/** What is going to run in a span of time. */
export interface Forecast {
  /** The database's clock. */
  readonly now: Instant;
  /** The span begins after this instant. */
  readonly from: Instant;
  /** The span ends with this instant. */
  readonly to: Instant;
  /** When everything was paused; null while it runs. */
  readonly pausedAt: Instant | null;
  readonly count: number;
  readonly busyMs: number;
  /** Whether every trigger and queued run was looked at; otherwise the counts are too low. */
  readonly complete: boolean;
  /** Triggers whose rule this release cannot read; their fires are not counted. */
  readonly unreadableCount: number;
  /** All hours of the span, in order. */
  readonly hours: readonly ForecastHour[];
  /** The types that have runs in the span, the most frequent first. */
  readonly types: readonly ForecastType[];
  /** The first ones, in order. */
  readonly occurrences: readonly ForecastOccurrence[];
  /** Whether there are more occurrences than the list holds; the counts know all of them. */
  readonly truncated: boolean;
}
