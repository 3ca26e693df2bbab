/** The scheduler of a server elsewhere, ours or the original one. */

import { type Clock, systemClock } from "../../../kernel/clock.ts";
import { InvalidInputError } from "../../../kernel/errors.ts";
import { intervalOf } from "../../../kernel/interval.ts";
import { SchedulerException, StaleData, UnknownPolicy } from "../errors.ts";
import type {
  ListedOrigin,
  Lister,
  ListerUpdate,
  NewListedOrigin,
  NewOriginVisitStats,
  NewTask,
  NewTaskRun,
  NewTaskType,
  OriginVisitStats,
  SchedulerMetrics,
  Task,
  TaskPolicy,
  TaskRun,
  TaskRunStatus,
  TaskType,
} from "../records.ts";
import type {
  ArchivedIds,
  ArchiveFilter,
  ArchivePage,
  GrabVisits,
  ListedOriginPage,
  ListedOriginsFilter,
  ListerName,
  MetricsFilter,
  MetricsUpdate,
  ReadyOptions,
  RunNote,
  SetStatusOptions,
  SwhScheduler,
  TaskSearch,
} from "../scheduler.ts";
import type { Integer } from "../values.ts";
import { type DialectName, dialectNames, dialects } from "../wire/dialects.ts";
import type { ReadyGiven, SwhMethods } from "../wire/methods.ts";
import { currentModels, ModelValue } from "../wire/models.ts";
import { tagReaders } from "../wire/tags.ts";
import { PlainTag, type Tagged, type WireValue } from "../wire/wire-value.ts";
import { SwhTransport } from "./transport.ts";

/** How to reach a server. */
export interface SwhRemoteSchedulerOptions {
  /** Its address, as in `http://127.0.0.1:5008`; a path below it will do. */
  readonly url: string;
  /** Which releases' rendering it speaks; the two cannot read each other. */
  readonly dialect: DialectName;
  /** @defaultValue msgpack */
  readonly encoding?: "msgpack" | "json";
  /** Name and password for basic authentication. @defaultValue none */
  readonly auth?: { readonly user: string; readonly password: string };
  /** Sent with every request. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @defaultValue the runtime's */
  readonly fetch?: typeof fetch;
  /** Milliseconds that an answer may take. @defaultValue 60000 */
  readonly timeoutMs?: number;
  /** Tries in all while the server cannot be reached. @defaultValue 5, in the seed dialect 1 */
  readonly attemptCount?: number;
  /** Milliseconds from one try to the next. @defaultValue 10000 */
  readonly retryDelayMs?: number;
  /** Bytes of an answer at most. @defaultValue 256 MiB */
  readonly answerBytesMax?: number;
  /** @defaultValue the machine's */
  readonly clock?: Clock;
}

const defaults = {
  encoding: "msgpack",
  headers: {},
  timeoutMs: 60_000,
  retryDelayMs: 10_000,
  answerBytesMax: 268_435_456,
  clock: systemClock,
} as const;
/** The reference's clients try so often; those of the seed dialect once. */
const attemptCounts = { current: 5, seed: 1 } as const;

/**
 * A scheduler over HTTP. Besides what the interface says, every method may throw `StoreError`
 * (`ORR_STORE_UNAVAILABLE`) when the server or its database does not answer, `TimeoutError`
 * (`ORR_TIMEOUT_WAIT`), `AccessError` (`ORR_ACCESS_*`), and `ProtocolError` (`ORR_PROTO_RESPONSE`)
 * when something else answers.
 */
export class SwhRemoteScheduler implements SwhScheduler {
  /** The paths of the interface that this is a proxy of, by method. */
  static readonly backendClass: Readonly<Record<keyof SwhScheduler, string>> = pathsOf(
    dialects.current.methods,
  );
  /** Errors of a server that come back as themselves. */
  static readonly reraiseExceptions: readonly (typeof SchedulerException)[] = [
    SchedulerException,
    StaleData,
    UnknownPolicy,
  ];
  /** Tags of this interface besides those of every such service, with what reads their data. */
  static readonly extraTypeDecoders: Readonly<Record<ExtraTag, (data: WireValue) => WireValue>> = {
    last_visit_status: (data) => readCurrentTag("last_visit_status", data) ?? null,
    scheduler_model: (data) => readCurrentTag("scheduler_model", data) ?? null,
  };
  /** Values that travel under those tags, and what they write beside the tag. */
  static readonly extraTypeEncoders: readonly ExtraTypeEncoder[] = [
    [ModelValue, "scheduler_model", (value) => value.data],
    [PlainTag, "last_visit_status", (value) => value.data],
  ];

  readonly #transport: SwhTransport;
  readonly #methods: SwhMethods;

