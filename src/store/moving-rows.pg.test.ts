/** Readers of the history, while rows of a day that nobody had added are moved to its partition. */

import { Client } from "pg";
import { expect, test } from "vitest";

import { delay, systemClock } from "../kernel/clock.ts";
import { createDatabase, type TestDatabase } from "../../test/postgres/database.ts";

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
  for (let waiting = 0; waiting === 0;) {
    const rows = await database.query(
      `select from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    waiting = rows.length;
    await delay(systemClock, 5);
  }
  await mover.query("commit");
  expect((await read).rows).toEqual([{ run_id: 1 }]);
  await mover.end();
  await reader.end();
});
