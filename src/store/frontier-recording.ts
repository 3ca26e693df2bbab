/**
 * Recording what listers have seen, and what visits have found. Both write to origins, and lock
 * them first: they add what is missing and then lock what is there, each time in the order of URL
 * and visit type. What is written afterwards is written by a statement that began after the locks,
 * and so sees all that was done under earlier ones.
 */

import { present } from "../kernel/assert.ts";
import { ConflictError } from "../kernel/errors.ts";
import type { ListedOrigin, NewListedOrigin, OriginKey, VisitStats } from "../model/frontier.ts";
import { jsonArray, jsonObject, textJson } from "./json-parameter.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import * as listers from "./statements/frontier-listers.ts";
import * as records from "./statements/frontier-record.ts";
import * as stats from "./statements/frontier-stats.ts";

/** Items of one statement at most. */
const batchMax = 1_000;

/** How often a call is tried that others who list the same get in the way of. */
const triesMax = 20;

/** A listing with the numbers by which the database knows its names. */
interface NumberedListing {
  readonly item: NewListedOrigin;
  readonly listerNumber: number;
  readonly typeNumber: number;
  /** Null when the lister has not listed it yet. */
  readonly originId: number | null;
  /** Where it stands, unless somebody has written to it since; null as above. */
  readonly address: string | null;
  /** Whether it is new, or its place changes: then its origin is locked. */
  readonly changes: boolean;
}

/** Records origins; undefined when a lister is unknown. */
export async function recordOrigins(
  session: Session,
  origins: readonly NewListedOrigin[],
): Promise<readonly ListedOrigin[] | undefined> {
  for (let tries = 1; ; tries += 1) {
    const surveyed = await survey(session, origins);
    if (surveyed === undefined) return undefined;
    try {
      // Another call has changed what was not locked. With all of them locked nobody can but one
      // that lists the very same as it is, in the moment between our look and our write.
      const isLocking = tries > 1;
      return await record(session, isLocking ? surveyed.map(asChanging) : surveyed);
    } catch (thrown) {
      if (!(thrown instanceof ConflictError) || tries === triesMax) throw thrown;
    }
  }
}

function asChanging(listing: NumberedListing): NumberedListing {
  return { ...listing, changes: true };
}

/** What is stored of each; undefined when a lister is unknown. */
async function survey(
  session: Session,
  origins: readonly NewListedOrigin[],
): Promise<readonly NumberedListing[] | undefined> {
  const found: records.SurveyedListing[] = [];
  for (const batch of batchesOf(origins)) found.push(...(await lookUp(session, batch)));
  if (found.some(({ listerNumber }) => listerNumber === null)) return undefined;
  const unknown = origins.filter((_, index) => found[index]?.typeNumber === null);
  if (unknown.length > 0) {
    await session.query(listers.addVisitTypes, [namesOf(unknown, "visitType")]);
    return await survey(session, origins);
  }
  return origins.map((item, index) => {
    const { listerNumber, typeNumber, originId, address, isSame } = present(
      found[index],
      "an item",
    );
    return {
      item,
      listerNumber: present(listerNumber, "the lister's number"),
      typeNumber: present(typeNumber, "the visit type's number"),
      originId,
      address,
      changes: !isSame,
    };
  });
}

async function lookUp(
  session: Session,
  items: readonly NewListedOrigin[],
): Promise<readonly records.SurveyedListing[]> {
  const listerIds = namesOf(items, "listerId");
  const visitTypes = namesOf(items, "visitType");
  const listerPlaces = new Map(listerIds.map((id, index) => [id, index + 1]));
  const typePlaces = new Map(visitTypes.map((name, index) => [name, index + 1]));
  return await session.query(records.surveyListings, [
    listerIds,
    visitTypes,
    items.map(({ url }) => url),
    items.map(({ listerId }) => listerPlaces.get(listerId)),
    items.map(({ visitType }) => typePlaces.get(visitType)),
    items.map(({ enabled }) => enabled),
    items.map(({ lastUpdateAt }) => instantParameter(lastUpdateAt)),
  ]);
}

function namesOf<Key extends string>(
  items: readonly Readonly<Record<Key, string>>[],
  key: Key,
): readonly string[] {
  return [...new Set(items.map((item) => item[key]))];
}

/** Writes all of them or, when it throws, none, also inside a transaction. */
async function record(
  session: Session,
  listings: readonly NumberedListing[],
): Promise<readonly ListedOrigin[]> {
  const changing = listings.filter(({ changes }) => changes);
  // One statement is a transaction of its own.
  const needsMore = changing.length > 0 || listings.length > batchMax;
  return needsMore
    ? await session.attempt(async (inside) => {
        const touched = await touchOrigins(inside, changing);
        return await write(inside, listings, touched);
      })
    : await write(session, listings, new Map());
}

async function write(
  session: Session,
  listings: readonly NumberedListing[],
  touched: ReadonlyMap<string, records.TouchedOrigin>,
): Promise<readonly ListedOrigin[]> {
  const recorded = new Map<NumberedListing, ListedOrigin>();
  for (const batch of batchesOf(inLockOrder(listings))) {
    const json = jsonArray(
      batch.map((each, place) => {
        const origin = each.changes ? touched.get(originKey(each)) : undefined;
        const originId = present(each.originId ?? origin?.id, "the origin's number");
        return listingJson(each, { originId, address: origin?.address ?? null, place });
      }),
    );
    const written = await session.query(records.recordListings, [json, session.nowParameter()]);
    if (written.length < batch.length) {
      throw new ConflictError("ORR_CONFLICT_STALE", "a listing has changed meanwhile");
    }
    const seen = new Map(written.map((each) => [each.place, each]));
    for (const [place, listing] of batch.entries()) {
      const { firstSeenAt, lastSeenAt } = present(seen.get(place), "what was recorded");
      recorded.set(listing, { ...listing.item, firstSeenAt, lastSeenAt });
    }
  }
  return listings.map((listing) => present(recorded.get(listing), "what was recorded"));
}

