/**
 * The least that could be called a queue: insert, delete with skip locked, note id and time. No
 * lease, no fence, no priority: what a crash cuts off is lost. It is the limit that queues are held
 * against.
 */

import type pg from "pg";

/** Its name in the tables of the reports. */
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

/** Takes up to `batchSize` jobs, oldest first; answers their payloads, none when none is left. */
export async function takeRaw(client: pg.Client, batchSize: number): Promise<object[]> {
  const answer = await client.query<{ payload: object }>({ ...take, values: [batchSize] });
  return answer.rows.map((row) => row.payload);
}
