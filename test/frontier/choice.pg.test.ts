/**
 * Goal: every policy along every path chooses exactly what the plain and slow choice does, and what
 * it marks is what it should. Method: small random frontiers full of ties, and random wishes.
 */

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { formatInstant, type Instant } from "../../src/kernel/instant.ts";
import { type Interval, intervalOf } from "../../src/kernel/interval.ts";
import {
  cooldownLimits,
  defaultCooldowns,
  type VisitCooldowns,
} from "../../src/policy/visit-cooldown.ts";
import { type SelectionPath, visitPolicies } from "../../src/policy/visit-selection.ts";
import { chooseVisits, type VisitChoice, type VisitWish } from "../../src/service/visit-choice.ts";
import type { VisitSelection } from "../../src/model/frontier.ts";
import { openStoreRig, type StoreRig } from "../engine/store-rig.ts";
import { candidatesOf, differenceOf, type KnownListing, knownListings } from "./candidates.ts";
import { brokenLaws } from "./laws.ts";
import { atHour, freshListers, nowHour, takeStep, worldSteps } from "./world.ts";

let rig: StoreRig;

beforeAll(async () => {
  rig = await openStoreRig([]);
  rig.setNow(formatInstant(atHour(nowHour)));
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Off, shorter than the default, the default, longer. */
function cooldown(standard: Interval | null): fc.Arbitrary<Interval | null> {
  return fc.oneof(
    { arbitrary: fc.constant(standard), weight: 5 },
    fc.constantFrom(null, intervalOf({}), intervalOf({ hours: 5 }), intervalOf({ days: 40 })),
  );
}

const cooldowns: fc.Arbitrary<VisitCooldowns> = fc.record({
  absolute: cooldown(defaultCooldowns.absolute),
  scheduled: cooldown(defaultCooldowns.scheduled),
  failed: cooldown(defaultCooldowns.failed),
  notFound: cooldown(defaultCooldowns.notFound),
});

const wishes = fc.record({
  visitType: fc.constantFrom("git", "git", "hg", "none"),
  policy: fc.constantFrom(...visitPolicies),
  limit: fc.constantFrom(1, 2, 5, 20, null),
  enabled: fc.constantFrom(true, true, true, false),
  lister: fc.constantFrom(null, null, 0, 1, 2),
  /** When the lister's listing ended, for first visits. */
  finishedHour: fc.option(fc.integer({ min: nowHour - 200, max: nowHour })),
  hour: fc.constantFrom(null, null, nowHour, nowHour - 40, nowHour - 500, nowHour + 10),
  cooldowns,
  marks: fc.boolean(),
  /** Whether the next path is taken that is exact as well, as it is for larger listers. */
  detours: fc.boolean(),
});

/** What is drawn of a wish. */
type Drawn = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

async function wishOf(drawn: Drawn, listerIds: readonly string[]): Promise<VisitWish> {
  const { lister, hour, finishedHour, detours: _, ...wish } = drawn;
  const isFirst = drawn.policy === "first-visits-after-listing";
  const number = lister ?? (isFirst ? 0 : null);
  const id = number === null ? undefined : listerIds[number];
  const timestamp = hour === null ? null : atHour(hour);
  if (id === undefined) return { ...wish, listers: null, timestamp };
  const { frontier } = rig.store;
  const filter = { ids: [id], name: null, instanceName: null, awaitsFirstVisits: false };
  const [found] = await frontier.listListers(filter);
  if (found === undefined) throw new Error("the lister is missing");
  const listingFinishedAt = finishedHour === null ? null : atHour(finishedHour);
  return { ...wish, listers: [{ ...found, listingFinishedAt }], timestamp };
}

/** What marks should have changed: the time of origins that were chosen, and nothing else. */
function expectedTimes(
  before: readonly KnownListing[],
  chosen: ReadonlySet<string>,
  timestamp: Instant,
): ReadonlyMap<string, Instant | null> {
  return new Map(
    before.map((each) => {
      const name = `${each.visitType} ${each.url}`;
      const { lastScheduledAt: old } = each;
      const marked = old === null || timestamp > old ? timestamp : old;
      return [name, chosen.has(name) ? marked : old];
    }),
  );
}

const paths = new Map<string, number>();

/** Paths that are exact where the first of them is; first visits need no path of the lister's. */
const asExact: Readonly<Record<SelectionPath, readonly SelectionPath[]>> = {
  ready: ["ready", "all"],
  lister: ["lister", "ready", "all"],
  all: ["all"],
  disabled: ["disabled"],
};

function selectionOf(wish: VisitWish, path: SelectionPath, timestamp: Instant): VisitSelection {
  const { listers, cooldowns: given, marks: _, ...rest } = wish;
  return {
    ...rest,
    path,
    timestamp,
    listerIds: listers === null ? null : listers.map(({ id }) => id),
    limits: cooldownLimits(given, timestamp),
    listingFinishedAt: listers?.[0]?.listingFinishedAt ?? null,
  };
}

/** Chooses along the planned path, or along the next one that is exact. */
async function choose(wish: VisitWish, hasDetours: boolean): Promise<VisitChoice> {
  const { frontier } = rig.store;
  if (!hasDetours) return await chooseVisits(frontier, wish);
  const planned = await chooseVisits(frontier, { ...wish, marks: false });
  const path = asExact[planned.path][1] ?? planned.path;
  const selection = selectionOf(wish, path, planned.timestamp);
  const origins = await (wish.marks
    ? frontier.takeVisits(selection)
    : frontier.peekVisits(selection));
  return { ...planned, path, origins };
}

async function check(drawn: Drawn, listerIds: readonly string[]): Promise<void> {
  const wish = await wishOf(drawn, listerIds);
  const before = await knownListings(rig.database);
  const choice = await choose(wish, drawn.detours);
  paths.set(choice.path, (paths.get(choice.path) ?? 0) + 1);
  const timestamp = wish.timestamp ?? atHour(nowHour);
  expect(choice.timestamp).toBe(timestamp);
  const candidates = candidatesOf(before, wish, timestamp);
  expect(differenceOf(choice.origins, candidates, wish), choice.path).toBeUndefined();
  const names = choice.origins.map((each) => `${each.visitType} ${each.url}`);
  const chosen = new Set(wish.marks ? names : []);
  const after = await knownListings(rig.database);
  const times = new Map(
    after.map((each) => [`${each.visitType} ${each.url}`, each.lastScheduledAt]),
  );
  expect(times).toEqual(expectedTimes(before, chosen, timestamp));
  expect(await brokenLaws(rig.database)).toEqual([]);
}

test("each choice is the plain and slow one, and marks what it chose", async () => {
  const scenario = fc.tuple(worldSteps, fc.array(wishes, { minLength: 6, maxLength: 12 }));
  await fc.assert(
    fc.asyncProperty(scenario, async ([steps, drawn]) => {
      const listerIds = await freshListers(rig.store, rig.database.query);
      for (const step of steps) await takeStep(rig.store, listerIds, step);
      expect(await brokenLaws(rig.database)).toEqual([]);
      for (const each of drawn) await check(each, listerIds);
    }),
    { numRuns: 25 },
  );
  // A path that nobody took would have proved nothing.
  expect([...paths.keys()].toSorted()).toEqual(["all", "disabled", "lister", "ready"]);
});
