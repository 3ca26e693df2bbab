/** `orrery/client`: the scheduler of a server elsewhere; runs in Node.js and in browsers. */

export { RemoteScheduler, type RemoteSchedulerOptions } from "../client/remote-scheduler.ts";
export type * from "../api/frontier.ts";
export type * from "../api/graph-records.ts";
export type { VisitStatus } from "../policy/visit-cooldown.ts";
export type { SelectionPath, VisitPolicy } from "../policy/visit-selection.ts";
export type * from "../api/records.ts";
export type * from "../api/scheduler.ts";
export {
  AccessError,
  CancelledError,
  ConflictError,
  ExecutorError,
  InvalidInputError,
  NotFoundError,
  OrreryError,
  ProtocolError,
  StateError,
  StoreError,
  TimeoutError,
} from "../kernel/errors.ts";
export { type ErrorCode, errorCodes } from "../kernel/error-codes.ts";
export type { Clock } from "../kernel/clock.ts";
export type { JsonObject, JsonValue } from "../kernel/json.ts";
