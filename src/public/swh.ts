/**
 * `orrery/swh`: the scheduler of Software Heritage. `Orrery.open(…).swh` is the local one; here are
 * its types, the client for servers elsewhere, and the RPC as a surface to be mounted.
 */

export type { LocalSwhOptions, LocalSwhScheduler } from "../compat/swh/local-scheduler.ts";
export {
  SchedulerException,
  StaleData,
  SwhFault,
  UnknownPolicy,
  type FaultName,
} from "../compat/swh/errors.ts";
export {
  lastVisitStatuses,
  taskPolicies,
  taskPriorities,
  taskRunStatuses,
  taskStatuses,
} from "../compat/swh/records.ts";
export type * from "../compat/swh/records.ts";
export {
  SwhRemoteScheduler,
  type SwhRemoteSchedulerOptions,
} from "../compat/swh/remote/remote-scheduler.ts";
export { swhRpcRoutes, type SwhRpcOptions, type SwhSurface } from "../compat/swh/rpc/routes.ts";
export type * from "../compat/swh/scheduler.ts";
export { Float, type Integer, type SwhJson, type SwhJsonObject } from "../compat/swh/values.ts";
export { type DialectName, dialectNames } from "../compat/swh/wire/dialects.ts";
export type { Surface, SurfaceRequest, SurfaceResponse } from "../api/surface.ts";
export { formatInstant, type Instant, instantFromMillis, parseInstant } from "../kernel/instant.ts";
export { type Interval, type IntervalParts, intervalOf } from "../kernel/interval.ts";
