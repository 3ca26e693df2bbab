/**
 * Opens a scheduler: the database, the service over it, and the engine that does the work. What is
 * opened last is closed first, also when opening fails half-way.
 */

import { hostname } from "node:os";
import { createLocalSwhScheduler, type LocalSwhScheduler } from "../compat/swh/local-scheduler.ts";
import { present } from "../kernel/assert.ts";
import { systemClock } from "../kernel/clock.ts";
import { createRng } from "../kernel/rng.ts";
import { createEngine, type Engine, type EngineOptions } from "../engine/engine.ts";
import { createChildProcessExecutor } from "../executors/child-process/executor.ts";
import { createInProcessExecutor } from "../executors/in-process/executor.ts";
import { ConfigError, StoreError } from "../kernel/errors.ts";
import { readFields, readNumber, ifPresent } from "../kernel/fields.ts";
import { nearestNames, suggestionOf } from "../kernel/nearest-names.ts";
import type { GraphAccess } from "../model/graph.ts";
import type { Store } from "../model/store.ts";
import type { Visiting } from "../model/visiting.ts";
import { createService, type Service } from "../service/service.ts";
import { createVisiting } from "../service/visiting.ts";
import { startEmbedded } from "../store/embedded/embedded.ts";
import type { ServerExit } from "../store/embedded/server.ts";
import { openStore } from "../store/open.ts";
import type { Visits } from "../api/visits.ts";
import { LocalScheduler, type LocalSchedulerParts } from "./local-scheduler.ts";
import { LocalVisits, type LocalVisitsParts } from "./local-visits.ts";
import { guarded, OpenCalls } from "./open-calls.ts";
import { type OrreryOptions, resolveOptions, type ResolvedOptions } from "./orrery-options.ts";
import { packageVersion } from "./package-facts.ts";
import { scanTasks } from "./scan-tasks.ts";
import { createCatalogue, type TaskCatalogue } from "./task-catalogue.ts";

/** How to close. */
export interface CloseOptions {
  /** Milliseconds that running work gets to end. @defaultValue the worker's `drainMs` */
  readonly drainMs?: number;
}

const drainMsMax = 86_400_000;

/** What an open scheduler holds. */
interface OrreryParts extends LocalSchedulerParts, LocalVisitsParts {
  readonly catalogue: TaskCatalogue;
  readonly connectionString: string;
  readonly databaseLost: Promise<StoreError>;
  readonly swh: LocalSwhScheduler;
  readonly engine: EngineOptions;
  readonly end: (drainMs: number | undefined) => Promise<void>;
}

const engines = new WeakMap<Orrery, EngineOptions>();

/** What an open scheduler would make its engine of, for one that is stepped by hand. */
export function engineOptionsOf(orrery: Orrery): EngineOptions {
  return present(engines.get(orrery), "the engine's options");
}

/**
 * A scheduler of this process, with its worker unless it was opened without one. Hold it with
 * `await using`, or call `close` at the end.
 */
export class Orrery extends LocalScheduler implements AsyncDisposable {
  /** The queues by which this process has origins visited. */
  readonly visits: Visits;
  readonly #parts: OrreryParts;
  #closing: Promise<void> | undefined;

  private constructor(parts: OrreryParts) {
    super(parts);
    this.visits = new LocalVisits(parts);
    this.#parts = parts;
    engines.set(this, parts.engine);
  }

  /**
   * Opens the database (an embedded one unless `databaseUrl` names another), migrates it, registers
   * the task types and starts the worker.
   * @throws ConfigError `ORR_CONFIG_INVALID` `ORR_CONFIG_PLATFORM` `ORR_CONFIG_DIRECTORY`
   * `ORR_CONFIG_LOCKED`
   * @throws ConflictError `ORR_CONFLICT_NAME` when two definitions share a name
   * @throws StoreError `ORR_STORE_*`
   */
  static async open(options: OrreryOptions = {}): Promise<Orrery> {
    const resolved = resolveOptions(options);
    const scan = await scanTasks(resolved.taskDirectories, resolved.clock);
    const catalogue = createCatalogue({ tasks: resolved.tasks, scan });
    const closers: Closer[] = [];
    try {
      return new Orrery(await openParts({ resolved, catalogue, closers }));
    } catch (thrown) {
      // Why it could not be opened says more than what else goes wrong on the way back.
      await closeAll(closers, 0).catch(() => undefined);
      throw thrown;
    }
  }

  /** The definitions of this process, and the modules that could not be used. */
  get catalogue(): TaskCatalogue {
    return this.#parts.catalogue;
  }

  /** Where the database is, for `pg` and libpq; also that of the embedded one. */
  get connectionString(): string {
    return this.#parts.connectionString;
  }

  /** The scheduler of Software Heritage over the same database. */
  get swh(): LocalSwhScheduler {
    return this.#parts.swh;
  }

  /**
   * Resolves if the embedded database ends although nobody closed it, with what it said last: there
   * is nothing left to work with. Stays pending otherwise.
   */
  get databaseLost(): Promise<StoreError> {
    return this.#parts.databaseLost;
  }

