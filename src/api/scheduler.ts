/**
 * The scheduler as users see it. The local one (`Orrery`) and the remote one (`RemoteScheduler`)
 * implement this interface and pass one conformance suite.
 */

import type { JsonValue } from "../kernel/json.ts";
import type {
  AddNodesOptions,
  GraphNodeRequest,
  RunResults,
  SubmitGraphRequest,
} from "../model/graph.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { RunState, TaskState } from "../model/state-machine.ts";
import type { OnRequirementFailure, OverridesRequest, TaskTriggerSpec } from "../model/task.ts";
import type { TokenRole } from "../model/worker.ts";
import type { Coalesce, OverlapPolicy } from "../policy/firing-policy.ts";
import type { Priority } from "../policy/slot-shares.ts";
import type { Frontier } from "./frontier.ts";
import type { GraphRecord } from "./graph-records.ts";
import type {
  ForecastRecord,
  LogRecord,
  OccurrenceRecord,
  Page,
  RunDetailRecord,
  RunEventRecord,
  RunRecord,
  SystemRecord,
  TaskDetailRecord,
  TaskRecord,
  TaskTypeRecord,
  TokenRecord,
  TriggerRecord,
} from "./records.ts";

export type {
  AddNodesOptions,
  GraphNodeRequest,
  RunResults,
  SubmitGraphRequest,
} from "../model/graph.ts";

/** Options of a run that is put on the queue by itself. */
export interface EnqueueOptions {
  /** @defaultValue normal */
  readonly priority?: Priority;
  /** Runs with the same key count against the type's `runningPerKeyMax`. At most 200 letters. */
  readonly concurrencyKey?: string;
  /** The earliest start, RFC 3339; excludes `delayMs`. */
  readonly dueAt?: string;
  /** The earliest start, from now on the database's clock. */
  readonly delayMs?: number;
  /** Policies that win over the type's; what they leave out is the type's, as it is now. */
  readonly overrides?: OverridesRequest;
}

/** A run to be queued. */
export interface EnqueueRequest extends EnqueueOptions {
  /** Name of the task type. */
  readonly type: string;
  /** What the handler is given; checked by the type's schema. @defaultValue {} */
  readonly input?: JsonValue;
}

/** A task that must succeed first: its id, or the key of one (also of the same request list). */
export interface Requirement {
  readonly taskId?: number;
  readonly key?: string;
  /** What happens when it fails for good. @defaultValue block */
  readonly onFailure?: OnRequirementFailure;
}

/** How a trigger fires, beside its rule. An adaptive trigger takes only `nextFireAt`. */
export interface TriggerOptions {
  /**
   * Milliseconds by which a run may start after its fire time, 0 to a year; one that would start
   * later is missed and does not run. Null for no bound. @defaultValue null
   */
  readonly misfireGraceMs?: number | null;
  /**
   * Which of several fire times that passed before anybody could fire them have a run: the first
   * (`earliest`), the last (`latest`), or each (`all`). @defaultValue latest
   */
  readonly coalesce?: Coalesce;
  /** Runs of this trigger that may be under way at one time, 1 to 10000. @defaultValue 1 */
  readonly maxInstances?: number;
  /**
   * What happens to a fire time that finds `maxInstances` runs unfinished: it has no run (`skip`),
   * its run waits unless another one does (`queue-one`) or behind those that do (`queue-all`), the
   * oldest are asked to stop (`cancel-running`), or it runs beside them (`allow`).
   * @defaultValue skip
   */
  readonly overlap?: OverlapPolicy;
  /**
   * The first fire time, RFC 3339, after which the rule goes on; null adds the trigger paused.
   * @defaultValue the first one of the rule from now on
   */
  readonly nextFireAt?: string | null;
}

/** A trigger to be stored: one flat object, the fields of its rule and how it fires. */
export type TriggerRequest = TaskTriggerSpec & TriggerOptions;

/** What is to change of a trigger; what is absent stays. */
export interface TriggerChange extends TriggerOptions {
  /** The whole new rule, adaptive only if it was; it goes on from now. */
  readonly spec?: TaskTriggerSpec;
  /** The next fire time, RFC 3339; null pauses the trigger, a time ends its pause. */
  readonly nextFireAt?: string | null;
}

