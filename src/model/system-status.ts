/** The installation as a whole, at one moment. */

import type { Instant } from "../kernel/instant.ts";
import type { DatabaseInfo, RunCount } from "./store.ts";
import type { Worker } from "./worker.ts";

/** What an operator wants to know first. */
export interface SystemStatus {
  /** Of this package. */
  readonly version: string;
  /** The database's clock. */
  readonly now: Instant;
  /** When everything was paused; null while it runs. */
  readonly pausedAt: Instant | null;
  readonly nextFireAt: Instant | null;
  readonly taskTypeCount: number;
  readonly workers: readonly Worker[];
  readonly counts: readonly RunCount[];
  readonly database: DatabaseInfo;
}
