/**
 * Small random frontiers with many ties: few hours, few positions, URLs that several listers list.
 * Hours are counted from an epoch, around a present at `nowHour`.
 */

import fc from "fast-check";

import { present } from "../../src/kernel/assert.ts";
import { type Instant, instantFromMillis } from "../../src/kernel/instant.ts";
import type { NewListedOrigin, VisitStats } from "../../src/model/frontier.ts";
import { visitStatuses } from "../../src/policy/visit-cooldown.ts";
import type { Store } from "../../src/model/store.ts";
import { mergeVisitStats } from "../../src/service/visit-stats.ts";

/** The present, in hours since the epoch of these worlds. */
export const nowHour = 2_000;

const epochMs = Date.UTC(2026, 0, 1);

/** The instant at an hour; fractions down to microseconds count. */
export function atHour(hour: number): Instant {
  return instantFromMillis(epochMs + hour * 3_600_000);
}

/** The names of the listers. */
export const listerNames = ["a", "b", "c"] as const;

/** What one lister lists, by the number of its URL. */
export interface WorldListing {
  readonly lister: number;
  readonly url: number;
  readonly visitType: string;
  readonly enabled: boolean;
  readonly updateHour: number | null;
}

/** What is known of a URL's visits. */
export interface WorldVisit {
  readonly url: number;
  readonly visitType: string;
  readonly successHour: number | null;
  readonly visitHour: number | null;
  readonly status: VisitStats["lastVisitStatus"];
  readonly scheduledHour: number | null;
  readonly hasSnapshot: boolean;
  readonly position: number | null;
}

/** Something that happens to a frontier. */
export type WorldStep =
  | { readonly kind: "list"; readonly listings: readonly WorldListing[] }
  | { readonly kind: "visit"; readonly visits: readonly WorldVisit[] };

const urlMax = 24;
const urls = fc.integer({ min: 0, max: urlMax });
const types = fc.constantFrom("git", "hg");

/** Hours near the edges of the cool-downs, so that they matter. */
const hours = fc.oneof(
  fc.integer({ min: nowHour - 900, max: nowHour + 30 }),
  fc.constantFrom(11, 12, 13, 167, 168, 169, 336, 337, 744, 745).map((back) => nowHour - back),
);

const listing: fc.Arbitrary<WorldListing> = fc.record({
  lister: fc.integer({ min: 0, max: listerNames.length - 1 }),
  url: urls,
  visitType: types,
  enabled: fc.integer({ min: 0, max: 5 }).map((chance) => chance > 0),
  updateHour: fc.option(hours),
});

const visit: fc.Arbitrary<WorldVisit> = fc.record({
  url: urls,
  visitType: types,
  successHour: fc.option(hours),
  visitHour: fc.option(hours),
  status: fc.option(fc.constantFrom(...visitStatuses)),
  scheduledHour: fc.option(hours),
  hasSnapshot: fc.boolean(),
  position: fc.option(fc.integer({ min: -2, max: 5 })),
});

/** Listings or visits. */
export const worldStep: fc.Arbitrary<WorldStep> = fc.oneof(
  fc.array(listing, { minLength: 1, maxLength: 40 }).map((listings): WorldStep => ({
    kind: "list",
    listings,
  })),
  fc.array(visit, { minLength: 1, maxLength: 30 }).map((visits): WorldStep => ({
    kind: "visit",
    visits,
  })),
);

/** Listings and visits, in turns. */
export const worldSteps: fc.Arbitrary<readonly WorldStep[]> = fc.array(worldStep, {
  minLength: 2,
  maxLength: 6,
});

/** Empties the frontier and makes the listers anew; answers their ids. */
export async function freshListers(
  store: Store,
  query: (sql: string) => Promise<unknown>,
): Promise<readonly string[]> {
  await query(
    `truncate orrery.lister, orrery.listing, orrery.origin, orrery.visit_type, orrery.frontier,
       orrery.frontier_cooling, orrery.frontier_count, orrery.frontier_count_change,
       orrery.frontier_metrics, orrery.visit_queue_position`,
  );
  const ids: string[] = [];
  for (const name of listerNames) {
    const made = { name, instanceName: "", firstVisitsQueuePrefix: null };
    ids.push((await store.frontier.createLister(made)).id);
  }
  return ids;
}

/** Does what a step says. */
export async function takeStep(
  { frontier }: Store,
  listerIds: readonly string[],
  step: WorldStep,
): Promise<void> {
  if (step.kind === "visit") {
    await mergeVisitStats(frontier, step.visits.map(visitStats));
    return;
  }
  const listed = step.listings.map((each) => listedOrigin(each, listerIds));
  const keyOf = ({ listerId, url, visitType }: NewListedOrigin): string =>
    JSON.stringify([listerId, url, visitType]);
  await frontier.recordOrigins([...new Map(listed.map((each) => [keyOf(each), each])).values()]);
}

function listedOrigin(each: WorldListing, listerIds: readonly string[]): NewListedOrigin {
  return {
    listerId: present(listerIds[each.lister], "the lister"),
    url: worldUrl(each.url),
    visitType: each.visitType,
    loaderArgumentsJson: "{}",
    lastUpdateAt: each.updateHour === null ? null : atHour(each.updateHour),
    isFork: null,
    forkedFromUrl: null,
    enabled: each.enabled,
  };
}

function visitStats(each: WorldVisit): VisitStats {
  const at = (hour: number | null): Instant | null => (hour === null ? null : atHour(hour));
  return {
    url: worldUrl(each.url),
    visitType: each.visitType,
    lastSuccessfulAt: at(each.successHour),
    lastVisitAt: at(each.visitHour),
    lastVisitStatus: each.status,
    lastScheduledAt: at(each.scheduledHour),
    lastSnapshot: each.hasSnapshot ? Uint8Array.of(1, 2) : null,
    queuePosition: each.position,
    positionOffset: 4,
    successiveVisits: 1,
  };
}

/** A URL by its number. */
export function worldUrl(number: number): string {
  return `https://example.org/${number}`;
}
