/**
 * pg-boss with batches fetched one after the other while they are full, and woken by notifications:
 * what its documentation offers for throughput and for latency. https://timgit.github.io/pg-boss
 */

import { type ConstructorOptions, PgBoss } from "pg-boss";

import { versionOf } from "../package-version.ts";
import { countBy, type OnStart, type Place, type Queue, readJob, type System } from "./system.ts";

const work = { batchSize: 1_000, burstWhenBatchFull: true, localConcurrency: 2 };
const queueName = "no-op";

/** The system. */
export const pgBoss: System = {
  name: "pg-boss",
  version: versionOf("pg-boss"),
  configuration: `work ${JSON.stringify(work)}, useListenNotify, queue with notify`,
  storage: "postgresql",
  isProduct: true,
  share: 1,
  install: async (place) => {
    const boss = await openBoss(place, {});
    await boss.createQueue(queueName, { notify: true });
    await boss.stop();
    return queueAt(place);
  },
};

function queueAt(place: Place): Queue {
  return {
    openProducer: async (connectionCount) => {
      const boss = await openBoss(place, { max: connectionCount, supervise: false });
      return {
        addBatch: (jobs) =>
          boss.insert(
            queueName,
            jobs.map((data) => ({ data })),
          ),
        addOne: (job) => boss.send(queueName, job),
        [Symbol.asyncDispose]: () => boss.stop(),
      };
    },
    startWorker: async (onStart) => await start(place, onStart),
    countUnfinished: (limit) =>
      countBy(
        place.observer,
        `select count(*)::integer from (
           select from pgboss.job where name = '${queueName}' and state < 'completed' limit $1
         ) as job`,
        limit,
      ),
    countCompleted: () =>
      countBy(
        place.observer,
        `select count(*)::integer from pgboss.job
         where name = '${queueName}' and state = 'completed'`,
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function openBoss({ url }: Place, options: ConstructorOptions): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: url, schedule: false, ...options });
  // Without a listener an error would end the process without saying where it came from.
  boss.on("error", (error) => {
    throw new Error("pg-boss reported an error", { cause: error });
  });
  return await boss.start();
}

async function start(place: Place, onStart: OnStart): Promise<AsyncDisposable> {
  const boss = await openBoss(place, { useListenNotify: true });
  // oxlint-disable-next-line require-await -- asynchronous like the handlers of the others
  await boss.work(queueName, work, async (jobs) => {
    for (const { data } of jobs) onStart(readJob(data));
  });
  return { [Symbol.asyncDispose]: () => boss.stop() };
}
