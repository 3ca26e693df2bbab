/**
 * What travels between client and server besides the records: bodies, parameters, queries, lists.
 * `SchemaTypes` gives each shape the name under which the route table and the OpenAPI document
 * refer to it. Types only: a browser that imports this file loads nothing.
 */

import type { ErrorCode } from "../kernel/error-codes.ts";
import type { JsonObject } from "../kernel/json.ts";
import type { AddNodesOptions, GraphNodeRequest, RunResults } from "../model/graph.ts";
import type { RunState, TaskState } from "../model/state-machine.ts";
import type {
  CountOriginsOptions,
  FrontierCountsRecord,
  ImportedOrigin,
  ImportOriginsRequest,
  ListedOriginRecord,
  ListerRecord,
  NextVisitsRequest,
  OriginName,
  OriginsImportedRecord,
  VisitChoiceRecord,
  VisitCooldownOptions,
  VisitExplanation,
  VisitReportRequest,
  VisitsReportedRecord,
  VisitStatsRecord,
} from "./frontier.ts";
import type { GraphEdgeRecord, GraphNodeRecord, GraphRecord } from "./graph-records.ts";
import type {
  AttemptRecord,
  ForecastHourRecord,
  ForecastOccurrenceRecord,
  ForecastRecord,
  ForecastTypeRecord,
  LogRecord,
  OccurrenceRecord,
  Page,
  ProgressRecord,
  RequirementRecord,
  RunCountRecord,
  RunDetailRecord,
  RunEventRecord,
  RunRecord,
  SystemRecord,
  TaskDetailRecord,
  TaskRecord,
  TaskTypeRecord,
  TokenRecord,
  TriggerRecord,
  WorkerRecord,
} from "./records.ts";
import type {
  CreatedToken,
  CreateTaskRequest,
  CreateTokenRequest,
  EnqueueRequest,
  Requirement,
  TriggerChange,
  TriggerRequest,
  SubmitGraphRequest,
} from "./scheduler.ts";
import type { RunError } from "../model/outcome.ts";
import type { OverridesRequest, PolicyOverrides, TaskTriggerSpec } from "../model/task.ts";
import type { TaskTypeLimits } from "../model/task-type.ts";
import type { IntervalPolicy } from "../policy/adaptive-interval.ts";
import type { RetryPolicy } from "../policy/retry.ts";

// For the client, which knows the model only through what travels.
export type { TaskDefinition } from "../model/handler.ts";

/** The one form of every error answer. */
export interface ErrorRecord {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    /** `field` and `value` where a single one is at fault. */
    readonly details: JsonObject;
  };
}

/** Names a record by its id, in the path. */
export interface IdParams {
  readonly id: number;
}

/** Names the task of what is made, in the path. */
export interface TaskIdParams {
  readonly taskId: number;
}

/** Names a task type, in the path. */
export interface NameParams {
  readonly name: string;
}

