/** What the engine tells of itself, for logs, metrics and tests. */

import type { FencingToken, RunId, TaskId, WorkerId } from "../kernel/ids.ts";
import type { Outcome } from "../model/outcome.ts";

/** A run, as events name it. */
export interface RunOfEvent {
  readonly runId: RunId;
  readonly taskId: TaskId | null;
  readonly typeName: string;
  readonly attempt: number;
  readonly fence: FencingToken;
}

/** The loops by name. */
export type LoopName =
  | "fire"
  | "claim"
  | "look-back"
  | "finish"
  | "record"
  | "renew"
  | "watch"
  | "reap"
  | "prune"
  | "visits"
  | "count";

/** One thing that happened. `kind` says what; numbers are counts or milliseconds. */
export type EngineEvent =
  | { readonly kind: "worker_started"; readonly workerId: WorkerId }
  | { readonly kind: "worker_stopped"; readonly workerId: WorkerId; readonly abandoned: number }
  | { readonly kind: "fired"; readonly count: number }
  | ({ readonly kind: "run_started" } & RunOfEvent)
  | ({
      readonly kind: "run_ended";
      readonly outcome: Outcome;
      readonly durationMs: number;
    } & RunOfEvent)
  | ({
      readonly kind: "run_requeued";
      readonly outcome: Outcome;
      readonly durationMs: number;
      readonly delayMs: number;
    } & RunOfEvent)
  /** A result was refused, or an attempt given up, because the token was no longer current. */
  | ({ readonly kind: "run_dropped" } & RunOfEvent)
  | { readonly kind: "reaped"; readonly workerId: WorkerId; readonly runIds: readonly RunId[] }
  | { readonly kind: "worker_lost"; readonly workerId: WorkerId }
  | {
      readonly kind: "pruned";
      /** Partitions that were added ahead of time. */
      readonly added: readonly string[];
      /** Partitions whose time was over. */
      readonly dropped: readonly string[];
      readonly tasks: number;
    }
  /** So many changes of the frontier's counts were added up. */
  | { readonly kind: "counted"; readonly changes: number }
  | { readonly kind: "loop_failed"; readonly loop: LoopName; readonly error: Error };

/** Takes events; must neither throw nor wait. */
export type EngineListener = (event: EngineEvent) => void;
