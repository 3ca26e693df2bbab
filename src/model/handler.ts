/** What a task type's code looks like, and what it is given when it runs. */

import type { FencingToken, RunId, TaskId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { Outcome } from "./outcome.ts";
import type { LogLevel } from "./run.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { TaskTypeSettings } from "./task-type.ts";

/** Writes lines into the run's log; they are kept with the run and can be followed live. */
export type RunLogger = {
  readonly [Level in LogLevel]: (message: string, data?: JsonObject) => void;
};

/** What a handler knows about its run and can do with it. */
export interface RunContext<Input = unknown> {
  /** The validated input. */
  readonly params: Input;
  /**
   * Aborted on cancel, time-out, shutdown or a lost lease; `reason` says which. After the grace
   * period the run is ended without the handler.
   */
  readonly signal: AbortSignal;
  readonly log: RunLogger;
  /** Tells how far the run has come: `fraction` 0 to 1, or null when the end is not known. */
  readonly progress: (fraction: number | null, message?: string) => void;
  /**
   * A number that is larger in every later claim of this run: hand it to the systems you write to
   * and have them refuse a smaller one.
   */
  readonly fence: FencingToken;
  readonly runId: RunId;
  readonly taskId: TaskId | null;
  /** Counted from 1. */
  readonly attempt: number;
  /** The instant that the trigger yielded; null for runs asked for by somebody. */
  readonly fireAt: Instant | null;
  readonly dueAt: Instant;
}

/** What a handler may answer: an outcome, or a plain value, which counts as eventful. */
export type HandlerResult<Output> = Output | Outcome | undefined;

/** The user's function. */
export type Handler<Input, Output> = (
  context: RunContext<Input>,
) => HandlerResult<Output> | Promise<HandlerResult<Output>>;

/** A program with its arguments; it is started without a shell. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment that all child processes get. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The code of a task type together with what it declares. */
export interface TaskDefinition<Input = unknown, Output = unknown> {
  readonly settings: TaskTypeSettings;
  /** Checks the input at enqueue; absent means that any JSON is taken. */
  readonly schema: StandardSchema<unknown, Input> | undefined;
  readonly code: TaskCode<Input, Output>;
}

/** Either a function in the worker's process, or a program. */
export type TaskCode<Input, Output> =
  | { readonly kind: "in-process"; readonly run: Handler<Input, Output> }
  | { readonly kind: "child-process"; readonly command: (input: Input) => ChildCommand };
