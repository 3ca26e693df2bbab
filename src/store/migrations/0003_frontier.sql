-- The frontier: listers, what they list, its visits, and the queues of what is to be visited next.
-- Survives workers of earlier releases: they do not know these tables.
--
-- An origin is a URL of one visit type and carries all that is known of its visits. A listing is an
-- origin as one lister lists it. For each enabled listing there is one place: in frontier when the
-- default cool-downs let its origin go, in frontier_cooling until then. Places copy what the
-- policies order by, so that a choice walks one narrow index.
--
-- Locks: a place changes only in the hands of whoever has locked its origin's row. Those who wait
-- for origins do so in the order of URL and type, after they have added the missing ones; choices
-- and promotions pass over what is locked. Then no two wait for each other.
-- No foreign keys: they would cost each row a lookup and a lock; nothing here is ever deleted.

create type visit_status as enum ('successful', 'failed', 'not_found');

create table lister (
  id integer primary key generated always as identity,
  uuid uuid not null unique default gen_random_uuid(),
  name text not null,
  instance_name text not null,
  state jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  listing_finished_at timestamptz,
  first_visits_queue_prefix text,
  first_visits_scheduled_at timestamptz,
  constraint lister_names unique (name, instance_name)
);

create table visit_type (
  id integer primary key generated always as identity,
  name text not null unique
);

create table visit_queue_position (
  visit_type text primary key,
  position bigint not null
);

-- Changes of an origin's visits touch no index: they are heap-only.
create table origin (
  id bigint primary key generated always as identity,
  type_id integer not null,
  -- False for one that is listed and of whose visits nothing is known.
  has_stats boolean not null default false,
  last_visit_status visit_status,
  last_successful_at timestamptz,
  last_visit_at timestamptz,
  last_scheduled_at timestamptz,
  queue_position bigint,
  position_offset integer not null default 4,
  successive_visits integer not null default 1,
  url text collate "C" not null,
  last_snapshot bytea,
  unique (url, type_id)
) with (fillfactor = 75);

-- Listing something again touches no index either.
create table listing (
  origin_id bigint not null,
  lister_id integer not null,
  type_id integer not null,
  enabled boolean not null,
  is_fork boolean,
  last_update_at timestamptz,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  url text collate "C" not null,
  loader_arguments jsonb not null,
  forked_from_url text,
  primary key (origin_id, lister_id),
  -- What a lister has listed, page by page.
  unique (lister_id, url, type_id)
) with (fillfactor = 85);
-- Choices among what is disabled.
create index listing_disabled on listing (type_id, lister_id) where not enabled;

create table frontier (
  origin_id bigint not null,
  lister_id integer not null,
  type_id integer not null,
  first_seen_at timestamptz not null,
  last_update_at timestamptz,
  last_successful_at timestamptz,
  last_visit_at timestamptz,
  last_scheduled_at timestamptz,
  queue_position bigint,
  last_visit_status visit_status,
  has_snapshot boolean not null,
  primary key (origin_id, lister_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
-- One queue for each policy, in its order.
create index frontier_oldest on frontier (type_id, last_scheduled_at nulls first);
create index frontier_never_visited on frontier (type_id, last_update_at)
  where not has_snapshot and last_update_at is not null;
create index frontier_lag on frontier (type_id, (last_update_at - last_successful_at) desc)
  where has_snapshot and last_update_at > last_successful_at;
create index frontier_without_update
  on frontier (type_id, queue_position nulls first, first_seen_at)
  where last_update_at is null;
create index frontier_unsuccessful on frontier (type_id, last_update_at, first_seen_at)
  where last_visit_status is distinct from 'successful';
create index frontier_first_visits
  on frontier (lister_id, type_id, last_scheduled_at nulls first);

create table frontier_cooling (
  like frontier including defaults,
  eligible_at timestamptz not null,
  primary key (origin_id, lister_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 5000);
-- Promotion reads its head.
create index frontier_cooling_end on frontier_cooling (type_id, eligible_at);
-- First visits are asked for without cool-downs.
create index frontier_cooling_first_visits
  on frontier_cooling (lister_id, type_id, last_scheduled_at nulls first);

-- When the default cool-downs are over; the origin is ready at any time that is strictly later.
-- In hours, because days depend on the zone. Stable, so that it is inlined.
create function visit_eligible_at(
  last_scheduled timestamptz, last_visit timestamptz, status visit_status
) returns timestamptz language sql stable as $$
  select greatest(
    '-infinity'::timestamptz,
    last_scheduled + interval '12 hours',
    case when last_visit is null or last_scheduled >= last_visit
      then last_scheduled + interval '168 hours'
    end,
    case status
      when 'failed' then coalesce(last_visit + interval '336 hours', 'infinity')
      when 'not_found' then coalesce(last_visit + interval '744 hours', 'infinity')
    end
  )
$$;

-- What all listings come to, by lister and type: what has been added up, and what is to be added.
create table frontier_count (
  lister_id integer not null,
  type_id integer not null,
  known bigint not null,
  enabled bigint not null,
  never_visited bigint not null,
  pending bigint not null,
  primary key (lister_id, type_id)
);
-- Append-only, so that writers do not wait for each other.
create table frontier_count_change (
  id bigint primary key generated always as identity,
  lister_id integer not null,
  type_id integer not null,
  known bigint not null,
  enabled bigint not null,
  never_visited bigint not null,
  pending bigint not null
);

-- The counts that were asked for, as they were then.
create table frontier_metrics (
  lister_id integer not null,
  type_id integer not null,
  counted_at timestamptz not null,
  known bigint not null,
  enabled bigint not null,
  never_visited bigint not null,
  pending bigint not null,
  primary key (lister_id, type_id)
);
