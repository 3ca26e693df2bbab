/** Choosing origins: along the policy's order, locked, marked, and read as they are listed. */

import type { ListedOrigin, Promotion, VisitSelection } from "../model/frontier.ts";
import { present } from "../kernel/assert.ts";
import type { Instant } from "../kernel/instant.ts";
import { instantParameter } from "./row.ts";
import type { Session } from "./session.ts";
import { choices, hasWindow, type PlaceKey, planSettings } from "./statements/frontier-choose.ts";
import { readyCountMax, takeReady } from "./statements/frontier-take-ready.ts";
import * as takes from "./statements/frontier-take.ts";

/** Places that one statement promotes at most. */
const promotionMax = 1_000;

/**
 * How many more than wanted a window shows: so many may be locked by others before everything is
 * looked at.
 */
const windowSlack = 1_000n;

/** Promotes all that is due, one batch after the other. */
export async function promote(
  session: Session,
  visitType: string,
  until: Instant | null,
): Promise<Promotion> {
  let promoted = 0;
  for (;;) {
    const batch = present(
      await session.queryOne(takes.promotePlaces, [
        visitType,
        instantParameter(until),
        promotionMax,
        session.nowParameter(),
      ]),
      "the promotion",
    );
    promoted += batch.promoted;
    if (batch.promoted < promotionMax) return { now: batch.now, promoted };
  }
}

/**
 * Chooses, marks and answers. What the head of the queue does not show, because others have locked
 * it or a predicate leaves it out, is looked for further on, in a transaction of its own.
 */
export async function takeVisits(
  session: Session,
  selection: VisitSelection,
): Promise<readonly ListedOrigin[]> {
  const { path, limit, policy, timestamp } = selection;
  if (path !== "ready" || limit === null || limit > readyCountMax) {
    return await takeChosen(session, selection);
  }
  const taken = await session.query(takeReady[policy], [
    ...candidateParameters(selection),
    String(limit),
    instantParameter(timestamp),
  ]);
  const missing = Number(limit) - taken.length;
  if (missing === 0) return taken;
  return [...taken, ...(await takeChosen(session, { ...selection, limit: missing }))];
}

async function takeChosen(
  session: Session,
  selection: VisitSelection,
): Promise<readonly ListedOrigin[]> {
  return await session.transaction(async (inside) => {
    const places = await choose(inside, selection, "take");
    if (places.length === 0) return [];
    return await inside.query(takes.markVisits, [
      ...placeParameters(places),
      selection.enabled,
      instantParameter(selection.timestamp),
      selection.policy === "without-last-update" ? selection.visitType : null,
    ]);
  }, planSettings);
}

/** Chooses and answers. */
export async function peekVisits(
  session: Session,
  selection: VisitSelection,
): Promise<readonly ListedOrigin[]> {
  return await session.transaction(async (inside) => {
    const places = await choose(inside, selection, "peek");
    const values = [...placeParameters(places), selection.enabled];
    return await inside.query(takes.readPlaces, values);
  }, planSettings);
}

function placeParameters(places: readonly PlaceKey[]): readonly unknown[] {
  return [places.map(({ originId }) => originId), places.map(({ listerNumber }) => listerNumber)];
}

async function choose(
  session: Session,
  selection: VisitSelection,
  purpose: "take" | "peek",
): Promise<readonly PlaceKey[]> {
  const { policy, path } = selection;
  const statement = choices[policy][path][purpose];
  const values = choiceParameters(selection);
  if (!hasWindow(policy, path)) return await session.query(statement, values);
  const wanted = selection.limit === null ? null : BigInt(selection.limit);
  if (wanted === null) return await session.query(statement, [...values, null]);
  const window = String(wanted + windowSlack);
  const places = await session.query(statement, [...values, window]);
  // A window of the whole order cannot hide anybody; one that was full may.
  if (purpose === "peek" || BigInt(places.length) >= wanted) return places;
  return await session.query(statement, [...values, null]);
}

function choiceParameters(selection: VisitSelection): readonly unknown[] {
  const { limit, policy, listingFinishedAt } = selection;
  return [
    ...candidateParameters(selection),
    limit === null ? null : String(limit),
    ...(policy === "first-visits-after-listing" ? [instantParameter(listingFinishedAt)] : []),
  ];
}

function candidateParameters({ visitType, listerIds, limits }: VisitSelection): readonly unknown[] {
  return [
    visitType,
    listerIds,
    instantParameter(limits.scheduledBefore),
    instantParameter(limits.unvisitedBefore),
    instantParameter(limits.failedBefore),
    instantParameter(limits.notFoundBefore),
  ];
}
