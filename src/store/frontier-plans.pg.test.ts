/**
 * Goal: no statement of the frontier's hot path reads or sorts a whole table, whatever statistics
 * and parameters it was planned with. Method: plans as the server makes them, for any parameters
 * and for given ones: on a fresh database; with 100,000 origins that nobody has analyzed, and with
 * fresh statistics; and when all of them are cooling down, so that a queue was vacuumed to nothing.
 */

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createDatabase, type TestDatabase } from "../../test/postgres/database.ts";
import {
  allWholeReads,
  isNeedy,
  planOf,
  setAsStore,
  type WholeReads,
} from "../../test/postgres/plans.ts";
import { visitPolicies, type VisitPolicy } from "../policy/visit-selection.ts";
import type { Statement } from "./statement.ts";
import { choices, planSettings } from "./statements/frontier-choose.ts";
import * as counts from "./statements/frontier-counts.ts";
import * as origins from "./statements/frontier-origins.ts";
import * as records from "./statements/frontier-record.ts";
import * as stats from "./statements/frontier-stats.ts";
import { takeReady } from "./statements/frontier-take-ready.ts";
import * as takes from "./statements/frontier-take.ts";

const hot: readonly Statement<unknown>[] = [
  ...Object.values(takeReady),
  takes.promotePlaces,
  takes.countReady,
  takes.readPlaces,
  takes.markVisits,
  records.surveyListings,
  records.touchOrigins,
  records.recordListings,
  records.disableListings,
  records.noteUpdates,
  stats.mergeStats,
  stats.spreadStats,
  stats.listStats,
  counts.updateCounts,
  counts.foldCounts,
  origins.listOrigins,
  origins.listOriginsOfUrls,
];

/** The queue of each policy. */
const queues: Readonly<Record<VisitPolicy, string>> = {
  "oldest-scheduled-first": "frontier_oldest",
  "never-visited-oldest-update-first": "frontier_never_visited",
  "already-visited-by-lag": "frontier_lag",
  "without-last-update": "frontier_without_update",
  "stop-after-success": "frontier_unsuccessful",
  "first-visits-after-listing": "frontier_first_visits",
};

const originCount = 100_000;
const tables = ["origin", "listing", "frontier", "frontier_cooling"] as const;
const small = ["lister", "visit_type", "frontier_count", "frontier_count_change"] as const;
/** Tables that grow with what is listed. */
const large = /^(origin|listing|frontier|frontier_cooling)$/;

let database: TestDatabase;
let client: Client;
let madeOnFresh: WholeReads;
let walkedOnFresh: readonly VisitPolicy[];
let listerIds: string;

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.connectionString });
  await client.connect();
  await setAsStore(client);
  // Nobody may look at the tables unasked.
  for (const table of [...tables, ...small]) {
    await client.query(`alter table orrery.${table} set (autovacuum_enabled = off)`);
  }
  madeOnFresh = await allWholeReads(client, hot, large);
  walkedOnFresh = await policiesThatWalk();
  await fill();
});

afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

/** Half of them visited, some of them without success, and one in fifty scheduled just now. */
async function fill(): Promise<void> {
  await client.query("set search_path = orrery");
  await client.query(
    `insert into lister (name, instance_name, created_at, updated_at)
     select 'l' || n, '', now(), now() from generate_series(1, 10) as n`,
  );
  const first = await client.query<{ uuid: string }>("select uuid from lister where name = 'l1'");
  listerIds = `'{${first.rows[0]?.uuid ?? ""}}'`;
  await client.query("insert into visit_type (name) values ('git'), ('hg')");
  await client.query(
    `insert into origin (url, type_id, has_stats, last_visit_status, last_successful_at,
       last_visit_at, last_scheduled_at, queue_position, last_snapshot)
     select 'https://example.org/' || n, 1 + n % 2, n % 4 > 1,
       case when n % 40 = 2 then 'failed' when n % 4 > 1 then 'successful' end::visit_status,
       case when n % 4 > 1 then now() - n * interval '1 minute' end,
       case when n % 4 > 1 then now() - n * interval '1 minute' end,
       case when n % 50 = 0 then now()
         when n % 4 > 1 then now() - n * interval '1 minute' - interval '1 day' end,
       case when n % 4 > 1 then n % 1000 end,
       case when n % 4 > 1 and n % 40 <> 2 then '\\x00'::bytea end
     from generate_series(1, $1::integer) as n`,
    [originCount],
  );
  await client.query(
    `insert into listing (origin_id, lister_id, type_id, enabled, last_update_at, first_seen_at,
       last_seen_at, url, loader_arguments)
     select id, 1 + id % 10, type_id, id % 30 > 0,
       case when id % 3 > 0 then now() - (id % 977) * interval '1 hour' end,
       now() - id * interval '1 second', now(), url, '{}'
     from origin`,
  );
  const columns = `origin_id, lister_id, listing.type_id, first_seen_at, last_update_at,
    last_successful_at, last_visit_at, last_scheduled_at, queue_position, last_visit_status,
    last_snapshot is not null`;
  const places = "listing join origin on origin.id = listing.origin_id";
  const eligible = "visit_eligible_at(last_scheduled_at, last_visit_at, last_visit_status)";
  await client.query(
    `insert into frontier select ${columns} from ${places} where enabled and ${eligible} < now()`,
  );
  await client.query(
    `insert into frontier_cooling select ${columns}, ${eligible} from ${places}
     where enabled and ${eligible} >= now()`,
  );
  await client.query("reset search_path");
}

