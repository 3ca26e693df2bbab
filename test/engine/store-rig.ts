/** A store on a database of its own with task types, for tests without an engine. */

import { present } from "../../src/kernel/assert.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import type { RunId, TaskTypeId, WorkerId } from "../../src/kernel/ids.ts";
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";
import { eventful, type Outcome } from "../../src/model/outcome.ts";
import type { ClaimedRun, FinishedRun, NewRun } from "../../src/model/run.ts";
import type { Claimed, ClaimRequest } from "../../src/model/claim-request.ts";
import type { Store } from "../../src/model/store.ts";
import type { NewTrigger, TaskDetail } from "../../src/model/task.ts";
import { taskTypeDefaults, type TaskTypeSettings } from "../../src/model/task-type.ts";
import { firingPolicyDefault } from "../../src/policy/firing-policy.ts";
import { openStore } from "../../src/store/open.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { storeTasks, type WantedTask } from "./stored-tasks.ts";

/** A type by name, with what differs from the defaults. */
export type RigType = Partial<TaskTypeSettings> & { readonly name: string };

/** A run as a test writes it. */
export type RigRun = Partial<Omit<NewRun, "typeId">> & { readonly type: string };

/** A task as a test writes it. */
export type RigTask = Omit<WantedTask, "typeId" | "triggers"> & {
  readonly type: string;
  readonly triggers?: readonly RigTrigger[];
};

/** A trigger as a test writes it; what is absent is the default. */
export type RigTrigger = Pick<NewTrigger, "spec" | "nextFireAt" | "intervalMs"> &
  Partial<Pick<NewTrigger, "policy" | "isPaused">>;

/** A store and what tests do with it. */
export interface StoreRig extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly store: Store;
  readonly typeId: (name: string) => TaskTypeId;
  /** Another store on the same database, as another process has; closed with the rig. */
  readonly openAnother: () => Promise<Store>;
  /** Makes `text` the time that rules; null gives it back to the database's clock. */
  readonly setNow: (text: string | null) => void;
  readonly startWorker: (store?: Store) => Promise<WorkerId>;
  readonly enqueue: (runs: readonly RigRun[]) => Promise<readonly RunId[]>;
  readonly create: (task: RigTask) => Promise<TaskDetail>;
  /** Claims all types at all levels, best level first. */
  readonly claim: (request?: Partial<ClaimRequest>, store?: Store) => Promise<Claimed>;
  readonly finish: (
    runs: readonly ClaimedRun[],
    outcome?: Outcome,
    store?: Store,
  ) => Promise<readonly RunId[]>;
}

/** Opens a store with types. */
export async function openStoreRig(wanted: readonly RigType[]): Promise<StoreRig> {
  const database = await createDatabase();
  let now: Instant | null = null;
  const stores: Store[] = [];
  const open = async (): Promise<Store> => {
    const { connectionString } = database;
    const store = await openStore({ connectionString, clock: systemClock, now: () => now });
    stores.push(store);
    return store;
  };
  const store = await open();
  const types = await store.taskTypes.register(
    wanted.map((each) => ({ ...taskTypeDefaults, ...each })),
  );
  const ids = new Map(types.map((type) => [type.name, type.id]));
  const typeId = (name: string): TaskTypeId => present(ids.get(name), `the type ${name}`);
  const limited = types.filter(isLimited).map((type) => type.id);
  const startWorker = async (on: Store = store): Promise<WorkerId> =>
    await on.workers.start(newWorker, leaseMs);
  let workerId: WorkerId | undefined;
  return {
    database,
    store,
    typeId,
    openAnother: open,
    setNow: (text) => {
      now = text === null ? null : parseInstant(text);
    },
    startWorker,
    enqueue: async (runs) =>
      await store.runs.enqueue(
        runs.map(({ type, ...run }) => ({ ...newRun, ...run, typeId: typeId(type) })),
      ),
    create: async ({ type, triggers = [], ...task }) => {
      const policies = { policy: firingPolicyDefault, isPaused: false };
      const [created] = await storeTasks(store, [
        {
          name: type,
          ...task,
          triggers: triggers.map((trigger) => ({ ...policies, ...trigger })),
          typeId: typeId(type),
        },
      ]);
      return present(created, "the created task");
    },
    claim: async (request = {}, on = store) => {
      const levels = request.levels ?? [1, 2, 3].map((level) => ({ level, limit: claimMax }));
      const probes = levels.flatMap(({ level, limit }) =>
        types.map((type) => ({ typeId: type.id, level, limit, dueFrom: null })),
      );
      return await on.runs.claim({
        workerId: (workerId ??= await startWorker()),
        levels,
        probes,
        limited,
        limit: claimMax,
        leaseMs,
        ...request,
      });
    },
    finish: async (runs, outcome = eventful(), on = store) =>
      await on.runs.finish(runs.map((run) => endOf(run, outcome))),
    [Symbol.asyncDispose]: async () => {
      for (const each of stores) await each[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const leaseMs = 60_000;
const claimMax = 1_000;
const newWorker = { host: "test", pid: 1, version: "test", slotCount: 100 };

const newRun = {
  input: null,
  priority: "normal",
  concurrencyKey: null,
  overrides: {},
  dueAt: null,
} as const satisfies Partial<NewRun>;

function endOf(run: ClaimedRun, outcome: Outcome): FinishedRun {
  const { id, fence, taskId, triggerId, intervalMs } = run;
  return { id, fence, taskId, triggerId, outcome, durationMs: 1, nextIntervalMs: intervalMs };
}

function isLimited({ limits }: TaskTypeSettings): boolean {
  return limits.runningMax !== null || limits.runningPerKeyMax !== null;
}
