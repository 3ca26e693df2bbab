/**
 * What both sides hold: origins of three visit types and twelve listers, of which one lists half of
 * everything. 70 % have a last update, 28 % have no snapshot, 2.5 % were scheduled and not visited
 * since, 2 % are listed by two listers. All by chance, from hashes: the same numbers each time.
 */

/** Visit types; seven of ten origins are of the first. */
export const visitTypes = ["git", "hg", "pypi"] as const;

/** The type that is asked for. */
export const mainType: (typeof visitTypes)[number] = "git";

/** How many listers there are. */
export const listerCount = 12;

/** The id of lister `number`, counted from 1. */
export function listerId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** The id of a lister whose number is an SQL expression. */
function listerIdText(number: string): string {
  return `('00000000-0000-4000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;
}

/** A number from 0 to 1 that is an origin's own, in the role `role`. */
function chance(role: number): string {
  return `((hashint8extended(n, ${role}) & 1048575)::double precision / 1048576)`;
}

/**
 * Makes the table `world` with $1 origins, which nobody writes to afterwards. Updates are of whole
 * milliseconds, so that programs can tell them again.
 */
export const worldText = `create unlogged table world as
select n, url, visit_type, lister_number, second_number, enabled, first_seen, last_update,
  has_stats, last_visit, status, last_successful,
  case when is_under_way then now() - ${chance(8)} * interval '6 days'
    else last_visit - ${chance(8)} * interval '3 hours' end as last_scheduled,
  case when last_successful is not null then decode(md5(n::text) || '00112233', 'hex') end
    as snapshot,
  case when last_visit is not null then (${chance(9)} * 100000)::bigint end as queue_position
from (
  select *,
    case status
      when 'successful' then last_visit
      when 'failed' then case when ${chance(7)} < 0.8 then last_visit - interval '30 days' end
      when 'not_found' then case when ${chance(7)} < 0.5 then last_visit - interval '60 days' end
    end as last_successful,
    has_stats and ${chance(10)} < 0.033 as is_under_way
  from (
    select *,
      case when last_visit is null then null
        when ${chance(6)} < 0.86 then 'successful'
        when ${chance(6)} < 0.95 then 'failed'
        else 'not_found' end as status
    from (
      select n, 'https://forge-' || n % 40 || '.example.org/' || md5(n::text) as url,
        case when n % 10 < 7 then '${visitTypes[0]}' when n % 10 < 9 then '${visitTypes[1]}'
          else '${visitTypes[2]}' end as visit_type,
        case when ${chance(1)} < 0.5 then 1 when ${chance(1)} < 0.7 then 2
          else 3 + n % ${listerCount - 2} end as lister_number,
        case when n % 50 = 0 then 1 end as second_number,
        ${chance(2)} < 0.97 as enabled,
        now() - interval '1000 days' + n * (interval '999 days' / count) as first_seen,
        case when ${chance(3)} < 0.7
          then date_trunc('milliseconds',
            now() - ${chance(4)} * ${chance(4)} * interval '700 days') end as last_update,
        ${chance(5)} < 0.75 as has_stats,
        case when ${chance(5)} < 0.75
          then now() - interval '13 hours' - ${chance(11)} * interval '400 days' end as last_visit
      from (select generate_series(1, $1::bigint) as n, $1::bigint as count) as numbered
    ) as listed
  ) as visited
) as known;
create unique index on world (n)`;

/** All listings: most have one lister. */
const listings = `(
  select world.*, lister_number as number, enabled as is_enabled, last_update as updated from world
  union all
  select world.*, case lister_number when 1 then 2 else 1 end, true,
    last_update - interval '1 hour'
  from world where second_number is not null
) as listing`;

/** Statements that fill the peer's tables; the search path names both. */
export const fillReference: readonly string[] = [
  `insert into listers (id, name, instance_name, last_listing_finished_at)
   select ${listerIdText("n")}, 'lister-' || n, '', now() - interval '1 day'
   from generate_series(1, ${listerCount}) as n`,
  `insert into listed_origins (lister_id, url, visit_type, extra_loader_arguments, enabled,
     first_seen, last_seen, last_update, is_fork)
   select ${listerIdText("number")}, url, visit_type, '{}', is_enabled, first_seen, now(), updated,
     false
   from ${listings}`,
  `insert into origin_visit_stats (url, visit_type, last_successful, last_visit,
     last_visit_status, last_scheduled, last_snapshot, next_visit_queue_position)
   select url, visit_type, last_successful, last_visit, status::last_visit_status, last_scheduled,
     snapshot, queue_position
   from world where has_stats`,
];

/** Statements that fill ours; places and counts follow from the rest. */
export const fillOurs: readonly string[] = [
  `insert into lister (uuid, name, instance_name, created_at, updated_at, listing_finished_at)
   select ${listerIdText("n")}, 'lister-' || n, '', now(), now(), now() - interval '1 day'
   from generate_series(1, ${listerCount}) as n`,
  ...visitTypes.map((name) => `insert into visit_type (name) values ('${name}')`),
  `insert into origin (id, type_id, has_stats, last_visit_status, last_successful_at,
     last_visit_at, last_scheduled_at, queue_position, url, last_snapshot, is_shared)
   overriding system value
   select n, visit_type.id, has_stats, status::visit_status, last_successful, last_visit,
     last_scheduled, queue_position, url, snapshot, second_number is not null
   from world join visit_type on visit_type.name = world.visit_type`,
  "select setval(pg_get_serial_sequence('origin', 'id'), (select max(n) from world))",
  `insert into listing (origin_id, lister_id, type_id, enabled, is_fork, last_update_at,
     first_seen_at, last_seen_at, url, loader_arguments)
   select n, number, visit_type.id, is_enabled, false, updated, first_seen, now(), url, '{}'
   from ${listings} join visit_type on visit_type.name = listing.visit_type`,
  `insert into frontier
   select ${placesText("")}
   where enabled
     and visit_eligible_at(last_scheduled_at, last_visit_at, last_visit_status) < now()`,
  `insert into frontier_cooling
   select ${placesText(", visit_eligible_at(last_scheduled_at, last_visit_at, last_visit_status)")}
   where enabled
     and visit_eligible_at(last_scheduled_at, last_visit_at, last_visit_status) >= now()`,
  `insert into frontier_count
   select lister_id, listing.type_id, count(*), count(*) filter (where enabled),
     count(*) filter (where enabled and last_snapshot is null),
     count(*) filter (where enabled and last_update_at > last_successful_at)
   from listing join origin on origin.id = listing.origin_id
   group by 1, 2`,
];

function placesText(more: string): string {
  return `origin_id, lister_id, listing.type_id, first_seen_at, last_update_at, last_successful_at,
     last_visit_at, last_scheduled_at, queue_position, last_visit_status,
     last_snapshot is not null${more}
   from listing join origin on origin.id = listing.origin_id`;
}

/** Ours as the peer's tables, to ask the peer's questions of it: what is right by definition. */
export const truthViews: readonly string[] = [
  `create view listed_origins as
   select lister.uuid as lister_id, url, visit_type.name as visit_type, enabled,
     first_seen_at as first_seen, last_update_at as last_update
   from listing
   join lister on lister.id = listing.lister_id
   join visit_type on visit_type.id = listing.type_id`,
  `create view origin_visit_stats as
   select url, visit_type.name as visit_type, last_successful_at as last_successful,
     last_visit_at as last_visit, last_visit_status, last_scheduled_at as last_scheduled,
     last_snapshot, queue_position as next_visit_queue_position
   from origin join visit_type on visit_type.id = origin.type_id
   where has_stats`,
  `create view listers as
   select uuid as id, listing_finished_at as last_listing_finished_at from lister`,
];
