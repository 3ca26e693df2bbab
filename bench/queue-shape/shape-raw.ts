/**
 * The least that could be called a queue: insert, delete with skip locked, note id and time. No
 * lease, no fence, no priority: what a crash cuts off is lost. It is the limit the shapes are held
 * against.
 */

import type pg from "pg";

import { noOp } from "./handler.ts";

/** Name of its schema and of its row in the tables. */
export const rawName = "raw";

/** Its tables, in a schema that exists and is on the search path. */
export const rawTables = `
  create table job (id bigint generated always as identity primary key, payload jsonb not null);
  create table job_done (id bigint not null, finished_at timestamptz not null);`;

const enqueue = {
  name: "raw_enqueue",
  text: "insert into job (payload) select unnest($1::jsonb[])",
};

const take = {
  name: "raw_take",
  text: `
  with taken as (
    delete from job
    where id = any(array(select id from job order by id limit $1 for update skip locked))
    returning id, payload
  ), noted as (
    insert into job_done (id, finished_at) select id, clock_timestamp() from taken
  )
  select id, payload from taken`,
};

/** Inserts the payloads in one statement. */
export async function enqueueRaw(client: pg.Client, payloads: readonly object[]): Promise<void> {
  await client.query({ ...enqueue, values: [payloads.map((one) => JSON.stringify(one))] });
}

/** Takes batches on all connections until nothing is left; answers how many jobs there were. */
export async function drainRaw(clients: readonly pg.Client[], batchSize: number): Promise<number> {
  const counts = await Promise.all(clients.map((client) => drainOne(client, batchSize)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function drainOne(client: pg.Client, batchSize: number): Promise<number> {
  let count = 0;
  for (;;) {
    const answer = await client.query<{ payload: object }>({ ...take, values: [batchSize] });
    if (answer.rows.length === 0) return count;
    await Promise.all(answer.rows.map((row) => noOp(row.payload)));
    count += answer.rows.length;
  }
}
