/** Who does the work: hosts, and worker processes on them. */

import type { WorkerId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { WorkerState } from "./state-machine.ts";

/** A worker process that is starting. */
export interface NewWorker {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Runs that it takes on at one time. */
  readonly slotCount: number;
}

/** A worker process. */
export interface Worker extends NewWorker {
  readonly id: WorkerId;
  readonly state: WorkerState;
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
  readonly expiresAt: Instant;
  readonly runningCount: number;
}

/** A named lease: the right to do something alone, until it expires. */
export interface NamedLease {
  readonly name: string;
  readonly owner: string;
  /** Grows with each grant, for ever. */
  readonly token: number;
  readonly expiresAt: Instant;
}

/** What a holder of an API token may do; each role may do what those before it may. */
export const tokenRoles = ["viewer", "operator", "admin"] as const;

/** One of the roles. */
export type TokenRole = (typeof tokenRoles)[number];

/** An API token, without its secret, which is never stored. */
export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly role: TokenRole;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly revokedAt: Instant | null;
}
