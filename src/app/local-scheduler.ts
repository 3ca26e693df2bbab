/** The scheduler of this process: the service's use cases, with records encoded for users. */

import {
  encodeForecast,
  encodeLogLine,
  encodeOccurrence,
  encodeRun,
  encodeRunDetail,
  encodeRunEvent,
  encodeSystem,
  encodeTask,
  encodeTaskDetail,
  encodeTaskType,
  encodeToken,
  encodeTrigger,
} from "../api/encode.ts";
import { encodeGraph } from "../api/encode-graph.ts";
import type { Frontier } from "../api/frontier.ts";
import type { GraphRecord } from "../api/graph-records.ts";
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
import { outputOf } from "../api/run-result.ts";
import type {
  CreatedToken,
  CreateTaskRequest,
  CreateTokenRequest,
  EnqueueOptions,
  EnqueueRequest,
  FollowLogsOptions,
  FollowRunsOptions,
  ForecastOptions,
  GraphResultsOptions,
  ListLogsOptions,
  ListOccurrencesOptions,
  ListRunsOptions,
  ListTasksOptions,
  Scheduler,
  SubmitGraphRequest,
  TaskOptions,
  TriggerChange,
  TriggerRequest,
  WaitOptions,
} from "../api/scheduler.ts";
import type { AddNodesOptions, GraphNodeRequest, RunResults } from "../model/graph.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { CallerClient } from "../model/store.ts";
import type { ListPage } from "../service/page.ts";
import type { Service } from "../service/service.ts";
import { LocalFrontier } from "./local-frontier.ts";
import type { OpenCalls } from "./open-calls.ts";

/** What may be done inside a transaction of the caller's own. */
export type TransactionScheduler = Pick<
  Scheduler,
  "createTasks" | "createTask" | "create" | "enqueue" | "submitGraph"
>;

/** What became of one schedule. */
export interface AppliedScheduleRecord {
  /** As it is now. */
  readonly task: TaskDetailRecord;
  /** Whether it was stored just now. */
  readonly isNew: boolean;
  /** How many of its triggers were changed, added and removed. */
  readonly changedCount: number;
  readonly addedCount: number;
  readonly removedCount: number;
  /** The fields in which the task differs from the request and stays as it was. */
  readonly left: readonly string[];
}

/** What a local scheduler stands on. */
export interface LocalSchedulerParts {
  readonly service: Service;
  /** The name under which a definition is registered. */
  readonly nameOf: (definition: Pick<TaskDefinition, "settings">) => string;
  /** Refuses calls once the scheduler is closed. */
  readonly calls: OpenCalls;
}

/** Implements the scheduler over the service; `Orrery` adds what opens and closes it. */
export class LocalScheduler implements Scheduler {
  /** Origins to be visited: what listers have found, what is next, and what came of it. */
  readonly frontier: Frontier;
  readonly #parts: LocalSchedulerParts;

  constructor(parts: LocalSchedulerParts) {
    this.frontier = new LocalFrontier(parts);
    this.#parts = parts;
  }

