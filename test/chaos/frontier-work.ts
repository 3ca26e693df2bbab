/** What processes of the chaos tests do to a frontier, each kind in a loop of its own. */

import type { SwhScheduler } from "../../src/compat/swh/scheduler.ts";
import type { NewListedOrigin, NewOriginVisitStats } from "../../src/compat/swh/records.ts";
import { addMillis, type Instant, parseInstant } from "../../src/kernel/instant.ts";
import { integerBetween, type Rng } from "../../src/kernel/rng.ts";

/** The visit type of all origins. */
export const visitType = "git";

/** What listers saw first: any time, and not the same for all. */
const listedAt = parseInstant("2026-01-01T00:00:00.000001Z");

/** Policies that need no snapshot, so that together they take whatever has never been visited. */
export const grabPolicies = [
  "never_visited_oldest_update_first",
  "oldest_scheduled_first",
  "origins_without_last_update",
  "stop_after_success",
] as const;

/** The address of an origin by its number. */
export function urlOf(number: number): string {
  return `https://example.org/${number}`;
}

/** Every third has no update; the rest many ties. */
export function updateOf(number: number): Instant | null {
  return number % 3 === 0 ? null : addMillis(listedAt, (number % 500) * 60_000);
}

/** What a load works with. */
export interface FrontierLoad {
  readonly scheduler: SwhScheduler;
  readonly rng: Rng;
  /** Origins have the numbers from 0 to this. */
  readonly originCount: number;
  readonly listerIds: readonly string[];
  /** Items of a call. */
  readonly batch: number;
}

function numbers({ rng, originCount, batch }: FrontierLoad): readonly number[] {
  return Array.from({ length: batch }, () => integerBetween(rng, 0, originCount - 1));
}

/** Lists some origins again: some as they are, some updated, disabled, enabled or new. */
export async function list(load: FrontierLoad): Promise<void> {
  const { rng, listerIds } = load;
  const listerId = listerIds[integerBetween(rng, 0, listerIds.length - 1)] ?? "";
  const listed = numbers(load).map((number): NewListedOrigin => {
    const chance = integerBetween(rng, 0, 9);
    const update = updateOf(number);
    return {
      listerId,
      url: urlOf(number),
      visitType,
      enabled: chance !== 0,
      lastUpdate: chance > 6 ? addMillis(update ?? listedAt, chance * 1_000) : update,
    };
  });
  await load.scheduler.recordListedOrigins(listed);
}

/** Tells how visits ended; never when they were scheduled, which is for the choices to say. */
export async function visit(load: FrontierLoad): Promise<void> {
  const { rng } = load;
  const stats = numbers(load).map((number): NewOriginVisitStats => {
    const chance = integerBetween(rng, 0, 3);
    return {
      url: urlOf(number),
      visitType,
      lastVisit: addMillis(listedAt, number * 1_000),
      ...(chance === 0
        ? { lastVisitStatus: "failed" as const }
        : {
            lastVisitStatus: "successful" as const,
            lastSuccessful: addMillis(listedAt, number * 1_000),
            lastSnapshot: Uint8Array.of(chance),
          }),
      nextVisitQueuePosition: integerBetween(rng, 0, 100),
    };
  });
  await load.scheduler.originVisitStatsUpsert(stats);
}

/** Grabs a batch; what it was handed. */
export async function grab(
  { scheduler, batch }: FrontierLoad,
  policy: string,
): Promise<readonly string[]> {
  const origins = await scheduler.grabNextVisits({ visitType, count: batch, policy });
  return origins.map(({ url }) => url);
}

/** Counts. */
export async function count({ scheduler }: FrontierLoad): Promise<void> {
  await scheduler.updateMetrics();
}
