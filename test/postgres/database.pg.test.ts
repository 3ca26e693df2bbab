/** Tests what other tests stand on: their databases and servers. */

import { Client } from "pg";
import { expect, inject, test } from "vitest";

import { createDatabase } from "./database.ts";
import { chooseServer, findSystemBinaries, startServer } from "./server.ts";
import { prepareTemplate, runStatement, withDatabase } from "./template.ts";

test("databases are separate and take parameters", async () => {
  await using left = await createDatabase();
  await using right = await createDatabase();
  await left.query("create table only_here (id int)");
  await left.query("insert into only_here values ($1)", [7]);
  expect(await left.query("select id from only_here")).toEqual([{ id: 7 }]);
  await expect(right.query("select id from only_here")).rejects.toThrow(/does not exist/);
});

test("a disposed database is gone, connections and all", async () => {
  let name = "";
  const errors: unknown[] = [];
  {
    await using database = await createDatabase();
    ({ name } = database);
    const leaked = new Client({ connectionString: database.connectionString });
    leaked.on("error", (error) => errors.push(error));
    await leaked.connect();
  }
  await using witness = await createDatabase();
  const rows = await witness.query("select 1 from pg_database where datname = $1", [name]);
  expect(rows).toEqual([]);
});

test("what the migration makes is in the template", async () => {
  const { adminConnectionString } = inject("postgres");
  const name = await prepareTemplate(adminConnectionString, (connectionString) =>
    runStatement(connectionString, "create table migrated (id int)"),
  );
  const client = new Client({ connectionString: withDatabase(adminConnectionString, name) });
  await client.connect();
  expect((await client.query("select count(*)::int as n from migrated")).rows).toEqual([{ n: 0 }]);
  await client.end();
  await runStatement(adminConnectionString, `drop database ${name}`);
});

test("an immediate restart keeps the address and what was committed", async () => {
  await using server = await startServer();
  const { connectionString, processId } = server;
  await runStatement(connectionString, "create table kept as select 1 as id");
  await server.restartImmediately();
  expect(server.processId).not.toBe(processId);
  expect(server.connectionString).toBe(connectionString);
  await runStatement(connectionString, "insert into kept select count(*) from kept");
});

test.each([
  ["postgresql://orrery@/postgres?host=%2Ftmp&port=1", "postgresql://orrery@/x?host=%2Ftmp&port=1"],
  ["postgres://me:pw@db.example:5432", "postgres://me:pw@db.example:5432/x"],
  ["postgres://me@db.example/old", "postgres://me@db.example/x"],
])("the database of %s can be replaced", (address, expected) => {
  expect(withDatabase(address, "x")).toBe(expected);
});

test("the kind of server is chosen by the setting", async () => {
  expect(await chooseServer("embedded")).toEqual({ kind: "embedded" });
  expect(await chooseServer("postgres://h/d")).toMatchObject({ kind: "external" });
  await expect(chooseServer("sqlite")).rejects.toMatchObject({ code: "ORR_CONFIG_INVALID" });
  expect(await findSystemBinaries("/nowhere/postgresql")).toBeUndefined();
});
