/** Opens the store: migrates the schema, connects, and puts the ports together. */

import pg from "pg";
import type { Clock } from "../kernel/clock.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Notifier } from "../model/notifier.ts";
import type { Store } from "../model/store.ts";
import { channelOf } from "./channel.ts";
import { createForecastStore } from "./forecast-store.ts";
import { createGraphStore } from "./graph-store.ts";
import { createFrontierStore } from "./frontier-store.ts";
import { createHistoryStore } from "./history-store.ts";
import { migrate } from "./migrate.ts";
import { PostgresNotifier } from "./notifier.ts";
import {
  createLeaseStore,
  createSystemStore,
  createTaskTypeStore,
  createTokenStore,
  createWorkerStore,
} from "./record-stores.ts";
import { createRunStore } from "./run-store.ts";
import { Session, type SessionContext } from "./session.ts";
import { connectionOptions, hotSettings } from "./session-settings.ts";
import { SwhRunMonths } from "./swh-run-months.ts";
import { createSwhTaskStore } from "./swh-task-store.ts";
import { createTaskStore } from "./task-store.ts";
import { createTriggerStore } from "./trigger-store.ts";
import { createVisitQueueStore } from "./visit-queue-store.ts";

/** Where the database is and how to use it. */
export interface OpenStoreOptions {
  /** A PostgreSQL connection string, 14 or newer. */
  readonly connectionString: string;
  /** The schema that holds everything. @defaultValue orrery */
  readonly schema?: string;
  readonly clock: Clock;
  /** Connections at most, besides the one that listens. @defaultValue 8 */
  readonly poolSize?: number;
  /** The time that rules instead of the database's clock; for tests. */
  readonly now?: () => Instant | null;
}

/** Milliseconds to wait for a connection before the database counts as unreachable. */
const connectMsMax = 5_000;

/**
 * Milliseconds that an unused connection is kept: with it go the plans of all statements that it
 * has prepared, and planning some of them takes longer than running them.
 */
const idleMsMax = 300_000;

/**
 * Opens the store.
 * @throws StoreError `ORR_STORE_UNAVAILABLE` `ORR_STORE_REFUSED` `ORR_STORE_VERSION`
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const schema = options.schema ?? "orrery";
  await migrate({ connectionString: options.connectionString, schema });
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.poolSize ?? 8,
    connectionTimeoutMillis: connectMsMax,
    idleTimeoutMillis: idleMsMax,
    keepAlive: true,
    application_name: "orrery",
    options: connectionOptions(),
  });
  // The pool drops idle connections that break; the next query opens another. One that breaks
  // inside a transaction tells its client too, and an event that nobody takes ends the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const notifier = new PostgresNotifier({
    connectionString: options.connectionString,
    channel: channelOf(schema),
    clock: options.clock,
  });
  const context = { schema, now: options.now ?? ((): null => null) };
  const dispose = async (): Promise<void> => {
    await notifier[Symbol.asyncDispose]();
    await pool.end();
  };
  const { connectionString } = options;
  return storeOn(Session.onPool(context, pool), { connectionString, context, notifier, dispose });
}

interface StoreParts {
  readonly connectionString: string;
  readonly context: SessionContext;
  readonly notifier: Notifier;
  readonly dispose: () => Promise<void>;
}

function storeOn(session: Session, parts: StoreParts): Store {
  const nested = { ...parts, dispose: () => Promise.resolve() };
  return {
    taskTypes: createTaskTypeStore(session),
    tasks: createTaskStore(session),
    graphs: createGraphStore(session),
    triggers: createTriggerStore(session),
    forecast: createForecastStore(session),
    runs: createRunStore(session),
    history: createHistoryStore(session),
    workers: createWorkerStore(session, parts.connectionString),
    leases: createLeaseStore(session),
    tokens: createTokenStore(session),
    system: createSystemStore(session),
    swhTasks: createSwhTaskStore(session),
    swhRunHistory: new SwhRunMonths(session),
    frontier: createFrontierStore(session),
    visitQueue: createVisitQueueStore(session, (inside) => storeOn(inside, nested)),
    notifier: parts.notifier,
    transaction: (work, { isHot } = { isHot: false }) =>
      session.transaction((inside) => work(storeOn(inside, nested)), isHot ? hotSettings : {}),
    attempt: (work) => session.attempt((inside) => work(storeOn(inside, nested))),
    within: (client) => storeOn(Session.onCaller(parts.context, client), nested),
    [Symbol.asyncDispose]: parts.dispose,
  };
}
