/**
 * Workers that are killed, and workers that are paused beyond their lease, on one PostgreSQL. What
 * happened is counted afterwards, from the database's own books (`run-audit.ts`).
 */

import { expect, test } from "vitest";

import { workerDefaults } from "../../src/app/worker-options.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";
import { createDatabase } from "../postgres/database.ts";
import { seededChance, until } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, type FleetProcess, fleetSettings } from "./fleet.ts";
import { LatenessGauge } from "./lateness.ts";
import { auditRuns, type Query } from "./run-audit.ts";

const workerCount = 8;
const runCount = 20_000;
const killCount = 16;

/** What a dead worker may cost, from its last sign of life until its runs are queued again. */
const detectionMsMax = 10_000;

/** What living workers may let pass between two signs of life: of two in a lease, one may fail. */
const heartbeatMsMax = workerDefaults.leaseMs / 2;

/** Numbers of runs left at which something is to happen, descending. */
function points(rng: Rng, count: number, total: number): readonly number[] {
  return Array.from({ length: count }, () => integerBetween(rng, 1, total - 1)).toSorted(
    (left, right) => right - left,
  );
}

async function queueMixed(field: Field): Promise<void> {
  // In turns, so that every kill meets every kind.
  for (let part = 0; part < 20; part += 1) {
    await field.enqueueMany("chaos.noop", 750);
    await field.enqueueMany("chaos.quick", 150);
    await field.enqueueMany("chaos.flaky", 50);
  }
  await field.createPairs(500);
}

/** Milliseconds from each kill to the requeuing of each run that the dead worker held. */
async function detectionMs(query: Query): Promise<readonly number[]> {
  const rows = await query(
    `select extract(epoch from attempt.finished_at - killed.at)::float8 * 1000 as ms
     from audit.killed join orrery.attempt using (worker_id)
     where attempt.outcome = 'lost'`,
  );
  return rows.map((row) => Number(row["ms"]));
}

/** The longest that a living worker let pass between two signs of life, in milliseconds. */
async function longestPauseMs(query: Query): Promise<number> {
  const [row] = await query(
    `select extract(epoch from max(longest_pause))::float8 * 1000 as ms from audit.heartbeat`,
  );
  return Number(row?.["ms"]);
}

test("workers killed throughout complete every run, each attempt once", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  await queueMixed(field);
  expect(await database.query("select count(*)::int as n from audit.queued")).toEqual([
    { n: runCount },
  ]);
  await using gauge = await LatenessGauge.start(database.connectionString);
  const settings = fleetSettings(database.connectionString, { slotCount: 30 });
  await using fleet = new Fleet(settings, rng);
  // Or those that are ready first leave nothing to those that are to be killed.
  await field.store.system.setPaused(true);
  await fleet.startMany(workerCount);
  await field.store.system.setPaused(false);
  for (const left of points(rng, killCount, runCount)) {
    await field.downTo(left);
    const victim = await fleet.pick();
    await database.query("insert into audit.killed values ($1, clock_timestamp())", [
      victim.workerId,
    ]);
    await fleet.kill(victim);
    fleet.start();
  }
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
  const detected = await detectionMs(database.query);
  // Or nobody was killed at work, and all this has shown nothing.
  expect(detected.length).toBeGreaterThan(0);
  // What the machine is late is measured apart from our code, which gets no more for its own.
  const latenessMs = await gauge.worstMs();
  const pauseMs = await longestPauseMs(database.query);
  // Workers live longer than it takes to show two signs of life.
  expect(pauseMs).toBeGreaterThan(0);
  expect(pauseMs).toBeLessThanOrEqual(heartbeatMsMax + latenessMs);
  expect(Math.max(...detected)).toBeLessThanOrEqual(detectionMsMax + latenessMs);
  expect(
    await database.query("select state, count(*)::int as n from orrery.task group by state"),
  ).toEqual([{ state: "completed", n: 1_000 }]);
});

test("the completions of a worker that slept beyond its lease are refused", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  const settings = fleetSettings(database.connectionString, { leaseMs: 1_000 });
  await using fleet = new Fleet(settings, rng);
  const sleeper = fleet.start();
  await fleet.ready(1);
  const [stopId] = await field.enqueue("chaos.sleeper", [
    { stop: true },
    ...Array.from({ length: 9 }, () => null),
  ]);
  await sleeper.hears((line) => line.kind === "stopping", "stopping");
  await sleeper.stopped();
  const successor = fleet.start();
  await fleet.ready(2);
  await field.downTo(0);
  // Its handlers now go on under tokens that others have outrun, and report.
  sleeper.signal("SIGCONT");
  await sleeper.hears(
    (line) => line.kind === "run_dropped" && line["runId"] === stopId,
    "dropping the run",
  );
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
  expect(
    await database.query(
      `select attempt, outcome, worker_id::int from orrery.attempt where run_id = $1
       order by attempt`,
      [stopId],
    ),
  ).toEqual([
    { attempt: 1, outcome: "lost", worker_id: sleeper.workerId },
    { attempt: 2, outcome: "eventful", worker_id: successor.workerId },
  ]);
  // The effect that it tried to have after it woke.
  expect(
    await database.query(
      "select fence < held_fence as older from audit.refused_effect where run_id = $1",
      [stopId],
    ),
  ).toEqual([{ older: true }]);
  // It is alive again and of use.
  await fleet.kill(successor);
  await field.enqueueMany("chaos.noop", 10);
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
});

/** The runs that were taken from a worker. */
async function lostBy(query: Query, { workerId }: FleetProcess): Promise<number> {
  const rows = await query(
    "select count(*)::int as n from orrery.attempt where outcome = 'lost' and worker_id = $1",
    [workerId],
  );
  return Number(rows[0]?.["n"]);
}

test("workers paused at random beyond their lease duplicate nothing", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  await field.enqueueMany("chaos.quick", 4_000);
  const settings = fleetSettings(database.connectionString, { leaseMs: 1_000 });
  await using fleet = new Fleet(settings, rng);
  await fleet.startMany(3);
  let lostCount = 0;
  for (const left of points(rng, 4, 4_000)) {
    await field.downTo(left);
    const victim = await fleet.pick();
    const lostBefore = await lostBy(database.query, victim);
    victim.signal("SIGSTOP");
    await victim.stopped();
    const reaped = async (): Promise<boolean> => {
      const held = await database.query("select from orrery.claim where worker_id = $1", [
        victim.workerId,
      ]);
      return held.length === 0;
    };
    await until(reaped, { what: "the claims of the paused worker to be reaped" });
    const lost = (await lostBy(database.query, victim)) - lostBefore;
    const dropped = victim.count("run_dropped");
    victim.signal("SIGCONT");
    // It learns of each of them, sooner or later.
    await until(() => victim.count("run_dropped") >= dropped + lost, { what: "its drops" });
    lostCount += lost;
  }
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
  // Or nobody was paused at work, and all this has shown nothing.
  expect(lostCount).toBeGreaterThan(0);
});
