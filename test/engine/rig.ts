/** A store on a database of its own with an engine and a few definitions, for tests. */

import { createChildProcessExecutor } from "../../src/executors/child-process/executor.ts";
import { createInProcessExecutor } from "../../src/executors/in-process/executor.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { EngineEvent } from "../../src/engine/events.ts";
import type { WorkerSettings } from "../../src/engine/worker.ts";
import { present } from "../../src/kernel/assert.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import type { RunId, TaskTypeId } from "../../src/kernel/ids.ts";
import type { JsonValue } from "../../src/kernel/json.ts";
import { createRng } from "../../src/kernel/rng.ts";
import type { TaskDefinition } from "../../src/model/handler.ts";
import type { Store } from "../../src/model/store.ts";
import { slotSharesDefault } from "../../src/policy/slot-shares.ts";
import { createService, type Service } from "../../src/service/service.ts";
import { createVisiting } from "../../src/service/visiting.ts";
import type { VisitSetting } from "../../src/model/visiting.ts";
import { openStore } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";

/** What a rig is made of. */
export interface RigOptions {
  readonly definitions: readonly TaskDefinition[];
  readonly worker?: Partial<WorkerSettings> | null;
  /** What engine and service see of the store, where a test holds up a statement of it. */
  readonly storeAs?: (store: Store) => Store;
  /** The engine's; with a manual one nothing comes of a poll. @defaultValue the system's */
  readonly clock?: Clock;
  /** Whether to start the engine at once. @defaultValue true */
  readonly isStarted?: boolean;
  /** Queues of visits that the engine fills. @defaultValue none */
  readonly visits?: readonly VisitSetting[];
  /** The database of another rig, which outlives this one. @defaultValue a database of its own */
  readonly database?: TestDatabase;
}

/** A store and an engine on a database of their own. */
export interface Rig extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly store: Store;
  /** What is queued by it may start in the engine at once. */
  readonly service: Service;
  readonly engine: Engine;
  readonly events: readonly EngineEvent[];
  readonly typeId: (name: string) => TaskTypeId;
  /** Queues runs of a type, one for each input. */
  readonly enqueue: (name: string, inputs: readonly JsonValue[]) => Promise<[RunId, ...RunId[]]>;
  /** Resolves with the first event that `wanted` accepts, also of those that have been. */
  readonly event: (wanted: (event: EngineEvent) => boolean) => Promise<EngineEvent>;
  /** Resolves when so many runs have ended in this engine. */
  readonly ended: (count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Worker settings of tests: quick, but with leases as long as in life. */
export const workerSettings: WorkerSettings = {
  host: "test-host",
  pid: process.pid,
  version: "test",
  slotCount: 10,
  shares: slotSharesDefault,
  leaseMs: 8_000,
  pollMs: 200,
};

/** Opens a rig. */
export async function openRig(options: RigOptions): Promise<Rig> {
  const database = options.database ?? (await createDatabase());
  const { connectionString } = database;
  const store = await openStore({ connectionString, clock: systemClock });
  const byName = new Map(options.definitions.map((each) => [each.settings.name, each]));
  const catalogue = { find: (name: string) => byName.get(name), list: () => options.definitions };
  const shown = options.storeAs?.(store) ?? store;
  const service = createService({
    store: shown,
    clock: systemClock,
    catalogue,
    reserveSlots: (typeNames) => engine.reserve(typeNames),
    version: "test",
  });
  const place = { databaseUrl: connectionString, graphs: service.graphAccess };
  const types = await store.taskTypes.register(options.definitions.map((each) => each.settings));
  const ids = new Map(types.map((type) => [type.name, type.id]));
  const watch = new EventWatch();
  const visits = { store: shown, rng: createRng(1), settings: options.visits ?? [] };
  const engine = createEngine({
    store: shown,
    visiting: createVisiting(visits),
    clock: options.clock ?? systemClock,
    rng: createRng(1),
    catalogue,
    executors: {
      "in-process": createInProcessExecutor(place),
      "child-process": createChildProcessExecutor({ ...place, environment: process.env }),
    },
    worker: options.worker === null ? null : { ...workerSettings, ...options.worker },
    onEvent: (event) => watch.take(event),
  });
  if (options.isStarted !== false) await engine.start();
  const typeId = (name: string): TaskTypeId => present(ids.get(name), `the type ${name}`);
  return {
    database,
    store,
    service,
    engine,
    events: watch.events,
    typeId,
    enqueue: async (name, inputs) => {
      const queued = await store.runs.enqueue(
        inputs.map((input) => ({
          typeId: typeId(name),
          input,
          priority: "normal",
          concurrencyKey: null,
          overrides: {},
          dueAt: null,
        })),
      );
      const [first, ...rest] = queued;
      return [present(first, "a queued run"), ...rest];
    },
    event: async (wanted) => await watch.when(wanted),
    ended: async (count) => {
      let seen = 0;
      await watch.when((event) => event.kind === "run_ended" && ++seen === count);
    },
    stop: async () => await engine.stop(),
    [Symbol.asyncDispose]: async () => {
      await engine.stop({ drainMs: 0 });
      await store[Symbol.asyncDispose]();
      if (options.database === undefined) await database[Symbol.asyncDispose]();
    },
  };
}

/** Keeps events and wakes those who wait for one. */
class EventWatch {
  readonly events: EngineEvent[] = [];
  readonly #waiting = new Set<(event: EngineEvent) => void>();

  take(event: EngineEvent): void {
    this.events.push(event);
    for (const look of this.#waiting) look(event);
  }

  async when(wanted: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    const past = this.events.find(wanted);
    if (past !== undefined) return past;
    return await new Promise((resolve) => {
      const look = (event: EngineEvent): void => {
        if (!wanted(event)) return;
        this.#waiting.delete(look);
        resolve(event);
      };
      this.#waiting.add(look);
    });
  }
}
