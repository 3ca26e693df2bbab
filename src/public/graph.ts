/**
 * `orrery/graph`: work with inner order, forwards and in reverse. Stepped mode drives generators
 * one step at a time, deterministically; its durations are seconds. Pure and browser-safe.
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
export type { Edge } from "../graph/graph.ts";
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
  InvalidInputError,
  ExecutorError,
  NotFoundError,
  OrreryError,
  StateError,
} from "../kernel/errors.ts";
export type { Clock } from "../kernel/clock.ts";