/** Filters and page of a list of tasks. */
export interface ListTasksQuery {
  readonly type?: string;
  readonly state?: readonly TaskState[];
  readonly rootId?: number;
  readonly parentId?: number;
  readonly key?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Filters and page of a list of runs. */
export interface ListRunsQuery {
  readonly type?: string;
  readonly state?: readonly RunState[];
  readonly taskId?: number;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Which lines of a log. */
export interface ListLogsQuery {
  readonly after?: string;
  readonly limit?: number;
}

/** How long to wait for a run. */
export interface WaitQuery {
  /** At most `waitMsMax`. */
  readonly timeoutMs?: number;
}

/** Which run events, and after which one. */
export interface FollowRunsQuery {
  readonly type?: string;
  readonly taskId?: number;
  readonly graphId?: number;
  readonly after?: string;
}

/** After which line to follow a log. */
export interface FollowLogsQuery {
  readonly after?: string;
}

/** Which of a trigger's fire times. */
export interface ListOccurrencesQuery {
  readonly before?: string;
  readonly limit?: number;
}

/** Which span to forecast, and whose runs. */
export interface ForecastQuery {
  readonly hours?: number;
  readonly from?: string;
  readonly type?: string;
  readonly taskId?: number;
  readonly limit?: number;
}

/** Why somebody stops something. */
export interface ReasonBody {
  readonly reason?: string;
}

/** The body of requests that say everything in their path. */
export type EmptyBody = Readonly<Record<string, never>>;

/** Tasks to be stored, all or none. */
export interface CreateTasksBody {
  readonly tasks: readonly CreateTaskRequest[];
}

/** Nodes to be added to a graph. */
export interface AddNodesBody extends AddNodesOptions {
  readonly nodes: readonly GraphNodeRequest[];
}

/** Whose results of a graph to read. */
export interface GraphResultsQuery {
  readonly nodes?: readonly string[];
}

/** What nodes of a graph have answered. */
export interface GraphResultsRecord {
  /** By the names of nodes. */
  readonly results: RunResults;
}

/** Runs to be queued, all or none. */
export interface EnqueueBody {
  readonly runs: readonly EnqueueRequest[];
}

/** The ids of the runs that were queued, in the order of the request. */
export interface EnqueuedRecord {
  readonly ids: readonly number[];
}

/** Tasks as they stand after they were stored, in the order of the request. */
export interface CreatedTasksRecord {
  readonly items: readonly TaskDetailRecord[];
}

/** Lines of a log, oldest first. */
export interface LogPage {
  readonly items: readonly LogRecord[];
  /** Hand it in as `after` for what follows; null while there are no lines. */
  readonly nextAfter: string | null;
}

/** What was decided of a trigger's fire times, newest first. */
export interface OccurrencePage {
  readonly items: readonly OccurrenceRecord[];
  /** Hand it in as `before` for earlier ones; null on the last page. */
  readonly nextBefore: string | null;
}

/** Visits that have ended. */
export interface ReportVisitsBody {
  readonly visits: readonly VisitReportRequest[];
}

/** Origins whose visits are asked for. */
export interface VisitStatsBody {
  readonly origins: readonly OriginName[];
}

/** What is known of the visits of origins, in the order of the request. */
export interface VisitStatsList {
  readonly items: readonly VisitStatsRecord[];
}

/** Which counts. */
export type CountOriginsQuery = CountOriginsOptions;

/** Counts, one for each lister and visit type. */
export interface FrontierCountsList {
  readonly items: readonly FrontierCountsRecord[];
}

/** The type behind each name of a schema. */
export interface SchemaTypes {
  readonly AddNodesBody: AddNodesBody;
  readonly AttemptRecord: AttemptRecord;
  readonly CountOriginsQuery: CountOriginsQuery;
  readonly CreateTaskRequest: CreateTaskRequest;
  readonly CreateTasksBody: CreateTasksBody;
  readonly CreateTokenRequest: CreateTokenRequest;
  readonly CreatedTasksRecord: CreatedTasksRecord;
  readonly CreatedToken: CreatedToken;
  readonly EmptyBody: EmptyBody;
  readonly EnqueueBody: EnqueueBody;
  readonly EnqueueRequest: EnqueueRequest;
  readonly EnqueuedRecord: EnqueuedRecord;
  readonly ErrorRecord: ErrorRecord;
  readonly FollowLogsQuery: FollowLogsQuery;
  readonly FollowRunsQuery: FollowRunsQuery;
  readonly ForecastHourRecord: ForecastHourRecord;
  readonly ForecastOccurrenceRecord: ForecastOccurrenceRecord;
  readonly ForecastQuery: ForecastQuery;
  readonly ForecastRecord: ForecastRecord;
  readonly ForecastTypeRecord: ForecastTypeRecord;
  readonly FrontierCountsList: FrontierCountsList;
  readonly FrontierCountsRecord: FrontierCountsRecord;
  readonly GraphEdgeRecord: GraphEdgeRecord;
  readonly GraphNodeRecord: GraphNodeRecord;
  readonly GraphNodeRequest: GraphNodeRequest;
  readonly GraphRecord: GraphRecord;
  readonly GraphResultsQuery: GraphResultsQuery;
  readonly GraphResultsRecord: GraphResultsRecord;
  readonly IdParams: IdParams;
  readonly ImportOriginsRequest: ImportOriginsRequest;
  readonly ImportedOrigin: ImportedOrigin;
  readonly IntervalPolicy: IntervalPolicy;
  readonly ListLogsQuery: ListLogsQuery;
  readonly ListOccurrencesQuery: ListOccurrencesQuery;
  readonly ListRunsQuery: ListRunsQuery;
  readonly ListTasksQuery: ListTasksQuery;
  readonly ListedOriginRecord: ListedOriginRecord;
  readonly ListerPage: Page<ListerRecord>;
  readonly ListerRecord: ListerRecord;
  readonly LogPage: LogPage;
  readonly LogRecord: LogRecord;
  readonly NameParams: NameParams;
  readonly NextVisitsRequest: NextVisitsRequest;
  readonly OccurrencePage: OccurrencePage;
  readonly OccurrenceRecord: OccurrenceRecord;
  readonly OriginName: OriginName;
  readonly OriginsImportedRecord: OriginsImportedRecord;
  readonly OverridesRequest: OverridesRequest;
  readonly PolicyOverrides: PolicyOverrides;
  readonly ProgressRecord: ProgressRecord;
  readonly ReasonBody: ReasonBody;
  readonly ReportVisitsBody: ReportVisitsBody;
  readonly Requirement: Requirement;
  readonly RequirementRecord: RequirementRecord;
  readonly RetryPolicy: RetryPolicy;
  readonly RetryRequest: Partial<RetryPolicy>;
  readonly RunCountRecord: RunCountRecord;
  readonly RunDetailRecord: RunDetailRecord;
  readonly RunError: RunError;
  readonly RunEventRecord: RunEventRecord;
  readonly RunPage: Page<RunRecord>;
  readonly RunRecord: RunRecord;
  readonly SubmitGraphRequest: SubmitGraphRequest;
  readonly SystemRecord: SystemRecord;
  readonly TaskDetailRecord: TaskDetailRecord;
  readonly TaskIdParams: TaskIdParams;
  readonly TaskPage: Page<TaskRecord>;
  readonly TaskRecord: TaskRecord;
  readonly TaskTriggerSpec: TaskTriggerSpec;
  readonly TaskTypeLimits: TaskTypeLimits;
  readonly TaskTypePage: Page<TaskTypeRecord>;
  readonly TaskTypeRecord: TaskTypeRecord;
  readonly TokenPage: Page<TokenRecord>;
  readonly TokenRecord: TokenRecord;
  readonly TriggerChange: TriggerChange;
  readonly TriggerRecord: TriggerRecord;
  readonly TriggerRequest: TriggerRequest;
  readonly VisitChoiceRecord: VisitChoiceRecord;
  readonly VisitCooldownOptions: VisitCooldownOptions;
  readonly VisitExplanation: VisitExplanation;
  readonly VisitReportRequest: VisitReportRequest;
  readonly VisitStatsBody: VisitStatsBody;
  readonly VisitStatsList: VisitStatsList;
  readonly VisitStatsRecord: VisitStatsRecord;
  readonly VisitsReportedRecord: VisitsReportedRecord;
  readonly WaitQuery: WaitQuery;
  readonly WorkerRecord: WorkerRecord;
}

/** The name of a schema. */
export type SchemaName = keyof SchemaTypes;
