/**
 * The port to the database, as engine and service see it. One implementation stands in `store/`;
 * everything here holds for it: each method is one transaction unless it runs inside
 * `transaction`, errors are `StoreError` with `transient` saying whether to try again, and the
 * database's clock decides what is due and what has expired.
 */

import type {
  FencingToken,
  RunId,
  TaskId,
  TaskTypeId,
  TokenId,
  TriggerId,
  WorkerId,
} from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ClaimBound, Claimed, ClaimRequest } from "./claim-request.ts";
import type { EarlyRunStore } from "./early-start.ts";
import type { FiringDecision, Occurrence, TakenTriggers } from "./firing.ts";
import type {
  ForecastFilter,
  ForecastTrigger,
  LearnedDuration,
  OutstandingTrigger,
  WaitingCount,
  WaitingRun,
} from "./forecast.ts";
import type { FrontierStore } from "./frontier.ts";
import type {
  Attempt,
  ClaimedRun,
  FinishedRun,
  LogLine,
  NamedRun,
  NewRun,
  RequeuedRun,
  Run,
  RunDetail,
  RunFilter,
} from "./run.ts";
import type { NewTask, NewTrigger, Task, TaskDetail, TaskFilter, TaskTrigger } from "./task.ts";
import type { SwhRunHistory, SwhTaskStore } from "./swh-task.ts";
import type { RetentionClass, TaskType, TaskTypeSettings } from "./task-type.ts";
import type { GraphStore } from "./graph-store.ts";
import type { Notifier } from "./notifier.ts";
import type { TaskEvent } from "./state-machine.ts";
import type { ApiToken, NamedLease, NewWorker, TokenRole, Worker } from "./worker.ts";

/** A page of a list that is ordered by descending id. */
export interface PageRequest {
  /** Only rows with a smaller id; absent for the first page. */
  readonly beforeId?: number | undefined;
  /** 1 to 1000. */
  readonly limit: number;
}

/** Task types. */
export interface TaskTypeStore {
  /** Creates or updates by name; leaves `pausedAt` alone. */
  register(settings: readonly TaskTypeSettings[]): Promise<readonly TaskType[]>;
  list(): Promise<readonly TaskType[]>;
  find(name: string): Promise<TaskType | undefined>;
  setPaused(name: string, paused: boolean): Promise<TaskType | undefined>;
  /**
   * Takes the types' rows for the rest of the transaction, so that counts against their limits
   * stay true until it ends. In the order of ids, so that two callers cannot deadlock.
   */
  lock(ids: readonly TaskTypeId[]): Promise<void>;
  /** Unfinished runs per type; types without one are absent. */
  countUnfinished(ids: readonly TaskTypeId[]): Promise<ReadonlyMap<TaskTypeId, number>>;
  /** Makes sure that the classes exist and keep what they say. */
  registerRetention(classes: readonly RetentionClass[]): Promise<void>;
}

