/** What holds of the frontier's tables whatever was done: a law is a query for what breaks it. */

import type { TestDatabase } from "../postgres/database.ts";

/** A place with what it should say, told from the tables that are right by definition. */
const truth = `
  select listing.origin_id, listing.lister_id, listing.type_id, listing.first_seen_at,
    listing.last_update_at, origin.last_successful_at, origin.last_visit_at,
    origin.last_scheduled_at, origin.queue_position, origin.last_visit_status,
    origin.last_snapshot is not null as has_snapshot
  from orrery.listing
  join orrery.origin on origin.id = listing.origin_id
  where listing.enabled`;

const copies = `origin_id, lister_id, type_id, first_seen_at, last_update_at, last_successful_at,
    last_visit_at, last_scheduled_at, queue_position, last_visit_status, has_snapshot`;

const places = `
  select ${copies} from orrery.frontier
  union all
  select ${copies} from orrery.frontier_cooling`;

const laws: Readonly<Record<string, string>> = {
  "every enabled listing has one place, which says what is true of it": `
    (select 'no such place' as wrong, missing.* from (${truth} except all (${places})) as missing)
    union all
    (select 'not true', stray.* from ((${places}) except all ${truth}) as stray)`,
  "what cools down does so until its cool-downs are over": `
    select origin_id, lister_id, eligible_at
    from orrery.frontier_cooling
    where eligible_at is distinct from
      orrery.visit_eligible_at(last_scheduled_at, last_visit_at, last_visit_status)`,
  "an origin that was scheduled or visited has stats": `
    select id from orrery.origin
    where not has_stats and (last_scheduled_at, last_visit_at, last_visit_status, last_snapshot)
      is distinct from (null, null, null, null)`,
  "what was counted is what a full count says": `
    select counted, noted
    from (
      select lister_id, listing.type_id, count(*) as known,
        count(*) filter (where enabled) as enabled,
        count(*) filter (where enabled and last_snapshot is null) as never_visited,
        count(*) filter (where enabled and last_update_at > last_successful_at) as pending
      from orrery.listing
      join orrery.origin on origin.id = listing.origin_id
      group by lister_id, listing.type_id
    ) as counted
    full join (
      select lister_id, type_id, sum(known) as known, sum(enabled) as enabled,
        sum(never_visited) as never_visited, sum(pending) as pending
      from (
        select lister_id, type_id, known, enabled, never_visited, pending
        from orrery.frontier_count
        union all
        select lister_id, type_id, known, enabled, never_visited, pending
        from orrery.frontier_count_change
      ) as part
      group by lister_id, type_id
    ) as noted using (lister_id, type_id, known, enabled, never_visited, pending)
    where counted is null or noted is null`,
};

/** Breaches of the laws; empty when all of them hold. */
export async function brokenLaws({
  query,
}: Pick<TestDatabase, "query">): Promise<readonly object[]> {
  const broken: object[] = [];
  for (const [law, text] of Object.entries(laws)) {
    const rows = await query(`select * from (${text}) as broken limit 3`);
    if (rows.length > 0) broken.push({ law, rows });
  }
  return broken;
}
