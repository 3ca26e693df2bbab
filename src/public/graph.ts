/**
 * `orrery/graph`: work with inner order, forwards and in reverse. Stepped mode drives generators
 * one step at a time, deterministically; its durations are seconds. Async mode runs functions that
 * return promises; its durations are milliseconds. Pure and browser-safe.
 */

export { ExceptionGroup } from "../graph/exception-group.ts";
export type { Compat, CompatOption } from "../graph/compat.ts";
export { Dependencies } from "../graph/dependencies.ts";
export { DependencyGraph } from "../graph/dependency-graph.ts";
export {
  DependencyTaskGroup,
  type GroupOptions,
  type NodeTaskOption,
} from "../graph/dependency-task-group.ts";
export {
  type Adjacency,
  type Edge,
  type Graph,
  graphOf,
  type GraphSource,
} from "../graph/graph.ts";
export { criticalPath, type Path } from "../graph/critical-path.ts";
export { breakCycles, type BrokenCycles } from "../graph/cycle-breaking.ts";
export { type Cycle, shortestCycle } from "../graph/cycles.ts";
export { cyclicGroups } from "../graph/groups.ts";
export {
  defineGraph,
  type DefinedNode,
  type GraphDefinition,
  type NodeDefinition,
  type NodeFunction,
  type NoResults,
} from "../graph/graph-definition.ts";
export type { GraphEvent, NodeChange, RunChange, RunState } from "../graph/graph-event.ts";
export {
  type GraphPlan,
  planGraph,
  type PlannedNode,
  type PlanOptions,
} from "../graph/graph-plan.ts";
export { dotOf } from "../graph/dot.ts";
export { mermaidOf } from "../graph/mermaid.ts";
export type { PictureOptions, PictureState } from "../graph/picture.ts";
export type { NodeContext } from "../graph/node-context.ts";
export type { NodeRetry, NodeSettings, ResolvedNodeSettings } from "../graph/node-settings.ts";
export {
  type OutcomesOf,
  runGraph,
  type RunNodesOptions,
  settleGraph,
  type Settlement,
  type UndoGraphOptions,
} from "../graph/run-graph.ts";
export type { NodeOutcome } from "../graph/run-ledger.ts";
export { topologicalOrder, waves } from "../graph/topological-order.ts";
export type { OnFailure, RunGraphOptions, WaitMs } from "../graph/run-options.ts";
export type { GracePeriod } from "../graph/group-members.ts";
export { type PollingGroupOptions, PollingTaskGroup } from "../graph/polling-task-group.ts";
export type { Resumable, SteppedTask, TaskFunction, TaskObject } from "../graph/stepped-task.ts";
export { taskDescription } from "../graph/task-description.ts";
export { rethrowInterrupt, TaskInterrupt } from "../graph/task-interrupt.ts";
export type { TaskOutcome, TaskStatus } from "../graph/task-outcome.ts";
export {
  type ArgumentsOption,
  type DriveOptions,
  TaskRunner,
  type TaskRunnerOptions,
} from "../graph/task-runner.ts";
export { TimedCancel, type TimedTask, Timeout } from "../graph/timeout.ts";
export type { WaitOptions } from "../graph/waiting.ts";
export { type WrappedTask, wrappertask } from "../graph/wrappertask.ts";
export {
  CancelledError,
  InvalidInputError,
  ExecutorError,
  NotFoundError,
  OrreryError,
  StateError,
  TimeoutError,
} from "../kernel/errors.ts";
export { graphRequestOf, type NodeWork } from "../model/graph-request.ts";
export type { GraphNodeRequest, SubmitGraphRequest } from "../model/graph.ts";
export type { Clock } from "../kernel/clock.ts";
export type { Instant } from "../kernel/instant.ts";
export { createRng, type Rng } from "../kernel/rng.ts";
