/** The servers of a run of the bench, and fresh databases on them. */

import { strict as assert } from "node:assert";

import pg from "pg";

import { type Server, type ServerOptions, startServer } from "../postgres-server.ts";
import { startMeter, type Cost } from "../meter.ts";
import { pause } from "./pause.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";
import type { Place, Queue, System } from "./system.ts";

/** The servers. */
export interface Stage extends AsyncDisposable {
  readonly postgres: Server;
  /** Undefined where no Redis is installed. */
  readonly redis: RedisServer | undefined;
}

/** Starts the servers. */
export async function openStage(options: ServerOptions): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startServer(options));
  const redis = stack.use(await startRedis());
  const opened = stack.move();
  return { postgres, redis, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** A queue in a database of its own, and the meters that watch it. */
export interface Ground {
  readonly place: Place;
  readonly queue: Queue;
  readonly startMeter: () => Promise<() => Promise<Cost>>;
}

/** How often the connections of a database are counted until all are closed, 20 ms apart. */
const leaveTriesMax = 1_000;

let databaseCount = 0;

/** Does work on a freshly installed queue, and removes it. */
export async function onGround<T>(
  stage: Stage,
  system: Pick<System, "install">,
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const { postgres, redis } = stage;
  databaseCount += 1;
  const name = `bench_${databaseCount}`;
  await using stack = new AsyncDisposableStack();
  const admin = stack.adopt(await connect(postgres.urlOf("postgres")), (client) => client.end());
  await admin.query(`create database ${name}`);
  stack.defer(() => drop(admin, name));
  const url = postgres.urlOf(name);
  const observer = stack.adopt(await connect(url), (client) => client.end());
  const place = { url, observer };
  const queue = stack.use(await system.install(place));
  // What is left to write of the work before is not to be paid by this one; and pages that are
  // logged whole, because they are touched first after a checkpoint, are so for every system alike.
  await admin.query("checkpoint");
  const serverPids = [postgres.pid, ...(redis === undefined ? [] : [redis.pid])];
  return await work({
    place,
    queue,
    startMeter: () => startMeter({ serverPids, observer }),
  });
}

/** Removes a database when everybody has left it: some systems close connections behind us. */
async function drop(admin: pg.Client, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const answer = await admin.query("select from pg_stat_activity where datname = $1", [name]);
    if (answer.rowCount === 0) break;
    assert(tries < leaveTriesMax, `${answer.rowCount} connections to ${name} were left open`);
    await pause(20);
  }
  await admin.query(`drop database ${name}`);
}

/** Keeps an old snapshot in a transaction, so that nothing dead can be cleared away. */
export async function pinSnapshot({ url }: Place): Promise<AsyncDisposable> {
  const client = await connect(url);
  await client.query("begin isolation level repeatable read");
  await client.query("select count(*) from pg_class");
  return { [Symbol.asyncDispose]: () => client.end() };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
