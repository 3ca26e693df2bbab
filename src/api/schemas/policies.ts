/** Schemas of policies and limits, which tasks and task types share. */

import { Type } from "typebox";
import type { OverridesRequest, PolicyOverrides } from "../../model/task.ts";
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

const retryProperties = {
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
};

/** When a failed run is tried again. */
export const retryPolicySchema: SchemaOf<RetryPolicy> = schemaOf<RetryPolicy>()(
  Type.Object(retryProperties, {
    title: "RetryPolicy",
    description: "How often and how late a failed run is tried again.",
    additionalProperties: false,
  }),
);

/** A part of a retry policy. */
export const retryRequestSchema: SchemaOf<Partial<RetryPolicy>> = schemaOf<Partial<RetryPolicy>>()(
  Type.Object(
    {
      limit: Type.Optional(retryProperties.limit),
      delayMs: Type.Optional(retryProperties.delayMs),
      factor: Type.Optional(retryProperties.factor),
      delayMsMax: Type.Optional(retryProperties.delayMsMax),
      jitter: Type.Optional(retryProperties.jitter),
    },
    {
      title: "RetryRequest",
      description: "A part of a retry policy; what is absent is that of the task type.",
      additionalProperties: false,
    },
  ),
);

const timeoutMs = Type.Optional(
  Type.Number({
    description: "What one attempt may take.",
    minimum: 1,
    maximum: timeoutMsMax,
  }),
);

/** Policies of one task. */
export const policyOverridesSchema: SchemaOf<PolicyOverrides> = schemaOf<PolicyOverrides>()(
  Type.Object(
    { retry: Type.Optional(retryPolicySchema), timeoutMs },
    {
      title: "PolicyOverrides",
      description: "Policies that win over those of the task type.",
      additionalProperties: false,
    },
  ),
);

/** Policies of one task or run, as somebody asks for them. */
export const overridesRequestSchema: SchemaOf<OverridesRequest> = schemaOf<OverridesRequest>()(
  Type.Object(
    { retry: Type.Optional(retryRequestSchema), timeoutMs },
    {
      title: "OverridesRequest",
      description: "Policies that are to win over those of the task type, as it is now.",
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
