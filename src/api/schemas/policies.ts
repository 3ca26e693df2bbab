/** Schemas of policies, limits and triggers, which tasks and task types share. */

import { Type } from "typebox";
import type { PolicyOverrides, TaskTriggerSpec } from "../../model/task.ts";
import type { TaskTypeLimits } from "../../model/task-type.ts";
import type { IntervalPolicy } from "../../policy/adaptive-interval.ts";
import type { RetryPolicy } from "../../policy/retry.ts";
import { count, durationMs, nullable } from "./parts.ts";
import { schemaOf, type SchemaOf } from "./schema-of.ts";

/** The longest time-out of an attempt, one year in milliseconds. */
const timeoutMsMax = 31_536_000_000;
/** More retries are a mistake in all likelihood. */
const retryLimitMax = 10_000;
/** A larger factor leaves the bounds in one step anyway. */
const factorMax = 1_000;

/** How the interval of an adaptive trigger moves. */
export const intervalPolicySchema: SchemaOf<IntervalPolicy> = schemaOf<IntervalPolicy>()(
  Type.Object(
    {
      defaultMs: durationMs("Where a new task starts.", 1),
      minMs: durationMs("The shortest pause, reached by eventful runs.", 1),
      maxMs: durationMs("The longest pause, reached by uneventful runs.", 1),
      factor: Type.Number({
        description: "Eventful divides by it, uneventful multiplies; 1 keeps the interval.",
        minimum: 1,
        maximum: factorMax,
      }),
    },
    {
      title: "IntervalPolicy",
      description: "The range within which an adaptive interval moves.",
      additionalProperties: false,
    },
  ),
);

/** When a failed run is tried again. */
export const retryPolicySchema: SchemaOf<RetryPolicy> = schemaOf<RetryPolicy>()(
  Type.Object(
    {
      limit: Type.Integer({
        description: "Retries after the first try; 0 means that one failure is final.",
        minimum: 0,
        maximum: retryLimitMax,
      }),
      delayMs: durationMs("Before the first retry."),
      factor: Type.Number({
        description: "Each further delay is the one before times this; 1 keeps it constant.",
        minimum: 1,
        maximum: factorMax,
      }),
      delayMsMax: durationMs("No delay is longer."),
      jitter: Type.Number({
        description: "Part of the delay left to chance: 0.2 gives 80 % to 120 % of it.",
        minimum: 0,
        maximum: 1,
      }),
    },
    {
      title: "RetryPolicy",
      description: "How often and how late a failed run is tried again.",
      additionalProperties: false,
    },
  ),
);

/** Policies of one task. */
export const policyOverridesSchema: SchemaOf<PolicyOverrides> = schemaOf<PolicyOverrides>()(
  Type.Object(
    {
      retry: Type.Optional(retryPolicySchema),
      timeoutMs: Type.Optional(
        Type.Number({
          description: "What one attempt may take.",
          minimum: 1,
          maximum: timeoutMsMax,
        }),
      ),
    },
    {
      title: "PolicyOverrides",
      description: "Policies that win over those of the task type.",
      additionalProperties: false,
    },
  ),
);

/** Upper bounds on the runs of a type. */
export const taskTypeLimitsSchema: SchemaOf<TaskTypeLimits> = schemaOf<TaskTypeLimits>()(
  Type.Object(
    {
      runningMax: nullable(count("Runs claimed at one time, over all workers.")),
      runningPerKeyMax: nullable(
        count("Runs claimed at one time that share a concurrency key, over all workers.", 1),
      ),
      unfinishedMax: nullable(
        count("Unfinished runs; more are refused, and due triggers wait for room."),
      ),
    },
    {
      title: "TaskTypeLimits",
      description: "Upper bounds on runs of one type; null means none.",
      additionalProperties: false,
    },
  ),
);

/** Letters of the word that says which kind of trigger it is. */
const kindLengthMax = 40;

/**
 * A trigger of any kind. Only `kind` is fixed here: each kind's own reader says what is wrong with
 * its fields, by name and reason, which no union of schemas can.
 */
export const taskTriggerSpecSchema: SchemaOf<TaskTriggerSpec> = Type.Unsafe<TaskTriggerSpec>(
  Type.Object(
    {
      kind: Type.String({
        description: "`adaptive`, `cron`, `interval`, `date`, `calendar`, `and` or `or`.",
        maxLength: kindLengthMax,
      }),
    },
    {
      title: "TaskTriggerSpec",
      description:
        "When a task fires. `adaptive` follows what the runs find and has no further fields; " +
        "`cron` takes `dialect` (`aps` with `fields`, `vixie` with `expression`), `zone` and " +
        "`clockChange`; `interval` takes `everyMs` and `anchorAt`; `date` takes `at`; " +
        "`calendar` takes `every`, `unit`, `startDate`, `timeOfDay` and `zone`; `and` and `or` " +
        "take `triggers`. Repeating ones also take `startAt`, `endAt`, `jitterMs`, `jitterSeed`.",
      examples: [
        { kind: "adaptive" },
        { kind: "interval", everyMs: 60_000 },
        {
          kind: "cron",
          dialect: "vixie",
          expression: "*/5 * * * *",
          zone: "UTC",
          clockChange: "match",
        },
        { kind: "date", at: "2030-03-01T09:00:00Z" },
      ],
      additionalProperties: true,
    },
  ),
);
