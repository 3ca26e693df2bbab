/** Orrery, through its public interface: history kept, leases and fencing tokens on. */

import { strict as assert } from "node:assert";

import {
  defineTask,
  type EnqueueRequest,
  Orrery,
  type TaskDefinition,
  type WorkerOptions,
} from "orrery";

import { versionOf } from "../package-version.ts";
import { pause } from "./pause.ts";
import {
  type Adder,
  countBy,
  type Job,
  type OnStart,
  type Place,
  type Queue,
  readJob,
  type System,
} from "./system.ts";

/** How the worker is set for short work. */
export const workerOptions: WorkerOptions = { slotCount: 1_000 };

/** How often the partitions are counted until they are there, 20 ms apart. */
const housekeepingTriesMax = 1_000;

/** Which task types the jobs are of, in turn. */
export interface JobTypes {
  readonly typeCount: number;
  /** Runs of each type at one time; absent for no limit. */
  readonly runningMax?: number;
}

/** The system, with one task type. */
export const orrery: System = orreryWith({ typeCount: 1 });

/** The same, where jobs are never added by the instance that works. */
export const orreryApart: System = {
  ...orrery,
  name: "orrery, added elsewhere",
  isProduct: false,
  install: async (place) => {
    const queue = await orrery.install(place);
    return {
      ...queue,
      startWorker: async (onStart) => {
        const { adder: _, ...worker } = await queue.startWorker(onStart);
        return worker;
      },
    };
  },
};

/** The system with task types of one's choice. */
export function orreryWith(types: JobTypes): System {
  return {
    name: "orrery",
    version: versionOf("orrery"),
    configuration: `worker ${JSON.stringify(workerOptions)}`,
    storage: "postgresql",
    isProduct: true,
    share: 1,
    install: async (place) => {
      await installAt(place, types);
      return queueAt(place, types);
    },
  };
}

/**
 * Registers the types and lets the first round of housekeeping pass: it adds the partitions of the
 * coming days, which belongs to the installation, as the tables of the others do.
 */
async function installAt({ url, observer }: Place, types: JobTypes): Promise<void> {
  const tasks = tasksOf(types, () => undefined);
  // Closing waits for the round that is under way.
  await using _ = await Orrery.open({ databaseUrl: url, worker: false, fire: true, tasks });
  const countDays = `select count(*)::integer from pg_inherits
    where inhparent = 'orrery.attempt_standard'::regclass`;
  // One is there from the beginning, for days that have none.
  for (let tries = 0; (await countBy(observer, countDays)) <= 1; tries += 1) {
    assert(tries < housekeepingTriesMax, "no partition was added for the coming days");
    await pause(20);
  }
}

function queueAt(place: Place, types: JobTypes): Queue {
  const databaseUrl = place.url;
  const requestOf = (job: Job): EnqueueRequest => ({
    type: nameOf(job.index % types.typeCount),
    input: job,
  });
  const adderOf = (scheduler: Orrery): Adder => ({
    addBatch: (jobs) => scheduler.enqueue(jobs.map(requestOf)),
    addOne: (job) => scheduler.enqueue([requestOf(job)]),
  });
  return {
    openProducer: async (poolSize) => {
      const tasks = tasksOf(types, () => undefined);
      const scheduler = await Orrery.open({ databaseUrl, worker: false, poolSize, tasks });
      return { ...adderOf(scheduler), [Symbol.asyncDispose]: () => scheduler.close() };
    },
    startWorker: async (onStart) => {
      const tasks = tasksOf(types, onStart);
      const scheduler = await Orrery.open({ databaseUrl, worker: workerOptions, tasks });
      return { adder: adderOf(scheduler), [Symbol.asyncDispose]: () => scheduler.close() };
    },
    countUnfinished: (limit) => countUnfinishedRuns(place, limit),
    countCompleted: () => countCompletedRuns(place),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Definitions that do nothing but say that they were started. */
function tasksOf({ typeCount, ...limits }: JobTypes, onStart: OnStart): readonly TaskDefinition[] {
  // oxlint-disable-next-line require-await -- asynchronous like the handlers of the others
  const run = async ({ params }: { readonly params: unknown }): Promise<void> => {
    onStart(readJob(params));
  };
  return Array.from({ length: typeCount }, (_, index) =>
    defineTask({ name: nameOf(index), limits, run }),
  );
}

function nameOf(index: number): string {
  return `bench/no-op-${index}`;
}

/** Runs in the queue, up to a limit. */
export async function countUnfinishedRuns({ observer }: Place, limit: number): Promise<number> {
  const text = "select count(*)::integer from (select from orrery.run limit $1) as run";
  return await countBy(observer, text, limit);
}

/** Runs that the history shows as succeeded, each counted once. */
export async function countCompletedRuns({ observer }: Place): Promise<number> {
  const text = `select count(distinct run_id)::integer as count from orrery.attempt
    where final and state = 'succeeded'`;
  return await countBy(observer, text);
}
