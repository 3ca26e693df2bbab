/** The scheduler of a server elsewhere: the same verbs, over its REST API. Runs in browsers too. */

import type { Frontier } from "../api/frontier.ts";
import { type GraphRecord, isAtRest } from "../api/graph-records.ts";
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
} from "../api/records.ts";
import { type OperationId, type RequestOf, type ResponseOf, waitMsMax } from "../api/routes.ts";
import { hasEnded, outputOf } from "../api/run-result.ts";
import type {
  AddNodesOptions,
  CreatedToken,
  CreateTaskRequest,
  CreateTokenRequest,
  EnqueueOptions,
  EnqueueRequest,
  FollowLogsOptions,
  FollowRunsOptions,
  ForecastOptions,
  GraphNodeRequest,
  GraphResultsOptions,
  ListLogsOptions,
  ListOccurrencesOptions,
  ListRunsOptions,
  ListTasksOptions,
  RunResults,
  Scheduler,
  SubmitGraphRequest,
  TaskOptions,
  TriggerChange,
  TriggerRequest,
  WaitOptions,
} from "../api/scheduler.ts";
import type { TaskDefinition } from "../api/wire.ts";
import { type Clock, reasonOf, systemClock } from "../kernel/clock.ts";
import { InvalidInputError, ProtocolError, TimeoutError } from "../kernel/errors.ts";
import { ifPresent, readNumber } from "../kernel/fields.ts";
import type { JsonValue } from "../kernel/json.ts";
import { inputBytesMax, readJson } from "../kernel/json-input.ts";
import { checkAnswer } from "./answer-shapes.ts";
import { followFeed } from "./event-feed.ts";
import { HttpTransport } from "./http-transport.ts";
import { RemoteFrontier } from "./remote-frontier.ts";

/** How to reach a server. */
export interface RemoteSchedulerOptions {
  /** Its address, as in `http://127.0.0.1:8420`. */
  readonly baseUrl: string;
  /** The secret of an API token. @defaultValue none, as on loopback */
  readonly token?: string;
  /** @defaultValue the runtime's */
  readonly fetch?: typeof fetch;
  /** Milliseconds that an answer may take, besides waits for runs. @defaultValue 30000 */
  readonly timeoutMs?: number;
  /** Further tries when no answer comes to a request that only reads. @defaultValue 2 */
  readonly retryCount?: number;
  /** @defaultValue the machine's */
  readonly clock?: Clock;
}

const timeoutMsDefault = 30_000;
const retryCountDefault = 2;

/**
 * A scheduler over HTTP. Besides what the interface says, every verb may throw
 * `StoreError` (`ORR_STORE_UNAVAILABLE`) when the server does not answer, `TimeoutError`
 * (`ORR_TIMEOUT_WAIT`) when it takes too long, `AccessError` (`ORR_ACCESS_*`) when the token does
 * not suffice, and `ProtocolError` (`ORR_PROTO_RESPONSE`) when something else answers.
 */
export class RemoteScheduler implements Scheduler {
  /** Origins to be visited: what listers have found, what is next, and what came of it. */
  readonly frontier: Frontier = new RemoteFrontier((operation, request) =>
    this.#call(operation, request),
  );
  readonly #transport: HttpTransport;
  readonly #clock: Clock;