  /** @throws InvalidInputError `ORR_INPUT_INVALID` for an address or a dialect that is none */
  constructor(options: SwhRemoteSchedulerOptions) {
    if (!dialectNames.includes(options.dialect)) {
      const message = `dialect must be ${dialectNames.join(" or ")}`;
      throw new InvalidInputError("ORR_INPUT_INVALID", message, { details: { field: "dialect" } });
    }
    const dialect = dialects[options.dialect];
    const { auth, ...settings } = {
      ...defaults,
      attemptCount: attemptCounts[options.dialect],
      ...options,
    };
    this.#methods = dialect.methods;
    this.#transport = new SwhTransport({
      ...settings,
      dialect,
      encoding: dialect.encodings[settings.encoding],
      headers: { ...settings.headers, ...(auth === undefined ? {} : basicHeader(auth)) },
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    });
  }

  async createTaskType(taskType: NewTaskType): Promise<void> {
    await this.#transport.call(this.#methods.createTaskType, { taskType });
  }

  async getTaskType(taskTypeName: string): Promise<TaskType | null> {
    return await this.#transport.call(this.#methods.getTaskType, { taskTypeName });
  }

  async getTaskTypes(): Promise<readonly TaskType[]> {
    return await this.#transport.call(this.#methods.getTaskTypes, {});
  }

  async createTasks(
    tasks: readonly NewTask[],
    policy: TaskPolicy = "recurring",
  ): Promise<readonly Task[]> {
    // Models always carry a policy, so that of the call is put into those without.
    const filled = tasks.map((task) => ({ ...task, policy: task.policy ?? policy }));
    return await this.#transport.call(this.#methods.createTasks, { tasks: filled, policy });
  }

  async setStatusTasks(
    taskIds: readonly Integer[],
    { status = "disabled", nextRun = null, exceptCompletedTasks = false }: SetStatusOptions = {},
  ): Promise<void> {
    const given = { taskIds, status, nextRun, exceptCompletedTasks };
    await this.#transport.call(this.#methods.setStatusTasks, given);
  }

  async disableTasks(taskIds: readonly Integer[]): Promise<void> {
    await this.#transport.call(this.#methods.disableTasks, { taskIds });
  }

  async searchTasks(search: TaskSearch = {}): Promise<readonly Task[]> {
    return await this.#transport.call(this.#methods.searchTasks, { ...noSearch, ...search });
  }

  async getTasks(taskIds: readonly Integer[]): Promise<readonly Task[]> {
    // Servers of the seed dialect fail on an empty list.
    if (taskIds.length === 0) return [];
    return await this.#transport.call(this.#methods.getTasks, { taskIds });
  }

  async peekReadyTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]> {
    return await this.#transport.call(this.#methods.peekReadyTasks, ready(taskType, options));
  }

  async grabReadyTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]> {
    return await this.#transport.call(this.#methods.grabReadyTasks, ready(taskType, options));
  }

  async peekReadyPriorityTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]> {
    const given = ready(taskType, options);
    return await this.#transport.call(this.#methods.peekReadyPriorityTasks, given);
  }

  async grabReadyPriorityTasks(taskType: string, options?: ReadyOptions): Promise<readonly Task[]> {
    const given = ready(taskType, options);
    return await this.#transport.call(this.#methods.grabReadyPriorityTasks, given);
  }

  async scheduleTaskRun(
    taskId: Integer,
    backendId: string,
    { metadata = null, timestamp = null }: RunNote = {},
  ): Promise<TaskRun> {
    const given = { taskId, backendId, metadata, timestamp };
    return await this.#transport.call(this.#methods.scheduleTaskRun, given);
  }

  async massScheduleTaskRuns(taskRuns: readonly NewTaskRun[]): Promise<void> {
    await this.#transport.call(this.#methods.massScheduleTaskRuns, { taskRuns });
  }

  async startTaskRun(
    backendId: string,
    { metadata = null, timestamp = null }: RunNote = {},
  ): Promise<TaskRun | null> {
    const given = { backendId, metadata, timestamp };
    return await this.#transport.call(this.#methods.startTaskRun, given);
  }

  async endTaskRun(
    backendId: string,
    status: TaskRunStatus,
    { metadata = null, timestamp = null }: RunNote = {},
  ): Promise<TaskRun | null> {
    const given = { backendId, status, metadata, timestamp };
    return await this.#transport.call(this.#methods.endTaskRun, given);
  }

  async filterTaskToArchive(filter: ArchiveFilter): Promise<ArchivePage> {
    const given = { limit: 10, pageToken: null, ...filter };
    return await this.#transport.call(this.#methods.filterTaskToArchive, given);
  }

  async deleteArchivedTasks(taskIds: readonly ArchivedIds[]): Promise<void> {
    await this.#transport.call(this.#methods.deleteArchivedTasks, { taskIds });
  }

  async getTaskRuns(
    taskIds: readonly Integer[],
    limit: Integer | null = null,
  ): Promise<readonly TaskRun[]> {
    return await this.#transport.call(this.#methods.getTaskRuns, { taskIds, limit });
  }

  async getListers({
    withFirstVisitsToSchedule = false,
  }: { readonly withFirstVisitsToSchedule?: boolean } = {}): Promise<readonly Lister[]> {
    return await this.#transport.call(this.#methods.getListers, { withFirstVisitsToSchedule });
  }

  async getListersById(listerIds: readonly string[]): Promise<readonly Lister[]> {
    return await this.#transport.call(this.#methods.getListersById, { listerIds });
  }

  async getLister(lister: ListerName): Promise<Lister | null> {
    const given = { name: lister.name, instanceName: lister.instanceName ?? null };
    return await this.#transport.call(this.#methods.getLister, given);
  }

  async getOrCreateLister(
    lister: ListerName & { readonly firstVisitsQueuePrefix?: string | null },
  ): Promise<Lister> {
    const { name, instanceName = null, firstVisitsQueuePrefix = null } = lister;
    const given = { name, instanceName, firstVisitsQueuePrefix };
    return await this.#transport.call(this.#methods.getOrCreateLister, given);
  }

  async updateLister(lister: ListerUpdate): Promise<Lister> {
    return await this.#transport.call(this.#methods.updateLister, { lister });
  }

  async recordListedOrigins(
    listedOrigins: readonly NewListedOrigin[],
  ): Promise<readonly ListedOrigin[]> {
    return await this.#transport.call(this.#methods.recordListedOrigins, { listedOrigins });
  }

  async getListedOrigins(filter: ListedOriginsFilter = {}): Promise<ListedOriginPage> {
    const given = { ...allOrigins, ...filter };
    return await this.#transport.call(this.#methods.getListedOrigins, given);
  }

  async getVisitTypesForListedOrigins(lister: { readonly id: string }): Promise<readonly string[]> {
    return await this.#transport.call(this.#methods.getVisitTypesForListedOrigins, { lister });
  }

  async grabNextVisits(request: GrabVisits): Promise<readonly ListedOrigin[]> {
    const given = { ...grabDefaults, ...request };
    return await this.#transport.call(this.#methods.grabNextVisits, given);
  }

  async originVisitStatsUpsert(originVisitStats: readonly NewOriginVisitStats[]): Promise<void> {
    await this.#transport.call(this.#methods.originVisitStatsUpsert, { originVisitStats });
  }

  async originVisitStatsGet(
    ids: readonly (readonly [url: string, visitType: string])[],
  ): Promise<readonly OriginVisitStats[]> {
    return await this.#transport.call(this.#methods.originVisitStatsGet, { ids });
  }

  async visitSchedulerQueuePositionGet(): Promise<ReadonlyMap<string, Integer>> {
    return await this.#transport.call(this.#methods.visitSchedulerQueuePositionGet, {});
  }

  async visitSchedulerQueuePositionSet(visitType: string, position: Integer): Promise<void> {
    const given = { visitType, position };
    await this.#transport.call(this.#methods.visitSchedulerQueuePositionSet, given);
  }

  async updateMetrics(update: MetricsUpdate = {}): Promise<readonly SchedulerMetrics[]> {
    const given = { listerId: null, timestamp: null, ...update };
    return await this.#transport.call(this.#methods.updateMetrics, given);
  }

  async getMetrics(filter: MetricsFilter = {}): Promise<readonly SchedulerMetrics[]> {
    const given = { listerId: null, visitType: null, ...filter };
    return await this.#transport.call(this.#methods.getMetrics, given);
  }
}

