/**
 * Goal: the counts are those of a full count at every moment, whoever writes and whoever adds up
 * meanwhile. Method: random listings, visits, choices, give-ups and updates from several
 * connections at once, beside others that add up changes a few at a time; the law is one query,
 * which sees one moment.
 */

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { defaultCooldowns } from "../../src/policy/visit-cooldown.ts";
import { visitPolicies, type VisitPolicy } from "../../src/policy/visit-selection.ts";
import type { OriginKey } from "../../src/model/frontier.ts";
import type { Store } from "../../src/model/store.ts";
import { updateCounts } from "../../src/service/frontier-counts.ts";
import { chooseVisits } from "../../src/service/visit-choice.ts";
import { openRig } from "../engine/rig.ts";
import { openStoreRig, type StoreRig } from "../engine/store-rig.ts";
import { brokenLaws } from "./laws.ts";
import {
  atHour,
  freshListers,
  nowHour,
  takeStep,
  type WorldStep,
  worldStep,
  worldUrl,
} from "./world.ts";

let rig: StoreRig;
let others: readonly Store[];

beforeAll(async () => {
  rig = await openStoreRig([]);
  others = [await rig.openAnother(), await rig.openAnother()];
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** What a writer does. */
type Operation =
  | WorldStep
  | { readonly kind: "choose"; readonly policy: VisitPolicy; readonly limit: number }
  | { readonly kind: "give up"; readonly keys: readonly OriginKey[] }
  | { readonly kind: "learn"; readonly keys: readonly OriginKey[]; readonly hour: number };

const key: fc.Arbitrary<OriginKey> = fc.record({
  url: fc.integer({ min: 0, max: 24 }).map(worldUrl),
  visitType: fc.constantFrom("git", "hg"),
});

const keys = fc.uniqueArray(key, {
  minLength: 1,
  maxLength: 8,
  selector: (each) => JSON.stringify(each),
});

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { arbitrary: worldStep, weight: 4 },
  fc.record({
    kind: fc.constant("choose" as const),
    policy: fc.constantFrom(...visitPolicies),
    limit: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ kind: fc.constant("give up" as const), keys }),
  fc.record({
    kind: fc.constant("learn" as const),
    keys,
    hour: fc.integer({ min: nowHour - 900, max: nowHour }),
  }),
);

const histories = fc.record({
  /** What each of two writers does, one after the other. */
  writers: fc.tuple(
    fc.array(operation, { minLength: 2, maxLength: 8 }),
    fc.array(operation, { minLength: 2, maxLength: 8 }),
  ),
  /** How many changes each of three others adds up, time and again. */
  batches: fc.tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
    fc.constant(1_000),
  ),
});

async function perform(store: Store, listerIds: readonly string[], each: Operation): Promise<void> {
  if (each.kind === "list" || each.kind === "visit") {
    await takeStep(store, listerIds, each);
  } else if (each.kind === "give up") {
    await store.transaction(async ({ frontier }) => {
      await frontier.lockOrigins(each.keys);
      await frontier.disableOrigins(each.keys);
    });
  } else if (each.kind === "learn") {
    const lastUpdateAt = atHour(each.hour);
    await store.transaction(async ({ frontier }) => {
      await frontier.lockOrigins(each.keys);
      await frontier.noteUpdates(each.keys.map((known) => ({ ...known, lastUpdateAt })));
    });
  } else {
    const ids = listerIds.slice(0, 1);
    const filter = { ids, name: null, instanceName: null, awaitsFirstVisits: false };
    const isFirst = each.policy === "first-visits-after-listing";
    await chooseVisits(store.frontier, {
      visitType: "git",
      policy: each.policy,
      limit: each.limit,
      enabled: true,
      listers: isFirst ? await store.frontier.listListers(filter) : null,
      timestamp: null,
      cooldowns: defaultCooldowns,
      marks: true,
    });
  }
}

test("counts are those of a full count, whoever writes and adds up side by side", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ writers, batches }) => {
      const listerIds = await freshListers(rig.store, rig.database.query);
      const writing = new Set(writers.keys());
      const stores = [rig.store, ...others];
      await Promise.all([
        ...writers.map(async (operations, number) => {
          const store = stores[number] ?? rig.store;
          try {
            for (const each of operations) await perform(store, listerIds, each);
          } finally {
            writing.delete(number);
          }
        }),
        ...batches.map(async (limit, number) => {
          const { frontier } = stores[number] ?? rig.store;
          while (writing.size > 0) await frontier.foldCounts(limit);
        }),
      ]);
      expect(await brokenLaws(rig.database)).toEqual([]);
      const right = await fullCount();
      expect(await countLines()).toEqual(right);
      while ((await rig.store.frontier.foldCounts(3)) > 0) continue;
      expect(await rig.database.query("select from orrery.frontier_count_change")).toEqual([]);
      expect(await countLines()).toEqual(right);
    }),
    { numRuns: 20 },
  );
});

test("what is not added up yet counts as well, and a change is added up once", async () => {
  const { frontier } = rig.store;
  const listerIds = await freshListers(rig.store, rig.database.query);
  await takeStep(rig.store, listerIds, newListing(0, "git"));
  expect(await countLines()).toEqual(["a git 1 1 1 0"]);
  await takeStep(rig.store, listerIds, newListing(1, "git"));
  const folded = await Promise.all(
    [rig.store, ...others].map(async (store) => await store.frontier.foldCounts(10)),
  );
  expect(folded.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
  while ((await frontier.foldCounts(10)) > 0) continue;
  expect(await countLines()).toEqual(["a git 2 2 2 0"]);
});

test("an engine adds up in the background", async () => {
  await using engine = await openRig({ definitions: [], worker: null, isStarted: false });
  const listerIds = await freshListers(engine.store, engine.database.query);
  await takeStep(engine.store, listerIds, newListing(0, "git"));
  await engine.engine.start();
  expect(await engine.event(({ kind }) => kind === "counted")).toEqual({
    kind: "counted",
    changes: 1,
  });
  expect(await engine.database.query("select from orrery.frontier_count_change")).toEqual([]);
  const added = await engine.database.query("select known::integer from orrery.frontier_count");
  expect(added).toEqual([{ known: 1 }]);
});

function newListing(url: number, visitType: string): WorldStep {
  const listing = { lister: 0, url, visitType, enabled: true, updateHour: null };
  return { kind: "list", listings: [listing] };
}

/** As the product counts. */
async function countLines(): Promise<readonly string[]> {
  const names = new Map(
    (await rig.database.query("select uuid, name from orrery.lister")).map((row) => [
      String(row["uuid"]),
      String(row["name"]),
    ]),
  );
  const counted = await updateCounts(rig.store.frontier, { listerId: null, countedAt: null });
  return counted
    .map(({ listerId, visitType, known, enabled, neverVisited, withPendingChanges }) =>
      [names.get(listerId), visitType, known, enabled, neverVisited, withPendingChanges].join(" "),
    )
    .toSorted();
}

/** As anybody would, from the tables that are right by definition. */
async function fullCount(): Promise<readonly string[]> {
  const rows = await rig.database.query(
    `select concat_ws(' ', lister.name, visit_type.name, count(*), count(*) filter (where enabled),
       count(*) filter (where enabled and last_snapshot is null),
       count(*) filter (where enabled and last_update_at > last_successful_at)) as line
     from orrery.listing
     join orrery.lister on lister.id = listing.lister_id
     join orrery.visit_type on visit_type.id = listing.type_id
     join orrery.origin on origin.id = listing.origin_id
     group by lister.name, visit_type.name`,
  );
  return rows.map((row) => String(row["line"])).toSorted();
}