/** Options of a task. */
export interface TaskOptions extends EnqueueOptions {
  /** For people. @defaultValue the name of the type */
  readonly name?: string;
  /** Unique; creating a task with a key that exists changes nothing and answers that task. */
  readonly key?: string;
  readonly parentId?: number;
  /** Key of the parent, also of the same request list; excludes `parentId`. */
  readonly parentKey?: string;
  /** When to run, again and again; absent means once. Excludes `dueAt`, `delayMs`, `requires`. */
  readonly triggers?: readonly TriggerRequest[];
  readonly requires?: readonly Requirement[];
}

/** A task to be stored. */
export interface CreateTaskRequest extends TaskOptions {
  /** Name of the task type. */
  readonly type: string;
  /** What the handler is given; checked by the type's schema. @defaultValue {} */
  readonly input?: JsonValue;
}

/** Whose results to read. */
export interface GraphResultsOptions {
  /** Names of nodes, at most 1,000. @defaultValue all nodes of the graph */
  readonly nodes?: readonly string[];
}

/** Cursor and size of a page. */
export interface PageOptions {
  readonly cursor?: string;
  /** 1 to 1000. @defaultValue 50 */
  readonly limit?: number;
}

/** Which tasks to list. */
export interface ListTasksOptions extends PageOptions {
  readonly type?: string;
  readonly state?: readonly TaskState[];
  readonly rootId?: number;
  readonly parentId?: number;
  readonly key?: string;
}

/** Which runs to list. */
export interface ListRunsOptions extends PageOptions {
  readonly type?: string;
  readonly state?: readonly RunState[];
  readonly taskId?: number;
}

/** Where to go on in a log: lines after this one. */
export interface ListLogsOptions {
  /** `attempt.seq` of the last line seen, as in `1.42`. */
  readonly after?: string;
  /** 1 to 1000. @defaultValue 200 */
  readonly limit?: number;
}

/** Where to go on in what was decided of a trigger's fire times, newest first. */
export interface ListOccurrencesOptions {
  /** Only fire times earlier than this one, RFC 3339: `fireAt` of the last one seen. */
  readonly before?: string;
  /** 1 to 1000. @defaultValue 50 */
  readonly limit?: number;
}

/** Which span to forecast, and whose runs. */
export interface ForecastOptions {
  /** 1 to 744. @defaultValue 24 */
  readonly hours?: number;
  /** RFC 3339; a time that has passed counts as now. @defaultValue now */
  readonly from?: string;
  readonly type?: string;
  readonly taskId?: number;
  /** Runs that are listed, 1 to 1000; all are counted. @defaultValue 100 */
  readonly limit?: number;
}

/** How long to wait. */
export interface WaitOptions {
  /** Absent waits for ever. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** From where on to follow the log of a run, and until when. */
export interface FollowLogsOptions {
  /** `attempt.seq` of the last line seen, as in `1.42`. @defaultValue from the first line */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

/** Which run events to follow, from where on, and until when. */
export interface FollowRunsOptions {
  readonly type?: string;
  readonly taskId?: number;
  /** Runs of the nodes of this graph. */
  readonly graphId?: number;
  /**
   * `runId.attempt` of the last event seen, as in `7.1`: what ended since then is told first.
   * Attempts that ended within two seconds before it may come again. @defaultValue from now on
   */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

/** A new token, with the secret that is shown only once. */
export interface CreatedToken {
  readonly token: TokenRecord;
  readonly secret: string;
}

/** A token to be made. */
export interface CreateTokenRequest {
  readonly name: string;
  readonly role: TokenRole;
  /** Days until it expires; absent means never. */
  readonly expiresInDays?: number;
}

/**
 * All verbs. Every method may throw `StoreError` (`ORR_STORE_*`); what else, its comment says.
 */
export interface Scheduler {
  /** Origins to be visited: what listers have found, what is next, and what came of it. */
  readonly frontier: Frontier;

  listTaskTypes(): Promise<readonly TaskTypeRecord[]>;
  /** @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` */
  getTaskType(name: string): Promise<TaskTypeRecord>;
  /** Claims none of its runs until resumed. @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` */
  pauseTaskType(name: string): Promise<TaskTypeRecord>;
  /** @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` */
  resumeTaskType(name: string): Promise<TaskTypeRecord>;

