/** Frontiers of earlier releases, which the migrations since then have to bring along. */

import { expect, test } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { defaultCooldowns } from "../../src/policy/visit-cooldown.ts";
import { type VisitChoice, chooseVisits } from "../../src/service/visit-choice.ts";
import { migrate } from "../../src/store/migrate.ts";
import { migrations } from "../../src/store/migrations.generated.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/model/store.ts";
import { createDatabase } from "../postgres/database.ts";
import { migrateUntil } from "../postgres/old-schema.ts";
import { brokenLaws } from "./laws.ts";

/** The last migration that knew nothing of places' versions. */
const firstFrontier = "0003_frontier";

/** Three listers list `both`, one of them `one`. */
const oldFrontier = `
  insert into orrery.visit_type (name) values ('git');
  insert into orrery.lister (name, instance_name, created_at, updated_at)
  select name, '', now(), now() from unnest(array['a', 'b', 'c']) as name;
  insert into orrery.origin (type_id, url) values (1, 'one'), (1, 'both');
  insert into orrery.listing (origin_id, lister_id, type_id, enabled, first_seen_at, last_seen_at,
    url, loader_arguments)
  select origin.id, lister.id, 1, true, timestamptz '2024-01-01', now(), url, '{}'
  from orrery.origin, orrery.lister
  where url = 'both' or lister.name = 'a';
  insert into orrery.frontier (origin_id, lister_id, type_id, first_seen_at, has_snapshot)
  select origin_id, lister_id, type_id, first_seen_at, false from orrery.listing;
  insert into orrery.frontier_count (lister_id, type_id, known, enabled, never_visited, pending)
  select lister_id, type_id, count(*), count(*), count(*), 0
  from orrery.listing group by lister_id, type_id`;

async function chooseOne(store: Store): Promise<VisitChoice> {
  return await chooseVisits(store.frontier, {
    visitType: "git",
    policy: "oldest-scheduled-first",
    limit: 1,
    enabled: true,
    listers: null,
    timestamp: null,
    cooldowns: defaultCooldowns,
    marks: true,
  });
}

test("listings of an earlier release are chosen once, whoever lists them", async () => {
  await using database = await createDatabase();
  const { connectionString, query } = database;
  await migrateUntil(database, firstFrontier);
  await query(oldFrontier);
  expect(await brokenLaws(database)).toEqual([]);

  const rest = Object.keys(migrations).filter((name) => name > firstFrontier);
  expect(await migrate({ connectionString, schema: "orrery" })).toEqual(rest);
  expect(await brokenLaws(database)).toEqual([]);
  await using store = await openStore({ connectionString, clock: systemClock });
  const choices = [await chooseOne(store), await chooseOne(store), await chooseOne(store)];
  expect(choices.map(({ path }) => path)).toEqual(["ready", "ready", "ready"]);
  const urls = choices.flatMap(({ origins }) => origins.map(({ url }) => url));
  expect(urls.toSorted()).toEqual(["both", "one"]);
  expect(await brokenLaws(database)).toEqual([]);
});
