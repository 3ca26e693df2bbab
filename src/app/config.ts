/** What `orrery.config.ts` may say. It is found, imported and checked elsewhere in this room. */

import type { CreateTaskRequest } from "../api/scheduler.ts";
import type { VisitsOptions } from "../api/visits.ts";
import type { RetentionClass } from "../model/task-type.ts";
import type { SwhConfig } from "./swh-options.ts";

/** How the worker of this process works; absent fields take the defaults of the engine. */
export interface WorkerConfig {
  /** Runs at one time, 1 to 1000. @defaultValue 10 */
  readonly slotCount?: number;
  /**
   * Milliseconds that running work gets to end when the process is asked to stop, 0 to one day.
   * @defaultValue 10000
   */
  readonly drainMs?: number;
}

/** Everything that a configuration file may say; all of it may be left out. */
export interface OrreryConfig {
  /** Directories with task modules, relative to the file; scanned with those inside them. */
  readonly tasks?: readonly string[];
  /**
   * Tasks that must be there, each with a `key` by which a later start knows it. At start those
   * that are not there are created, and the triggers of the others are brought to what stands here,
   * whoever changed them since; one that is paused stays so. What else differs is told in a warning
   * and stays as it was stored.
   */
  readonly schedules?: readonly CreateTaskRequest[];
  /** Where the embedded database lives, relative to the file. @defaultValue ./.orrery */
  readonly dataDirectory?: string;
  /** A PostgreSQL of your own, instead of the embedded one. */
  readonly databaseUrl?: string;
  /** The schema that holds the tables. @defaultValue orrery */
  readonly schema?: string;
  /** The address to listen on. @defaultValue 127.0.0.1 */
  readonly host?: string;
  /** 0 takes any free one. @defaultValue 8420 */
  readonly port?: number;
  /** Asks for a token on loopback too, as behind a proxy. @defaultValue false */
  readonly requireToken?: boolean;
  /** Host names, besides those of loopback, under which requests without token may come. */
  readonly allowedHosts?: readonly string[];
  readonly worker?: WorkerConfig;
  /** The Software Heritage scheduler: its rules, and a port of its own for its RPC. */
  readonly swh?: SwhConfig;
  /** Which origins of the frontier are visited by which task type, by visit type. */
  readonly visits?: VisitsOptions;
  /** Retention classes besides the built-in `brief`, `standard` and `long`, or in their place. */
  readonly retention?: readonly RetentionClass[];
}

/** Gives a configuration its type, for editors and the compiler; answers it as it is. */
export function defineConfig(config: OrreryConfig): OrreryConfig {
  return config;
}