  /**
   * Stores tasks, all or none, in the order given.
   * @throws InvalidInputError `ORR_INPUT_*` with `details.field` as in `tasks[3].input.url`
   * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE` `ORR_NOT_FOUND_TASK`
   * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`
   */
  createTasks(requests: readonly CreateTaskRequest[]): Promise<readonly TaskDetailRecord[]>;
  /** Stores one task; errors as `createTasks`, fields without the list's prefix. */
  createTask(request: CreateTaskRequest): Promise<TaskDetailRecord>;
  /** Stores a task of a definition, its input checked by the compiler. */
  create<Input>(
    type: TaskDefinition<Input>,
    input: NoInfer<Input>,
    options?: TaskOptions,
  ): Promise<TaskDetailRecord>;
  /** Queues one run of a definition and waits for its end; rejects when it did not succeed. */
  run<Input, Output>(
    type: TaskDefinition<Input, Output>,
    input: NoInfer<Input>,
    options?: EnqueueOptions & WaitOptions,
  ): Promise<Output>;
  /** Queues runs without tasks, all or none; answers their ids in order. Errors as above. */
  enqueue(requests: readonly EnqueueRequest[]): Promise<readonly number[]>;
  /** @throws NotFoundError `ORR_NOT_FOUND_TASK` */
  getTask(id: number): Promise<TaskDetailRecord>;
  listTasks(options?: ListTasksOptions): Promise<Page<TaskRecord>>;
  /**
   * Ends a task and its runs; running ones are asked to stop. Waiting dependents follow by rule.
   * @throws NotFoundError `ORR_NOT_FOUND_TASK`
   * @throws StateError `ORR_STATE_TRANSITION`
   */
  cancelTask(id: number, reason?: string): Promise<TaskDetailRecord>;
  /** Fires and claims nothing of it until resumed. Errors as `cancelTask`. */
  pauseTask(id: number): Promise<TaskDetailRecord>;
  /** Goes on from now; fire times that passed meanwhile are not caught up. */
  resumeTask(id: number): Promise<TaskDetailRecord>;
  /** Runs it once more now, reviving it if it had ended. Errors as `cancelTask`. */
  retryTask(id: number): Promise<TaskDetailRecord>;

  /** @throws NotFoundError `ORR_NOT_FOUND_TRIGGER` */
  getTrigger(id: number): Promise<TriggerRecord>;
  /**
   * Adds a trigger to a task that is active and has triggers; one that runs once takes none.
   * @throws InvalidInputError `ORR_INPUT_*` with `details.field` as in `misfireGraceMs`
   * @throws NotFoundError `ORR_NOT_FOUND_TASK`
   * @throws StateError `ORR_STATE_TRANSITION`
   */
  addTrigger(taskId: number, trigger: TriggerRequest): Promise<TriggerRecord>;
  /**
   * Changes a trigger of an active task: its rule, how it fires, or when it fires next. One that
   * was paused stays so, unless it is given a next fire time.
   * @throws InvalidInputError `ORR_INPUT_*` with `details.field` as in `spec.zone`
   * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
   * @throws StateError `ORR_STATE_TRANSITION`
   */
  updateTrigger(id: number, change: TriggerChange): Promise<TriggerRecord>;
  /**
   * Fires no more until it is resumed; its runs and the other triggers of its task go on. Changes
   * nothing of one that is paused.
   * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
   * @throws StateError `ORR_STATE_TRANSITION`
   */
  pauseTrigger(id: number): Promise<TriggerRecord>;
  /**
   * Goes on from now; fire times that passed meanwhile are not caught up. Changes nothing of one
   * that is not paused. Errors as `pauseTrigger`.
   */
  resumeTrigger(id: number): Promise<TriggerRecord>;
  /**
   * Takes a trigger away; its runs go on. A task that has nothing else to come ends.
   * @throws NotFoundError `ORR_NOT_FOUND_TRIGGER`
   */
  removeTrigger(id: number): Promise<void>;
  /**
   * What was decided of the fire times of a trigger, newest first; also of one that was removed, as
   * long as the history is kept. Nothing for an id that no trigger had.
   * @throws InvalidInputError `ORR_INPUT_INVALID`
   */
  listOccurrences(
    id: number,
    options?: ListOccurrencesOptions,
  ): Promise<readonly OccurrenceRecord[]>;
  /**
   * Stores a graph: a root task with the nodes below it, all or nothing. Its id is that of the
   * root: `cancelTask`, `pauseTask`, `resumeTask` and `retryTask` of it act on the whole.
   * @throws InvalidInputError `ORR_INPUT_*` with `details.field` as in `nodes[3].input.url`;
   * `ORR_INPUT_CYCLE` names the shortest cycle
   * @throws NotFoundError `ORR_NOT_FOUND_TASK_TYPE`
   * @throws ConflictError `ORR_CONFLICT_QUEUE_FULL`, `ORR_CONFLICT_NAME`
   */
  submitGraph(request: SubmitGraphRequest): Promise<GraphRecord>;
  /**
   * A graph with its nodes, their states, times and edges; `id` may also be that of a node's task.
   * @throws NotFoundError `ORR_NOT_FOUND_TASK`
   * @throws InvalidInputError `ORR_INPUT_INVALID` for a task that belongs to no graph
   */
  getGraph(id: number): Promise<GraphRecord>;
  /**
   * What nodes of a graph have answered, by name. Nodes that have not succeeded are left out.
   * @throws NotFoundError `ORR_NOT_FOUND_TASK`
   * @throws InvalidInputError `ORR_INPUT_INVALID` also for a name that no node has;
   * `ORR_INPUT_TOO_LARGE` where none are named and more than 1,000 have a result
   */
  getGraphResults(id: number, options?: GraphResultsOptions): Promise<RunResults>;
  /**
   * Adds nodes to a graph that has not ended; names that it has are left as they are. Running nodes
   * do the same through `RunContext.addNodes`.
   * @throws StateError `ORR_STATE_TRANSITION` when the graph has ended, or a node of `before` has
   * started
   * @throws InvalidInputError `ORR_INPUT_*` @throws NotFoundError `ORR_NOT_FOUND_*`
   */
  addGraphNodes(
    id: number,
    nodes: readonly GraphNodeRequest[],
    options?: AddNodesOptions,
  ): Promise<GraphRecord>;
  /**
   * Undoes what a graph has done: cancels what has not begun and answers a new graph that runs the
   * undo of each node that has succeeded, in reverse order. Asked twice it answers the same one.
   * @throws StateError `ORR_STATE_TRANSITION` while nodes are running, whose names it tells, and
   * when nothing can be undone
   * @throws NotFoundError `ORR_NOT_FOUND_TASK`
   */
  undoGraph(id: number): Promise<GraphRecord>;
  /**
   * The graph, once it has ended, or stands still because of nodes that have failed. `id` may also
   * be that of a node's task.
   * @throws TimeoutError `ORR_TIMEOUT_WAIT` @throws NotFoundError `ORR_NOT_FOUND_TASK`
   */
  waitForGraph(id: number, options?: WaitOptions): Promise<GraphRecord>;

