/** The methods about what listers have listed. */

import type {
  FrontierStore,
  ListedOrigin as StoredOrigin,
  NewListedOrigin as NewStoredOrigin,
} from "../../model/frontier.ts";
import { SwhFault } from "./errors.ts";
import type { ListedOrigin, NewListedOrigin } from "./records.ts";
import { refusing } from "./refusals.ts";
import type { RowLimits } from "./row-limits.ts";
import type { ListedOriginPage, ListedOriginsFilter, SwhFrontier } from "./scheduler.ts";
import { readStoredObject } from "./stored-json.ts";
import { writeJson } from "./wire/json-write.ts";

type ListedOriginMethods = Pick<
  SwhFrontier,
  "recordListedOrigins" | "getListedOrigins" | "getVisitTypesForListedOrigins"
>;

/** Makes them. */
export function listedOriginMethods(store: FrontierStore, limits: RowLimits): ListedOriginMethods {
  return {
    recordListedOrigins: async (listedOrigins) => {
      const stored = await refusing(store.recordOrigins(lastOfEach(listedOrigins)));
      if (stored !== undefined) return stored.map(listedOriginOf);
      const message = "a listed origin names a lister that does not exist";
      throw new SwhFault("ForeignKeyViolation", message, { field: "lister_id" });
    },
    getListedOrigins: async (filter = {}) => await getListedOrigins(store, limits, filter),
    getVisitTypesForListedOrigins: async ({ id }) => await refusing(store.listVisitTypes(id)),
  };
}

/** Of equal ones the last, at the place of the first. */
function lastOfEach(origins: readonly NewListedOrigin[]): readonly NewStoredOrigin[] {
  const byKey = new Map<string, NewStoredOrigin>();
  for (const origin of origins) {
    const { listerId, url, visitType } = origin;
    byKey.set(JSON.stringify([listerId, url, visitType]), {
      listerId,
      url,
      visitType,
      loaderArgumentsJson: writeJson(origin.extraLoaderArguments ?? {}),
      lastUpdateAt: origin.lastUpdate ?? null,
      isFork: origin.isFork ?? null,
      forkedFromUrl: origin.forkedFromUrl ?? null,
      enabled: origin.enabled ?? true,
    });
  }
  return [...byKey.values()];
}

async function getListedOrigins(
  store: FrontierStore,
  limits: RowLimits,
  filter: ListedOriginsFilter,
): Promise<ListedOriginPage> {
  const { listerId = null, url = null, urls = null, enabled = true, pageToken = null } = filter;
  const limit = limits.exactly(filter.limit ?? 1000, "limit");
  if (Number(limit) === 0) {
    throw new SwhFault("IndexError", "limit must be 1 or more, not 0", { field: "limit" });
  }
  const someUrls = urls === null || urls.length === 0 ? null : urls;
  const [afterLister, afterUrl] = pageToken ?? [null, null];
  const after = afterLister === null ? null : { listerId: afterLister, url: afterUrl };
  const wantedUrls = url === null ? someUrls : [url];
  const found = await refusing(
    store.listOrigins({ listerId, urls: wantedUrls, enabled, after, limit }),
  );
  const results = limits.all(found, "limit").map(listedOriginOf);
  const last = results.at(-1);
  // The page goes on to the end of its last URL, which the token could not cut.
  const isFull = last !== undefined && results.length >= limit;
  return { results, nextPageToken: isFull ? [last.listerId, last.url] : null };
}

/** An origin as the interface has it. */
export function listedOriginOf(stored: StoredOrigin): ListedOrigin {
  return {
    listerId: stored.listerId,
    url: stored.url,
    visitType: stored.visitType,
    extraLoaderArguments: readStoredObject(stored.loaderArgumentsJson),
    lastUpdate: stored.lastUpdateAt,
    isFork: stored.isFork,
    forkedFromUrl: stored.forkedFromUrl,
    enabled: stored.enabled,
    firstSeen: stored.firstSeenAt,
    lastSeen: stored.lastSeenAt,
  };
}
