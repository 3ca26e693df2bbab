/** Reads policies that somebody wrote: parts may be missing, and are filled in from defaults. */

import { fieldIn, ifPresent, invalidField, readFields, readNumber } from "../kernel/fields.ts";
import { readRetryDelays, retryDelayFields } from "../kernel/retry-delay.ts";
import { type IntervalPolicy, intervalPolicyDefault } from "../policy/adaptive-interval.ts";
import { type RetryPolicy, retryPolicyDefault } from "../policy/retry.ts";
import type { TaskTypeLimits } from "./task-type.ts";

/** The longest duration of any policy, ten years in milliseconds. */
export const policyMsMax = 315_360_000_000;
/** The longest time-out of an attempt, one year in milliseconds. */
export const timeoutMsMax = 31_536_000_000;
/** The longest grace period, one hour in milliseconds. */
export const graceMsMax = 3_600_000;
/** More retries are a mistake in all likelihood. */
const retryLimitMax = 10_000;
/** A larger factor leaves the bounds in one step anyway. */
const factorMax = 1_000;
/** The largest limit that a type can have. */
const limitMax = 1_000_000_000;

/**
 * Reads a retry policy. A missing `delayMsMax` is at least the `delayMs` that is given.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readRetryPolicy(value: unknown, field: string): RetryPolicy {
  const given = readFields(value, field, ["limit", ...retryDelayFields]);
  const part = readerOf(given, field);
  return {
    limit: part("limit", { min: 0, max: retryLimitMax, whole: true }) ?? retryPolicyDefault.limit,
    ...readRetryDelays(given, { field, msMax: policyMsMax }),
  };
}

/**
 * Reads an interval policy. Missing bounds give way to those that are given.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readIntervalPolicy(value: unknown, field: string): IntervalPolicy {
  const given = readFields(value, field, ["defaultMs", "minMs", "maxMs", "factor"]);
  const part = readerOf(given, field);
  const range = { min: 1, max: policyMsMax };
  const wanted = {
    defaultMs: part("defaultMs", range),
    minMs: part("minMs", range),
    maxMs: part("maxMs", range),
  };
  const start = wanted.defaultMs ?? intervalPolicyDefault.defaultMs;
  const ceiling = wanted.maxMs ?? Number.POSITIVE_INFINITY;
  const minMs = wanted.minMs ?? Math.min(intervalPolicyDefault.minMs, start, ceiling);
  const maxMs = wanted.maxMs ?? Math.max(intervalPolicyDefault.maxMs, start, minMs);
  checkOrder({ minMs, maxMs, defaultMs: wanted.defaultMs }, field);
  return {
    defaultMs: Math.min(Math.max(start, minMs), maxMs),
    minMs,
    maxMs,
    factor: part("factor", { min: 1, max: factorMax }) ?? intervalPolicyDefault.factor,
  };
}

function checkOrder(
  interval: {
    readonly minMs: number;
    readonly maxMs: number;
    readonly defaultMs: number | undefined;
  },
  field: string,
): void {
  const { minMs, maxMs, defaultMs } = interval;
  if (minMs > maxMs) {
    const expected = `at most ${fieldIn(field, "maxMs")}, which is ${maxMs}`;
    throw invalidField(fieldIn(field, "minMs"), { expected, value: minMs });
  }
  if (defaultMs !== undefined && (defaultMs < minMs || defaultMs > maxMs)) {
    const expected = `within ${minMs} to ${maxMs}, the bounds of ${field}`;
    throw invalidField(fieldIn(field, "defaultMs"), { expected, value: defaultMs });
  }
}

/**
 * Reads limits; those that are missing or null do not bind.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readLimits(value: unknown, field: string): TaskTypeLimits {
  const given = readFields(value, field, ["runningMax", "runningPerKeyMax", "unfinishedMax"]);
  const part = readerOf(given, field);
  return {
    runningMax: part("runningMax", { min: 0, max: limitMax, whole: true }) ?? null,
    runningPerKeyMax: part("runningPerKeyMax", { min: 1, max: limitMax, whole: true }) ?? null,
    unfinishedMax: part("unfinishedMax", { min: 0, max: limitMax, whole: true }) ?? null,
  };
}

/**
 * Reads a time-out of one attempt in milliseconds.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readTimeoutMs(value: unknown, field: string): number {
  return readNumber(value, { field, min: 1, max: timeoutMsMax });
}

/**
 * Reads the name of a retention class: a lowercase letter, then up to 29 of `a-z 0-9 _`.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readRetentionClassName(value: unknown, field: string): string {
  if (typeof value === "string" && /^[a-z][a-z0-9_]{0,29}$/.test(value)) return value;
  const expected = "a lowercase letter and up to 29 of a-z, 0-9 and _";
  throw invalidField(field, { expected, value });
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** Reads single parts of a policy; null counts as absent only where a limit can be lifted. */
function readerOf(
  given: Readonly<Record<string, unknown>>,
  field: string,
): (key: string, range: Range) => number | undefined {
  return (key, range) => {
    const value = given[key] === null && key.endsWith("Max") ? undefined : given[key];
    return ifPresent(value, (each) => readNumber(each, { field: fieldIn(field, key), ...range }));
  };
}
