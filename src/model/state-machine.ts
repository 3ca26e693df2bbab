/**
 * The life of each record as a table: state, event, next state. What the table does not list is
 * refused. `docs/state-machines.md` draws the same tables; a test holds the two together.
 */

import { StateError } from "../kernel/errors.ts";

/** For each state the events it takes and where they lead. */
export type StateTable<State extends string, Event extends string> = {
  readonly [S in State]: { readonly [E in Event]?: State };
};

/** A run: one occurrence taken up for execution. */
export type RunState =
  | "blocked"
  | "queued"
  | "paused"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled";

/** What can happen to a run. */
export type RunEvent =
  | "unblock"
  | "pause"
  | "resume"
  | "block"
  | "claim"
  | "release"
  | "succeed"
  | "retry"
  | "snooze"
  | "lose"
  | "fail"
  | "cancel";

/** The life of a run; the last three states are final and kept in the history. */
export const runTable: StateTable<RunState, RunEvent> = {
  blocked: { unblock: "queued", pause: "paused", cancel: "cancelled" },
  queued: { claim: "running", pause: "paused", block: "blocked", cancel: "cancelled" },
  paused: { resume: "queued", block: "blocked", cancel: "cancelled" },
  running: {
    release: "queued",
    retry: "queued",
    snooze: "queued",
    lose: "queued",
    succeed: "succeeded",
    fail: "failed",
    cancel: "cancelled",
  },
  succeeded: {},
  failed: {},
  cancelled: {},
};

/** A task: a stored intention. */
export type TaskState = "active" | "paused" | "completed" | "failed" | "disabled" | "cancelled";

/** What can happen to a task. */
export type TaskEvent = "pause" | "resume" | "complete" | "fail" | "disable" | "cancel" | "retry";

/** The life of a task. `retry` revives what ended; recurring tasks stay active on failures. */
export const taskTable: StateTable<TaskState, TaskEvent> = {
  active: {
    pause: "paused",
    complete: "completed",
    fail: "failed",
    disable: "disabled",
    cancel: "cancelled",
    retry: "active",
  },
  paused: {
    resume: "active",
    complete: "completed",
    fail: "failed",
    disable: "disabled",
    cancel: "cancelled",
  },
  completed: { retry: "active" },
  failed: { retry: "active", cancel: "cancelled" },
  disabled: { retry: "active", cancel: "cancelled" },
  cancelled: { retry: "active" },
};

/** A worker process. */
export type WorkerState = "live" | "draining" | "stopped" | "lost";

/** What can happen to a worker. */
export type WorkerEvent = "drain" | "stop" | "expire" | "heartbeat";

/** The life of a worker; one that was taken for dead and beats again is live again. */
export const workerTable: StateTable<WorkerState, WorkerEvent> = {
  live: { heartbeat: "live", drain: "draining", stop: "stopped", expire: "lost" },
  draining: { heartbeat: "draining", stop: "stopped", expire: "lost" },
  lost: { heartbeat: "live", stop: "stopped" },
  stopped: {},
};

/** The state that `event` leads to, or `undefined` where the table has none. */
export function transition<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  state: State,
  event: NoInfer<Event>,
): State | undefined {
  return table[state][event];
}

/** The states from which `event` is possible, in the table's order. */
export function statesBefore<State extends string, Event extends string>(
  table: StateTable<State, Event>,
  event: NoInfer<Event>,
): readonly State[] {
  return (Object.keys(table) as State[]).filter((state) => table[state][event] !== undefined);
}

/**
 * The error for an event that a state does not take.
 */
export function refusedTransition(
  what: string,
  { state, event }: { readonly state: string; readonly event: string },
): StateError {
  return new StateError("ORR_STATE_TRANSITION", `${what} is ${state}: it cannot ${event}`, {
    details: { state, event },
  });
}
