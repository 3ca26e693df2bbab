/**
 * The peer: the tables and statements of the Software Heritage scheduler, written anew from what
 * they do. Its server adds Python on top; here its statements are driven directly.
 */

/** Tables and indexes; the second index of `origin_visit_stats` repeats its key there, too. */
export const referenceSchema = `
create type last_visit_status as enum ('successful', 'failed', 'not_found');
create table listers (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  instance_name text not null,
  created timestamptz not null default now(),
  current_state jsonb not null default '{}',
  updated timestamptz not null default now(),
  last_listing_finished_at timestamptz,
  first_visits_queue_prefix text,
  first_visits_scheduled_at timestamptz,
  unique (name, instance_name)
);
create table listed_origins (
  lister_id uuid not null references listers (id),
  url text not null,
  visit_type text not null,
  extra_loader_arguments jsonb not null,
  enabled boolean not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null,
  last_update timestamptz,
  is_fork boolean,
  forked_from_url text,
  primary key (lister_id, url, visit_type)
);
create index on listed_origins (url, visit_type);
create table origin_visit_stats (
  url text not null,
  visit_type text not null,
  last_successful timestamptz,
  last_visit timestamptz,
  last_visit_status last_visit_status,
  last_scheduled timestamptz,
  last_snapshot bytea,
  next_visit_queue_position bigint,
  next_position_offset integer not null default 4,
  successive_visits integer not null default 1,
  primary key (url, visit_type)
);
create index on origin_visit_stats (url, visit_type);
create table visit_scheduler_queue_position (
  visit_type text primary key,
  position bigint not null
);
create table scheduler_metrics (
  lister_id uuid not null references listers (id),
  visit_type text not null,
  last_update timestamptz not null,
  origins_known integer not null default 0,
  origins_enabled integer not null default 0,
  origins_never_visited integer not null default 0,
  origins_with_pending_changes integer not null default 0,
  primary key (lister_id, visit_type)
);`;

const originColumns = `lister_id, url, visit_type, extra_loader_arguments, last_update, is_fork,
  forked_from_url, enabled, first_seen, last_seen`;

/** The policies by their names: a further condition, and the order. */
const policies: Readonly<Record<string, { readonly where: string; readonly order: string }>> = {
  oldest_scheduled_first: { where: "true", order: "stats.last_scheduled asc nulls first" },
  never_visited_oldest_update_first: {
    where: "stats.last_snapshot is null and listed.last_update is not null",
    order: "listed.last_update asc",
  },
  already_visited_order_by_lag: {
    where: `stats.last_snapshot is not null and listed.last_update is not null
      and listed.last_update > stats.last_successful`,
    order: "listed.last_update - stats.last_successful desc",
  },
  origins_without_last_update: {
    where: "listed.last_update is null",
    order: "stats.next_visit_queue_position asc nulls first, listed.first_seen asc",
  },
  stop_after_success: {
    where: "stats.last_visit_status is distinct from 'successful'",
    order: "listed.last_update asc nulls last, listed.first_seen asc",
  },
  first_visits_after_listing: {
    where: `listed.lister_id = $4::uuid and (stats.last_scheduled is null
      or stats.last_scheduled < (select last_listing_finished_at from listers where id = $4))`,
    order: "stats.last_scheduled asc nulls first",
  },
};

/** Their names. */
export const policyNames: readonly string[] = Object.keys(policies);

/** What a policy orders by, as text: two right choices agree on these, whatever the ties. */
const sortKeys: Readonly<Record<string, string>> = {
  oldest_scheduled_first: "coalesce(stats.last_scheduled::text, 'never')",
  never_visited_oldest_update_first: "listed.last_update::text",
  already_visited_order_by_lag: "(listed.last_update - stats.last_successful)::text",
  origins_without_last_update:
    "coalesce(stats.next_visit_queue_position::text, 'none') || ' ' || listed.first_seen::text",
  stop_after_success: "coalesce(listed.last_update::text, 'none') || ' ' || listed.first_seen",
  first_visits_after_listing: "coalesce(stats.last_scheduled::text, 'never')",
};

function selection(policy: string, columns: string): string {
  const { where = "false", order = "1" } = policies[policy] ?? {};
  return `select ${columns}
    from listed_origins as listed
    left join origin_visit_stats as stats using (url, visit_type)
    where listed.enabled
      and visit_type = $1
      and (stats.last_scheduled is null
        or stats.last_scheduled < $3::timestamptz - '12 h'::interval)
      and (stats.last_scheduled is null
        or stats.last_scheduled < greatest($3 - '7 d'::interval, stats.last_visit))
      and (stats.last_visit_status is distinct from 'failed'
        or stats.last_visit < $3 - '14 d'::interval)
      and (stats.last_visit_status is distinct from 'not_found'
        or stats.last_visit < $3 - '31 d'::interval)
      and ${where}
    order by ${order}
    limit $2`;
}