/** Tags of this interface. */
type ExtraTag = "last_visit_status" | "scheduler_model";

/** A class of values, the tag it travels under, what it writes beside the tag. */
export type ExtraTypeEncoder = readonly [
  valueClass: typeof ModelValue | typeof PlainTag,
  tag: ExtraTag,
  encode: (value: Tagged) => WireValue,
];

const readCurrentTag = tagReaders(currentModels).msgpack;

function pathsOf(methods: SwhMethods): Readonly<Record<keyof SwhMethods, string>> {
  const paths = Object.entries<{ readonly path: string }>(methods);
  return Object.fromEntries(paths.map(([name, { path }]) => [name, path])) as Record<
    keyof SwhMethods,
    string
  >;
}

function basicHeader(auth: { readonly user: string; readonly password: string }): {
  readonly authorization: string;
} {
  const credentials = Buffer.from(`${auth.user}:${auth.password}`).toString("base64");
  return { authorization: `Basic ${credentials}` };
}

function ready(
  taskType: string,
  { timestamp = null, numTasks = null }: ReadyOptions = {},
): ReadyGiven {
  return { taskType, timestamp, numTasks };
}

const noSearch = {
  taskId: null,
  taskType: null,
  status: null,
  priority: null,
  policy: null,
  before: null,
  after: null,
  limit: null,
} as const;

const allOrigins = {
  listerId: null,
  url: null,
  urls: null,
  enabled: true,
  limit: 1000,
  pageToken: null,
} as const;

const grabDefaults = {
  enabled: true,
  listerUuid: null,
  listerName: null,
  listerInstanceName: null,
  timestamp: null,
  absoluteCooldown: intervalOf({ hours: 12 }),
  scheduledCooldown: intervalOf({ days: 7 }),
  failedCooldown: intervalOf({ days: 14 }),
  notFoundCooldown: intervalOf({ days: 31 }),
  tablesample: null,
  dryRun: false,
} as const;
