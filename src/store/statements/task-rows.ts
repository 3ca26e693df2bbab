/** Rows of task types, tasks, triggers and edges, as records. */

import { InvariantError } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/json.ts";
import { outcomeKinds } from "../../model/outcome.ts";
import { taskTable, type TaskState } from "../../model/state-machine.ts";
import type { Task, TaskDependency, TaskTrigger, TaskTriggerSpec } from "../../model/task.ts";
import type { ExecutorKind, TaskType } from "../../model/task-type.ts";
import { coalesceRules, overlapPolicies } from "../../policy/firing-policy.ts";
import { type RetryPolicy, retryPolicyDefault } from "../../policy/retry.ts";
import {
  idOf,
  instantOf,
  jsonOf,
  numberOf,
  optionalId,
  optionalInstant,
  optionalNumber,
  optionalText,
  type Row,
  textOf,
  wordOf,
} from "../row.ts";
import { overridesOf, priorityOf } from "./run-rows.ts";

const taskStates = Object.keys(taskTable) as TaskState[];
const executorKinds: readonly ExecutorKind[] = ["in-process", "child-process"];

/** A task type. */
export function decodeTaskType(row: Row): TaskType {
  const inputSchema = jsonOf(row, "input_schema");
  return {
    id: idOf(row, "id"),
    name: textOf(row, "name"),
    description: textOf(row, "description"),
    executor: wordOf(row, "executor", executorKinds),
    interval: {
      defaultMs: numberOf(row, "interval_default_ms"),
      minMs: numberOf(row, "interval_min_ms"),
      maxMs: numberOf(row, "interval_max_ms"),
      factor: numberOf(row, "interval_factor"),
    },
    retry: retryOf(row),
    timeoutMs: optionalNumber(row, "timeout_ms"),
    graceMs: numberOf(row, "grace_ms"),
    limits: {
      runningMax: optionalNumber(row, "running_max"),
      runningPerKeyMax: optionalNumber(row, "running_per_key_max"),
      unfinishedMax: optionalNumber(row, "unfinished_max"),
    },
    retentionClass: textOf(row, "retention_class"),
    inputSchema: isRecord(inputSchema) ? inputSchema : null,
    pausedAt: optionalInstant(row, "paused_at"),
    createdAt: instantOf(row, "created_at"),
  };
}

/** The column holds a whole policy that we wrote; defaults fill what a later release adds. */
function retryOf(row: Row): RetryPolicy {
  const value = jsonOf(row, "retry");
  return { ...retryPolicyDefault, ...(isRecord(value) ? (value as Partial<RetryPolicy>) : {}) };
}

/** A task. */
export function decodeTask(row: Row): Task {
  return {
    id: idOf(row, "id"),
    typeId: idOf(row, "type_id"),
    typeName: textOf(row, "type_name"),
    name: textOf(row, "name"),
    key: optionalText(row, "key"),
    parentId: optionalId(row, "parent_id"),
    rootId: idOf(row, "root_id"),
    nodeName: optionalText(row, "node_name"),
    input: jsonOf(row, "input"),
    priority: priorityOf(row, "priority"),
    concurrencyKey: optionalText(row, "concurrency_key"),
    overrides: overridesOf(row, "overrides"),
    state: wordOf(row, "state", taskStates),
    stateReason: optionalText(row, "state_reason"),
    lastOutcome: row["last_outcome"] === null ? null : wordOf(row, "last_outcome", outcomeKinds),
    createdAt: instantOf(row, "created_at"),
    updatedAt: instantOf(row, "updated_at"),
    finishedAt: optionalInstant(row, "finished_at"),
  };
}

/** A trigger. */
export function decodeTrigger(row: Row): TaskTrigger {
  return {
    id: idOf(row, "id"),
    taskId: idOf(row, "task_id"),
    spec: specOf(row),
    nextFireAt: optionalInstant(row, "next_fire_at"),
    previousFireAt: optionalInstant(row, "previous_fire_at"),
    intervalMs: optionalNumber(row, "interval_ms"),
    policy: {
      misfireGraceMs: optionalNumber(row, "misfire_grace_ms"),
      coalesce: wordOf(row, "coalesce_rule", coalesceRules),
      maxInstances: numberOf(row, "max_instances"),
      overlap: wordOf(row, "overlap", overlapPolicies),
    },
    pausedAt: optionalInstant(row, "paused_at"),
  };
}

/** The columns of `decodeTrigger`, of a table or alias. */
export function triggerColumns(from: string): string {
  return `${from}.id, ${from}.task_id, ${from}.spec, ${from}.next_fire_at, ${from}.previous_fire_at,
  ${from}.interval_ms, ${from}.misfire_grace_ms, ${from}.coalesce_rule, ${from}.max_instances,
  ${from}.overlap, ${from}.paused_at`;
}

/** The stored form of a trigger; the database sees to it that it has a kind. */
export function specOf(row: Row): TaskTriggerSpec {
  const spec = jsonOf(row, "spec");
  const kind = isRecord(spec) ? spec["kind"] : undefined;
  if (!isRecord(spec) || typeof kind !== "string") {
    throw new InvariantError(
      "ORR_BUG_INVARIANT",
      `a stored trigger has kind ${JSON.stringify(kind)}`,
    );
  }
  return { ...spec, kind };
}

/** An edge. */
export function decodeDependency(row: Row): TaskDependency {
  return {
    taskId: idOf(row, "task_id"),
    requiresTaskId: idOf(row, "requires_task_id"),
    reason: wordOf(row, "reason", ["requires", "tree", "graph"]),
    onFailure: wordOf(row, "on_failure", ["block", "cancel"]),
    satisfiedAt: optionalInstant(row, "satisfied_at"),
  };
}

/** The columns of `decodeTask`. */
export const taskColumns = `task.id, task.type_id, task_type.name as type_name, task.name, task.key,
  task.parent_id, task.root_id, task.node_name, task.input, task.priority, task.concurrency_key,
  task.overrides, task.state, task.state_reason, task.last_outcome, task.created_at,
  task.updated_at, task.finished_at`;