/** Tasks, their triggers and edges. */
export interface TaskStore {
  /** Takes ids for tasks that are about to be stored, ascending. */
  reserveIds(count: number): Promise<readonly TaskId[]>;
  /**
   * Stores tasks with triggers, edges and, for those without triggers, their run, in one statement:
   * they may name each other as parent and as requirement whatever their order.
   * @throws ConflictError `ORR_CONFLICT_DUPLICATE` when a key has been taken meanwhile
   */
  create(tasks: readonly NewTask[]): Promise<void>;
  find(id: TaskId): Promise<TaskDetail | undefined>;
  /** Tasks by id; those that are not there are absent. */
  findMany(ids: readonly TaskId[]): Promise<readonly TaskDetail[]>;
  /** The ids behind keys; keys that nobody has are absent. */
  findIdsByKey(keys: readonly string[]): Promise<ReadonlyMap<string, TaskId>>;
  list(filter: TaskFilter, page: PageRequest): Promise<readonly Task[]>;
  /**
   * Reads the task and locks its row, that of its graph before it; only inside a transaction.
   */
  lock(id: TaskId): Promise<Task | undefined>;
  /** As `lock` for many, in the order of ids; those that are not there are absent. */
  lockMany(ids: readonly TaskId[]): Promise<readonly Task[]>;
  /** Moves a locked task by an event that its state has been checked to take. */
  applyEvent(id: TaskId, event: TaskEvent, reason: string | null): Promise<void>;
  /**
   * Ends a locked task as cancelled whose state has been checked: its waiting runs end, running
   * ones are asked to stop, and what follows for its graph and for those that wait for it is done.
   */
  cancel(id: TaskId, reason: string): Promise<void>;
  /** Pauses or resumes the queued runs of a task. */
  setRunsPaused(id: TaskId, paused: boolean): Promise<void>;
  /** Queues a run of the task, due at once; that of a node waits for what it requires. */
  createRun(id: TaskId): Promise<RunId>;
  /** Gives triggers that were stopped, or fell behind a pause, their next fire time. */
  setNextFire(fires: readonly NextFire[]): Promise<void>;
}

/** A trigger's next fire time. */
export interface NextFire {
  readonly triggerId: number;
  readonly nextFireAt: Instant | null;
}

/** A page of what was decided of a trigger's fire times. */
export interface OccurrencePage {
  /** Only earlier fire times; absent for the first page. */
  readonly before?: Instant | undefined;
  /** 1 to 1000. */
  readonly limit: number;
}

/** Triggers, due or not. */
export interface TriggerStore {
  /**
   * Locks due triggers for the rest of the transaction, passing over those that another process
   * has, and fires those about which there is nothing to decide; only inside a transaction.
   */
  takeDue(limit: number): Promise<TakenTriggers>;
  /**
   * Keeps what was decided, queues the runs, moves the triggers on, and ends tasks that have
   * nothing left to do; only inside the transaction of `takeDue`. Answers how many runs.
   */
  record(decisions: readonly FiringDecision[]): Promise<number>;
  find(id: TriggerId): Promise<TaskTrigger | undefined>;
  /** Adds a trigger to a locked task. */
  add(taskId: TaskId, trigger: NewTrigger): Promise<TriggerId>;
  /** Gives a trigger of a locked task new values, all of them. */
  change(id: TriggerId, trigger: NewTrigger): Promise<void>;
  /** Deletes a trigger of a locked task; its runs go on and its history stays. */
  remove(id: TriggerId): Promise<void>;
  /** Ends a locked task whose triggers have no fire time to come, if it has no run either. */
  settleIdle(taskId: TaskId, reason: string): Promise<void>;
  /** What was decided of fire times before `before`, newest first. */
  listOccurrences(id: TriggerId, page: OccurrencePage): Promise<readonly Occurrence[]>;
  /** The earliest next fire time of active triggers. */
  findNextFireAt(): Promise<Instant | undefined>;
  /** Milliseconds until then, negative when it has passed. */
  findNextFireMs(): Promise<number | undefined>;
}

/** What is going to run, as far as it is stored; reads only. */
export interface ForecastStore {
  /** Triggers that fire up to `until`, in the order of fire time and id, going on after `after`. */
  listTriggers(
    filter: ForecastFilter,
    page: { readonly until: Instant; readonly after?: ForecastTrigger | undefined } & Bounded,
  ): Promise<readonly ForecastTrigger[]>;
  /** Adaptive triggers whose run has not ended, without those that stand still. */
  listOutstanding(filter: ForecastFilter, limit: number): Promise<readonly OutstandingTrigger[]>;
  /** Queued runs due later than `from`, not later than `to`, in the order of their due times. */
  listWaiting(filter: ForecastFilter, span: WaitingSpan): Promise<readonly WaitingRun[]>;
  /** How many there are, by type and hour; stops counting at `limit`. */
  countWaiting(filter: ForecastFilter, span: WaitingSpan): Promise<readonly WaitingCount[]>;
  /** From at most `limit` attempts of each retention class; types without any are absent. */
  learnDurations(
    typeNames: readonly string[],
    sample: { readonly since: Instant } & Bounded,
  ): Promise<readonly LearnedDuration[]>;
  /** From the last attempts of a few tasks of each type; types without are absent. */
  learnDurationsOfTasks(typeNames: readonly string[]): Promise<readonly LearnedDuration[]>;
}

