/** `orrery`: everything that a program needs to define tasks and to schedule them. */

export { defineConfig, type OrreryConfig, type WorkerConfig } from "../app/config.ts";
export { Orrery, type CloseOptions } from "../app/orrery.ts";
export type { OrreryOptions } from "../app/orrery-options.ts";
export type { WorkerOptions } from "../app/worker-options.ts";
export type { AppliedScheduleRecord, TransactionScheduler } from "../app/local-scheduler.ts";
export type { BrokenModule } from "../app/scan-tasks.ts";
export type { TaskCatalogue } from "../app/task-catalogue.ts";
export type { EngineEvent } from "../engine/events.ts";
export { type NodeWork, workOf, type WorkOptions } from "../model/graph-request.ts";
export {
  defineTask,
  type DefineCommandOptions,
  type DefineRunOptions,
  type DefineTaskOptions,
  type DefineTaskSettings,
} from "../model/define-task.ts";
export type {
  ChildCommand,
  Handler,
  HandlerResult,
  OutputOf,
  RunContext,
  RunLogger,
  TaskCode,
  TaskDefinition,
} from "../model/handler.ts";
export type { StandardSchema } from "../model/standard-schema.ts";
export {
  cancelled,
  eventful,
  failed,
  isOutcome,
  permfailed,
  snoozed,
  uneventful,
  type Outcome,
  type OutcomeKind,
  type RunError,
} from "../model/outcome.ts";
export {
  AccessError,
  CancelledError,
  ConfigError,
  ConflictError,
  ExecutorError,
  InvalidInputError,
  InvariantError,
  LeaseLostError,
  NotFoundError,
  OrreryError,
  ProtocolError,
  StateError,
  StoreError,
  TimeoutError,
} from "../kernel/errors.ts";
export { errorCodes, type ErrorCode } from "../kernel/error-codes.ts";
export type { JsonObject, JsonValue } from "../kernel/json.ts";
export type { Instant } from "../kernel/instant.ts";
export type { LogLevel } from "../model/run.ts";
export type { RunState, TaskState, WorkerState } from "../model/state-machine.ts";
export type { CallerClient } from "../model/store.ts";
export type {
  AdaptiveTriggerSpec,
  CalendarTriggerSpec,
  DependencyReason,
  OnRequirementFailure,
  OverridesRequest,
  PolicyOverrides,
  TaskTriggerSpec,
} from "../model/task.ts";
export type {
  ExecutorKind,
  RetentionClass,
  TaskTypeLimits,
  TaskTypeSettings,
} from "../model/task-type.ts";
export type { TokenRole } from "../model/worker.ts";
export type { OccurrenceVerdict } from "../model/firing.ts";
export type { Coalesce, OverlapPolicy } from "../policy/firing-policy.ts";
export type { IntervalPolicy } from "../policy/adaptive-interval.ts";
export type { RetryPolicy } from "../policy/retry.ts";
export type { Priority } from "../policy/slot-shares.ts";
export type * from "../api/graph-records.ts";
export type { VisitStatus } from "../policy/visit-cooldown.ts";
export type { SelectionPath, VisitPolicy } from "../policy/visit-selection.ts";
export type { RecurrentPolicy } from "../policy/visit-shares.ts";
export type { RefillState } from "../policy/visit-refill.ts";
export type { VisitFinding } from "../model/visit-result.ts";
export type { VisitInput } from "../model/visiting.ts";
export type * from "../api/frontier.ts";
export type * from "../api/visits.ts";
export type * from "../api/records.ts";
export type * from "../api/scheduler.ts";
