/**
 * BullMQ on its PostgreSQL backend and on Redis: bulk adds, concurrency with a connection for each
 * job, and finished jobs removed, as its documentation advises.
 * https://docs.bullmq.io/guide/postgresql
 */

import {
  createPostgresBackend,
  Queue as RedisQueue,
  runMigrations,
  withBackend,
  Worker as RedisWorker,
} from "bullmq";

import { versionOf } from "../package-version.ts";
import type { RedisServer } from "./redis-server.ts";
import { countBy, type Job, type Place, type Queue, readJob, type System } from "./system.ts";

/** Of the range that the guide for PostgreSQL names, what cost the least; each has a connection. */
const postgresConcurrency = 8;
const redisConcurrency = 32;

const queueName = "no-op";
const jobName = "no-op";

const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);

/** The default keeps completed jobs for ever; both guides advise against it. */
const defaultJobOptions = { removeOnComplete: true };

// oxlint-disable-next-line require-await -- asynchronous like the handlers of the others
const handlerOf = (onStart: (job: Job) => void) => async (job: { readonly data: unknown }) => {
  onStart(readJob(job.data));
};

/** The system on PostgreSQL. */
export const bullmqOnPostgres: System = {
  name: "bullmq on postgresql",
  version: versionOf("bullmq"),
  configuration: `concurrency ${postgresConcurrency}, pool of as many, removeOnComplete`,
  storage: "postgresql",
  isProduct: true,
  share: 0.2,
  install: async (place) => {
    await runMigrations(place.observer);
    return postgresQueueAt(place);
  },
};

function postgresQueueAt({ url, observer }: Place): Queue {
  return {
    openProducer: async (connectionCount) => {
      const connection = { connectionString: url, max: connectionCount };
      const queue = new PostgresQueue<Job>(queueName, { connection, defaultJobOptions });
      await queue.waitUntilReady();
      return {
        addBatch: (jobs) => queue.addBulk(jobs.map((data) => ({ name: jobName, data }))),
        addOne: (job) => queue.add(jobName, job),
        [Symbol.asyncDispose]: () => queue.close(),
      };
    },
    startWorker: async (onStart) => {
      const connection = { connectionString: url, max: postgresConcurrency };
      const options = { connection, concurrency: postgresConcurrency };
      const worker = new PostgresWorker<Job>(queueName, handlerOf(onStart), options);
      await worker.waitUntilReady();
      return { [Symbol.asyncDispose]: () => worker.close() };
    },
    countUnfinished: (limit) =>
      countBy(
        observer,
        `select count(*)::integer from (
           select from bullmq.job where state not in ('completed', 'failed') limit $1) as job`,
        limit,
      ),
    // Completed jobs are removed.
    countCompleted: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The system on Redis; jobs are in its one server, which is emptied before each use. */
export function bullmqOnRedis(server: RedisServer): System {
  return {
    name: "bullmq on redis",
    version: `${versionOf("bullmq")} on Redis ${server.version}`,
    configuration: `concurrency ${redisConcurrency}, removeOnComplete; ${server.settings}`,
    storage: "redis",
    isProduct: true,
    share: 1,
    install: async () => {
      await server.clear();
      return redisQueueOn(server);
    },
  };
}

function redisQueueOn({ socket }: RedisServer): Queue {
  // Required of workers: a command waits for the server to come back rather than fail.
  const connection = { path: socket, maxRetriesPerRequest: null };
  const looking = new RedisQueue(queueName, { connection });
  return {
    openProducer: async (connectionCount) => {
      // One connection carries any number of commands at once; several are what others have.
      const queues = Array.from(
        { length: connectionCount },
        () => new RedisQueue<Job>(queueName, { connection, defaultJobOptions }),
      );
      await Promise.all(queues.map((queue) => queue.waitUntilReady()));
      let turn = 0;
      const next = (): RedisQueue<Job> => {
        turn += 1;
        const queue = queues[turn % queues.length];
        if (queue === undefined) throw new Error("a producer needs a connection");
        return queue;
      };
      return {
        addBatch: (jobs) => next().addBulk(jobs.map((data) => ({ name: jobName, data }))),
        addOne: (job) => next().add(jobName, job),
        [Symbol.asyncDispose]: async () => {
          await Promise.all(queues.map((queue) => queue.close()));
        },
      };
    },
    startWorker: async (onStart) => {
      const options = { connection, concurrency: redisConcurrency };
      const worker = new RedisWorker<Job>(queueName, handlerOf(onStart), options);
      await worker.waitUntilReady();
      return { [Symbol.asyncDispose]: () => worker.close() };
    },
    countUnfinished: async (limit) => {
      const counts = await looking.getJobCounts("wait", "active", "delayed", "prioritized");
      const count = Object.values(counts).reduce((sum, each) => sum + each, 0);
      return Math.min(count, limit);
    },
    countCompleted: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => looking.close(),
  };
}