  /** @throws NotFoundError `ORR_NOT_FOUND_RUN` */
  getRun(id: number): Promise<RunDetailRecord>;
  listRuns(options?: ListRunsOptions): Promise<Page<RunRecord>>;
  /** @throws NotFoundError `ORR_NOT_FOUND_RUN` @throws StateError `ORR_STATE_TRANSITION` */
  cancelRun(id: number, reason?: string): Promise<RunDetailRecord>;
  /** Queues an ended run's work again as a new run. @throws as `cancelRun` */
  retryRun(id: number): Promise<RunDetailRecord>;
  listLogs(id: number, options?: ListLogsOptions): Promise<readonly LogRecord[]>;
  /** @throws TimeoutError `ORR_TIMEOUT_WAIT` @throws NotFoundError `ORR_NOT_FOUND_RUN` */
  waitForRun(id: number, options?: WaitOptions): Promise<RunDetailRecord>;
  /**
   * Attempts as they end, from now on or from where the caller was.
   * @throws InvalidInputError `ORR_INPUT_CURSOR` when `after` is no attempt that has ended
   * @throws NotFoundError `ORR_NOT_FOUND_RUN` when its run is not known, or no longer
   */
  followRuns(options?: FollowRunsOptions): AsyncIterable<RunEventRecord>;
  /**
   * Log lines from the first on, or from where the caller was; ends when the run has ended.
   * @throws NotFoundError `ORR_NOT_FOUND_RUN`
   * @throws InvalidInputError `ORR_INPUT_CURSOR`
   */
  followLogs(id: number, options?: FollowLogsOptions): AsyncIterable<LogRecord>;

  /** State, workers, counts. */
  getSystem(): Promise<SystemRecord>;
  /** What will run. @throws InvalidInputError `ORR_INPUT_INVALID` */
  getForecast(options?: ForecastOptions): Promise<ForecastRecord>;
  /** Fires and claims nothing anywhere until resumed. */
  pause(): Promise<SystemRecord>;
  /** Goes on. */
  resume(): Promise<SystemRecord>;

  createToken(request: CreateTokenRequest): Promise<CreatedToken>;
  listTokens(): Promise<readonly TokenRecord[]>;
  /** @throws NotFoundError `ORR_NOT_FOUND_TOKEN` */
  revokeToken(id: number): Promise<void>;
}
