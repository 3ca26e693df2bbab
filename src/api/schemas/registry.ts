/** All schemas by name: what the server validates with and the OpenAPI document consists of. */

import type { SchemaName, SchemaTypes } from "../wire.ts";
import * as create from "./create.ts";
import * as forecast from "./forecast.ts";
import * as graphs from "./graphs.ts";
import { runErrorSchema } from "./parts.ts";
import * as policies from "./policies.ts";
import * as runs from "./runs.ts";
import type { SchemaOf } from "./schema-of.ts";
import * as system from "./system.ts";
import { taskTypePageSchema, taskTypeRecordSchema } from "./task-types.ts";
import * as tasks from "./tasks.ts";
import * as triggers from "./triggers.ts";

/** The schema behind each name; `title` of each is its name. */
export const schemas: { readonly [Name in SchemaName]: SchemaOf<SchemaTypes[Name]> } = {
  AddNodesBody: graphs.addNodesBodySchema,
  AttemptRecord: runs.attemptRecordSchema,
  CreateTaskRequest: create.createTaskRequestSchema,
  CreateTasksBody: create.createTasksBodySchema,
  CreateTokenRequest: system.createTokenRequestSchema,
  CreatedTasksRecord: tasks.createdTasksRecordSchema,
  CreatedToken: system.createdTokenSchema,
  EmptyBody: system.emptyBodySchema,
  EnqueueBody: create.enqueueBodySchema,
  EnqueueRequest: create.enqueueRequestSchema,
  EnqueuedRecord: create.enqueuedRecordSchema,
  ErrorRecord: system.errorRecordSchema,
  FollowLogsQuery: runs.followLogsQuerySchema,
  FollowRunsQuery: runs.followRunsQuerySchema,
  ForecastHourRecord: forecast.forecastHourRecordSchema,
  ForecastOccurrenceRecord: forecast.forecastOccurrenceRecordSchema,
  ForecastQuery: forecast.forecastQuerySchema,
  ForecastRecord: forecast.forecastRecordSchema,
  ForecastTypeRecord: forecast.forecastTypeRecordSchema,
  GraphEdgeRecord: graphs.graphEdgeRecordSchema,
  GraphNodeRecord: graphs.graphNodeRecordSchema,
  GraphNodeRequest: graphs.graphNodeRequestSchema,
  GraphRecord: graphs.graphRecordSchema,
  GraphResultsQuery: graphs.graphResultsQuerySchema,
  GraphResultsRecord: graphs.graphResultsRecordSchema,
  IdParams: system.idParamsSchema,
  IntervalPolicy: policies.intervalPolicySchema,
  ListLogsQuery: runs.listLogsQuerySchema,
  ListOccurrencesQuery: triggers.listOccurrencesQuerySchema,
  ListRunsQuery: runs.listRunsQuerySchema,
  ListTasksQuery: tasks.listTasksQuerySchema,
  LogPage: runs.logPageSchema,
  LogRecord: runs.logRecordSchema,
  NameParams: system.nameParamsSchema,
  OccurrencePage: triggers.occurrencePageSchema,
  OccurrenceRecord: triggers.occurrenceRecordSchema,
  OverridesRequest: policies.overridesRequestSchema,
  PolicyOverrides: policies.policyOverridesSchema,
  ProgressRecord: runs.progressRecordSchema,
  ReasonBody: system.reasonBodySchema,
  Requirement: create.requirementSchema,
  RequirementRecord: tasks.requirementRecordSchema,
  RetryPolicy: policies.retryPolicySchema,
  RetryRequest: policies.retryRequestSchema,
  RunCountRecord: system.runCountRecordSchema,
  RunDetailRecord: runs.runDetailRecordSchema,
  RunError: runErrorSchema,
  RunEventRecord: runs.runEventRecordSchema,
  RunPage: runs.runPageSchema,
  RunRecord: runs.runRecordSchema,
  SubmitGraphRequest: graphs.submitGraphRequestSchema,
  SystemRecord: system.systemRecordSchema,
  TaskDetailRecord: tasks.taskDetailRecordSchema,
  TaskIdParams: system.taskIdParamsSchema,
  TaskPage: tasks.taskPageSchema,
  TaskRecord: tasks.taskRecordSchema,
  TaskTriggerSpec: triggers.taskTriggerSpecSchema,
  TaskTypeLimits: policies.taskTypeLimitsSchema,
  TaskTypePage: taskTypePageSchema,
  TaskTypeRecord: taskTypeRecordSchema,
  TokenPage: system.tokenPageSchema,
  TokenRecord: system.tokenRecordSchema,
  TriggerChange: triggers.triggerChangeSchema,
  TriggerRecord: triggers.triggerRecordSchema,
  TriggerRequest: triggers.triggerRequestSchema,
  WaitQuery: runs.waitQuerySchema,
  WorkerRecord: system.workerRecordSchema,
};
