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

/** A listing with the numbers by which the database knows its names. */
interface NumberedListing {
  readonly item: NewListedOrigin;
  readonly listerNumber: number;
  readonly typeNumber: number;
}

/** One that is written. */
interface Recording extends NumberedListing {
  readonly originId: number;
  readonly isLocked: boolean;
}

/** Records origins; undefined when a lister is unknown. */
export async function recordOrigins(
  session: Session,
  origins: readonly NewListedOrigin[],
): Promise<readonly ListedOrigin[] | undefined> {
  if (origins.length === 0) return [];
  const ids = [...new Set(origins.map(({ listerId }) => listerId))];
  const listerNumbers = numbersOf(await session.query(listers.numberListers, [ids]));
  if (ids.some((id) => !listerNumbers.has(id))) return undefined;
  const typeNumbers = await numberTypes(session, origins);
  const numbered = origins.map((item) => ({
    item,
    listerNumber: present(listerNumbers.get(item.listerId), "the lister's number"),
    typeNumber: present(typeNumbers.get(item.visitType), "the visit type's number"),
  }));
  try {
    return await session.transaction((inside) => record(inside, numbered, { locksAll: false }));
  } catch (thrown) {
    if (!(thrown instanceof ConflictError)) throw thrown;
    // Another call has changed what was not locked. This time nobody can.
    return await session.transaction((inside) => record(inside, numbered, { locksAll: true }));
  }
}

async function record(
  session: Session,
  origins: readonly NumberedListing[],
  options: { readonly locksAll: boolean },
): Promise<readonly ListedOrigin[]> {
  const recordings = await lockChanging(session, origins, options);
  const seen = new Map<string, records.SeenListing>();
  for (const batch of batchesOf(recordings)) {
    const json = jsonArray(batch.map(recordingJson));
    const written = await session.query(records.recordListings, [json, session.nowParameter()]);
    if (written.length < batch.length) {
      throw new ConflictError("ORR_CONFLICT_STALE", "a listing has changed meanwhile");
    }
    for (const each of written) seen.set(listingKey(each), each);
  }
  return origins.map(({ item, ...numbers }) => {
    const { firstSeenAt, lastSeenAt } = present(
      seen.get(listingKey({ ...numbers, url: item.url })),
      "what was recorded",
    );
    return { ...item, firstSeenAt, lastSeenAt };
  });
}

/** Locks the origins of those that are new, or whose place changes. */
async function lockChanging(
  session: Session,
  origins: readonly NumberedListing[],
  { locksAll }: { readonly locksAll: boolean },
): Promise<readonly Recording[]> {
  const surveyed: records.SurveyedListing[] = [];
  for (const batch of batchesOf(origins)) {
    const found = await session.query(records.surveyListings, [
      batch.map(({ item }) => item.url),
      batch.map(({ listerNumber }) => listerNumber),
      batch.map(({ typeNumber }) => typeNumber),
      batch.map(({ item }) => item.enabled),
      batch.map(({ item }) => instantParameter(item.lastUpdateAt)),
    ]);
    surveyed.push(...found);
  }
  const isLocked = (index: number): boolean => locksAll || surveyed[index]?.isSame !== true;
  const isNew = (index: number): boolean => (surveyed[index]?.originId ?? null) === null;
  const added = await addOrigins(
    session,
    origins.filter((_, index) => isNew(index)),
  );
  const locked = await lockOrigins(
    session,
    origins.filter((each, index) => isLocked(index) && !added.has(originKey(each))),
  );
  return origins.map((each, index) => {
    const key = originKey(each);
    const originId = surveyed[index]?.originId ?? added.get(key) ?? locked.get(key);
    return {
      ...each,
      originId: present(originId, "the origin's number"),
      isLocked: isLocked(index),
    };
  });
}

/** Ids of origins, by `originKey`. */
type OriginIds = ReadonlyMap<string, number>;

/** What names an origin to the database. */
interface NumberedOrigin {
  readonly item: { readonly url: string };
  readonly typeNumber: number;
}

