/**
 * Processes that fill one queue of visits and work it off, killed throughout, and killed in the
 * middle of the transactions that matter. The database's own triggers keep the books: how long the
 * queue was after each filling, and each time that a visit changed what is known of its origin.
 */

import { expect, test } from "vitest";

import type { VisitsOptions } from "../../src/api/visits.ts";
import { integerBetween } from "../../src/kernel/rng.ts";
import { createDatabase, type TestDatabase } from "../postgres/database.ts";
import { barrierKey } from "./barrier.ts";
import { seededChance, until } from "./conditions.ts";
import { Field } from "./field.ts";
import { visitAnswer } from "./fleet-work.ts";
import { Fleet, fleetSettings } from "./fleet.ts";

const originCount = 2_000;
const queueLength = 60;
const processCount = 5;
const killCount = 10;

const visits: VisitsOptions = {
  git: {
    task: "chaos.visit",
    queueLength,
    pollMs: 50,
    idleMs: 200,
    policies: { "oldest-scheduled-first": 3, "without-last-update": 1 },
  },
};

const books = `
create table audit.queue_length (length integer not null);
create function audit.note_length() returns trigger language plpgsql as $$
begin
  insert into audit.queue_length
  select count(*) from orrery.run where overrides ->> 'visit' = 'git';
  return null;
end
$$;
create trigger note_length after insert on orrery.run
  for each statement execute function audit.note_length();
create table audit.visit (url text not null, status orrery.visit_status not null);
create function audit.note_visit() returns trigger language plpgsql as $$
begin
  insert into audit.visit values (new.url, new.last_visit_status);
  return new;
end
$$;
create trigger note_visit after update of last_visit_at on orrery.origin
  for each row when (old.last_visit_at is distinct from new.last_visit_at)
  execute function audit.note_visit();
`;

/** Lists the origins in a database with books. */
async function openFrontier(database: TestDatabase, count: number): Promise<Field> {
  const field = await Field.open(database);
  await database.query(books);
  const { frontier } = field.store;
  const made = { name: "lister", instanceName: "", firstVisitsQueuePrefix: null };
  const { id: listerId } = await frontier.createLister(made);
  await frontier.recordOrigins(
    Array.from({ length: count }, (_, index) => ({
      listerId,
      url: `https://example.org/${index}`,
      visitType: "git",
      loaderArgumentsJson: "{}",
      lastUpdateAt: null,
      isFork: null,
      forkedFromUrl: null,
      enabled: true,
    })),
  );
  return field;
}

/** Visits that are still to come, or on their way. */
async function leftCount({ query }: Field): Promise<number> {
  const [row] = await query(
    `select (select count(*) from orrery.run)
       + (select count(*) from orrery.origin where last_visit_at is null) as n`,
  );
  return Number(row?.["n"]);
}

/** A line for each origin that was not visited exactly once, or of which something else is kept. */
async function complaints({ query }: Field, count: number): Promise<readonly string[]> {
  const noted = await query("select url, count(*)::int as n from audit.visit group by url");
  const ended = await query(
    `select input ->> 'url' as url, count(*)::int as n
     from orrery.attempt where final group by input ->> 'url'`,
  );
  const kept = await query(
    `select url, last_visit_status::text as status, encode(last_snapshot, 'hex') as snapshot,
       successive_visits as visits
     from orrery.origin`,
  );
  const wrong: string[] = [];
  for (const [what, rows] of [
    ["noted", noted],
    ["ended", ended],
  ] as const) {
    if (rows.length !== count) wrong.push(`${rows.length} origins have visits that were ${what}`);
    for (const { url, n } of rows)
      if (n !== 1) wrong.push(`${String(url)} was ${what} ${String(n)} times`);
  }
  for (const row of kept) {
    const { url, ...facts } = row;
    const expected = {
      snapshot: { status: "successful", snapshot: "ab12", visits: 1 },
      nothing: { status: "not_found", snapshot: null, visits: 1 },
      failure: { status: "failed", snapshot: null, visits: 1 },
    }[visitAnswer(String(url))];
    if (JSON.stringify(facts) !== JSON.stringify(expected)) {
      wrong.push(`of ${String(url)} is kept ${JSON.stringify(facts)}`);
    }
  }
  return wrong;
}

