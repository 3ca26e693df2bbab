/** The service on a database whose time a test sets, with hands that do a worker's work. */

import { createCatalogue } from "../../src/app/task-catalogue.ts";
import { Firing } from "../../src/engine/fire.ts";
import { present } from "../../src/kernel/assert.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import type { WorkerId } from "../../src/kernel/ids.ts";
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";
import type { TaskDefinition } from "../../src/model/handler.ts";
import { eventful, type Outcome } from "../../src/model/outcome.ts";
import type { ClaimedRun } from "../../src/model/run.ts";
import type { Store } from "../../src/model/store.ts";
import type { TaskDetail } from "../../src/model/task.ts";
import type { TaskType } from "../../src/model/task-type.ts";
import { createService, type Service } from "../../src/service/service.ts";
import { openStore } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";

/** The time at which every rig starts. */
export const startAt = "2026-03-01T09:00:00.000000Z";

/** A service with what stands below it. */
export interface ServiceRig extends AsyncDisposable {
  readonly service: Service;
  readonly store: Store;
  readonly database: TestDatabase;
  /** Sets the time that rules in place of the database's clock; null gives it back. */
  setNow(text: string | null): void;
  /** Lets every due trigger fire. */
  fire(): Promise<void>;
  /** Claims what is due and allowed, oldest first. */
  claim(): Promise<readonly ClaimedRun[]>;
  /** Ends a claimed run. */
  finish(run: ClaimedRun, outcome?: Outcome): Promise<void>;
  /** Stores one task and answers it. */
  create(request: object): Promise<TaskDetail>;
}

/** Opens a rig in which the definitions are registered. */
export async function openServiceRig(definitions: readonly TaskDefinition[]): Promise<ServiceRig> {
  const database = await createDatabase();
  let now: Instant | null = parseInstant(startAt);
  const store = await openStore({
    connectionString: database.connectionString,
    clock: systemClock,
    now: () => now,
  });
  const catalogue = createCatalogue({ tasks: definitions, scan: { tasks: [], broken: [] } });
  const service = createService({ store, clock: systemClock, catalogue, version: "test" });
  const settings = definitions.map((each) => each.settings);
  await service.registerTaskTypes({ settings, retention: [] });
  const firing = new Firing(store, () => undefined);
  let workerId: WorkerId | undefined;
  return {
    service,
    store,
    database,
    setNow: (text) => {
      now = text === null ? null : parseInstant(text);
    },
    fire: async () => {
      await firing.turn();
    },
    claim: async () => {
      workerId ??= await store.workers.start(worker, leaseMs);
      // Built-in types come with their first use.
      const types = await store.taskTypes.list();
      const levels = [1, 2, 3].map((level) => ({ level, limit: claimMax }));
      const { runs } = await store.runs.claim({
        workerId,
        levels,
        probes: types.flatMap(({ id: typeId }) =>
          levels.map((each) => ({ ...each, typeId, dueFrom: null })),
        ),
        limited: types.filter(hasLimits).map((type) => type.id),
        limit: claimMax,
        leaseMs,
      });
      return runs.toSorted((left, right) => left.id - right.id);
    },
    finish: async (run, outcome = eventful()) => {
      const { id, fence, taskId, triggerId } = run;
      const end = { id, fence, taskId, triggerId, outcome, durationMs: 1 };
      const accepted = await store.runs.finish([{ ...end, nextIntervalMs: run.intervalMs }]);
      present(accepted[0], `the end of run ${id}`);
    },
    create: (request) => service.createTask(request),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const worker = { host: "test-host", pid: 1, version: "test", slotCount: 100 };
const leaseMs = 3_600_000_000;
const claimMax = 100;

function hasLimits({ limits }: TaskType): boolean {
  return limits.runningMax !== null || limits.runningPerKeyMax !== null;
}
