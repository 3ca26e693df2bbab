/** Readers and writers of the history while a day that nobody had added gets its partition. */

import { Client } from "pg";
import { expect, test } from "vitest";

import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import { createDatabase, type TestDatabase } from "../../test/postgres/database.ts";
import { somebodyWaits } from "../../test/postgres/waits.ts";

async function connect(database: TestDatabase): Promise<Client> {
  const client = new Client({ connectionString: database.connectionString });
  // A test that fails drops the database under it.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

test("a reader that comes during the move sees every row", async () => {
  await using database = await createDatabase();
  await database.query(
    `insert into orrery.attempt (run_id, attempt, final, type_id, state, outcome, priority,
       failure_count, lost_count, due_at, created_at, started_at, finished_at, retention_class)
     values (1, 1, true, 1, 'succeeded', 'eventful', 2, 0, 0, '2026-03-01Z', '2026-03-01Z',
       '2026-03-01Z', '2026-03-01T12:00Z', 'standard')`,
  );
  const mover = await connect(database);
  const reader = await connect(database);
  await mover.query("begin");
  await mover.query(
    "select orrery.add_day_partition('attempt_standard', 'finished_at', '2026-03-01')",
  );
  const read = reader.query("select run_id::int from orrery.attempt where run_id = $1", [1]);
  // Only once the server holds it up does the commit come between its look and its rows.
  await somebodyWaits(database);
  await mover.query("commit");
  expect((await read).rows).toEqual([{ run_id: 1 }]);
  await mover.end();
  await reader.end();
});

/** Ends a claimed run while a day is being added, and answers how that went. */
async function finishWhileAdding(rig: StoreRig, day: string): Promise<readonly unknown[]> {
  await rig.enqueue([{ type: "a" }]);
  const { runs } = await rig.claim();
  const adder = await connect(rig.database);
  await adder.query("begin");
  await adder.query("select orrery.add_day_partition('attempt_standard', 'finished_at', $1)", [
    day,
  ]);
  const finished = rig.finish(runs).catch((thrown: unknown) => [thrown]);
  await somebodyWaits(rig.database);
  await adder.query("commit");
  await adder.end();
  return await finished;
}

test("a reader that comes while the present day is added waits before it chooses", async () => {
  await using database = await createDatabase();
  const adder = await connect(database);
  const reader = await connect(database);
  await adder.query("begin");
  await adder.query(
    `select orrery.add_day_partition('attempt_standard', 'finished_at',
       (now() at time zone 'UTC')::date)`,
  );
  const read = reader.query("select from orrery.attempt where run_id = $1", [1]);
  await somebodyWaits(database);
  // Behind the parent it knows the partitions: rows that come to a new one would be missed.
  expect(
    await database.query(
      `select relname from pg_locks join pg_class on pg_class.oid = relation
       where not granted and database = (select oid from pg_database
         where datname = current_database())`,
    ),
  ).toEqual([{ relname: "attempt_standard" }]);
  await adder.query("commit");
  await read;
  await adder.end();
  await reader.end();
});

test("a writer that comes while its day is added is not refused", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const [today] = await rig.database.query("select (now() at time zone 'UTC')::date::text as day");
  expect(await finishWhileAdding(rig, String(today?.["day"]))).toEqual([1]);
});

test("a writer that is ahead of the database's clock may try again", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  rig.setNow("2999-01-01T12:00:00Z");
  const [refusal] = await finishWhileAdding(rig, "2999-01-01");
  expect(refusal).toMatchObject({ code: "ORR_STORE_REFUSED", transient: true });
  expect(await rig.store.runs.list({}, { limit: 1 })).toMatchObject([{ state: "running" }]);
});