async function addOrigins(
  session: Session,
  origins: readonly NumberedOrigin[],
): Promise<OriginIds> {
  if (origins.length === 0) return new Map();
  return idsOf(await session.query(records.addOrigins, originParameters(origins)));
}

async function lockOrigins(
  session: Session,
  origins: readonly NumberedOrigin[],
): Promise<OriginIds> {
  if (origins.length === 0) return new Map();
  return idsOf(await session.query(records.lockOrigins, originParameters(origins)));
}

function originParameters(origins: readonly NumberedOrigin[]): readonly unknown[] {
  return [origins.map(({ item }) => item.url), origins.map(({ typeNumber }) => typeNumber)];
}

function idsOf(found: readonly records.NumberedOrigin[]): OriginIds {
  return new Map(found.map(({ id, url, typeNumber }) => [`${typeNumber} ${url}`, id]));
}

function originKey({ item, typeNumber }: NumberedOrigin): string {
  return `${typeNumber} ${item.url}`;
}

function listingKey(listing: {
  readonly listerNumber: number;
  readonly typeNumber: number;
  readonly url: string;
}): string {
  return `${listing.listerNumber} ${listing.typeNumber} ${listing.url}`;
}

function recordingJson({ item, ...numbers }: Recording): string {
  return jsonObject({
    origin_id: String(numbers.originId),
    lister_id: String(numbers.listerNumber),
    type_id: String(numbers.typeNumber),
    url: JSON.stringify(item.url),
    loader_arguments: item.loaderArgumentsJson,
    last_update_at: textJson(instantParameter(item.lastUpdateAt)),
    is_fork: item.isFork === null ? null : String(item.isFork),
    forked_from_url: textJson(item.forkedFromUrl),
    enabled: String(item.enabled),
    is_locked: String(numbers.isLocked),
  });
}

/** Merges stats of distinct origins. */
export async function mergeStats(session: Session, merged: readonly VisitStats[]): Promise<void> {
  if (merged.length === 0) return;
  const typeNumbers = await numberTypes(session, merged);
  const numbered = merged.map((item) => {
    return { item, typeNumber: present(typeNumbers.get(item.visitType), "the type's number") };
  });
  await session.transaction(async (inside) => {
    // All that is missing before anything is locked.
    await addOrigins(inside, numbered);
    const ids: number[] = [];
    // In one statement, since the order of locks goes over all of them.
    ids.push(...(await inside.query(stats.mergeStats, [jsonArray(numbered.map(statsJson))])));
    for (const batch of batchesOf(ids)) {
      await inside.query(stats.spreadStats, [batch, inside.nowParameter()]);
    }
  });
}

function statsJson({ item, typeNumber }: NumberedOrigin & { readonly item: VisitStats }): string {
  const { lastSnapshot, queuePosition } = item;
  return jsonObject({
    url: JSON.stringify(item.url),
    type_id: String(typeNumber),
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
  if (keys.length === 0) return;
  const typeNumbers = await numberTypes(session, keys);
  const numbered = keys.map((item) => {
    return { item, typeNumber: present(typeNumbers.get(item.visitType), "the type's number") };
  });
  await addOrigins(session, numbered);
  await lockOrigins(session, numbered);
}

/** Numbers of the items' visit types; those that are new are made, for good. */
async function numberTypes(
  session: Session,
  items: readonly { readonly visitType: string }[],
): Promise<ReadonlyMap<string, number>> {
  const names = [...new Set(items.map(({ visitType }) => visitType))];
  const known = numbersOf(await session.query(listers.numberVisitTypes, [names]));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return known;
  await session.query(listers.addVisitTypes, [missing]);
  return numbersOf(await session.query(listers.numberVisitTypes, [names]));
}

function numbersOf(names: readonly listers.NumberedName[]): ReadonlyMap<string, number> {
  return new Map(names.map(({ id, name }) => [name, id]));
}

function batchesOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const batches: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += batchMax) {
    batches.push(items.slice(start, start + batchMax));
  }
  return batches;
}
