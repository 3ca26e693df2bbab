/**
 * graphile-worker with its local queue and batched completion: the settings under which its
 * documentation reports its best rate. https://worker.graphile.org/docs/performance
 */

import { Logger, makeWorkerUtils, run, type WorkerUtils } from "graphile-worker";

import { versionOf } from "../package-version.ts";
import { countBy, type OnStart, type Place, type Queue, readJob, type System } from "./system.ts";

const worker = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

const identifier = "no-op";
const logger = new Logger(() => () => undefined);

/** The system. */
export const graphile: System = {
  name: "graphile-worker",
  version: versionOf("graphile-worker"),
  configuration: JSON.stringify(worker),
  storage: "postgresql",
  isProduct: true,
  share: 1,
  install: async (place) => {
    const utils = await openUtils(place, 1);
    await utils.migrate();
    await utils.release();
    return queueAt(place);
  },
};

function queueAt(place: Place): Queue {
  return {
    openProducer: async (connectionCount) => {
      const utils = await openUtils(place, connectionCount);
      return {
        addBatch: (jobs) => utils.addJobs(jobs.map((payload) => ({ identifier, payload }))),
        addOne: (job) => utils.addJob(identifier, job),
        [Symbol.asyncDispose]: async () => {
          await utils.release();
        },
      };
    },
    startWorker: async (onStart) => await start(place, onStart),
    // It has no view of all jobs that does not read them all; this is the table behind it.
    countUnfinished: (limit) =>
      countBy(
        place.observer,
        `select count(*)::integer
         from (select from graphile_worker._private_jobs limit $1) as job`,
        limit,
      ),
    // Completed jobs are deleted.
    countCompleted: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function openUtils({ url }: Place, maxPoolSize: number): Promise<WorkerUtils> {
  return await makeWorkerUtils({ connectionString: url, maxPoolSize, logger });
}

async function start({ url }: Place, onStart: OnStart): Promise<AsyncDisposable> {
  const runner = await run({
    preset: { worker: { ...worker, connectionString: url, logger } },
    noHandleSignals: true,
    taskList: {
      // oxlint-disable-next-line require-await -- asynchronous like the handlers of the others
      [identifier]: async (payload: unknown) => {
        onStart(readJob(payload));
      },
    },
  });
  return { [Symbol.asyncDispose]: () => runner.stop() };
}
