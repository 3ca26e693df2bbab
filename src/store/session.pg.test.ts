/** Connections: the caller's own transaction, sessions that are set otherwise, breaks. */

import { Client } from "pg";
import { expect, test } from "vitest";
import { assert } from "../kernel/assert.ts";
import { openStoreRig, type StoreRig } from "../../test/engine/store-rig.ts";
import { eventful } from "../model/outcome.ts";
import { parseInstant } from "../kernel/instant.ts";

async function callerOn(rig: StoreRig, settings: readonly string[] = []): Promise<Client> {
  const client = new Client({ connectionString: rig.database.connectionString });
  await client.connect();
  for (const setting of settings) await client.query(setting);
  return client;
}

const dueAt = parseInstant("2026-03-01T09:00:00.123456Z");

const newRun = {
  input: { a: 1 },
  priority: "normal",
  concurrencyKey: null,
  overrides: {},
  dueAt,
} as const;

test("what the caller's transaction queues is there when it commits, not before", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const client = await callerOn(rig);
  const typeId = rig.typeId("a");
  await client.query("begin");
  await rig.store.within(client).runs.enqueue([{ ...newRun, typeId }]);
  expect((await rig.claim()).runs).toEqual([]);
  await client.query("commit");
  expect((await rig.claim()).runs).toHaveLength(1);
  await client.query("begin");
  await rig.store.within(client).runs.enqueue([{ ...newRun, typeId }]);
  await client.query("rollback");
  expect((await rig.claim()).runs).toEqual([]);
  await client.end();
});

test.each([
  [["set timezone = 'Asia/Kolkata'"]],
  [["set timezone = 'America/St_Johns'", "set datestyle = 'German, DMY'"]],
  [["set timezone = 'UTC'", "set datestyle = 'SQL, MDY'"]],
  [["set timezone = 'Pacific/Apia'", "set datestyle = 'Postgres, DMY'"]],
])("instants are read and written rightly on a client with %j", async (settings) => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const client = await callerOn(rig, settings);
  const styleOf = async (): Promise<unknown> =>
    (await client.query("select current_setting('DateStyle') as style")).rows;
  const style = await styleOf();
  await client.query("begin");
  const inside = rig.store.within(client);
  const [id] = await inside.runs.enqueue([{ ...newRun, typeId: rig.typeId("a") }]);
  assert(id !== undefined, "as many as were queued");
  expect(await inside.runs.find(id)).toMatchObject({ dueAt, input: { a: 1 } });
  expect(await styleOf()).toEqual(style);
  await client.query("commit");
  expect(await styleOf()).toEqual(style);
  expect(await rig.store.runs.find(id)).toMatchObject({ dueAt });
  await client.end();
});

test("a refused statement leaves the caller's savepoint usable", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const client = await callerOn(rig, ["set datestyle = 'German'"]);
  const inside = rig.store.within(client);
  const typeId = rig.typeId("a");
  await client.query("begin");
  await client.query("savepoint before");
  const refused = inside.runs.enqueue([{ ...newRun, typeId, input: "\u0000" }]);
  await expect(refused).rejects.toMatchObject({ code: "ORR_STORE_REFUSED" });
  await client.query("rollback to before");
  await inside.runs.enqueue([{ ...newRun, typeId }]);
  await client.query("commit");
  expect((await rig.claim()).runs).toHaveLength(1);
  await client.end();
});

test("a database that is serializable by default changes nothing for us", async () => {
  const limits = { runningMax: 1, runningPerKeyMax: null, unfinishedMax: null };
  await using rig = await openStoreRig([{ name: "one", limits }]);
  await rig.database.query(
    `alter database ${rig.database.name} set default_transaction_isolation = 'serializable'`,
  );
  const stores = await Promise.all([1, 2, 3].map(() => rig.openAnother()));
  await rig.enqueue([{ type: "one" }, { type: "one" }, { type: "one" }]);
  const answers = await Promise.all(stores.map((store) => rig.claim({}, store)));
  expect(answers.flatMap(({ runs }) => runs).length).toBeLessThanOrEqual(1);
  const [run] = (await rig.claim()).runs.concat(answers.flatMap(({ runs }) => runs));
  expect(await rig.finish(run === undefined ? [] : [run], eventful(), stores[0])).toHaveLength(1);
});

test("a connection cut inside a transaction is an error of that call, no more", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const cut = rig.store.transaction(async (inside) => {
    await inside.taskTypes.list();
    await rig.database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'orrery' and datname = current_database()`);
    await inside.taskTypes.list();
  });
  await expect(cut).rejects.toMatchObject({ code: "ORR_STORE_UNAVAILABLE", transient: true });
  expect(await rig.store.taskTypes.list()).toHaveLength(1);
});

test("a transaction that throws is rolled back, and one in another joins it", async () => {
  await using rig = await openStoreRig([{ name: "a" }]);
  const failing = rig.store.transaction(async (inside) => {
    await inside.transaction(async (nested) => {
      await nested.runs.enqueue([{ ...newRun, typeId: rig.typeId("a") }]);
    });
    throw new TypeError("after all not");
  });
  await expect(failing).rejects.toThrow("after all not");
  expect((await rig.claim()).runs).toEqual([]);
});
