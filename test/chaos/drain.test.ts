/**
 * Workers that are asked to stop: what can end ends, what cannot goes back to the queue, and the
 * process ends by itself with status 0.
 */

import { expect, test } from "vitest";

import { createDatabase } from "../postgres/database.ts";
import { seededChance, within } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, type FleetProcess, fleetSettings } from "./fleet.ts";
import { auditRuns } from "./run-audit.ts";

/** Asks a process to stop, and waits until it has ended. */
async function stop(process: FleetProcess, withinMs: number): Promise<void> {
  process.signal("SIGTERM");
  const exit = await within(process.exited, { what: "the process to end", withinMs });
  expect(exit).toEqual({ code: 0, signal: null });
}

test("a worker that is asked to stop gives back what does not end, deaf or not", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  const settings = { ...fleetSettings(database.connectionString), drainMs: 200 };
  await using fleet = new Fleet(settings, rng);
  const process = fleet.start();
  await fleet.ready(1);
  const inputs = [{ deaf: false }, { deaf: true }, { deaf: false }];
  const ids = await field.enqueue("chaos.patient", inputs);
  for (const id of ids) {
    await process.hears((line) => line.kind === "patient" && line["runId"] === id, "the run");
  }
  await stop(process, 10_000);
  expect(
    await database.query(
      "select state::text, failure_count, lost_count from orrery.run order by id",
    ),
  ).toEqual(inputs.map(() => ({ state: "queued", failure_count: 0, lost_count: 0 })));
  expect(await database.query("select from orrery.claim")).toEqual([]);
  expect(await database.query("select state::text from orrery.worker")).toEqual([
    { state: "stopped" },
  ]);
  fleet.start();
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
});

test("runs that end within the drain are not interrupted", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  await using fleet = new Fleet(fleetSettings(database.connectionString), rng);
  const process = fleet.start();
  await fleet.ready(1);
  await field.enqueueMany("chaos.quick", 500);
  await field.downTo(400);
  await stop(process, 20_000);
  const rows = await database.query("select distinct outcome::text, attempt from orrery.attempt");
  expect(rows).toEqual([{ outcome: "eventful", attempt: 1 }]);
  expect(await database.query("select from orrery.claim")).toEqual([]);
  fleet.start();
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
});

test("a fleet whose workers stop one after another under load loses nothing", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  await field.enqueueMany("chaos.quick", 2_000);
  await field.enqueueMany("chaos.flaky", 500);
  const settings = { ...fleetSettings(database.connectionString), drainMs: 0 };
  await using fleet = new Fleet(settings, rng);
  const first = fleet.start();
  const second = fleet.start();
  await fleet.ready(2);
  await field.downTo(1_800);
  const third = fleet.start();
  await stop(first, 20_000);
  await field.downTo(1_000);
  await stop(second, 20_000);
  await field.settled();
  expect(await auditRuns(database.query)).toEqual([]);
  // Nobody died, so nobody's lease ran out.
  expect(await database.query("select from orrery.attempt where outcome = 'lost' limit 1")).toEqual(
    [],
  );
  await stop(third, 20_000);
});
