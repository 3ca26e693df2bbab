/** Schemas of requests that put work into the scheduler: tasks and runs, one or many. */

import { Type } from "typebox";
import type { OnRequirementFailure } from "../../model/task.ts";
import type {
  CreateTaskRequest,
  EnqueueRequest,
  Requirement,
  TriggerRequest,
} from "../scheduler.ts";
import type { CreateTasksBody, EnqueueBody, EnqueuedRecord } from "../wire.ts";
import {
  batchItemsMax,
  durationMs,
  requirementsMax,
  triggersMax,
  id,
  instantInput,
  json,
  list,
  name,
  oneOfAll,
  prioritySchema,
} from "./parts.ts";
import { overridesRequestSchema } from "./policies.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";
import { triggerRequestSchema } from "./triggers.ts";

/** What becomes of a task when one that it requires fails. */
export const onFailureSchema: SchemaOf<OnRequirementFailure> = oneOfAll<OnRequirementFailure>(
  { block: true, cancel: true },
  "What happens when the required task fails for good.",
);

/** A task that must succeed first. */
export const requirementSchema: SchemaOf<Requirement> = schemaOf<Requirement>()(
  Type.Object(
    {
      taskId: Type.Optional(id("Its id; excludes `key`.")),
      key: Type.Optional(name("Its key, also of a task of the same request.")),
      onFailure: Type.Optional(onFailureSchema),
    },
    {
      title: "Requirement",
      description: "A task that must succeed first.",
      additionalProperties: false,
    },
  ),
);

const enqueueProperties = {
  type: name("Name of the task type."),
  input: Type.Optional(
    json("What the handler is given; checked by the type's schema. Left out it is {}."),
  ),
  priority: Type.Optional(prioritySchema),
  concurrencyKey: Type.Optional(name("Counts against the type's `runningPerKeyMax`.")),
  dueAt: Type.Optional(instantInput("The earliest start; excludes `delayMs`.")),
  delayMs: Type.Optional(durationMs("The earliest start, from now on the database's clock.")),
  overrides: Type.Optional(overridesRequestSchema),
};

const triggersSchema = Type.Array<SchemaOf<TriggerRequest>>(triggerRequestSchema, {
  description: "When to run, again and again; absent means once.",
  maxItems: triggersMax,
});

/** A task to be stored. */
export const createTaskRequestSchema: SchemaOf<CreateTaskRequest> = schemaOf<CreateTaskRequest>()(
  Type.Object(
    {
      ...enqueueProperties,
      name: Type.Optional(name("For people; the name of the type by default.")),
      key: Type.Optional(name("Unique: a key that exists changes nothing and answers that task.")),
      parentId: Type.Optional(id("The task above it; excludes `parentKey`.")),
      parentKey: Type.Optional(name("Its key, also of a task of the same request.")),
      triggers: Type.Optional(triggersSchema),
      requires: Type.Optional(
        Type.Array(requirementSchema, {
          description: "Tasks that must succeed first.",
          maxItems: requirementsMax,
        }),
      ),
    },
    {
      title: "CreateTaskRequest",
      description: "A task to be stored.",
      additionalProperties: false,
    },
  ),
);

/** Tasks to be stored, all or none. */
export const createTasksBodySchema: SchemaOf<CreateTasksBody> = schemaOf<CreateTasksBody>()(
  Type.Object(
    {
      tasks: Type.Array(createTaskRequestSchema, {
        description: "Stored in this order.",
        maxItems: batchItemsMax,
      }),
    },
    {
      title: "CreateTasksBody",
      description: "Tasks to be stored, all or none.",
      additionalProperties: false,
    },
  ),
);

/** A run to be queued. */
export const enqueueRequestSchema: SchemaOf<EnqueueRequest> = schemaOf<EnqueueRequest>()(
  Type.Object(enqueueProperties, {
    title: "EnqueueRequest",
    description: "A run to be queued, without a task of its own.",
    additionalProperties: false,
  }),
);

/** Runs to be queued, all or none. */
export const enqueueBodySchema: SchemaOf<EnqueueBody> = schemaOf<EnqueueBody>()(
  Type.Object(
    {
      runs: Type.Array(enqueueRequestSchema, {
        description: "Queued in this order.",
        maxItems: batchItemsMax,
      }),
    },
    {
      title: "EnqueueBody",
      description: "Runs to be queued, all or none.",
      additionalProperties: false,
    },
  ),
);

/** The ids of queued runs. */
export const enqueuedRecordSchema: SchemaOf<EnqueuedRecord> = schemaOf<EnqueuedRecord>()(
  Type.Object(
    { ids: list(id("A run."), "In the order of the request.") },
    {
      title: "EnqueuedRecord",
      description: "The runs that were queued.",
      additionalProperties: false,
    },
  ),
);
