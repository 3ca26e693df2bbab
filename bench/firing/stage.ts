/** Tables to fire from: so many resident triggers, and triggers due at one instant. */

import { strict as assert } from "node:assert";

import { type CreateTaskRequest, defineTask, Orrery, type TaskTriggerSpec } from "orrery";
import type pg from "pg";

import type { Place } from "./messages.ts";

const nothing = defineTask({ name: "bench/nothing", run: () => undefined });

/** Tasks of one request; a part of what one may hold. */
const requestSize = 2_000;

/** A schema of its own in the bench's database. */
export interface Stage extends AsyncDisposable {
  readonly place: Place;
  /** Triggers that are there and not due for a year. */
  readonly residentCount: number;
  readonly orrery: Orrery;
  readonly client: pg.Client;
}

/** Makes a schema with resident triggers. `client` is borrowed. */
export async function openStage(
  client: pg.Client,
  place: Place,
  residentCount: number,
): Promise<Stage> {
  const orrery = await Orrery.open({
    databaseUrl: place.url,
    schema: place.schema,
    worker: false,
    fire: false,
    tasks: [nothing],
  });
  const stage: Stage = {
    place,
    residentCount,
    orrery,
    client,
    [Symbol.asyncDispose]: () => orrery.close(),
  };
  if (residentCount > 0) await addResidents(stage);
  await client.query(`vacuum (analyze) ${place.schema}.task, ${place.schema}.trigger`);
  return stage;
}

/**
 * Copies one task with its trigger, made by the product itself, so that columns which the bench
 * does not know are filled in as they should be. The next fire times spread over the year after
 * next; ids lie above those that will be given.
 */
async function addResidents({ client, orrery, place, residentCount }: Stage): Promise<void> {
  const seed = { type: "bench/nothing", key: "resident", triggers: [dailyAt(Date.now())] };
  const [made] = await orrery.createTasks([seed]);
  assert(made);
  const { schema } = place;
  await client.query("begin");
  // The copies refer to each other rightly; looking up each of a million says nothing new.
  await client.query("set local session_replication_role = replica");
  await client.query(
    `insert into ${schema}.task overriding system value
     select (jsonb_populate_record(task, jsonb_build_object('id', 1000000000 + n,
       'root_id', 1000000000 + n, 'key', null))).*
     from ${schema}.task cross join generate_series(1, $2::integer) as n where task.id = $1`,
    [made.id, residentCount],
  );
  await client.query(
    `insert into ${schema}.trigger overriding system value
     select (jsonb_populate_record(trigger, jsonb_build_object('id', 1000000000 + n,
       'task_id', 1000000000 + n,
       'next_fire_at', clock_timestamp() + interval '1 year' + n * interval '30 seconds'))).*
     from ${schema}.trigger cross join generate_series(1, $2::integer) as n
     where trigger.task_id = $1`,
    [made.id, residentCount],
  );
  await client.query("commit");
  await client.query(`delete from ${schema}.task where id = $1`, [made.id]);
}

/**
 * Adds tasks with one trigger each, all due at `dueMs`: cron by seconds and anchored intervals in
 * turn, half of the rules unlike any other.
 */
export async function addDue(stage: Stage, dueMs: number, count: number): Promise<void> {
  const requests: CreateTaskRequest[] = Array.from({ length: count }, (_, index) => ({
    type: "bench/nothing",
    key: `due-${index}`,
    triggers: [index % 2 === 0 ? dailyAt(dueMs) : intervalFrom(dueMs, index)],
  }));
  for (let start = 0; start < count; start += requestSize) {
    await stage.orrery.createTasks(requests.slice(start, start + requestSize));
  }
}

/**
 * Takes away what `addDue` added, with its runs, and what that leaves behind. Table by table and
 * without the cascades, one of which reads all of `task` for each task that is deleted.
 */
export async function removeDue({ client, place: { schema } }: Stage): Promise<void> {
  await client.query("begin");
  await client.query("set local session_replication_role = replica");
  await client.query(
    `with gone as (delete from ${schema}.task where key like 'due-%' returning id)
     delete from ${schema}.trigger
     where task_id = any (array (select id from gone))`,
  );
  await client.query("commit");
  await client.query(`truncate ${schema}.run, ${schema}.run_progress, ${schema}.occurrence`);
  await client.query(`vacuum (analyze) ${schema}.task, ${schema}.trigger, ${schema}.run`);
}

/** Each trigger that was due has one run and one occurrence, and goes on in the future. */
export async function checkFired(stage: Stage, dueMs: number, count: number): Promise<void> {
  const { client, place } = stage;
  const answer = await client.query<{ runs: number; fires: number; left: number }>(
    `select
       (select count(distinct task_id)::integer from ${place.schema}.run
        where fire_at = to_timestamp($1::double precision / 1000)) as runs,
       (select count(*)::integer from ${place.schema}.occurrence) as fires,
       (select count(*)::integer from ${place.schema}.trigger
        where next_fire_at <= clock_timestamp()) as left`,
    [dueMs],
  );
  assert.deepEqual(answer.rows, [{ runs: count, fires: count, left: 0 }]);
}

function dailyAt(ms: number): TaskTriggerSpec {
  const at = new Date(ms);
  const time = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours()].join(" ");
  return {
    kind: "cron",
    dialect: "vixie",
    expression: `${time} * * *`,
    seconds: "first",
    zone: "UTC",
    clockChange: "match",
  };
}

function intervalFrom(ms: number, index: number): TaskTriggerSpec {
  return {
    kind: "interval",
    everyMs: 3_600_000 + index,
    anchorAt: new Date(ms).toISOString(),
  };
}