/** Chooses and marks, in one statement. $1 type, $2 count, $3 time, and perhaps $4 lister. */
export function grabText(policy: string): string {
  const moved =
    policy === "origins_without_last_update"
      ? `, moved as (
    insert into visit_scheduler_queue_position (visit_type, position)
    select visit_type, coalesce(max(next_visit_queue_position), 0)
    from selected group by visit_type
    on conflict (visit_type) do update
    set position = greatest(visit_scheduler_queue_position.position, excluded.position)
  )`
      : "";
  return `with selected as (
    ${selection(policy, `${originColumns}, next_visit_queue_position`)}
  ),
  marked as (
    insert into origin_visit_stats (url, visit_type, last_scheduled)
    select distinct on (url, visit_type) url, visit_type, $3::timestamptz from selected
    on conflict (url, visit_type) do update
    set last_scheduled = greatest(origin_visit_stats.last_scheduled, excluded.last_scheduled)
  )${moved}
  select ${originColumns} from selected`;
}

/** The sort keys of a choice, in order; parameters as above. */
export function sortKeysText(policy: string): string {
  return selection(policy, `${sortKeys[policy] ?? "''"} as key`);
}

/** The sort keys of listings, in order. $1 listers, $2 URLs and $3 visit types beside them. */
export function sortKeysOfText(policy: string): string {
  return `select ${sortKeys[policy] ?? "''"} as key
    from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality
      as given (lister_id, url, visit_type, place)
    join listed_origins as listed using (lister_id, url, visit_type)
    left join origin_visit_stats as stats using (url, visit_type)
    order by place`;
}

/** Whether the policy is asked for of one lister. */
export function isOfOneLister(policy: string): boolean {
  return policy === "first_visits_after_listing";
}

/** Records origins. $1 origins as a JSON array. */
export const recordText = `insert into listed_origins (lister_id, url, visit_type,
    extra_loader_arguments, last_update, is_fork, forked_from_url, enabled, last_seen)
  select lister_id, url, visit_type, extra_loader_arguments, last_update, is_fork,
    forked_from_url, enabled, now()
  from jsonb_to_recordset($1::jsonb) as item (lister_id uuid, url text, visit_type text,
    extra_loader_arguments jsonb, last_update timestamptz, is_fork boolean, forked_from_url text,
    enabled boolean)
  on conflict (lister_id, url, visit_type) do update
  set extra_loader_arguments = excluded.extra_loader_arguments,
    last_update = excluded.last_update, is_fork = excluded.is_fork,
    forked_from_url = excluded.forked_from_url, enabled = excluded.enabled,
    last_seen = excluded.last_seen
  returning ${originColumns}`;

/** Merges stats. $1 stats as a JSON array. */
export const upsertText = `insert into origin_visit_stats as stats (url, visit_type,
    last_successful, last_visit, last_visit_status, last_scheduled, last_snapshot,
    next_visit_queue_position, next_position_offset, successive_visits)
  select url, visit_type, last_successful, last_visit, last_visit_status, last_scheduled,
    last_snapshot, next_visit_queue_position, next_position_offset, successive_visits
  from jsonb_to_recordset($1::jsonb) as item (url text, visit_type text,
    last_successful timestamptz, last_visit timestamptz, last_visit_status last_visit_status,
    last_scheduled timestamptz, last_snapshot bytea, next_visit_queue_position bigint,
    next_position_offset integer, successive_visits integer)
  on conflict (url, visit_type) do update
  set last_successful = coalesce(excluded.last_successful, stats.last_successful),
    last_visit = coalesce(excluded.last_visit, stats.last_visit),
    last_visit_status = coalesce(excluded.last_visit_status, stats.last_visit_status),
    last_scheduled = coalesce(excluded.last_scheduled, stats.last_scheduled),
    last_snapshot = coalesce(excluded.last_snapshot, stats.last_snapshot),
    next_visit_queue_position =
      coalesce(excluded.next_visit_queue_position, stats.next_visit_queue_position),
    next_position_offset = coalesce(excluded.next_position_offset, stats.next_position_offset),
    successive_visits = coalesce(excluded.successive_visits, stats.successive_visits)`;

/** Counts everything and keeps the counts. */
export const metricsText = `insert into scheduler_metrics (lister_id, visit_type, last_update,
    origins_known, origins_enabled, origins_never_visited, origins_with_pending_changes)
  select lister_id, visit_type, now(), count(*), count(*) filter (where enabled),
    count(*) filter (where enabled and last_snapshot is null),
    count(*) filter (where enabled and last_update > last_successful)
  from listed_origins
  left join origin_visit_stats using (url, visit_type)
  group by lister_id, visit_type
  on conflict (lister_id, visit_type) do update
  set last_update = excluded.last_update, origins_known = excluded.origins_known,
    origins_enabled = excluded.origins_enabled,
    origins_never_visited = excluded.origins_never_visited,
    origins_with_pending_changes = excluded.origins_with_pending_changes
  returning *`;
