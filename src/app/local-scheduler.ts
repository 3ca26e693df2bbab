/** The scheduler of this process: the service's use cases, with records encoded for users. */

import {
  encodeLogLine,
  encodeRun,
  encodeRunDetail,
  encodeRunEvent,
  encodeSystem,
  encodeTask,
  encodeTaskDetail,
  encodeTaskType,
  encodeToken,
} from "../api/encode.ts";
import type {
  LogRecord,
  Page,
  RunDetailRecord,
  RunEventRecord,
  RunRecord,
  SystemRecord,
  TaskDetailRecord,
  TaskRecord,
  TaskTypeRecord,
  TokenRecord,
} from "../api/records.ts";
import { outputOf } from "../api/run-result.ts";
import type {
  CreatedToken,
  CreateTaskRequest,
  CreateTokenRequest,
  EnqueueOptions,
  EnqueueRequest,
  FollowOptions,
  FollowRunsOptions,
  ListLogsOptions,
  ListRunsOptions,
  ListTasksOptions,
  Scheduler,
  TaskOptions,
  WaitOptions,
} from "../api/scheduler.ts";
import { StateError } from "../kernel/errors.ts";
import type { TaskDefinition } from "../model/handler.ts";
import type { CallerClient } from "../model/store.ts";
import type { ListPage } from "../service/page.ts";
import type { Service } from "../service/service.ts";

/** What may be done inside a transaction of the caller's own. */
export type TransactionScheduler = Pick<
  Scheduler,
  "createTasks" | "createTask" | "create" | "enqueue"
>;

/** What a local scheduler stands on. */
export interface LocalSchedulerParts {
  readonly service: Service;
  /** The name under which a definition is registered. */
  readonly nameOf: (definition: Pick<TaskDefinition, "settings">) => string;
  /** Aborted when the scheduler is closed: calls are refused and waits end from then on. */
  readonly closed: AbortSignal;
}

/** Implements the scheduler over the service; `Orrery` adds what opens and closes it. */
export class LocalScheduler implements Scheduler {
  readonly #parts: LocalSchedulerParts;

  constructor(parts: LocalSchedulerParts) {
    this.#parts = parts;
  }

  /** The service, unless closed. */
  get #service(): Service {
    if (this.#parts.closed.aborted) throw closedError();
    return this.#parts.service;
  }

