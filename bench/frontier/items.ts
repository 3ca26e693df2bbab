/** What listers find and what visits report, drawn by chance from the world; the same for all. */

import { createRng, type Rng } from "orrery/graph";
import { instantFromMillis, type NewListedOrigin, type NewOriginVisitStats } from "orrery/swh";

import type { ListingKey } from "./sides.ts";
import type { Stage } from "./stage.ts";
import { listerId, mainType } from "./world.ts";

interface WorldRow {
  readonly n: string;
  readonly url: string;
  readonly visit_type: string;
  readonly lister_number: number;
  readonly enabled: boolean;
  readonly last_update_ms: string | null;
}

/** Makes items for one stage; neither side's tables are read. */
export class Items {
  readonly #stage: Pick<Stage, "world" | "size">;
  readonly #rng: Rng = createRng(20_260_401);
  /** Updates that have been recorded since, by number. */
  readonly #updates = new Map<number, number>();
  #newCount = 0;

  constructor(stage: Pick<Stage, "world" | "size">) {
    this.#stage = stage;
  }

  /** What a lister sees again: 80 % as they were, 15 % updated since, 5 % new. */
  async relisted(count: number): Promise<readonly NewListedOrigin[]> {
    const fresh = this.allNew(Math.round(count * 0.05));
    const rows = await this.#draw(count - fresh.length);
    const known = rows.map((row) => {
      const number = Number(row.n);
      const isUpdated = this.#rng.next() < 0.15 / 0.95;
      if (isUpdated) this.#updates.set(number, Date.now());
      const updatedMs = this.#updates.get(number) ?? row.last_update_ms;
      return {
        ...keyOf(row),
        lastUpdate: updatedMs === null ? null : instantFromMillis(Number(updatedMs)),
        enabled: row.enabled,
        isFork: false,
      };
    });
    return [...known, ...fresh];
  }

  /** What nobody has listed before. */
  allNew(count: number): readonly NewListedOrigin[] {
    return Array.from({ length: count }, () => {
      this.#newCount += 1;
      const place = Math.floor(this.#rng.next() * 2 ** 48).toString(36);
      return {
        listerId: listerId(1),
        url: `https://forge-1.example.org/${place}/${this.#newCount}`,
        visitType: mainType,
        lastUpdate: this.#rng.next() < 0.7 ? instantFromMillis(Date.now()) : null,
        isFork: false,
      };
    });
  }

  /** Visits of any origins, just now. */
  async visited(count: number): Promise<readonly NewOriginVisitStats[]> {
    return this.outcomes((await this.#draw(count)).map(keyOf));
  }

  /** How visits have ended: 86 % well, 9 % failed, 5 % found nothing. */
  outcomes(visited: readonly ListingKey[]): readonly NewOriginVisitStats[] {
    const byName = new Map(visited.map((each) => [`${each.visitType} ${each.url}`, each]));
    return [...byName.values()].map(({ url, visitType }) => {
      const lastVisit = instantFromMillis(Date.now());
      const chance = this.#rng.next();
      if (chance >= 0.86) {
        const lastVisitStatus = chance < 0.95 ? "failed" : "not_found";
        return { url, visitType, lastVisit, lastVisitStatus };
      }
      const lastSnapshot = Uint8Array.from({ length: 20 }, () => this.#rng.next() * 256);
      const nextVisitQueuePosition = Math.floor(this.#rng.next() * 100_000);
      const good = { lastSuccessful: lastVisit, lastSnapshot, nextVisitQueuePosition };
      return { url, visitType, lastVisit, lastVisitStatus: "successful", ...good };
    });
  }

  /** Distinct origins of the world. */
  async #draw(count: number): Promise<readonly WorldRow[]> {
    const numbers = new Set<number>();
    while (numbers.size < count) {
      numbers.add(1 + Math.floor(this.#rng.next() * this.#stage.size));
    }
    const found = await this.#stage.world.query<WorldRow>(
      `select n, url, visit_type, lister_number, enabled,
         floor(extract(epoch from last_update) * 1000)::text as last_update_ms
       from world where n = any ($1::bigint[])`,
      [[...numbers]],
    );
    return found.rows;
  }
}

function keyOf(row: WorldRow): ListingKey {
  return {
    listerId: listerId(row.lister_number),
    url: row.url,
    visitType: row.visit_type,
  };
}