/**
 * In the order in which a statement locks its listings, from one batch to the next: two calls with
 * several batches each would otherwise wait for each other.
 */
function inLockOrder(listings: readonly NumberedListing[]): readonly NumberedListing[] {
  if (listings.length <= batchMax) return listings;
  const named = listings.map((listing) => ({ listing, url: Buffer.from(listing.item.url) }));
  named.sort(
    (one, other) =>
      one.listing.listerNumber - other.listing.listerNumber ||
      Buffer.compare(one.url, other.url) ||
      one.listing.typeNumber - other.listing.typeNumber,
  );
  return named.map(({ listing }) => listing);
}

/** What names an origin to the database. */
interface NumberedOrigin {
  readonly item: { readonly url: string };
  readonly typeNumber: number;
  /** Null for one that nobody has listed. */
  readonly originId: number | null;
}

/** Adds or locks origins; answers them by `originKey`. */
async function touchOrigins(
  session: Session,
  origins: readonly NumberedOrigin[],
): Promise<ReadonlyMap<string, records.TouchedOrigin>> {
  if (origins.length === 0) return new Map();
  const touched = await session.query(records.touchOrigins, [
    origins.map(({ item }) => item.url),
    origins.map(({ typeNumber }) => typeNumber),
    origins.map(({ originId }) => originId === null),
  ]);
  return new Map(touched.map((each) => [`${each.typeNumber} ${each.url}`, each]));
}

function originKey({ item, typeNumber }: NumberedOrigin): string {
  return `${typeNumber} ${item.url}`;
}

function listingJson(
  listing: NumberedListing,
  {
    originId,
    address,
    place,
  }: {
    readonly originId: number;
    /** Of the origin, when it is locked. */
    readonly address: string | null;
    readonly place: number;
  },
): string {
  const { item } = listing;
  return jsonObject({
    origin_id: String(originId),
    lister_id: String(listing.listerNumber),
    type_id: String(listing.typeNumber),
    url: JSON.stringify(item.url),
    loader_arguments: item.loaderArgumentsJson,
    last_update_at: textJson(instantParameter(item.lastUpdateAt)),
    is_fork: item.isFork === null ? null : String(item.isFork),
    forked_from_url: textJson(item.forkedFromUrl),
    enabled: String(item.enabled),
    listing_address: textJson(listing.address),
    origin_address: textJson(address),
    place: String(place),
  });
}

/** Merges stats of distinct origins. */
export async function mergeStats(session: Session, merged: readonly VisitStats[]): Promise<void> {
  if (merged.length === 0) return;
  try {
    await session.transaction((inside) => merge(inside, merged));
  } catch (thrown) {
    if (!(thrown instanceof ConflictError)) throw thrown;
    await session.query(listers.addVisitTypes, [namesOf(merged, "visitType")]);
    await session.transaction((inside) => merge(inside, merged));
  }
}

async function merge(session: Session, merged: readonly VisitStats[]): Promise<void> {
  // In one statement, since the order of locks goes over all of them.
  const addresses = await session.query(stats.mergeStats, [jsonArray(merged.map(statsJson))]);
  if (addresses.length < merged.length) {
    throw new ConflictError("ORR_CONFLICT_STALE", "a visit type is not known yet");
  }
  for (const batch of batchesOf(addresses)) {
    await session.query(stats.spreadStats, [batch, session.nowParameter()]);
  }
}

function statsJson(item: VisitStats): string {
  const { lastSnapshot, queuePosition } = item;
  return jsonObject({
    url: JSON.stringify(item.url),
    visit_type: JSON.stringify(item.visitType),
    last_successful_at: textJson(instantParameter(item.lastSuccessfulAt)),
    last_visit_at: textJson(instantParameter(item.lastVisitAt)),
    last_visit_status: textJson(item.lastVisitStatus),
    last_scheduled_at: textJson(instantParameter(item.lastScheduledAt)),
    last_snapshot: textJson(lastSnapshot === null ? null : bytesText(lastSnapshot)),
    queue_position: queuePosition === null ? null : String(queuePosition),
    position_offset: String(item.positionOffset),
    successive_visits: String(item.successiveVisits),
  });
}

/** As PostgreSQL reads bytes. */
function bytesText(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString("hex")}`;
}

/** Adds and locks origins; only inside a transaction. */
export async function lockKeys(session: Session, keys: readonly OriginKey[]): Promise<void> {
  const names = namesOf(keys, "visitType");
  await session.query(listers.addVisitTypes, [names]);
  const numbered = await session.query(listers.numberVisitTypes, [names]);
  const numbers = new Map(numbered.map(({ id, name }) => [name, id]));
  await touchOrigins(
    session,
    keys.map((item) => {
      const typeNumber = present(numbers.get(item.visitType), "the visit type's number");
      // Nobody lists it by this.
      return { item, typeNumber, originId: 0 };
    }),
  );
}

function batchesOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const batches: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += batchMax) {
    batches.push(items.slice(start, start + batchMax));
  }
  return batches;
}