test("processes killed throughout visit each origin once, and keep to the length", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await openFrontier(database, originCount);
  const settings = { ...fleetSettings(database.connectionString, { leaseMs: 1_500 }), visits };
  await using fleet = new Fleet(settings, rng);
  await fleet.startMany(processCount);
  const points = Array.from({ length: killCount }, () => integerBetween(rng, 200, originCount));
  for (const point of points.toSorted((left, right) => right - left)) {
    await until(async () => (await leftCount(field)) <= point, {
      what: `${point} visits to be left`,
      withinMs: 120_000,
    });
    await fleet.kill(await fleet.seize(database.query));
    fleet.start();
  }
  await until(async () => (await leftCount(field)) === 0, {
    what: "all visits to end",
    withinMs: 120_000,
  });
  expect(await complaints(field, originCount)).toEqual([]);
  const [length] = await database.query("select max(length) as most from audit.queue_length");
  expect(length).toEqual({ most: queueLength });
  const [lost] = await database.query(
    "select count(*)::int as n from orrery.attempt where outcome = 'lost'",
  );
  // Or nobody was killed at work, and all this has shown nothing.
  expect(lost?.["n"]).toBeGreaterThan(0);
});

/**
 * Makes the transaction that touches a table wait until the test unlocks `barrierKey`, which it
 * holds from now on; the answer resolves when one waits.
 */
async function holdUp(
  database: TestDatabase,
  { event, table }: { readonly event: string; readonly table: string },
): Promise<() => Promise<void>> {
  await database.query(`
create function audit.hold_up() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(${barrierKey});
  return new;
end
$$;
create trigger hold_up ${event} on ${table} for each row execute function audit.hold_up();
select pg_advisory_lock(${barrierKey});`);
  const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
  return async () => {
    const isMet = async (): Promise<boolean> => (await database.query(waiting)).length > 0;
    await until(isMet, { what: "somebody to be held up" });
  };
}

/** Lets those go that are held up. */
async function letGo(database: TestDatabase): Promise<void> {
  await database.query(`select pg_advisory_unlock(${barrierKey})`);
}

/** Resolves when the connections of killed processes have been noticed, and rolled back. */
async function rolledBack(database: TestDatabase): Promise<void> {
  await until(
    async () => {
      const busy = await database.query(
        `select 1 from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
      );
      return busy.length === 0;
    },
    { what: "open transactions to end" },
  );
}

test("a process killed while it notes a visit has neither noted nor ended it", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await openFrontier(database, 1);
  const settings = { ...fleetSettings(database.connectionString, { leaseMs: 1_500 }), visits };
  await using fleet = new Fleet(settings, rng);
  const met = await holdUp(database, {
    event: "after update of last_visit_at",
    table: "orrery.origin",
  });
  const victim = fleet.start();
  await met();
  await fleet.kill(victim);
  await letGo(database);
  await rolledBack(database);
  // The visit was made, its run had ended, its origin was changed: all of that is undone.
  expect(await database.query("select count(*)::int as n from audit.effect")).toEqual([{ n: 1 }]);
  expect(await database.query("select state::text from orrery.run")).toEqual([
    { state: "running" },
  ]);
  expect(
    await database.query("select 1 from orrery.origin where last_visit_at is not null"),
  ).toEqual([]);
  fleet.start();
  await until(async () => (await leftCount(field)) === 0, { what: "the visit to end" });
  expect(await complaints(field, 1)).toEqual([]);
  expect(await database.query("select outcome::text from orrery.attempt order by attempt")).toEqual(
    [{ outcome: "lost" }, { outcome: "eventful" }],
  );
});

test("a process killed while it queues visits has marked none of their origins", async () => {
  const rng = seededChance();
  await using database = await createDatabase();
  await using field = await openFrontier(database, 50);
  const settings = { ...fleetSettings(database.connectionString), visits };
  await using fleet = new Fleet(settings, rng);
  const met = await holdUp(database, { event: "after insert", table: "orrery.run" });
  const victim = fleet.start();
  await met();
  await fleet.kill(victim);
  await letGo(database);
  await rolledBack(database);
  expect(
    await database.query("select 1 from orrery.origin where last_scheduled_at is not null"),
  ).toEqual([]);
  expect(await database.query("select 1 from orrery.run")).toEqual([]);
  fleet.start();
  await until(async () => (await leftCount(field)) === 0, { what: "all visits to end" });
  expect(await complaints(field, 50)).toEqual([]);
});
