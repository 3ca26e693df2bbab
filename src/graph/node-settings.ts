/** What one node of a graph is given in time, tries and precedence. */

import { timerMsMax } from "../kernel/clock.ts";
import { fieldIn, type Fields, ifPresent, readFields, readNumber } from "../kernel/fields.ts";
import { readRetryDelays, retryDelayFields, type RetryDelays } from "../kernel/retry-delay.ts";

/** How often and how late a node is tried again; absent parts are those of task types. */
export interface NodeRetry extends Partial<RetryDelays> {
  /** Retries after the first try. */
  readonly limit: number;
}

/** Settings of a node; all may be left out. */
export interface NodeSettings {
  /**
   * Milliseconds from the first start to the end of the last try, at most 24 days. Then the node is
   * asked to stop, and is not tried again.
   * @defaultValue no bound
   */
  readonly timeoutMs?: number;
  /** @defaultValue no retries */
  readonly retry?: NodeRetry;
  /**
   * Of the nodes that are ready the one with the highest priority starts first. A node counts with
   * the highest priority of all that wait for it, so that an urgent one is not held up below.
   * @defaultValue 0
   */
  readonly priority?: number;
  /**
   * How long it takes in all likelihood, in milliseconds. Among equal priorities the node with the
   * longest way ahead starts first, and plans are made of it.
   * @defaultValue 1000
   */
  readonly estimateMs?: number;
}

/** The settings with nothing left out. */
export interface ResolvedNodeSettings {
  readonly timeoutMs: number | null;
  readonly retry: (RetryDelays & { readonly limit: number }) | null;
  readonly priority: number;
  readonly estimateMs: number;
}

/** What a node has that says nothing. */
export const nodeSettingsDefault: ResolvedNodeSettings = {
  timeoutMs: null,
  retry: null,
  priority: 0,
  estimateMs: 1_000,
};

/** The fields that `readNodeSettings` reads. */
export const nodeSettingFields: readonly string[] = Object.keys(nodeSettingsDefault);

/** More retries are a mistake in all likelihood. */
const retryLimitMax = 10_000;
/** Beyond this, sums of estimates lose their milliseconds. */
const estimateMsMax = 1e12;
const priorityMax = 1e9;

/**
 * Reads settings from checked fields.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function readNodeSettings(given: Fields, field: string): ResolvedNodeSettings {
  const number = (key: string, min: number, { max }: { readonly max: number }) =>
    ifPresent(given[key], (value) => readNumber(value, { field: fieldIn(field, key), min, max }));
  return {
    timeoutMs: number("timeoutMs", 0, { max: timerMsMax }) ?? null,
    retry: ifPresent(given["retry"], (value) => readRetry(value, fieldIn(field, "retry"))) ?? null,
    priority: number("priority", -priorityMax, { max: priorityMax }) ?? 0,
    estimateMs: number("estimateMs", 0, { max: estimateMsMax }) ?? nodeSettingsDefault.estimateMs,
  };
}

function readRetry(value: unknown, field: string): ResolvedNodeSettings["retry"] {
  const given = readFields(value, field, ["limit", ...retryDelayFields]);
  return {
    limit: readNumber(given["limit"], {
      field: fieldIn(field, "limit"),
      min: 0,
      max: retryLimitMax,
      whole: true,
    }),
    ...readRetryDelays(given, { field, msMax: timerMsMax }),
  };
}