/** How much is read at most. */
export interface Bounded {
  readonly limit: number;
}

/** Due times later than `from`, not later than `to`. */
export interface WaitingSpan extends Bounded {
  readonly from: Instant;
  readonly to: Instant;
}

/** A claim of which its worker holds nothing any more. */
export interface EmptiedClaim {
  readonly fence: FencingToken;
  /** How many of its runs the database has taken back or ended; the others are looked up. */
  readonly overCount: number;
}

/** A run that a worker believes it holds. */
export interface HeldRun {
  readonly id: RunId;
  readonly fence: FencingToken;
}

/** A held run that somebody asked to cancel. */
export interface CancelRequest extends HeldRun {
  readonly reason: string;
}

/** A claim whose lease has run out; locked until the transaction ends. */
export interface ExpiredClaim {
  readonly fence: FencingToken;
  readonly workerId: WorkerId;
  /** Those of its runs that have not ended. */
  readonly runs: readonly ClaimedRun[];
}

/** The queue of live runs. */
export interface RunStore extends EarlyRunStore {
  /** Queues runs without tasks; ids in the order given. */
  enqueue(runs: readonly NewRun[]): Promise<readonly RunId[]>;
  /**
   * The same in one round trip, if all types are known and none limits its queue; undefined, and
   * nothing is queued, if not.
   */
  enqueueUnlimited(runs: readonly NamedRun[]): Promise<readonly RunId[] | undefined>;
  /**
   * Claims due runs: each grant has a fencing token above any that its run had before. Limits of
   * types and keys are exact; paused types yield nothing.
   */
  claim(request: ClaimRequest): Promise<Claimed>;
  /** Of each bound that queued runs are due before: the bound that would have them. */
  listOverlooked(bounds: readonly ClaimBound[]): Promise<readonly ClaimBound[]>;
  /** Ends claimed runs; answers those whose token was current, the others are unchanged. */
  finish(runs: readonly FinishedRun[]): Promise<readonly RunId[]>;
  /** Puts claimed runs back; answers those whose token was current. */
  requeue(runs: readonly RequeuedRun[]): Promise<readonly RunId[]>;
  /** Gives back runs that were claimed and not started; does not count as an attempt. */
  release(runs: readonly HeldRun[]): Promise<readonly RunId[]>;
  /** Which of these ended under the very token; for an answer that got lost on the way. */
  listEnded(runs: readonly HeldRun[]): Promise<readonly RunId[]>;
  /** Extends the leases of claims that are current and not expired; answers those. */
  renew(workerId: WorkerId, request: RenewRequest): Promise<readonly FencingToken[]>;
  /** Forgets claims none of whose runs is held any more; those that hold one are kept. */
  dropClaims(claims: readonly EmptiedClaim[]): Promise<void>;
  /** Those of the held runs that somebody asked to cancel. */
  listCancelRequests(runs: readonly HeldRun[]): Promise<readonly CancelRequest[]>;
  /** Locks claims with expired leases, passing over locked ones; only inside a transaction. */
  lockExpired(limit: number): Promise<readonly ExpiredClaim[]>;
  /** Milliseconds until the next queued run of these types becomes due. */
  findNextDueMs(typeIds: readonly TaskTypeId[]): Promise<number | undefined>;
  /** Keeps progress of claimed runs. */
  recordProgress(progress: readonly RunProgress[]): Promise<void>;
  find(id: RunId): Promise<RunDetail | undefined>;
  list(filter: RunFilter, page: PageRequest): Promise<readonly Run[]>;
  /** Live runs of a task, newest first. */
  listLiveOfTask(id: TaskId): Promise<readonly RunId[]>;
  /** Asks the worker of a running run to cancel it; answers whether it is running. */
  requestCancel(id: RunId, reason: string): Promise<boolean>;
  /** Ends a run that is not running as cancelled; answers whether it was there. */
  cancelIdle(id: RunId, reason: string): Promise<boolean>;
  /** Queues the input of an ended run again, as a new run without task. */
  copyEnded(id: RunId): Promise<RunId | undefined>;
  /** Runs by type and state, those waiting split by whether they are due. */
  count(): Promise<readonly RunCount[]>;
}

