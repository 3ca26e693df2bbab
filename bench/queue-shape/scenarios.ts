/** The pieces of work that are measured, each on fresh tables and checked for its result. */

import { strict as assert } from "node:assert";

import type pg from "pg";

import { enqueueRaw, rawName, rawTables, takeRaw } from "../raw-queue.ts";
import { measure, type Cost } from "./cost.ts";
import { noOp } from "./handler.ts";
import { connect } from "./session.ts";
import type { Variant } from "./variants.ts";
import {
  batchSize,
  Claimer,
  connectionCount,
  drain,
  encodeBatches,
  enqueueAll,
  makeJobs,
  type DrainOptions,
} from "./worker.ts";

/** Cost of filling a queue and of emptying it. */
export interface FillAndDrain {
  readonly enqueue: Cost;
  readonly drain: Cost;
}

/** Enqueues and drains `count` jobs of `taskTypeCount` types. */
export async function fillAndDrain(
  host: string,
  variant: Variant,
  work: { readonly count: number; readonly taskTypeCount: number },
): Promise<FillAndDrain> {
  await using place = await freshSchema(host, variant.shape.name, variant.shape.tables);
  const batches = encodeBatches(makeJobs(work.count, work.taskTypeCount));
  const enqueue = await measure(place.clients.slice(0, 1), () =>
    enqueueAll(place.first, variant.shape, batches),
  );
  const options = { ...work, clients: place.clients, outcome: variant };
  const drained = await measure(place.clients, () => drain(variant.shape, options));
  assert.deepEqual(await census(place.first, variant), {
    waiting: 0,
    completed: work.count,
    lost: 0,
  });
  return { enqueue, drain: drained };
}

/** The same work on the smallest possible queue. */
export async function fillAndDrainRaw(host: string, count: number): Promise<FillAndDrain> {
  await using place = await freshSchema(host, rawName, rawTables);
  const payloads = makeJobs(count, 1).map((job) => job.payload);
  const enqueue = await measure(place.clients.slice(0, 1), async () => {
    for (let start = 0; start < count; start += batchSize) {
      await enqueueRaw(place.first, payloads.slice(start, start + batchSize));
    }
  });
  let drainedCount = 0;
  const drained = await measure(place.clients, async () => {
    const counts = await Promise.all(place.clients.map((client) => drainRaw(client)));
    drainedCount = counts.reduce((sum, each) => sum + each, 0);
  });
  assert.equal(drainedCount, count);
  return { enqueue, drain: drained };
}

/** Takes batches on one connection until nothing is left; answers how many jobs there were. */
async function drainRaw(client: pg.Client): Promise<number> {
  let count = 0;
  for (;;) {
    const payloads = await takeRaw(client, batchSize);
    if (payloads.length === 0) return count;
    await Promise.all(payloads.map((payload) => noOp(payload)));
    count += payloads.length;
  }
}

/**
 * Rounds of filling and draining while another transaction keeps an old snapshot, so that nothing
 * dead can be cleared away. Answers milliseconds per drain, by variant and round; the variants take
 * turns within each round.
 */
export async function drainPinned(
  host: string,
  candidates: readonly Variant[],
  work: { readonly count: number; readonly rounds: number },
): Promise<ReadonlyMap<string, readonly Cost[]>> {
  await using stack = new AsyncDisposableStack();
  const places = new Map<string, Place>();
  for (const { shape } of candidates) {
    places.set(shape.name, stack.use(await freshSchema(host, shape.name, shape.tables)));
  }
  const pinning = stack.adopt(await connect(host), (client) => client.end());
  await pinning.query("begin isolation level repeatable read");
  await pinning.query("select count(*) from pg_class");
  const costs = new Map<string, Cost[]>(candidates.map(({ shape }) => [shape.name, []]));
  const batches = encodeBatches(makeJobs(work.count, 1));
  for (let round = 0; round < work.rounds; round += 1) {
    for (const variant of candidates) {
      const place = places.get(variant.shape.name);
      assert.ok(place !== undefined);
      await enqueueAll(place.first, variant.shape, batches);
      const options = { count: work.count, taskTypeCount: 1, outcome: variant };
      const cost = await measure(place.clients, () =>
        drain(variant.shape, { ...options, clients: place.clients }),
      );
      costs.get(variant.shape.name)?.push(cost);
    }
  }
  return costs;
}

/**
 * Claims everything, lets all leases expire and takes the runs back. On the way a completion with
 * the fence from before must find nothing, whoever holds the run by then.
 */
export async function reapAll(host: string, variant: Variant, count: number): Promise<Cost> {
  const { shape } = variant;
  await using place = await freshSchema(host, shape.name, shape.tables);
  await enqueueAll(place.first, shape, encodeBatches(makeJobs(count, 1)));
  const options: DrainOptions & { workerId: number } = {
    count,
    taskTypeCount: 1,
    outcome: variant,
    clients: place.clients,
    workerId: 1,
  };
  const claimer = new Claimer(place.first, shape, options);
  const early = await claimer.claim(batchSize);
  for (let claimed = early.length; claimed < count;) {
    const rows = await claimer.claim(batchSize);
    assert.ok(rows.length > 0, `${shape.name}: jobs cannot be found`);
    claimed += rows.length;
  }
  const cost = await measure([place.first], () =>
    place.first.query({ ...shape.reap, values: ["infinity"] }),
  );
  assert.equal(await claimer.complete(early), 0, "a stale completion counted before the re-claim");
  const again = await new Claimer(place.first, shape, options).claim(batchSize);
  assert.equal(again.length, Math.min(count, batchSize));
  assert.equal(await claimer.complete(early), 0, "a stale completion counted after the re-claim");
  assert.equal(await claimer.complete(again), again.length);
  const { completed, lost } = await census(place.first, variant);
  assert.deepEqual({ completed, lost }, { completed: again.length, lost: count });
  return cost;
}

/** A schema and the connections that work in it. */
interface Place extends AsyncDisposable {
  readonly clients: readonly pg.Client[];
  readonly first: pg.Client;
}

async function freshSchema(host: string, name: string, tables: string): Promise<Place> {
  const first = await connect(host);
  const others = await Promise.all(
    Array.from({ length: connectionCount - 1 }, () => connect(host)),
  );
  const clients = [first, ...others];
  await first.query(`create schema ${name}`);
  for (const client of clients) await client.query(`set search_path to ${name}`);
  await first.query(tables);
  return {
    clients,
    first,
    [Symbol.asyncDispose]: async () => {
      for (const client of others) await client.end();
      await first.query(`drop schema ${name} cascade`);
      await first.end();
    },
  };
}

interface Census {
  readonly waiting: number;
  readonly completed: number;
  readonly lost: number;
}

async function census(client: pg.Client, variant: Variant): Promise<Census> {
  const answer = await client.query<Census>(variant.shape.census);
  const row = answer.rows[0];
  assert.ok(row !== undefined);
  return { waiting: row.waiting, completed: row.completed, lost: row.lost };
}
