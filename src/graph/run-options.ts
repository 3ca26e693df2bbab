/** How a graph is run: limits, failures, time, and who is told. */

import { type Clock, holdingClock, timerMsMax } from "../kernel/clock.ts";
import {
  checkFunction,
  type Fields,
  ifPresent,
  invalidField,
  readNumber,
  readOneOf,
} from "../kernel/fields.ts";
import { createRng, randomSeed, type Rng } from "../kernel/rng.ts";
import type { GraphEvent } from "./graph-event.ts";

/** What follows when a node fails. */
export type OnFailure = "stop" | "isolate";

/** Milliseconds, the same for all nodes or by node; null is none. */
export type WaitMs<Key> = number | ((node: Key) => number | null);

/** Options of a run; all may be left out. */
export interface RunGraphOptions<Key = string> {
  /**
   * Nodes that run at a time.
   * @defaultValue no bound
   */
  readonly concurrency?: number;
  /**
   * `stop`: nothing is started any more, what runs is asked to stop, and the run fails with the
   * first error. `isolate`: what requires the failed node is cancelled, all else goes on, and in
   * the end the run fails with an `ExceptionGroup` of all errors in the order of occurrence.
   * @defaultValue stop
   */
  readonly onFailure?: OnFailure;
  /**
   * Under `stop`, milliseconds that the other running nodes may go on undisturbed before they are
   * asked to stop. A second failure does not make it longer.
   * @defaultValue 0
   */
  readonly errorWaitMs?: WaitMs<Key>;
  /**
   * Milliseconds between asking a node to stop and giving up on it. The run never ends before each
   * node has ended or was given up.
   * @defaultValue 5000
   */
  readonly graceMs?: number;
  /**
   * Milliseconds that the run may take, at most 24 days; then all nodes are asked to stop.
   * @defaultValue no bound
   */
  readonly timeoutMs?: number;
  /** Aborting it asks all nodes to stop and makes the run fail with its reason. */
  readonly signal?: AbortSignal;
  /** Told of everything, as it happens. What it throws cancels the run, which fails with it. */
  readonly onEvent?: (event: GraphEvent<Key>) => void;
  /**
   * Where time comes from.
   * @defaultValue the system's clock; the process stays while the run waits for a timer
   */
  readonly clock?: Clock;
  /**
   * Chance for the jitter of retries.
   * @defaultValue a random seed
   */
  readonly rng?: Rng;
}

/** The options with nothing left out; null is no bound. */
export interface ResolvedRunOptions<Key> {
  readonly concurrency: number;
  readonly onFailure: OnFailure;
  readonly errorWaitMs: WaitMs<Key>;
  readonly graceMs: number;
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal | null;
  readonly onEvent: ((event: GraphEvent<Key>) => void) | null;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** The fields of `RunGraphOptions`. */
export const runOptionFields: readonly string[] = [
  "concurrency",
  "onFailure",
  "errorWaitMs",
  "graceMs",
  "timeoutMs",
  "signal",
  "onEvent",
  "clock",
  "rng",
];

/** As for task types. */
const graceMsDefault = 5_000;

/**
 * Fills in and checks options whose names have been checked.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export function resolveRunOptions<Key>(options: RunGraphOptions<Key>): ResolvedRunOptions<Key> {
  if (options.onEvent !== undefined) checkFunction(options.onEvent, { field: "onEvent" });
  const milliseconds = (field: "graceMs" | "timeoutMs"): number | undefined =>
    ifPresent(options[field], (value) => readNumber(value, { field, min: 0, max: timerMsMax }));
  return {
    concurrency: readConcurrency(options.concurrency),
    onFailure:
      ifPresent(options.onFailure, (value) =>
        readOneOf(value, { field: "onFailure", words: ["stop", "isolate"] }),
      ) ?? "stop",
    errorWaitMs: readErrorWaitMs(options.errorWaitMs),
    graceMs: milliseconds("graceMs") ?? graceMsDefault,
    timeoutMs: milliseconds("timeoutMs") ?? null,
    signal: ifPresent(options.signal, readSignal) ?? null,
    onEvent: options.onEvent ?? null,
    clock: options.clock ?? holdingClock,
    rng: options.rng ?? createRng(randomSeed()),
  };
}

/** Reads how many nodes may run at a time; absent and infinity are no bound. */
export function readConcurrency(value: Fields[string]): number {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const rule = { field: "concurrency", min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };
  return readNumber(value, rule);
}

function readErrorWaitMs<Key>(value: WaitMs<Key> | undefined): WaitMs<Key> {
  if (typeof value === "function") return value;
  return readWaitMs(value ?? 0);
}

/** Reads the answer of an `errorWaitMs`. */
export function readWaitMs(value: unknown): number {
  return readNumber(value ?? 0, { field: "errorWaitMs", min: 0, max: timerMsMax });
}

function readSignal(value: unknown): AbortSignal {
  if (value instanceof AbortSignal) return value;
  throw invalidField("signal", { expected: "an AbortSignal", value });
}
