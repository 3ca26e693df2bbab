/** What a task type's code looks like, and what it is given when it runs. */

import type { FencingToken, RunId, TaskId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { JsonObject, JsonValue } from "../kernel/json.ts";
import type { AddNodesOptions, GraphNodeRequest, RunResults } from "./graph.ts";
import type { EventfulOutcome, Outcome, UneventfulOutcome } from "./outcome.ts";
import type { LogLevel } from "./run.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { TaskTypeSettings } from "./task-type.ts";

/** Writes lines into the run's log; they are kept with the run and can be followed live. */
export type RunLogger = {
  readonly [Level in LogLevel]: (message: string, data?: JsonObject) => void;
};

/** What a handler knows about its run and can do with it. */
export interface RunContext<Params = unknown> {
  /** What the schema made of the input; the input itself without a schema. */
  readonly params: Params;
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
  /**
   * Connection string of the database that holds the queue, embedded or not, for tables of your
   * own. It may hold a password: keep it out of logs and outputs.
   */
  readonly databaseUrl: string;
  readonly runId: RunId;
  readonly taskId: TaskId | null;
  /**
   * What the tasks that this one requires have answered, by the name of their node; of tasks that
   * are no nodes by key, or by id where they have none. Read from the database when asked for.
   */
  readonly results: () => Promise<RunResults>;
  /**
   * Adds nodes to the graph that this run is a node of: work that only showed while it ran. Nodes
   * that say nothing of `requires` require this one. Names that the graph has are left as they are,
   * so that a run which is tried again adds nothing twice. Answers the names that are new.
   * @throws StateError `ORR_STATE_TRANSITION` when there is no graph, or it has ended, or a node
   * of `before` has started
   * @throws LeaseLostError `ORR_LEASE_LOST` when the run has been taken away
   * @throws InvalidInputError `ORR_INPUT_*`
   */
  readonly addNodes: (
    nodes: readonly GraphNodeRequest[],
    options?: AddNodesOptions,
  ) => Promise<readonly string[]>;
  /** Counted from 1. */
  readonly attempt: number;
  /** The instant that the trigger yielded; null for runs asked for by somebody. */
  readonly fireAt: Instant | null;
  readonly dueAt: Instant;
}

/** What a handler may answer: an outcome, or a plain value, which counts as eventful. */
export type HandlerResult<Returned> = Returned | Outcome;

/**
 * What waiting for a run gives whose handler returns `Returned`: its plain result, null where it
 * returns nothing, any JSON where it returns outcomes only. The index, always 0, keeps a declared
 * type of the definition from deciding what the handler returns: the compiler infers backwards
 * through anything simpler.
 */
export type OutputOf<Returned> = [PlainResult<Returned>][Returned extends unknown ? 0 : never];

type PlainResult<Result> = Result extends EventfulOutcome | UneventfulOutcome
  ? JsonValue
  : Result extends Outcome
    ? never
    : Result extends undefined | void
      ? null
      : Result;

/** The user's function. */
export type Handler<Params, Returned> = (
  context: RunContext<Params>,
) => HandlerResult<Returned> | Promise<HandlerResult<Returned>>;

/** A program with its arguments; it is started without a shell. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment that all child processes get. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * The code of a task type together with what it declares. `Input` is what callers hand in,
 * `Params` what the schema makes of it for the handler, `Output` the handler's plain result.
 */
export interface TaskDefinition<Input = unknown, Output = unknown, Params = unknown> {
  /** The name is empty while only the scan of its module can tell it. */
  readonly settings: TaskTypeSettings;
  /** Checks the input at enqueue; absent means that any JSON is taken. */
  readonly schema: StandardSchema<Input, Params> | undefined;
  readonly code: TaskCode<Params, Output>;
}

/** Either a function in the worker's process, or a program. */
export type TaskCode<Params, Output> = InProcessCode<Params, Output> | ChildProcessCode<Params>;

/** A function in the worker's process. */
export interface InProcessCode<Params, Output> {
  readonly kind: "in-process";
  // A method, so that definitions of any `Params` fit one list: what is handed in comes from the
  // same definition's schema, which the compiler cannot follow through the database.
  run(context: RunContext<Params>): HandlerResult<Output> | Promise<HandlerResult<Output>>;
}

/** A program in a process of its own. */
export interface ChildProcessCode<Params> {
  readonly kind: "child-process";
  command(params: Params): ChildCommand;
}
