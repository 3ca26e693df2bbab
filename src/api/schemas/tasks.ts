/** Schemas of stored tasks: what they look like and what lists them. */

import { Type } from "typebox";
import type { DependencyReason } from "../../model/task.ts";
import type { TaskState } from "../../model/state-machine.ts";
import type { Page, RequirementRecord, TaskDetailRecord, TaskRecord } from "../records.ts";
import type { CreatedTasksRecord, ListTasksQuery } from "../wire.ts";
import { pageCursor, pageLimit, pageOf } from "./pages.ts";
import {
  id,
  instant,
  json,
  keysOf,
  list,
  name,
  nullable,
  oneOfAll,
  outcomeSchema,
  prioritySchema,
  text,
} from "./parts.ts";
import { onFailureSchema } from "./create.ts";
import { policyOverridesSchema } from "./policies.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";
import { triggerRecordSchema } from "./triggers.ts";

const taskStates: Readonly<Record<TaskState, true>> = {
  active: true,
  paused: true,
  completed: true,
  failed: true,
  disabled: true,
  cancelled: true,
};

/** Where a task is in its life. */
export const taskStateSchema: SchemaOf<TaskState> = oneOfAll(
  taskStates,
  "Where the task is in its life.",
);

const reasonSchema: SchemaOf<DependencyReason> = oneOfAll<DependencyReason>(
  { requires: true, tree: true, graph: true },
  "Why the edge is there.",
);

/** An edge to a task that must succeed first. */
export const requirementRecordSchema: SchemaOf<RequirementRecord> = schemaOf<RequirementRecord>()(
  Type.Object(
    {
      taskId: id("The task that must succeed."),
      reason: reasonSchema,
      onFailure: onFailureSchema,
      satisfiedAt: nullable(instant("When it succeeded; null while it has not.")),
    },
    {
      title: "RequirementRecord",
      description: "An edge to a task that must succeed first.",
      additionalProperties: false,
    },
  ),
);

const taskProperties = {
  id: id("Names the task."),
  type: text("Name of the task type."),
  name: text("For people."),
  key: nullable(text("Unique among tasks.")),
  parentId: nullable(id("The task above it in its tree.")),
  rootId: id("The top of its tree; itself for a task without parent."),
  input: json("What the handler is given."),
  priority: prioritySchema,
  concurrencyKey: nullable(text("Counts against the type's `runningPerKeyMax`.")),
  overrides: policyOverridesSchema,
  state: taskStateSchema,
  stateReason: nullable(text("Why, where somebody said so.")),
  lastOutcome: nullable(outcomeSchema),
  createdAt: instant("When it was stored."),
  updatedAt: instant("When it changed last."),
  finishedAt: nullable(instant("When it ended; null while it may still run.")),
};

/** A task in a list. */
export const taskRecordSchema: SchemaOf<TaskRecord> = schemaOf<TaskRecord>()(
  Type.Object(taskProperties, {
    title: "TaskRecord",
    description: "A stored intention: task type, input, triggers and policies.",
    additionalProperties: false,
  }),
);

/** A task with its triggers and edges. */
export const taskDetailRecordSchema: SchemaOf<TaskDetailRecord> = schemaOf<TaskDetailRecord>()(
  Type.Object(
    {
      ...taskProperties,
      triggers: list(triggerRecordSchema, "When it fires."),
      requires: list(requirementRecordSchema, "What must succeed before it."),
    },
    {
      title: "TaskDetailRecord",
      description: "A task with all that hangs on it.",
      additionalProperties: false,
    },
  ),
);

/** A page of tasks. */
export const taskPageSchema: SchemaOf<Page<TaskRecord>> = pageOf(taskRecordSchema, "TaskPage");

/** Tasks as they were stored. */
export const createdTasksRecordSchema: SchemaOf<CreatedTasksRecord> =
  schemaOf<CreatedTasksRecord>()(
    Type.Object(
      { items: list(taskDetailRecordSchema, "In the order of the request.") },
      {
        title: "CreatedTasksRecord",
        description: "Tasks as they stand after they were stored.",
        additionalProperties: false,
      },
    ),
  );

/** Which tasks to list. */
export const listTasksQuerySchema: SchemaOf<ListTasksQuery> = schemaOf<ListTasksQuery>()(
  Type.Object(
    {
      type: Type.Optional(name("Only tasks of this type.")),
      state: Type.Optional(
        Type.Array(taskStateSchema, {
          description: "Only tasks in one of these states.",
          minItems: 1,
          maxItems: keysOf(taskStates).length,
        }),
      ),
      rootId: Type.Optional(id("Only tasks of this tree.")),
      parentId: Type.Optional(id("Only children of this task.")),
      key: Type.Optional(name("Only the task with this key.")),
      cursor: pageCursor,
      limit: pageLimit(50),
    },
    { title: "ListTasksQuery", description: "Which tasks to list.", additionalProperties: false },
  ),
);
