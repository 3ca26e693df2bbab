/**
 * The limit: the least SQL that could be called a queue, over two connections, in batches. No
 * lease, fence, order of service or safety against crashes.
 */

import pg from "pg";

import { enqueueRaw, rawName, rawTables, takeRaw } from "../raw-queue.ts";
import { versionOf } from "../package-version.ts";
import { pause } from "./pause.ts";
import {
  countBy,
  type Job,
  type OnStart,
  type Place,
  type Queue,
  readJob,
  type System,
} from "./system.ts";

const batchSize = 500;
const connectionCount = 2;
/** Milliseconds between looks at an empty queue: it has no notifications. */
const pollMs = 2;

/** The system. */
export const raw: System = {
  name: rawName,
  version: `pg ${versionOf("pg")}`,
  configuration: `batches of ${batchSize} on ${connectionCount} connections`,
  storage: "postgresql",
  isProduct: false,
  share: 1,
  install: async (place) => {
    await place.observer.query(rawTables);
    return queueAt(place);
  },
};

function queueAt({ url, observer }: Place): Queue {
  return {
    openProducer: async (count) => {
      const clients = await connectAll(url, count);
      let turn = 0;
      const add = async (jobs: readonly Job[]): Promise<void> => {
        turn += 1;
        const client = clients[turn % clients.length];
        if (client === undefined) throw new Error("a producer needs a connection");
        await enqueueRaw(client, jobs);
      };
      return {
        addBatch: add,
        addOne: (job) => add([job]),
        [Symbol.asyncDispose]: () => endAll(clients),
      };
    },
    startWorker: async (onStart) => await start(url, onStart),
    countUnfinished: (limit) =>
      countBy(
        observer,
        "select count(*)::integer from (select from job limit $1) as unfinished",
        limit,
      ),
    countCompleted: () => countBy(observer, "select count(distinct id)::integer from job_done"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function start(url: string, onStart: OnStart): Promise<AsyncDisposable> {
  const clients = await connectAll(url, connectionCount);
  const stopping = new AbortController();
  const loops = clients.map((client) => work(client, { onStart, stopping: stopping.signal }));
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await Promise.all(loops);
      await endAll(clients);
    },
  };
}

async function work(
  client: pg.Client,
  { onStart, stopping }: { readonly onStart: OnStart; readonly stopping: AbortSignal },
): Promise<void> {
  // oxlint-disable-next-line require-await -- asynchronous like the handlers of the others
  const handle = async (payload: object): Promise<void> => onStart(readJob(payload));
  while (!stopping.aborted) {
    const payloads = await takeRaw(client, batchSize);
    await Promise.all(payloads.map((payload) => handle(payload)));
    if (payloads.length === 0) await pause(pollMs);
  }
}

async function connectAll(url: string, count: number): Promise<readonly pg.Client[]> {
  const clients = Array.from(
    { length: count },
    () => new pg.Client({ connectionString: url, pipeline: true }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

async function endAll(clients: readonly pg.Client[]): Promise<void> {
  await Promise.all(clients.map((client) => client.end()));
}
