/**
 * The ends of runs that visit: what came of a visit is noted in the transaction in which its run
 * ends, so that it counts once, whatever dies when. Origins are locked before runs, by everybody.
 */

import { assertNever } from "../kernel/assert.ts";
import type { RunId } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { OriginUpdate } from "../model/frontier.ts";
import { originKeyText } from "../model/origin-key.ts";
import type { FinishedRun, RunVisit } from "../model/run.ts";
import type { Store } from "../model/store.ts";
import { readFinding } from "../model/visit-result.ts";
import type { EndedVisit } from "../policy/visit-outcome.ts";
import type { VisitReport } from "./read-frontier.ts";
import { applyReports, type KnownVisits, lockOrigins } from "./visit-reports.ts";

/** The end of a run that visited. */
interface FinishedVisit extends FinishedRun {
  readonly visit: RunVisit;
}

/** Bytes of an id that is made up, and where the run's number stands in it. */
const madeUpSnapshot = { bytes: 20, runIdAt: 12 };

/** Ends claimed runs, visits and others; answers those whose token was current. */
export async function finishRuns(
  store: Store,
  runs: readonly FinishedRun[],
): Promise<readonly RunId[]> {
  const visits = runs.filter(isVisit);
  if (visits.length === 0) return await store.runs.finish(runs);
  const others = runs.filter((run) => !isVisit(run));
  const accepted = others.length === 0 ? [] : await store.runs.finish(others);
  return [...accepted, ...(await store.transaction((inside) => finishVisits(inside, visits)))];
}

function isVisit(run: FinishedRun): run is FinishedVisit {
  return run.visit !== undefined;
}

async function finishVisits(
  { frontier, runs, system }: Store,
  visits: readonly FinishedVisit[],
): Promise<readonly RunId[]> {
  const known = await lockOrigins(
    frontier,
    visits.map(({ visit }) => visit),
  );
  const accepted = await runs.finish(visits);
  if (accepted.length === 0) return accepted;
  const acceptedIds = new Set(accepted);
  const ended = visits.filter((visit) => acceptedIds.has(visit.id));
  const reports = reportsOf(ended, { known, now: await system.now() });
  if (reports.length > 0) await applyReports(frontier, { reports, known });
  const updates = updatesOf(ended);
  if (updates.length > 0) await frontier.noteUpdates(updates);
  return accepted;
}

/**
 * Those of one origin end one after the other, or only the first would count; each is the same as
 * before, where it says so, as the one before it.
 */
function reportsOf(
  ended: readonly FinishedVisit[],
  { known, now }: { readonly known: KnownVisits; readonly now: Instant },
): readonly VisitReport[] {
  const before = new Map<string, EndedVisit>();
  return ended.flatMap((run) => {
    const key = originKeyText(run.visit);
    const last = before.get(key);
    const lastSnapshot = last?.snapshot ?? known.get(key)?.lastSnapshot ?? null;
    const found = visitOf(run, lastSnapshot);
    if (found === undefined) return [];
    const visit = { ...found, at: last === undefined ? now : ((last.at + 1n) as Instant) };
    // A visit without a snapshot leaves the last one as it is.
    before.set(key, { ...visit, snapshot: visit.snapshot ?? lastSnapshot });
    return [{ ...run.visit, visit }];
  });
}

/** What a run says of its origin; undefined when it was stopped before it could tell. */
function visitOf(
  { id, outcome }: FinishedVisit,
  lastSnapshot: Uint8Array | null,
): Omit<EndedVisit, "at"> | undefined {
  switch (outcome.kind) {
    case "eventful":
    case "uneventful": {
      const { notFound, snapshot } = readFinding(outcome.output);
      if (notFound) return { outcome: "not_found", snapshot: null };
      const same = outcome.kind === "uneventful" ? lastSnapshot : null;
      return { outcome: "successful", snapshot: snapshot ?? same ?? madeUp(id) };
    }
    case "failed":
    case "permfailed":
    case "lost":
      return { outcome: "failed", snapshot: null };
    case "cancelled":
    case "snoozed":
      return undefined;
    default:
      return assertNever(outcome);
  }
}

/** An id of what was found by a run that names none: no other run has the same. */
function madeUp(id: RunId): Uint8Array {
  const bytes = new Uint8Array(madeUpSnapshot.bytes);
  new DataView(bytes.buffer).setBigUint64(madeUpSnapshot.runIdAt, BigInt(id));
  return bytes;
}

/** When origins were updated, where visits have learnt it: of one origin the latest. */
function updatesOf(ended: readonly FinishedVisit[]): readonly OriginUpdate[] {
  const updates = new Map<string, OriginUpdate>();
  for (const { visit, outcome } of ended) {
    const { lastUpdateAt } = readFinding("output" in outcome ? outcome.output : null);
    if (lastUpdateAt === null) continue;
    const key = originKeyText(visit);
    const known = updates.get(key);
    if (known === undefined || known.lastUpdateAt < lastUpdateAt) {
      updates.set(key, { ...visit, lastUpdateAt });
    }
  }
  return [...updates.values()];
}