async function analyze(): Promise<void> {
  for (const table of [...tables, ...small]) await client.query(`analyze orrery.${table}`);
}

/** Values as a choice has them: type, listers, four limits, how many, and the time. */
const given: readonly string[] = [
  "'git'",
  "null",
  "now() - interval '12 hours'",
  "now() - interval '168 hours'",
  "now() - interval '336 hours'",
  "now() - interval '744 hours'",
  "100",
  "now()",
];

/**
 * Policies whose choice reads its queue in order, as far as the window goes: between the two there
 * is no sort.
 */
async function policiesThatWalk(values: readonly string[] = []): Promise<readonly VisitPolicy[]> {
  const walking: VisitPolicy[] = [];
  for (const policy of visitPolicies) {
    const isFirst = policy === "first-visits-after-listing";
    const mine = values.map((value, place) => (isFirst && place === 1 ? listerIds : value));
    const nodes = await planOf(client, takeReady[policy], mine);
    const windows = nodes.filter(
      (node) =>
        node["Node Type"] === "Limit" &&
        node.Plans?.some((below) => below["Index Name"] === queues[policy]) === true,
    );
    if (windows.length === 1) walking.push(policy);
  }
  return walking;
}

test("plans made on a fresh database, which connections keep, read no table whole", () => {
  expect(madeOnFresh).toEqual({});
  expect(walkedOnFresh).toEqual(visitPolicies);
});

test("before anybody has analyzed the tables no hot statement reads one whole", async () => {
  expect(await allWholeReads(client, hot, large)).toEqual({});
  expect(await policiesThatWalk()).toEqual(visitPolicies);
});

test("with fresh statistics none reads a whole table or needs what is off", async () => {
  await analyze();
  expect(await allWholeReads(client, hot, large)).toEqual({});
  const needy: string[] = [];
  for (const statement of hot) {
    if (isNeedy(await planOf(client, statement))) needy.push(statement.name);
  }
  expect(needy).toEqual([]);
});

test("a choice walks its policy's queue, whatever parameters it is planned for", async () => {
  await analyze();
  expect(await policiesThatWalk()).toEqual(visitPolicies);
  await client.query("set plan_cache_mode = force_custom_plan");
  const walking = await policiesThatWalk(given);
  await client.query("set plan_cache_mode = force_generic_plan");
  expect(walking).toEqual(visitPolicies);
});

test.each([
  [takes.promotePlaces, "frontier_cooling_end"],
  [records.surveyListings, "listing_lister_id_url_type_id_key"],
  [stats.spreadStats, "frontier_pkey"],
  [stats.spreadStats, "frontier_cooling_pkey"],
  [counts.foldCounts, "frontier_count_change_pkey"],
])("$name looks up by $1", async (statement, index) => {
  await analyze();
  const indexes = (await planOf(client, statement)).map((node) => node["Index Name"]);
  expect(indexes).toContain(index);
});

test("a choice that looks for more than the window walks the queue as well", async () => {
  await analyze();
  for (const [name, value] of Object.entries(planSettings)) {
    await client.query(`set ${name} = ${value}`);
  }
  const walking: string[] = [];
  for (const policy of visitPolicies) {
    const nodes = await planOf(client, choices[policy].ready.take);
    if (nodes.some((node) => node["Index Name"] === queues[policy])) walking.push(policy);
  }
  for (const name of Object.keys(planSettings)) await client.query(`reset ${name}`);
  expect(walking).toEqual(visitPolicies);
});

test("plans made while everything cools down serve when it is ready again", async () => {
  await analyze();
  await client.query("truncate orrery.frontier");
  await client.query("vacuum (analyze) orrery.frontier");
  expect(await allWholeReads(client, hot, large)).toEqual({});
  // First visits may walk the queue of all listers: on nothing, that costs the same.
  const ofAllListers = visitPolicies.filter((policy) => policy !== "first-visits-after-listing");
  expect(await policiesThatWalk()).toEqual(expect.arrayContaining(ofAllListers));
});