/** Which leases to extend, and by how much from now. */
export interface RenewRequest {
  readonly fences: readonly FencingToken[];
  readonly leaseMs: number;
}

/** Progress of one run. */
export interface RunProgress extends HeldRun {
  readonly fraction: number | null;
  readonly message: string | null;
}

/** How many live runs of a type there are. */
export interface RunCount {
  readonly typeName: string;
  readonly state: string;
  readonly count: number;
  /** Milliseconds since the oldest due one became due; 0 when none is due. */
  readonly lagMs: number;
}

/** A run that ended, for those who follow. */
export interface EndedAttempt extends Attempt {
  readonly typeName: string;
  readonly taskId: TaskId | null;
  /** The graph that its task is a node of, and the name of the node. */
  readonly graphId: TaskId | null;
  readonly nodeName: string | null;
  readonly final: boolean;
}

/** What has been: attempts and log lines. */
export interface HistoryStore {
  appendLog(lines: readonly NewLogLine[]): Promise<void>;
  /** Lines after (attempt, seq), oldest first. */
  listLog(id: RunId, after: LogPosition, limit: number): Promise<readonly LogLine[]>;
  /** Attempts that ended at or after `since`, oldest first. */
  listEndedSince(since: Instant, limit: number): Promise<readonly EndedAttempt[]>;
  /** Adds coming partitions, drops those whose class no longer keeps them. */
  rollPartitions(): Promise<RolledPartitions>;
  /** Deletes tasks that ended before their class's limit, a bounded batch; answers how many. */
  pruneTasks(limit: number): Promise<number>;
}

