/**
 * Processes that queue runs which start where they are queued, killed throughout: whatever was
 * acknowledged ends, and whatever is in the books ends once.
 */

import { expect, test } from "vitest";

import { createDatabase } from "../postgres/database.ts";
import { seededChance, until } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, fleetSettings } from "./fleet.ts";
import { auditRuns } from "./run-audit.ts";

const processCount = 4;
const queuedCount = 400;
const killCount = 8;

test("what starts where it is queued runs once, however often its process is killed", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  const settings = fleetSettings(database.connectionString, { slotCount: 60, leaseMs: 2_000 });
  await using fleet = new Fleet({ ...settings, queuedCount }, rng);
  await fleet.startMany(processCount);
  for (let kill = 0; kill < killCount; kill += 1) {
    await fleet.kill(await fleet.seize(database.query));
    fleet.start();
  }
  for (const process of fleet.processes) {
    await process.hears((line) => line.kind === "queued_all", "the last it queues", 60_000);
  }
  await until(async () => (await field.liveCount()) === 0, {
    what: "all runs to end",
    withinMs: 60_000,
  });
  const told = fleet.all.flatMap((process) =>
    process.told.flatMap((line) => (line.kind === "queued" ? [line["runId"]] : [])),
  );
  // One that was killed may have queued a run of which it could not tell any more.
  await database.query(
    `insert into audit.queued
     select unnest($1::bigint[]) union select run_id from orrery.attempt`,
    [told],
  );
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
  expect(told.length).toBeGreaterThanOrEqual(processCount * queuedCount);
  // Or nobody was killed at work, or nothing started early, and all this has shown nothing.
  const [lost] = await database.query(
    `select count(*)::int as n
     from orrery.attempt as lost join audit.given_claim using (fence)
     where lost.outcome = 'lost' and lost.created_at = lost.claimed_at`,
  );
  expect(Number(lost?.["n"])).toBeGreaterThan(0);
});