  #call<T>(work: (service: Service) => Promise<T>): Promise<T> {
    return this.#parts.calls.make(() => work(this.#parts.service));
  }

  async listTaskTypes(): Promise<readonly TaskTypeRecord[]> {
    return (await this.#call((service) => service.listTaskTypes())).map(encodeTaskType);
  }

  async getTaskType(name: string): Promise<TaskTypeRecord> {
    return encodeTaskType(await this.#call((service) => service.getTaskType(name)));
  }

  async pauseTaskType(name: string): Promise<TaskTypeRecord> {
    return encodeTaskType(await this.#call((service) => service.pauseTaskType(name)));
  }

  async resumeTaskType(name: string): Promise<TaskTypeRecord> {
    return encodeTaskType(await this.#call((service) => service.resumeTaskType(name)));
  }

  async createTasks(requests: readonly CreateTaskRequest[]): Promise<readonly TaskDetailRecord[]> {
    return (await this.#call((service) => service.createTasks(requests))).map(encodeTaskDetail);
  }

  async createTask(request: CreateTaskRequest): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#call((service) => service.createTask(request)));
  }

  async create<Input>(
    type: TaskDefinition<Input>,
    input: NoInfer<Input>,
    options: TaskOptions = {},
  ): Promise<TaskDetailRecord> {
    const request = { ...options, type: this.#parts.nameOf(type), input };
    return encodeTaskDetail(await this.#call((service) => service.createTask(request)));
  }

  /**
   * Queues one run and waits for its end. When the wait ends first, by `timeoutMs` or `signal`,
   * the run goes on by itself.
   */
  async run<Input, Output>(
    type: TaskDefinition<Input, Output>,
    input: NoInfer<Input>,
    options: EnqueueOptions & WaitOptions = {},
  ): Promise<Output> {
    const { timeoutMs, signal, ...enqueueOptions } = options;
    const request = { ...enqueueOptions, type: this.#parts.nameOf(type), input };
    const run = await this.#call(async (service) => {
      const [id] = await service.enqueue([request]);
      return service.waitForRun(id, { timeoutMs, signal, closing: this.#closed });
    });
    // What the handler of this very definition returned, as JSON brought it back.
    return outputOf(encodeRunDetail(run)) as Output;
  }

  async enqueue(requests: readonly EnqueueRequest[]): Promise<readonly number[]> {
    return await this.#call((service) => service.enqueue(requests));
  }

  async getTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#call((service) => service.getTask(id)));
  }

  async listTasks(options: ListTasksOptions = {}): Promise<Page<TaskRecord>> {
    return pageOf(await this.#call((service) => service.listTasks(options)), encodeTask);
  }

  async cancelTask(id: number, reason?: string): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#call((service) => service.cancelTask({ id, reason })));
  }

  async pauseTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#call((service) => service.pauseTask(id)));
  }

  async resumeTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#call((service) => service.resumeTask(id)));
  }

  async retryTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#call((service) => service.retryTask(id)));
  }

  async getTrigger(id: number): Promise<TriggerRecord> {
    return encodeTrigger(await this.#call((service) => service.getTrigger(id)));
  }

  async addTrigger(taskId: number, trigger: TriggerRequest): Promise<TriggerRecord> {
    return encodeTrigger(await this.#call((service) => service.addTrigger({ taskId, trigger })));
  }

  async updateTrigger(id: number, change: TriggerChange): Promise<TriggerRecord> {
    return encodeTrigger(await this.#call((service) => service.updateTrigger({ id, change })));
  }

  async pauseTrigger(id: number): Promise<TriggerRecord> {
    return encodeTrigger(await this.#call((service) => service.pauseTrigger(id)));
  }

  async resumeTrigger(id: number): Promise<TriggerRecord> {
    return encodeTrigger(await this.#call((service) => service.resumeTrigger(id)));
  }

  async removeTrigger(id: number): Promise<void> {
    await this.#call((service) => service.removeTrigger(id));
  }

  async listOccurrences(
    id: number,
    options: ListOccurrencesOptions = {},
  ): Promise<readonly OccurrenceRecord[]> {
    const occurrences = await this.#call((service) => service.listOccurrences(id, options));
    return occurrences.map(encodeOccurrence);
  }

  async submitGraph(request: SubmitGraphRequest): Promise<GraphRecord> {
    return encodeGraph(await this.#call((service) => service.submitGraph(request)));
  }

  async getGraph(id: number): Promise<GraphRecord> {
    return encodeGraph(await this.#call((service) => service.getGraph(id)));
  }

  async getGraphResults(id: number, options: GraphResultsOptions = {}): Promise<RunResults> {
    return await this.#call((service) => service.getGraphResults({ ...options, id }));
  }

  async addGraphNodes(
    id: number,
    nodes: readonly GraphNodeRequest[],
    options: AddNodesOptions = {},
  ): Promise<GraphRecord> {
    const addition = { ...options, nodes };
    return encodeGraph(await this.#call((service) => service.addGraphNodes({ id, addition })));
  }

  async undoGraph(id: number): Promise<GraphRecord> {
    return encodeGraph(await this.#call((service) => service.undoGraph(id)));
  }

  async waitForGraph(id: number, options: WaitOptions = {}): Promise<GraphRecord> {
    const fields = { ...options, closing: this.#closed };
    return encodeGraph(await this.#call((service) => service.waitForGraph(id, fields)));
  }

  async getRun(id: number): Promise<RunDetailRecord> {
    return encodeRunDetail(await this.#call((service) => service.getRun(id)));
  }

  async listRuns(options: ListRunsOptions = {}): Promise<Page<RunRecord>> {
    return pageOf(await this.#call((service) => service.listRuns(options)), encodeRun);
  }

  async cancelRun(id: number, reason?: string): Promise<RunDetailRecord> {
    return encodeRunDetail(await this.#call((service) => service.cancelRun({ id, reason })));
  }

  async retryRun(id: number): Promise<RunDetailRecord> {
    return encodeRunDetail(await this.#call((service) => service.retryRun(id)));
  }

  async listLogs(id: number, options: ListLogsOptions = {}): Promise<readonly LogRecord[]> {
    return (await this.#call((service) => service.listLogs(id, options))).map(encodeLogLine);
  }

  async waitForRun(id: number, options: WaitOptions = {}): Promise<RunDetailRecord> {
    const fields = { ...options, closing: this.#closed };
    return encodeRunDetail(await this.#call((service) => service.waitForRun(id, fields)));
  }

  followRuns(options: FollowRunsOptions = {}): AsyncIterable<RunEventRecord> {
    this.#parts.calls.refuseIfClosed();
    const fields = { ...options, signal: this.#untilClosed(options.signal) };
    return this.#encoded(this.#parts.service.followRuns(fields), encodeRunEvent);
  }

  followLogs(id: number, options: FollowLogsOptions = {}): AsyncIterable<LogRecord> {
    this.#parts.calls.refuseIfClosed();
    const fields = { ...options, signal: this.#untilClosed(options.signal) };
    return this.#encoded(this.#parts.service.followLogs(id, fields), encodeLogLine);
  }

  async getSystem(): Promise<SystemRecord> {
    return encodeSystem(await this.#call((service) => service.getSystem()));
  }

  async getForecast(options: ForecastOptions = {}): Promise<ForecastRecord> {
    return encodeForecast(await this.#call((service) => service.getForecast(options)));
  }

  async pause(): Promise<SystemRecord> {
    return encodeSystem(await this.#call((service) => service.pause()));
  }

  async resume(): Promise<SystemRecord> {
    return encodeSystem(await this.#call((service) => service.resume()));
  }

  async createToken(request: CreateTokenRequest): Promise<CreatedToken> {
    const { token, secret } = await this.#call((service) => service.createToken(request));
    return { token: encodeToken(token), secret };
  }

  async listTokens(): Promise<readonly TokenRecord[]> {
    return (await this.#call((service) => service.listTokens())).map(encodeToken);
  }

  async revokeToken(id: number): Promise<void> {
    await this.#call((service) => service.revokeToken(id));
  }

  /** The valid token that a caller's secret belongs to; notes its use. For servers. */
  async findTokenBySecret(secret: string): Promise<TokenRecord | undefined> {
    const token = await this.#call((service) => service.findTokenBySecret(secret));
    return token === undefined ? undefined : encodeToken(token);
  }

  /**
   * Makes sure that tasks are there, each told by its `key`: for schedules that a process names
   * whenever it starts. Those that are not there are stored, all or none. Of the others the
   * triggers are brought to what the request says, whoever changed them since; one that is paused
   * stays so. What else differs is left as it is, and told.
   * @throws as `createTasks`
   */
  async applySchedules(
    requests: readonly CreateTaskRequest[],
  ): Promise<readonly AppliedScheduleRecord[]> {
    const applied = await this.#call((service) => service.applySchedules(requests));
    return applied.map((each) => ({ ...each, task: encodeTaskDetail(each.task) }));
  }

  /**
   * Stores inside a transaction that the caller has begun on a `pg` client: what is stored is
   * there exactly if the caller commits.
   */
  within(client: CallerClient): TransactionScheduler {
    this.#parts.calls.refuseIfClosed();
    return new LocalScheduler({ ...this.#parts, service: this.#parts.service.within(client) });
  }

  get #closed(): AbortSignal {
    return this.#parts.calls.closed;
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closed : AbortSignal.any([this.#closed, signal]);
  }

  /** Closing ends what is followed, also when it takes away the database in mid-look. */
  async *#encoded<Item, Encoded>(
    items: AsyncIterable<Item>,
    encode: (item: Item) => Encoded,
  ): AsyncGenerator<Encoded, void, undefined> {
    try {
      for await (const item of items) yield encode(item);
    } catch (thrown) {
      if (!this.#closed.aborted) throw thrown;
    }
  }
}

function pageOf<Item, Encoded>(
  page: ListPage<Item>,
  encode: (item: Item) => Encoded,
): Page<Encoded> {
  return { items: page.items.map(encode), nextCursor: page.nextCursor };
}