/** The names of partitions that came and went. */
export interface RolledPartitions {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

/** A place in the log of a run. */
export interface LogPosition {
  readonly attempt: number;
  readonly seq: number;
}

/** A line on its way to the store; `ageMs` before now it was written. */
export interface NewLogLine extends Omit<LogLine, "at"> {
  readonly typeId: TaskTypeId;
  readonly ageMs: number;
}

/** Worker processes. */
export interface WorkerStore {
  start(worker: NewWorker, ttlMs: number): Promise<WorkerId>;
  /** Extends the worker's life; one that was taken for lost is live again. */
  heartbeat(id: WorkerId, ttlMs: number): Promise<void>;
  drain(id: WorkerId): Promise<void>;
  stop(id: WorkerId): Promise<void>;
  /** Marks workers whose life ran out as lost; answers them. */
  expire(): Promise<readonly WorkerId[]>;
  /** Forgets workers that ended long ago; answers them. */
  prune(): Promise<readonly WorkerId[]>;
  list(): Promise<readonly Worker[]>;
  /** Starts a keeper for a worker of this process; the caller disposes of it. */
  startKeeper(request: KeepRequest): Promise<LeaseKeeper>;
}

/** Renews a worker's leases from a thread of its own while the main thread is too busy to. */
export interface LeaseKeeper extends AsyncDisposable {
  /** Says that the main thread has renewed by itself. */
  noteRenewal(): void;
}

/** Whose leases to keep, and for how long. */
export interface KeepRequest {
  readonly workerId: WorkerId;
  /** Milliseconds from each renewal to the end of a lease. */
  readonly leaseMs: number;
  /** Milliseconds without a sign of the main thread after which it is given up. */
  readonly stuckMs: number;
}

/** Named leases: one owner at a time, tokens that only grow. */
export interface LeaseStore {
  /** Grants the lease when it is free or expired; `undefined` means refused. */
  claim(request: LeaseRequest): Promise<NamedLease | undefined>;
  /** Extends a lease that is mine and has not expired; `undefined` means stop working. */
  renew(lease: NamedLease, ttlMs: number): Promise<NamedLease | undefined>;
  /** Lets it expire now, if it is mine; answers whether it was. */
  release(lease: NamedLease): Promise<boolean>;
  /** Locks the row for the transaction and says whether the lease is still mine. */
  confirm(lease: NamedLease): Promise<boolean>;
}

/** Who wants which lease for how long. */
export interface LeaseRequest {
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
}

/** API tokens; only hashes come here. */
export interface TokenStore {
  create(token: NewApiToken): Promise<ApiToken>;
  list(): Promise<readonly ApiToken[]>;
  revoke(id: TokenId): Promise<boolean>;
  /** The valid token with this hash; notes its use. */
  findByHash(hash: string): Promise<ApiToken | undefined>;
}

/** A token to be kept, as the SHA-256 of its secret in hexadecimal. */
export interface NewApiToken {
  readonly name: string;
  readonly role: TokenRole;
  readonly hash: string;
  readonly expiresAt: Instant | null;
}

/** The whole installation. */
export interface SystemStore {
  /** The database's clock. */
  now(): Promise<Instant>;
  setPaused(paused: boolean): Promise<void>;
  findPausedAt(): Promise<Instant | undefined>;
  /** Version and name of the database, for people. */
  describe(): Promise<DatabaseInfo>;
}

/** Which database this is. */
export interface DatabaseInfo {
  readonly serverVersion: string;
  readonly database: string;
  readonly schema: string;
  readonly migration: string;
  readonly sizeBytes: number;
}

/** The queues of visits. */
export interface VisitQueueStore {
  /** Runs of a type that have not ended, counted no further than `limit`. */
  countUnfinished(typeId: TaskTypeId, limit: number): Promise<number>;
  /**
   * Runs `work` in a transaction that holds the type's row, so that one caller at a time fills its
   * queue, and in which choices of origins are planned as they are by themselves.
   */
  fill<T>(typeId: TaskTypeId, work: (store: Store) => Promise<T>): Promise<T>;
}

/** Everything the database does for us. */
export interface Store extends AsyncDisposable {
  readonly taskTypes: TaskTypeStore;
  readonly tasks: TaskStore;
  readonly graphs: GraphStore;
  readonly triggers: TriggerStore;
  readonly forecast: ForecastStore;
  readonly runs: RunStore;
  readonly history: HistoryStore;
  readonly workers: WorkerStore;
  readonly leases: LeaseStore;
  readonly tokens: TokenStore;
  readonly system: SystemStore;
  /** Tasks of the Software Heritage scheduler. */
  readonly swhTasks: SwhTaskStore;
  readonly swhRunHistory: SwhRunHistory;
  /** Listers, the origins they list, and the visits of those. */
  readonly frontier: FrontierStore;
  readonly visitQueue: VisitQueueStore;
  readonly notifier: Notifier;
  /**
   * Runs `work` in one transaction; rolls back when it throws. Nested calls join the outer one.
   * One that is hot comes again and again: its statements are planned once for any parameters.
   */
  transaction<T>(work: (store: Store) => Promise<T>, how?: { isHot: boolean }): Promise<T>;
  /** As `transaction`, but a nested call that throws undoes what it did and nothing else. */
  attempt<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** The same store inside a transaction that the caller has begun on a `pg` client. */
  within(client: CallerClient): Store;
}

/** As much of a `pg` client as the store needs; the caller begins and commits. */
export interface CallerClient {
  query(config: {
    readonly text: string;
    readonly values: unknown[];
  }): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
}
