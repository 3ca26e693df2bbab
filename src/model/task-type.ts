/** A kind of work: its name, how it is run, and the policies its tasks start from. */

import type { TaskTypeId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { JsonObject } from "../kernel/json.ts";
import { type IntervalPolicy, intervalPolicyDefault } from "../policy/adaptive-interval.ts";
import { type RetryPolicy, retryPolicyDefault } from "../policy/retry.ts";

/** How a run reaches its code. */
export type ExecutorKind = "in-process" | "child-process";

/** Upper bounds on runs of one type; null means none. */
export interface TaskTypeLimits {
  /** Runs claimed at one time, over all workers. */
  readonly runningMax: number | null;
  /** Runs claimed at one time that share a concurrency key, over all workers. */
  readonly runningPerKeyMax: number | null;
  /** Unfinished runs; more are refused, and occurrences that come then are skipped. */
  readonly unfinishedMax: number | null;
}

/** What a program declares of a task type. */
export interface TaskTypeSettings {
  readonly name: string;
  readonly description: string;
  readonly executor: ExecutorKind;
  readonly interval: IntervalPolicy;
  readonly retry: RetryPolicy;
  /** Milliseconds that one attempt may take; null means no bound. */
  readonly timeoutMs: number | null;
  /** Milliseconds between asking an attempt to stop and giving up on it. */
  readonly graceMs: number;
  readonly limits: TaskTypeLimits;
  /** Names the retention class that says how long history and logs are kept. */
  readonly retentionClass: string;
  /** JSON Schema of the input, where the schema library offers one. */
  readonly inputSchema: JsonObject | null;
}

/** A task type as it is stored. */
export interface TaskType extends TaskTypeSettings {
  readonly id: TaskTypeId;
  readonly pausedAt: Instant | null;
  readonly createdAt: Instant;
}

/** What a declaration starts from; a name is all that must be added. */
export const taskTypeDefaults: Omit<TaskTypeSettings, "name"> = {
  description: "",
  executor: "in-process",
  interval: intervalPolicyDefault,
  retry: retryPolicyDefault,
  timeoutMs: null,
  graceMs: 5_000,
  limits: { runningMax: null, runningPerKeyMax: null, unfinishedMax: null },
  retentionClass: "standard",
  inputSchema: null,
};

/** How long history and logs of a class are kept, in whole days. */
export interface RetentionClass {
  readonly name: string;
  readonly keepDays: number;
}

/** The classes that every database has. */
export const retentionClassesBuiltIn: readonly RetentionClass[] = [
  { name: "brief", keepDays: 2 },
  { name: "standard", keepDays: 30 },
  { name: "long", keepDays: 400 },
];
