/** Bringing a database to this release, by any number of processes at once. */

import { expect, inject, test } from "vitest";
import { Client } from "pg";
import { freshName, runStatement, withDatabase } from "../../test/postgres/template.ts";
import { createDatabase } from "../../test/postgres/database.ts";
import { systemClock } from "../kernel/clock.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.generated.ts";
import { openStore } from "./open.ts";

async function withEmptyDatabase(use: (connectionString: string) => Promise<void>): Promise<void> {
  const { adminConnectionString } = inject("postgres");
  const name = freshName("migrate");
  await runStatement(adminConnectionString, `create database ${name}`);
  try {
    await use(withDatabase(adminConnectionString, name));
  } finally {
    await runStatement(adminConnectionString, `drop database ${name} with (force)`);
  }
}

async function rowsOf(connectionString: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

test("eight that migrate an empty database at once all succeed, each file runs once", async () => {
  await withEmptyDatabase(async (connectionString) => {
    const ran = await Promise.all(
      Array.from({ length: 8 }, () => migrate({ connectionString, schema: "orrery" })),
    );
    expect(ran.flat()).toEqual(Object.keys(migrations));
    const done = await rowsOf(connectionString, "select name from orrery.migration order by name");
    expect(done).toEqual(Object.keys(migrations).map((name) => ({ name })));
  });
});

test("a current schema waits for nobody, another one for whoever migrates", async () => {
  await using database = await createDatabase();
  const { connectionString } = database;
  // As a process holds it while it migrates.
  await database.query("select pg_advisory_lock(1869771385, hashtext('orrery'))");
  expect(await migrate({ connectionString, schema: "orrery" })).toEqual([]);
  await database.query("drop schema orrery cascade");
  const migrated = migrate({ connectionString, schema: "orrery" });
  const waiting = "select from pg_locks where locktype = 'advisory' and not granted";
  while ((await database.query(waiting)).length === 0);
  await database.query("select pg_advisory_unlock_all()");
  expect(await migrated).toEqual(Object.keys(migrations));
});

test("two schemas of one database live side by side", async () => {
  await withEmptyDatabase(async (connectionString) => {
    for (const schema of [
      "one",
      "a_schema_name_that_is_as_long_as_postgresql_lets_it_be_which_is",
    ]) {
      await using store = await openStore({ connectionString, schema, clock: systemClock });
      expect(await store.taskTypes.list()).toEqual([]);
      expect(await store.system.findPausedAt()).toBeUndefined();
    }
  });
});

test("a schema that a later release has changed is refused, and left as it is", async () => {
  await using database = await createDatabase();
  const { connectionString } = database;
  await database.query("insert into orrery.migration values ('9999_from_the_future', now()::text)");
  await expect(migrate({ connectionString, schema: "orrery" })).rejects.toMatchObject({
    code: "ORR_STORE_VERSION",
    message: expect.stringMatching(/later release/),
  });
  await expect(openStore({ connectionString, clock: systemClock })).rejects.toMatchObject({
    code: "ORR_STORE_VERSION",
  });
  const names = await database.query(
    "select name from orrery.migration order by name desc limit 1",
  );
  expect(names).toEqual([{ name: "9999_from_the_future" }]);
});

test("a server that is not there is said to be unavailable", async () => {
  const connectionString = "postgresql://nobody@127.0.0.1:1/none";
  await expect(migrate({ connectionString, schema: "orrery" })).rejects.toMatchObject({
    code: "ORR_STORE_UNAVAILABLE",
  });
});
