/**
 * Limits under many processes that claim, enqueue and die: how many runs there were at any moment
 * follows from the instants that the database wrote down, and is never more than allowed.
 */

import { expect, test } from "vitest";

import { present } from "../../src/kernel/assert.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ConflictError } from "../../src/kernel/errors.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";
import { createService, type Service } from "../../src/service/service.ts";
import { createDatabase } from "../postgres/database.ts";
import { seededChance, until } from "./conditions.ts";
import { Field } from "./field.ts";
import { Fleet, fleetSettings } from "./fleet.ts";
import { crowdedLimits, fleetWork } from "./fleet-work.ts";
import { auditRuns } from "./run-audit.ts";

const workerCount = 8;
const producerCount = 4;
const runsOfProducer = 400;
const killCount = 4;
const keyCount = 15;

/** A run counts as running from its claim on, and as unfinished from its creation on. */
const crowdAt = `
with try as (
  select attempt.*
  from orrery.attempt join orrery.task_type on task_type.id = attempt.type_id
  where task_type.name = 'chaos.crowded'
),
step as (
  select 'running' as what, '' as key, claimed_at as at, 1 as change from try
  union all select 'running', '', finished_at, -1 from try
  union all select 'running of a key', concurrency_key, claimed_at, 1 from try
  union all select 'running of a key', concurrency_key, finished_at, -1 from try
  union all select 'unfinished', '', created_at, 1 from try where final
  union all select 'unfinished', '', finished_at, -1 from try where final
)
select what, max(crowd)::int as most
from (
  -- Of those at one instant the ends come first: what follows them may have seen them.
  select what, sum(change) over (partition by what, key order by at, change) as crowd from step
) as counted
group by what
order by what`;

/** Enqueues in small batches, again and again where the queue is full. */
async function produce(field: Field, service: Service, rng: Rng): Promise<void> {
  for (let left = runsOfProducer; left > 0;) {
    const size = Math.min(integerBetween(rng, 1, 40), left);
    const runs = Array.from({ length: size }, () => ({
      type: "chaos.crowded",
      concurrencyKey: `key ${integerBetween(rng, 1, keyCount)}`,
    }));
    const ids = await until(() => service.enqueue(runs).catch(ifFull), {
      what: "room in the queue",
      withinMs: 120_000,
    });
    await field.enter(ids);
    left -= size;
  }
}

function ifFull(thrown: unknown): false {
  if (thrown instanceof ConflictError && thrown.code === "ORR_CONFLICT_QUEUE_FULL") return false;
  throw thrown;
}

test("eight workers and four producers, some of them killed, exceed no limit ever", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await Field.open(database);
  const byName = new Map(fleetWork.map((each) => [each.settings.name, each]));
  const catalogue = { find: (name: string) => byName.get(name), list: () => fleetWork };
  const { store } = field;
  const service = createService({ store, clock: systemClock, catalogue, version: "test" });
  const settings = fleetSettings(database.connectionString, { slotCount: 10, leaseMs: 2_000 });
  await using fleet = new Fleet(settings, rng);
  await fleet.startMany(workerCount);
  const producing = Promise.all(
    Array.from({ length: producerCount }, () => produce(field, service, rng)),
  );
  const total = producerCount * runsOfProducer;
  for (let kill = 1; kill <= killCount; kill += 1) {
    await until(async () => (await endedCount(field)) > (total * kill) / (killCount + 1), {
      what: `the ${kill}. kill`,
      withinMs: 120_000,
    });
    await fleet.kill(await fleet.pick());
    fleet.start();
  }
  await producing;
  await field.settled(120_000);
  expect(await auditRuns(database.query)).toEqual([]);
  // At the limit, and not above: less would mean that nothing was tried.
  expect(await database.query(crowdAt)).toEqual([
    { what: "running", most: crowdedLimits.runningMax },
    { what: "running of a key", most: crowdedLimits.runningPerKeyMax },
    { what: "unfinished", most: crowdedLimits.unfinishedMax },
  ]);
});

async function endedCount(field: Field): Promise<number> {
  const rows = await field.query("select count(*)::int as n from orrery.attempt where final");
  return Number(present(rows[0], "a count")["n"]);
}