  async listTaskTypes(): Promise<readonly TaskTypeRecord[]> {
    return (await this.#service.listTaskTypes()).map(encodeTaskType);
  }

  async getTaskType(name: string): Promise<TaskTypeRecord> {
    return encodeTaskType(await this.#service.getTaskType(name));
  }

  async pauseTaskType(name: string): Promise<TaskTypeRecord> {
    return encodeTaskType(await this.#service.pauseTaskType(name));
  }

  async resumeTaskType(name: string): Promise<TaskTypeRecord> {
    return encodeTaskType(await this.#service.resumeTaskType(name));
  }

  async createTasks(requests: readonly CreateTaskRequest[]): Promise<readonly TaskDetailRecord[]> {
    return (await this.#service.createTasks(requests)).map(encodeTaskDetail);
  }

  async createTask(request: CreateTaskRequest): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#service.createTask(request));
  }

  async create<Input>(
    type: TaskDefinition<Input, unknown>,
    input: NoInfer<Input>,
    options: TaskOptions = {},
  ): Promise<TaskDetailRecord> {
    const request = { ...options, type: this.#parts.nameOf(type), input };
    return encodeTaskDetail(await this.#service.createTask(request));
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
    const service = this.#service;
    const request = { ...enqueueOptions, type: this.#parts.nameOf(type), input };
    const [id] = await service.enqueue([request]);
    const fields = { timeoutMs, signal: this.#untilClosed(signal) };
    const run = await service.waitForRun(id, fields);
    // What the handler of this very definition returned, as JSON brought it back.
    return outputOf(encodeRunDetail(run)) as Output;
  }

  async enqueue(requests: readonly EnqueueRequest[]): Promise<readonly number[]> {
    return this.#service.enqueue(requests);
  }

  async getTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#service.getTask(id));
  }

  async listTasks(options: ListTasksOptions = {}): Promise<Page<TaskRecord>> {
    return pageOf(await this.#service.listTasks(options), encodeTask);
  }

  async cancelTask(id: number, reason?: string): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#service.cancelTask({ id, reason }));
  }

  async pauseTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#service.pauseTask(id));
  }

  async resumeTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#service.resumeTask(id));
  }

  async retryTask(id: number): Promise<TaskDetailRecord> {
    return encodeTaskDetail(await this.#service.retryTask(id));
  }

  async getRun(id: number): Promise<RunDetailRecord> {
    return encodeRunDetail(await this.#service.getRun(id));
  }

  async listRuns(options: ListRunsOptions = {}): Promise<Page<RunRecord>> {
    return pageOf(await this.#service.listRuns(options), encodeRun);
  }

  async cancelRun(id: number, reason?: string): Promise<RunDetailRecord> {
    return encodeRunDetail(await this.#service.cancelRun({ id, reason }));
  }

  async retryRun(id: number): Promise<RunDetailRecord> {
    return encodeRunDetail(await this.#service.retryRun(id));
  }

  async listLogs(id: number, options: ListLogsOptions = {}): Promise<readonly LogRecord[]> {
    return (await this.#service.listLogs(id, options)).map(encodeLogLine);
  }

  async waitForRun(id: number, options: WaitOptions = {}): Promise<RunDetailRecord> {
    const { timeoutMs } = options;
    const fields = { timeoutMs, signal: this.#untilClosed(options.signal) };
    return encodeRunDetail(await this.#service.waitForRun(id, fields));
  }

  followRuns(options: FollowRunsOptions = {}): AsyncIterable<RunEventRecord> {
    const { type, taskId } = options;
    const signal = this.#untilClosed(options.signal);
    return encoded(this.#service.followRuns({ type, taskId, signal }), encodeRunEvent);
  }

  followLogs(id: number, options: FollowOptions = {}): AsyncIterable<LogRecord> {
    const signal = this.#untilClosed(options.signal);
    return encoded(this.#service.followLogs(id, signal), encodeLogLine);
  }

  async getSystem(): Promise<SystemRecord> {
    return encodeSystem(await this.#service.getSystem());
  }

  async pause(): Promise<SystemRecord> {
    return encodeSystem(await this.#service.pause());
  }

  async resume(): Promise<SystemRecord> {
    return encodeSystem(await this.#service.resume());
  }

  async createToken(request: CreateTokenRequest): Promise<CreatedToken> {
    const { token, secret } = await this.#service.createToken(request);
    return { token: encodeToken(token), secret };
  }

  async listTokens(): Promise<readonly TokenRecord[]> {
    return (await this.#service.listTokens()).map(encodeToken);
  }

  async revokeToken(id: number): Promise<void> {
    await this.#service.revokeToken(id);
  }

  /** The valid token that a caller's secret belongs to; notes its use. For servers. */
  async findTokenBySecret(secret: string): Promise<TokenRecord | undefined> {
    const token = await this.#service.findTokenBySecret(secret);
    return token === undefined ? undefined : encodeToken(token);
  }

  /**
   * Stores inside a transaction that the caller has begun on a `pg` client: what is stored is
   * there exactly if the caller commits.
   */
  within(client: CallerClient): TransactionScheduler {
    return new LocalScheduler({ ...this.#parts, service: this.#service.within(client) });
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    const { closed } = this.#parts;
    return signal === undefined ? closed : AbortSignal.any([closed, signal]);
  }
}

/** The error of every call after the end. */
export function closedError(): StateError {
  return new StateError("ORR_STATE_CLOSED", "this scheduler has been closed");
}

function pageOf<Item, Encoded>(
  page: ListPage<Item>,
  encode: (item: Item) => Encoded,
): Page<Encoded> {
  return { items: page.items.map(encode), nextCursor: page.nextCursor };
}

async function* encoded<Item, Encoded>(
  items: AsyncIterable<Item>,
  encode: (item: Item) => Encoded,
): AsyncGenerator<Encoded, void, undefined> {
  for await (const item of items) yield encode(item);
}
