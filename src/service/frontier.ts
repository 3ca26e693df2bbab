/** Use cases of the frontier: what is found, what is visited next, and what came of it. */

import { InvalidInputError, NotFoundError } from "../kernel/errors.ts";
import { ifPresent, readFields, readText } from "../kernel/fields.ts";
import type {
  FrontierCounts,
  FrontierStore,
  Lister,
  ListerFilter,
  VisitStats,
} from "../model/frontier.ts";
import { originKeyText } from "../model/origin-key.ts";
import type { ServiceContext } from "./context.ts";
import { updateCounts } from "./frontier-counts.ts";
import {
  type ListerRequest,
  readImportRequest,
  readOriginKeys,
  readUuid,
  readVisitReports,
  readVisitRequest,
  type VisitRequest,
} from "./read-frontier.ts";
import { nameLettersMax } from "./read-requests.ts";
import { chooseVisits, type VisitChoice } from "./visit-choice.ts";
import { applyReports, lockOrigins, type VisitsReported } from "./visit-reports.ts";

/** A choice, and whether its reasons were asked for. */
export interface VisitsChosen extends VisitChoice {
  readonly explain: boolean;
}

/** What was imported. */
export interface OriginsImported {
  readonly lister: Lister;
  readonly recorded: number;
}

/** The prefix of listers that ask for first visits without naming a queue. */
const firstVisitsPrefix = "first_visits";

const anyLister: ListerFilter = {
  ids: null,
  name: null,
  instanceName: null,
  awaitsFirstVisits: false,
};

/** All listers, in the order of creation. */
export function listListers({ store }: ServiceContext): Promise<readonly Lister[]> {
  return store.frontier.listListers(anyLister);
}

/**
 * Records what a lister has found, and makes the lister if it is new.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export async function importOrigins(
  { store }: ServiceContext,
  request: unknown,
): Promise<OriginsImported> {
  const { name, instanceName, firstVisits, origins, finished } = readImportRequest(request);
  return await store.transaction(async ({ frontier }) => {
    const made = { name, instanceName, firstVisitsQueuePrefix: null };
    const { id: listerId } = await frontier.createLister(made);
    await frontier.recordOrigins(origins.map((origin) => ({ ...origin, listerId })));
    const note = { listerId, finished, firstVisits, firstVisitsQueuePrefix: firstVisitsPrefix };
    return { lister: await frontier.noteListing(note), recorded: origins.length };
  });
}

/**
 * Chooses what to visit next, and marks it as scheduled: no two calls get the same.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_POLICY`
 * @throws NotFoundError `ORR_NOT_FOUND_LISTER`
 */
export async function nextVisits(
  { store }: ServiceContext,
  request: unknown,
): Promise<VisitsChosen> {
  return await choose(store.frontier, readVisitRequest(request), { marks: true });
}

/** The same without marking; errors as there. */
export async function peekVisits(
  { store }: ServiceContext,
  request: unknown,
): Promise<VisitsChosen> {
  return await choose(store.frontier, readVisitRequest(request), { marks: false });
}

async function choose(
  store: FrontierStore,
  request: VisitRequest,
  { marks }: { readonly marks: boolean },
): Promise<VisitsChosen> {
  const { visitType, policy, count, enabled, at, cooldowns, explain } = request;
  const listers = await listersOf(store, request);
  const wish = { visitType, policy, limit: count, enabled, listers, timestamp: at, cooldowns };
  return { ...(await chooseVisits(store, { ...wish, marks })), explain };
}

async function listersOf(
  store: FrontierStore,
  { lister, policy }: VisitRequest,
): Promise<readonly Lister[] | null> {
  const { id, name, instanceName } = lister;
  const isFirst = policy === "first-visits-after-listing";
  if (id === null && name === null && instanceName === null && !isFirst) return null;
  const filter = { ...anyLister, ids: id === null ? null : [id], name, instanceName };
  const found = await store.listListers(filter);
  if (found.length === 0) throw listerNotFound(lister);
  if (isFirst && found.length > 1) {
    const message = "first visits are asked for of one lister: say listerId";
    throw new InvalidInputError("ORR_INPUT_INVALID", message, { details: { field: "listerId" } });
  }
  return found;
}

function listerNotFound({ id, name, instanceName }: ListerRequest): NotFoundError {
  const details = { id, name, instanceName };
  const shown = JSON.stringify(details);
  return new NotFoundError("ORR_NOT_FOUND_LISTER", `no lister is ${shown}`, { details });
}

/**
 * What is known of the visits of origins, in the order given; unknown ones are left out.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export async function getVisitStats(
  { store }: ServiceContext,
  origins: unknown,
): Promise<readonly VisitStats[]> {
  const keys = readOriginKeys(origins);
  const found = await store.frontier.listStats(keys);
  const byKey = new Map(found.map((each) => [originKeyText(each), each]));
  return keys.flatMap((key) => byKey.get(originKeyText(key)) ?? []);
}

/**
 * Notes visits that have ended, in order, and disables origins that have failed three times in a
 * row.
 * @throws InvalidInputError `ORR_INPUT_INVALID` `ORR_INPUT_TOO_LARGE`
 */
export async function reportVisits(
  { store }: ServiceContext,
  visits: unknown,
): Promise<VisitsReported> {
  const reports = readVisitReports(visits);
  if (reports.length === 0) return { applied: 0, disabled: 0 };
  return await store.transaction(async ({ frontier }) =>
    applyReports(frontier, { reports, known: await lockOrigins(frontier, reports) }),
  );
}

/**
 * Counts what each lister knows of each visit type, or what one does, as of now.
 * @throws InvalidInputError `ORR_INPUT_INVALID`
 */
export async function countOrigins(
  { store }: ServiceContext,
  request: unknown,
): Promise<readonly FrontierCounts[]> {
  const fields = readFields(request, "", ["listerId", "visitType"]);
  const listerId = ifPresent(fields["listerId"], (each) => readUuid(each, "listerId")) ?? null;
  const visitType = ifPresent(fields["visitType"], (each) =>
    readText(each, { field: "visitType", max: nameLettersMax }),
  );
  const counts = await updateCounts(store.frontier, { listerId, countedAt: null });
  return counts.filter((each) => visitType === undefined || each.visitType === visitType);
}