  /** @throws InvalidInputError `ORR_INPUT_INVALID` for an address that is none */
  constructor(options: RemoteSchedulerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#transport = new HttpTransport({
      baseUrl: options.baseUrl,
      token: options.token,
      // Called through the global object: browsers refuse it with another `this`.
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      clock: this.#clock,
      timeoutMs: options.timeoutMs ?? timeoutMsDefault,
      retryCount: options.retryCount ?? retryCountDefault,
    });
  }

  /** The server's address, without a slash at its end. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  async listTaskTypes(): Promise<readonly TaskTypeRecord[]> {
    return (await this.#call("listTaskTypes", {})).items;
  }

  getTaskType(name: string): Promise<TaskTypeRecord> {
    return this.#call("getTaskType", { params: { name } });
  }

  pauseTaskType(name: string): Promise<TaskTypeRecord> {
    return this.#call("pauseTaskType", { params: { name }, body: {} });
  }

  resumeTaskType(name: string): Promise<TaskTypeRecord> {
    return this.#call("resumeTaskType", { params: { name }, body: {} });
  }

  async createTasks(requests: readonly CreateTaskRequest[]): Promise<readonly TaskDetailRecord[]> {
    return (await this.#call("createTasks", { body: { tasks: requests } })).items;
  }

  createTask(request: CreateTaskRequest): Promise<TaskDetailRecord> {
    return this.#call("createTask", { body: request });
  }

  async create<Input>(
    type: TaskDefinition<Input>,
    input: NoInfer<Input>,
    options: TaskOptions = {},
  ): Promise<TaskDetailRecord> {
    return this.createTask({ ...options, type: nameOf(type), input: inputOf(input) });
  }

  async run<Input, Output>(
    type: TaskDefinition<Input, Output>,
    input: NoInfer<Input>,
    options: EnqueueOptions & WaitOptions = {},
  ): Promise<Output> {
    const { timeoutMs, signal, ...rest } = options;
    const [id] = await this.enqueue([{ ...rest, type: nameOf(type), input: inputOf(input) }]);
    if (id === undefined) {
      throw new ProtocolError("ORR_PROTO_RESPONSE", "the server queued a run and named none");
    }
    const wait = {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    };
    // The handler's own answer, through JSON: its type is what the definition says.
    return outputOf(await this.waitForRun(id, wait)) as Output;
  }

  async enqueue(requests: readonly EnqueueRequest[]): Promise<readonly number[]> {
    return (await this.#call("enqueue", { body: { runs: requests } })).ids;
  }

  getTask(id: number): Promise<TaskDetailRecord> {
    return this.#call("getTask", { params: { id } });
  }

  listTasks(options: ListTasksOptions = {}): Promise<Page<TaskRecord>> {
    return this.#call("listTasks", { query: options });
  }

  cancelTask(id: number, reason?: string): Promise<TaskDetailRecord> {
    return this.#call("cancelTask", { params: { id }, body: reasonBody(reason) });
  }

  pauseTask(id: number): Promise<TaskDetailRecord> {
    return this.#call("pauseTask", { params: { id }, body: {} });
  }

  resumeTask(id: number): Promise<TaskDetailRecord> {
    return this.#call("resumeTask", { params: { id }, body: {} });
  }

  retryTask(id: number): Promise<TaskDetailRecord> {
    return this.#call("retryTask", { params: { id }, body: {} });
  }

  getTrigger(id: number): Promise<TriggerRecord> {
    return this.#call("getTrigger", { params: { id } });
  }

  addTrigger(taskId: number, trigger: TriggerRequest): Promise<TriggerRecord> {
    return this.#call("addTrigger", { params: { taskId }, body: trigger });
  }

  updateTrigger(id: number, change: TriggerChange): Promise<TriggerRecord> {
    return this.#call("updateTrigger", { params: { id }, body: change });
  }

  pauseTrigger(id: number): Promise<TriggerRecord> {
    return this.#call("pauseTrigger", { params: { id }, body: {} });
  }

  resumeTrigger(id: number): Promise<TriggerRecord> {
    return this.#call("resumeTrigger", { params: { id }, body: {} });
  }

  async removeTrigger(id: number): Promise<void> {
    await this.#call("removeTrigger", { params: { id } });
  }

  async listOccurrences(
    id: number,
    options: ListOccurrencesOptions = {},
  ): Promise<readonly OccurrenceRecord[]> {
    return (await this.#call("listOccurrences", { params: { id }, query: options })).items;
  }

  submitGraph(request: SubmitGraphRequest): Promise<GraphRecord> {
    return this.#call("submitGraph", { body: request });
  }

  getGraph(id: number): Promise<GraphRecord> {
    return this.#call("getGraph", { params: { id } });
  }

  async getGraphResults(id: number, options: GraphResultsOptions = {}): Promise<RunResults> {
    return (await this.#call("getGraphResults", { params: { id }, query: options })).results;
  }

  addGraphNodes(
    id: number,
    nodes: readonly GraphNodeRequest[],
    options: AddNodesOptions = {},
  ): Promise<GraphRecord> {
    return this.#call("addGraphNodes", { params: { id }, body: { ...options, nodes } });
  }

  undoGraph(id: number): Promise<GraphRecord> {
    return this.#call("undoGraph", { params: { id }, body: {} });
  }

  /** Asks again as long as the server's own limit is shorter than the wait. */
  waitForGraph(id: number, options: WaitOptions = {}): Promise<GraphRecord> {
    return this.#waited(options, {
      ask: (query, limits) => this.#call("waitForGraph", { params: { id }, query }, limits),
      isOver: isAtRest,
      late: graphWaitTimeout,
    });
  }

  getRun(id: number): Promise<RunDetailRecord> {
    return this.#call("getRun", { params: { id } });
  }

  listRuns(options: ListRunsOptions = {}): Promise<Page<RunRecord>> {
    return this.#call("listRuns", { query: options });
  }

  cancelRun(id: number, reason?: string): Promise<RunDetailRecord> {
    return this.#call("cancelRun", { params: { id }, body: reasonBody(reason) });
  }

  retryRun(id: number): Promise<RunDetailRecord> {
    return this.#call("retryRun", { params: { id }, body: {} });
  }

  async listLogs(id: number, options: ListLogsOptions = {}): Promise<readonly LogRecord[]> {
    return (await this.#call("listLogs", { params: { id }, query: options })).items;
  }

  /** Asks again as long as the server's own limit is shorter than the wait. */
  waitForRun(id: number, options: WaitOptions = {}): Promise<RunDetailRecord> {
    return this.#waited(options, {
      ask: (query, limits) => this.#call("waitForRun", { params: { id }, query }, limits),
      isOver: hasEnded,
      late: waitTimeout,
    });
  }

  async #waited<Answer>({ timeoutMs, signal }: WaitOptions, wait: Wait<Answer>): Promise<Answer> {
    const wantedMs = ifPresent(timeoutMs, readTimeoutMs) ?? Number.POSITIVE_INFINITY;
    const deadline = this.#clock.monotonicMs() + wantedMs;
    for (;;) {
      if (signal?.aborted === true) throw reasonOf(signal);
      const leftMs = Math.max(Math.ceil(deadline - this.#clock.monotonicMs()), 0);
      const stepMs = Math.min(leftMs, waitMsMax);
      const answer = await wait.ask({ timeoutMs: stepMs }, { signal, extraMs: stepMs });
      if (wait.isOver(answer)) return answer;
      if (this.#clock.monotonicMs() >= deadline) throw wait.late(answer, wantedMs);
    }
  }

  /** Without `after` from the server's answer to the first step on. */
  followRuns(options: FollowRunsOptions = {}): AsyncIterable<RunEventRecord> {
    const { signal, ...query } = options;
    return followFeed({ ...this.#feed, operation: "followRuns", request: { query }, signal });
  }

  followLogs(id: number, options: FollowLogsOptions = {}): AsyncIterable<LogRecord> {
    const { signal, ...query } = options;
    const request = { params: { id }, query };
    return followFeed({ ...this.#feed, operation: "followLogs", request, signal });
  }

  getSystem(): Promise<SystemRecord> {
    return this.#call("getSystem", {});
  }

  getForecast(options: ForecastOptions = {}): Promise<ForecastRecord> {
    return this.#call("getForecast", { query: options });
  }

  pause(): Promise<SystemRecord> {
    return this.#call("pauseSystem", { body: {} });
  }

  resume(): Promise<SystemRecord> {
    return this.#call("resumeSystem", { body: {} });
  }

  createToken(request: CreateTokenRequest): Promise<CreatedToken> {
    return this.#call("createToken", { body: request });
  }

  async listTokens(): Promise<readonly TokenRecord[]> {
    return (await this.#call("listTokens", {})).items;
  }

  async revokeToken(id: number): Promise<void> {
    await this.#call("revokeToken", { params: { id } });
  }

  get #feed(): { readonly transport: HttpTransport; readonly clock: Clock } {
    return { transport: this.#transport, clock: this.#clock };
  }

  async #call<Id extends OperationId>(
    operation: Id,
    request: RequestOf<Id> & object,
    options: { readonly signal?: AbortSignal | undefined; readonly extraMs?: number } = {},
  ): Promise<ResponseOf<Id>> {
    return checkAnswer(operation, await this.#transport.call({ operation, request, ...options }));
  }
}

/** How something is waited for whose end the server tells. */
interface Wait<Answer> {
  readonly ask: (
    query: { readonly timeoutMs: number },
    limits: { readonly signal: AbortSignal | undefined; readonly extraMs: number },
  ) => Promise<Answer>;
  readonly isOver: (answer: Answer) => boolean;
  readonly late: (answer: Answer, timeoutMs: number) => TimeoutError;
}

function reasonBody(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** A name that a scan of modules gives is known where they are scanned, not here. */
function nameOf({ settings }: Pick<TaskDefinition, "settings">): string {
  if (settings.name !== "") return settings.name;
  throw new InvalidInputError(
    "ORR_INPUT_INVALID",
    "a definition that a remote scheduler is given needs a name: defineTask({ name, ... })",
    { details: { field: "name", value: "" } },
  );
}

/** The longest wait, a year in milliseconds. */
const waitAllMsMax = 31_536_000_000;

function readTimeoutMs(value: unknown): number {
  return readNumber(value, { field: "timeoutMs", min: 0, max: waitAllMsMax });
}

/** An input as JSON; what JSON cannot hold is refused, as the local scheduler refuses it. */
function inputOf(input: unknown): JsonValue {
  return readJson(input, { field: "input", bytesMax: inputBytesMax });
}

function waitTimeout(run: RunDetailRecord, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    "ORR_TIMEOUT_WAIT",
    `run ${run.id} has not ended within ${timeoutMs} ms: it is ${run.state}`,
    { details: { runId: run.id, state: run.state, timeoutMs } },
  );
}

function graphWaitTimeout(graph: GraphRecord, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    "ORR_TIMEOUT_WAIT",
    `graph ${graph.id} has not ended within ${timeoutMs} ms: it is ${graph.state}`,
    { details: { taskId: graph.id, state: graph.state, timeoutMs } },
  );
}
