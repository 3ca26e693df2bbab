/** A stored intention: task type, arguments, triggers, policies, and its place in a tree. */

import type { TaskId, TaskTypeId, TriggerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { FiringPolicy } from "../policy/firing-policy.ts";
import type { RetryPolicy } from "../policy/retry.ts";
import type { Priority } from "../policy/slot-shares.ts";
import type { OutcomeKind } from "./outcome.ts";
import type { TaskState } from "./state-machine.ts";

/** Why one task waits for another. */
export type DependencyReason = "requires" | "tree" | "graph";

/** What happens to the waiting task when the other one fails for good or is cancelled. */
export type OnRequirementFailure = "block" | "cancel";

/** An edge: the task that holds it waits for `requiresTaskId`. */
export interface TaskDependency {
  readonly taskId: TaskId;
  readonly requiresTaskId: TaskId;
  readonly reason: DependencyReason;
  readonly onFailure: OnRequirementFailure;
  /** When the required task succeeded; null while it has not. */
  readonly satisfiedAt: Instant | null;
}

/** Policies of one task that win over those of its type; absent means the type's. */
export interface PolicyOverrides {
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
}

/** Policies as somebody asks for them: of the retry policy, what is absent is the type's. */
export interface OverridesRequest {
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds that one attempt may take. */
  readonly timeoutMs?: number;
}

/** A rule that fires a task: a calendar rule, or `adaptive`, which follows what runs find. */
export type TaskTriggerSpec = AdaptiveTriggerSpec | CalendarTriggerSpec;

/** Fires again one interval after each run; the interval follows the outcomes. */
export interface AdaptiveTriggerSpec {
  readonly kind: "adaptive";
}

/** The stored form of a trigger of the room `time`; `triggerFromSpec` there reads it. */
export interface CalendarTriggerSpec extends JsonObject {
  readonly kind: string;
}

/** A trigger of a task as it is stored. */
export interface TaskTrigger {
  readonly id: TriggerId;
  readonly taskId: TaskId;
  readonly spec: TaskTriggerSpec;
  /** The next fire time; null when there is none, while paused, or while an adaptive run is out. */
  readonly nextFireAt: Instant | null;
  readonly previousFireAt: Instant | null;
  /** The present interval of an adaptive trigger, in milliseconds; null for the others. */
  readonly intervalMs: number | null;
  readonly policy: FiringPolicy;
  /** Since when it alone is paused; null while it is not. */
  readonly pausedAt: Instant | null;
}

/** A task as it is stored. */
export interface Task {
  readonly id: TaskId;
  readonly typeId: TaskTypeId;
  readonly typeName: string;
  /** A name for people. */
  readonly name: string;
  /** Unique among tasks; creating one with a key that exists answers the one that exists. */
  readonly key: string | null;
  readonly parentId: TaskId | null;
  /** The top of its tree; itself for a task without parent. */
  readonly rootId: TaskId;
  /** Its name in the graph that its parent is; null for all other tasks. */
  readonly nodeName: string | null;
  readonly input: JsonValue;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  readonly overrides: PolicyOverrides;
  readonly state: TaskState;
  /** Why the state is what it is, where somebody said so. */
  readonly stateReason: string | null;
  readonly lastOutcome: OutcomeKind | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly finishedAt: Instant | null;
}

/** A task with everything that hangs on it. */
export interface TaskDetail extends Task {
  readonly triggers: readonly TaskTrigger[];
  readonly requires: readonly TaskDependency[];
}

/** What is needed to store a task; its type has been looked up and its input validated. */
export interface NewTask {
  /** Reserved beforehand. */
  readonly id: TaskId;
  readonly typeId: TaskTypeId;
  readonly name: string;
  readonly key: string | null;
  readonly parentId: TaskId | null;
  /** The top of its tree; its own id for a task without parent. */
  readonly rootId: TaskId;
  readonly input: JsonValue;
  readonly priority: Priority;
  readonly concurrencyKey: string | null;
  readonly overrides: PolicyOverrides;
  readonly graph: NewGraphPart | null;
  readonly triggers: readonly NewTrigger[];
  readonly requires: readonly NewDependency[];
  /** When a task without triggers runs; null means at once. */
  readonly dueAt: Instant | null;
}

/** What a task is to a graph, and what of another task it undoes. */
export type NewGraphPart =
  | { readonly kind: "root"; readonly undoesId: TaskId | null }
  | {
      readonly kind: "node";
      readonly name: string;
      readonly undoTypeId: TaskTypeId | null;
      /** Its input is made of this task's: `{ node, input, output }`. */
      readonly undoesId: TaskId | null;
    };

/** A trigger that is to be stored, its next fire time computed. */
export interface NewTrigger {
  readonly spec: TaskTriggerSpec;
  /** Null while paused, or when there is none. */
  readonly nextFireAt: Instant | null;
  readonly intervalMs: number | null;
  readonly policy: FiringPolicy;
  readonly isPaused: boolean;
}

/** An edge that is to be stored. */
export interface NewDependency {
  readonly requiresTaskId: TaskId;
  readonly reason: DependencyReason;
  readonly onFailure: OnRequirementFailure;
}

/** Which tasks a list shows; absent fields do not filter. */
export interface TaskFilter {
  readonly typeName?: string;
  readonly states?: readonly TaskState[];
  readonly rootId?: TaskId;
  readonly parentId?: TaskId;
  readonly key?: string;
}
