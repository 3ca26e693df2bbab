/** What a run that visits an origin is told of it. */

import { hexOf } from "../kernel/hex.ts";
import { formatOptional } from "../kernel/instant.ts";
import { isRecord, type JsonObject } from "../kernel/json.ts";
import type { ListedOrigin, VisitStats } from "../model/frontier.ts";
import { originKeyText } from "../model/origin-key.ts";
import type { Store } from "../model/store.ts";
import type { VisitInput } from "../model/visiting.ts";
import type { Priority } from "../policy/slot-shares.ts";
import type { VisitPolicy } from "../policy/visit-selection.ts";

/** An origin that is to be visited, and what has chosen it. */
export interface ChosenVisit {
  readonly origin: ListedOrigin;
  readonly policy: VisitPolicy;
  readonly priority: Priority;
}

/** The inputs of visits, in order. */
export async function visitInputs(
  { frontier }: Store,
  visits: readonly ChosenVisit[],
): Promise<readonly VisitInput[]> {
  if (visits.length === 0) return [];
  const origins = visits.map(({ origin }) => origin);
  const ids = [...new Set(origins.map(({ listerId }) => listerId))];
  const anyName = { name: null, instanceName: null, awaitsFirstVisits: false };
  const listers = await frontier.listListers({ ids, ...anyName });
  const listerOf = new Map(listers.map((each) => [each.id, each]));
  const stats = await frontier.listStats(origins);
  const statsOf = new Map(stats.map((each) => [originKeyText(each), each]));
  return visits.map(({ origin, policy }) => {
    const { name = "", instanceName = "" } = listerOf.get(origin.listerId) ?? {};
    return {
      url: origin.url,
      visitType: origin.visitType,
      lister: { name, instanceName },
      loaderArguments: argumentsOf(origin),
      policy,
      lastUpdateAt: formatOptional(origin.lastUpdateAt),
      ...lastVisitOf(statsOf.get(originKeyText(origin))),
    };
  });
}

/** Numbers that JavaScript does not hold exactly lose their last digits here. */
function argumentsOf({ loaderArgumentsJson }: ListedOrigin): JsonObject {
  const parsed: unknown = JSON.parse(loaderArgumentsJson);
  return isRecord(parsed) ? (parsed as JsonObject) : {};
}

function lastVisitOf(
  stats: VisitStats | undefined,
): Pick<VisitInput, "lastVisitAt" | "lastSnapshot"> {
  const { lastVisitAt = null, lastSnapshot = null } = stats ?? {};
  return {
    lastVisitAt: formatOptional(lastVisitAt),
    lastSnapshot: lastSnapshot === null ? null : hexOf(lastSnapshot),
  };
}
