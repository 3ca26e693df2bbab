/** Schemas of task types. */

import { Type } from "typebox";
import type { ExecutorKind } from "../../model/task-type.ts";
import type { Page, TaskTypeRecord } from "../records.ts";
import { durationMs, instant, jsonObject, name, nullable, oneOfAll, text } from "./parts.ts";
import { pageOf } from "./pages.ts";
import { intervalPolicySchema, retryPolicySchema, taskTypeLimitsSchema } from "./policies.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** A kind of work. */
export const taskTypeRecordSchema: SchemaOf<TaskTypeRecord> = schemaOf<TaskTypeRecord>()(
  Type.Object(
    {
      name: name("The name that tasks and runs refer to."),
      description: text("For people."),
      executor: oneOfAll<ExecutorKind>(
        { "in-process": true, "child-process": true },
        "How a run reaches its code.",
      ),
      interval: intervalPolicySchema,
      retry: retryPolicySchema,
      timeoutMs: nullable(durationMs("What one attempt may take; null means any time.")),
      graceMs: durationMs("Between asking an attempt to stop and giving up on it."),
      limits: taskTypeLimitsSchema,
      retentionClass: text("Says how long history and logs are kept."),
      inputSchema: nullable(jsonObject("JSON Schema of the input, where one is known.")),
      pausedAt: nullable(instant("When it was paused; null while its runs are claimed.")),
      createdAt: instant("When it was first registered."),
    },
    { title: "TaskTypeRecord", description: "A kind of work.", additionalProperties: false },
  ),
);

/** All kinds of work, in the order of names. */
export const taskTypePageSchema: SchemaOf<Page<TaskTypeRecord>> = pageOf(
  taskTypeRecordSchema,
  "TaskTypePage",
);
