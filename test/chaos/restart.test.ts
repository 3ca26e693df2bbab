/**
 * PostgreSQL ends all at once, as when its machine resets, again and again while workers are busy.
 * They find their way back by themselves; acknowledged runs are all run, and none twice.
 */

import { Client } from "pg";
import { expect, test } from "vitest";

import type { TestRow } from "../postgres/database.ts";
import { startServer } from "../postgres/server.ts";
import { seededChance } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, fleetSettings } from "./fleet.ts";
import { auditRuns, type Query } from "./run-audit.ts";

const runCount = 4_000;
const restartCount = 3;

/** Queries on a connection each, since the server goes away under them. */
function queryOn(connectionString: string): Query {
  return async (sql, params = []) => {
    const client = new Client({ connectionString });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<TestRow>(sql, [...params])).rows;
    } finally {
      await client.end();
    }
  };
}

test("workers outlive restarts of the server under load, and lose and repeat nothing", async () => {
  const rng = seededChance();
  await using server = await startServer();
  const { connectionString } = server;
  const query = queryOn(connectionString);
  await using field = await Field.open({ connectionString, query });
  await field.enqueueMany("chaos.quick", (runCount * 3) / 4);
  await field.enqueueMany("chaos.flaky", runCount / 4 - 200);
  await field.createPairs(100);
  await using fleet = new Fleet(fleetSettings(connectionString), rng);
  await fleet.startMany(3);
  for (let restart = 1; restart <= restartCount; restart += 1) {
    await field.downTo(Math.round(runCount * (1 - (restart - rng.next()) / (restartCount + 1))));
    await server.restartImmediately();
  }
  await field.settled();
  expect(await auditRuns(query)).toEqual([]);
  expect(await query("select count(*)::int as n from audit.queued")).toEqual([{ n: runCount }]);
  // The same processes, which have noticed.
  for (const process of fleet.processes) {
    expect(process.isAlive).toBe(true);
    expect(process.count("loop_failed")).toBeGreaterThan(0);
  }
});
