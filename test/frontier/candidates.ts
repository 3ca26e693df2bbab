/**
 * The plain and slow choice: every listing with its origin, filtered one by one by the rules, and
 * put in order.
 */

import type { Instant } from "../../src/kernel/instant.ts";
import type { ListedOrigin } from "../../src/model/frontier.ts";
import { cooldownLimits, visitStatuses } from "../../src/policy/visit-cooldown.ts";
import type { VisitWish } from "../../src/service/visit-choice.ts";
import type { TestDatabase, TestRow } from "../postgres/database.ts";
import {
  type Candidate,
  compareSortKeys,
  hasCooledDown,
  isTaken,
  type SortKey,
  sortKeyOf,
} from "./choice-rules.ts";

/** A listing and all that is known of it. */
export interface KnownListing extends Candidate {
  readonly listerId: string;
  readonly url: string;
  readonly visitType: string;
  readonly enabled: boolean;
}

const micros = (column: string): string =>
  `(extract(epoch from ${column}) * 1000000)::bigint::text as ${column}`;

/** All listings. */
export async function knownListings({
  query,
}: Pick<TestDatabase, "query">): Promise<readonly KnownListing[]> {
  const rows = await query(
    `select lister.uuid, listing.url, visit_type.name as visit_type, enabled,
       ${micros("first_seen_at")}, ${micros("last_update_at")}, ${micros("last_successful_at")},
       ${micros("last_visit_at")}, ${micros("last_scheduled_at")}, last_visit_status,
       last_snapshot is not null as has_snapshot, queue_position::text as queue_position
     from orrery.listing
     join orrery.lister on lister.id = listing.lister_id
     join orrery.visit_type on visit_type.id = listing.type_id
     join orrery.origin on origin.id = listing.origin_id`,
  );
  return rows.map((row) => ({
    listerId: String(row["uuid"]),
    url: String(row["url"]),
    visitType: String(row["visit_type"]),
    enabled: row["enabled"] === true,
    firstSeenAt: instantIn(row, "first_seen_at") ?? (0n as Instant),
    lastUpdateAt: instantIn(row, "last_update_at"),
    lastSuccessfulAt: instantIn(row, "last_successful_at"),
    lastVisitAt: instantIn(row, "last_visit_at"),
    lastScheduledAt: instantIn(row, "last_scheduled_at"),
    lastVisitStatus: visitStatuses.find((each) => each === row["last_visit_status"]) ?? null,
    hasSnapshot: row["has_snapshot"] === true,
    queuePosition: bigintIn(row, "queue_position"),
  }));
}

function instantIn(row: TestRow, column: string): Instant | null {
  return bigintIn(row, column) as Instant | null;
}

/** The driver gives 64-bit numbers as text. */
function bigintIn(row: TestRow, column: string): bigint | null {
  const value = row[column];
  if (value === null) return null;
  if (typeof value !== "string") throw new TypeError(`${column} is no 64-bit number`);
  return BigInt(value);
}

/** What may be chosen, in the order of the policy. */
export function candidatesOf(
  listings: readonly KnownListing[],
  wish: VisitWish,
  timestamp: Instant,
): readonly KnownListing[] {
  const { visitType, policy, enabled, listers, cooldowns } = wish;
  const limits = cooldownLimits(cooldowns, timestamp);
  const facts = { listingFinishedAt: listers?.[0]?.listingFinishedAt ?? null };
  const isCandidate = (each: KnownListing): boolean =>
    each.visitType === visitType &&
    each.enabled === enabled &&
    (listers === null || listers.some(({ id }) => id === each.listerId)) &&
    hasCooledDown(each, limits) &&
    isTaken(policy, each, facts);
  const keys = new Map(listings.map((each) => [each, sortKeyOf(policy, each)]));
  const keyOf = (each: KnownListing): SortKey => keys.get(each) ?? [];
  return listings
    .filter(isCandidate)
    .toSorted((one, other) => compareSortKeys({ left: keyOf(one), right: keyOf(other) }));
}

/** Names a listing. */
export function listingName(each: Pick<ListedOrigin, "listerId" | "url" | "visitType">): string {
  return `${each.listerId} ${each.visitType} ${each.url}`;
}

/**
 * How a choice differs from the right one: ties may come in any order, and any of them may be the
 * ones that are cut off. Undefined when it does not.
 */
export function differenceOf(
  chosen: readonly ListedOrigin[],
  candidates: readonly KnownListing[],
  wish: VisitWish,
): string | undefined {
  const count = wish.limit === null ? candidates.length : Number(wish.limit);
  const wanted = candidates.slice(0, count);
  if (chosen.length !== wanted.length) return `${chosen.length} instead of ${wanted.length}`;
  const byName = new Map(candidates.map((each) => [listingName(each), each]));
  for (const [index, each] of chosen.entries()) {
    const name = listingName(each);
    const candidate = byName.get(name);
    if (candidate === undefined) return `${name} is no candidate, or comes twice`;
    byName.delete(name);
    const left = sortKeyOf(wish.policy, candidate);
    const right = sortKeyOf(wish.policy, wanted[index] ?? candidate);
    if (compareSortKeys({ left, right }) !== 0) {
      return `at ${index} stands ${left.join("/")} instead of ${right.join("/")}`;
    }
  }
  return undefined;
}