  /**
   * Claims no more, lets running work end for `drainMs`, then closes the database. Calls that
   * still wait are refused at the end, and so is every later one. Idempotent.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  /** As `close` with its defaults. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(options: CloseOptions): Promise<void> {
    const given = readFields(options, "", ["drainMs"]);
    const drainMs = ifPresent(given["drainMs"], (value) =>
      readNumber(value, { field: "drainMs", min: 0, max: drainMsMax }),
    );
    await this.#parts.end(drainMs);
  }
}

/** Closes one thing; the engine also takes how long to drain. */
type Closer = (drainMs: number | undefined) => Promise<void>;

interface Opening {
  readonly resolved: ResolvedOptions;
  readonly catalogue: TaskCatalogue;
  /** Grows with each thing opened; closed from the end. */
  readonly closers: Closer[];
}

async function openParts(opening: Opening): Promise<OrreryParts> {
  const { resolved, catalogue, closers } = opening;
  const { clock, schema, poolSize, now } = resolved;
  const { connectionString, databaseLost } = await openDatabase(resolved, closers);
  const store = await openStore({ connectionString, schema, clock, poolSize, now });
  closers.push(async () => {
    await store[Symbol.asyncDispose]();
  });
  let engine: Engine | undefined;
  const service = createService({
    store,
    clock,
    catalogue,
    // Both know the other: work may add nodes to graphs, and what is queued may start here.
    reserveSlots: (typeNames) => engine?.reserve(typeNames),
    version: packageVersion(),
  });
  await registerTypes(service, opening);
  const { keepRunsDays, ...swhRules } = resolved.swh;
  if (keepRunsDays !== undefined) await store.swhRunHistory.keepRuns(keepRunsDays);
  // Calls are refused before the store closes, after the engine stopped: handlers may still call.
  const calls = new OpenCalls();
  closers.push(() => calls.close());
  const visiting = createVisiting({
    store,
    rng: createRng(resolved.seed),
    settings: resolved.visits,
  });
  await checkVisitTasks(store, visiting);
  const { graphAccess } = service;
  const place = { store, databaseUrl: connectionString, graphs: graphAccess };
  const engineOptions = engineOptionsFor({ ...place, visiting }, opening);
  if (resolved.fire) engine = await startEngine(engineOptions, opening);
  return {
    service,
    store,
    visiting,
    engine: engineOptions,
    catalogue,
    connectionString,
    databaseLost,
    swh: guarded(createLocalSwhScheduler({ store, ...swhRules }), calls),
    nameOf: (definition) => catalogue.nameOf(definition),
    calls,
    end: (drainMs) => closeAll(closers, drainMs),
  };
}

async function openDatabase(
  resolved: ResolvedOptions,
  closers: Closer[],
): Promise<Pick<OrreryParts, "connectionString" | "databaseLost">> {
  const { database, onLog } = resolved;
  if (database.kind === "external") {
    const { promise: never } = Promise.withResolvers<StoreError>();
    return { connectionString: database.connectionString, databaseLost: never };
  }
  // A process of the machine starts in the machine's time, also where a test moves ours.
  const server = await startEmbedded({
    directory: database.directory,
    clock: systemClock,
    log: onLog,
  });
  closers.push(() => server.stop());
  const { connectionString } = server;
  return { connectionString, databaseLost: server.exited.then(databaseLostError) };
}

function databaseLostError({ exitCode, logLines }: ServerExit): StoreError {
  const said = logLines.length === 0 ? "" : `:\n  ${logLines.join("\n  ")}`;
  return new StoreError("ORR_STORE_UNAVAILABLE", `the embedded PostgreSQL ended by itself${said}`, {
    transient: false,
    details: { exitCode: exitCode ?? null },
  });
}

async function registerTypes(service: Service, { resolved, catalogue }: Opening): Promise<void> {
  await service.registerTaskTypes({
    settings: catalogue.list().map((definition) => definition.settings),
    retention: resolved.retention,
  });
}

/** A queue whose task type nobody knows would stay empty for ever. */
async function checkVisitTasks(store: Store, { settings }: Visiting): Promise<void> {
  if (settings.length === 0) return;
  const names = (await store.taskTypes.list()).map((type) => type.name);
  const wrong = settings.find(({ task }) => !names.includes(task));
  if (wrong === undefined) return;
  const field = `visits.${wrong.visitType}.task`;
  const hint = suggestionOf(nearestNames(wrong.task, names));
  const message = `${field} must name a task type, not ${JSON.stringify(wrong.task)}${hint}`;
  throw new ConfigError("ORR_CONFIG_INVALID", message, { details: { field, value: wrong.task } });
}

function engineOptionsFor(
  place: {
    readonly store: Store;
    readonly databaseUrl: string;
    readonly graphs: GraphAccess;
    readonly visiting: Visiting;
  },
  { resolved, catalogue }: Opening,
): EngineOptions {
  const { worker, environment } = resolved;
  const self = { host: hostname(), pid: process.pid, version: packageVersion() };
  return {
    store: place.store,
    visiting: place.visiting,
    catalogue,
    clock: resolved.clock,
    rng: createRng(resolved.seed),
    executors: {
      "in-process": createInProcessExecutor(place),
      "child-process": createChildProcessExecutor({ ...place, environment }),
    },
    worker: worker === null ? null : { ...worker, ...self },
    onEvent: resolved.onEvent,
  };
}

async function startEngine(
  options: EngineOptions,
  { resolved, closers }: Opening,
): Promise<Engine> {
  const engine = createEngine(options);
  const drainMsDefault = resolved.worker?.drainMs ?? 0;
  closers.push((drainMs) => engine.stop({ drainMs: drainMs ?? drainMsDefault }));
  await engine.start();
  return engine;
}

/** Closes from the last opened to the first; one that fails keeps none of the others open. */
async function closeAll(closers: readonly Closer[], drainMs: number | undefined): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.toReversed()) {
    try {
      await close(drainMs);
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}
