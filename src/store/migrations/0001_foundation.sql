-- The whole loop: types, tasks, triggers, the queue, its history, workers, leases, tokens.
-- Survives workers of earlier releases: there are none.

create type executor_kind as enum ('in-process', 'child-process');
create type task_state as enum ('active', 'paused', 'completed', 'failed', 'disabled', 'cancelled');
create type run_state as enum
  ('blocked', 'queued', 'paused', 'running', 'succeeded', 'failed', 'cancelled');
create type outcome_kind as enum
  ('eventful', 'uneventful', 'failed', 'permfailed', 'lost', 'snoozed', 'cancelled');
create type worker_state as enum ('live', 'draining', 'stopped', 'lost');
create type dependency_reason as enum ('requires', 'tree', 'graph');
create type requirement_failure as enum ('block', 'cancel');
create type occurrence_verdict as enum ('fired', 'coalesced', 'missed', 'skipped');
create type coalesce_rule as enum ('earliest', 'latest', 'all');
create type overlap_policy as enum
  ('skip', 'queue-one', 'queue-all', 'cancel-running', 'allow');
create type log_level as enum ('debug', 'info', 'warn', 'error');
create type token_role as enum ('viewer', 'operator', 'admin');

-- One row: what rules the whole fleet.
create table installation (
  singleton boolean primary key default true check (singleton),
  paused_at timestamptz
);
insert into installation default values;

-- How long history is kept; each class has partitions of its own.
create table retention_class (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,29}$'),
  keep_days integer not null check (keep_days between 1 and 36500)
);

create table task_type (
  id integer primary key generated always as identity,
  name text not null unique check (length(name) between 1 and 200),
  description text not null,
  executor executor_kind not null,
  interval_default_ms double precision not null,
  interval_min_ms double precision not null check (interval_min_ms >= 1),
  interval_max_ms double precision not null,
  interval_factor double precision not null check (interval_factor >= 1),
  retry jsonb not null check (jsonb_typeof(retry) = 'object'),
  timeout_ms double precision check (timeout_ms > 0),
  grace_ms double precision not null check (grace_ms >= 0),
  running_max integer check (running_max >= 0),
  running_per_key_max integer check (running_per_key_max >= 1),
  unfinished_max integer check (unfinished_max >= 0),
  retention_class text not null references retention_class,
  input_schema jsonb,
  paused_at timestamptz,
  created_at timestamptz not null,
  check (interval_min_ms <= interval_default_ms and interval_default_ms <= interval_max_ms)
);

create sequence task_id;
create table task (
  id bigint primary key default nextval('task_id'),
  type_id integer not null references task_type,
  name text not null check (length(name) between 1 and 200),
  key text unique check (length(key) between 1 and 200),
  parent_id bigint references task on delete cascade,
  root_id bigint not null references task on delete cascade,
  input jsonb not null,
  priority smallint not null check (priority between 1 and 3),
  concurrency_key text check (length(concurrency_key) between 1 and 200),
  overrides jsonb not null check (jsonb_typeof(overrides) = 'object'),
  state task_state not null default 'active',
  state_reason text,
  last_outcome outcome_kind,
  -- Its name in the graph whose root is its parent; null for all other tasks.
  node_name text check (length(node_name) between 1 and 200),
  -- The type whose run undoes what it did.
  undo_type_id integer references task_type,
  -- The task whose work it undoes; none is undone twice.
  undoes_id bigint unique references task on delete set null,
  -- When the try began that ended it, and what the last one that succeeded answered: of nodes, and
  -- of tasks that others require. What stands here outlives the history.
  started_at timestamptz,
  output jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  check (parent_id is distinct from id),
  check ((parent_id is null) = (root_id = id)),
  check (node_name is null or parent_id is not null),
  check (undo_type_id is null or node_name is not null),
  check ((finished_at is null) = (state in ('active', 'paused')))
);
-- Under another condition than the next ones: where no task has a parent yet, a plan for the
-- members of one would read this index whole, and connections keep their plans.
create index task_root on task (root_id, id) where root_id <> id;
create index task_parent on task (parent_id, id) where parent_id is not null;
create index task_by_type on task (type_id, id);
-- A name stands once in a graph, however often a node that adds it is tried.
create unique index task_node on task (parent_id, node_name) where node_name is not null;
-- Whether a graph has ended is one look, however many nodes it has.
create index task_unfinished_node on task (parent_id)
  where node_name is not null and finished_at is null;
-- For the pruning of ended tasks.
create index task_finished on task (finished_at) where finished_at is not null;

-- The task waits for the one it requires. Serves stated requirements, trees and graphs.
create table task_dependency (
  task_id bigint not null references task on delete cascade,
  requires_task_id bigint not null references task on delete cascade,
  reason dependency_reason not null,
  on_failure requirement_failure not null,
  satisfied_at timestamptz,
  primary key (task_id, requires_task_id),
  check (task_id <> requires_task_id)
);
-- For letting go those that wait.
create index task_dependency_required on task_dependency (requires_task_id);

create table trigger (
  id bigint primary key generated always as identity,
  task_id bigint not null references task on delete cascade,
  spec jsonb not null check (spec ? 'kind'),
  -- Null when there is no next fire time, while paused, or while an adaptive run is outstanding.
  next_fire_at timestamptz,
  previous_fire_at timestamptz,
  interval_ms double precision check (interval_ms >= 1),
  paused_at timestamptz,
  -- Later than this after the fire time nothing starts any more; null for no bound.
  misfire_grace_ms double precision check (misfire_grace_ms >= 0),
  max_instances integer not null default 1 check (max_instances >= 1),
  coalesce_rule coalesce_rule not null default 'latest',
  overlap overlap_policy not null default 'skip',
  check (paused_at is null or next_fire_at is null),
  check ((spec ->> 'kind' = 'adaptive') = (interval_ms is not null))
);
create index trigger_task on trigger (task_id);
-- Firing reads the head of this index: what is not due costs nothing.
create index trigger_due on trigger (next_fire_at) where next_fire_at is not null;

-- What was decided of each fire time. The key makes an occurrence unique, whoever fires it.
create table occurrence (
  trigger_id bigint not null,
  fire_at timestamptz not null,
  verdict occurrence_verdict not null,
  reason text,
  run_id bigint check ((run_id is not null) = (verdict = 'fired')),
  decided_at timestamptz not null,
  primary key (trigger_id, fire_at)
) partition by range (fire_at);
create table occurrence_rest partition of occurrence default;

create table host (
  id integer primary key generated always as identity,
  name text not null unique check (length(name) between 1 and 255)
);

create table worker (
  id bigint primary key generated always as identity,
  host_id integer not null references host,
  pid integer not null,
  version text not null,
  state worker_state not null default 'live',
  slot_count integer not null check (slot_count >= 1),
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  expires_at timestamptz not null
);
create index worker_expiry on worker (expires_at) where state in ('live', 'draining');

-- The right to do a thing alone. Rows are never deleted, so that tokens only grow.
create table lease (
  name text primary key check (length(name) between 1 and 200),
  owner text not null,
  token bigint not null check (token >= 1),
  expires_at timestamptz not null
);

create sequence run_id;
-- One value for each claim statement. A run takes only a larger one than it had.
create sequence run_fence;

-- The lease on the runs of one claim: renewed as one row, however many runs it covers. The token
-- is the claim's; a run is held under it while its own row carries the same.
create table claim (
  fence bigint primary key,
  worker_id bigint not null references worker,
  type_ids integer[] not null,
  run_ids bigint[] not null,
  claimed_at timestamptz not null,
  expires_at timestamptz not null
);
create index claim_expiry on claim (expires_at);

-- The queue: runs that have not ended. Rows go to the history when they end.
-- No index and no predicate names a column that a claim changes, so claims are heap-only updates.
create table run (
  id bigint primary key default nextval('run_id'),
  -- No foreign keys: they would cost each insert a lookup and a lock. Types are never deleted, and
  -- tasks only when they and their runs have ended.
  task_id bigint,
  trigger_id bigint,
  type_id integer not null,
  state run_state not null,
  priority smallint not null check (priority between 1 and 3),
  attempt integer not null default 0,
  failure_count integer not null default 0,
  lost_count integer not null default 0,
  -- Required tasks that have not succeeded; 1 for a run that waits for another of its trigger.
  pending_count integer not null default 0 check (pending_count >= 0),
  due_at timestamptz not null,
  -- When claims may see it: as due, or never while it is blocked or paused.
  ready_at timestamptz not null,
  created_at timestamptz not null,
  fire_at timestamptz,
  -- Claimed for the first time after this, it is missed; null for no bound.
  start_by timestamptz,
  claimed_at timestamptz,
  cancel_requested_at timestamptz,
  worker_id bigint,
  -- The token of the last claim; it stays when the run goes back to the queue.
  fence bigint not null default 0,
  interval_ms double precision,
  input jsonb not null,
  overrides jsonb,
  concurrency_key text,
  cancel_reason text,
  check (state in ('blocked', 'queued', 'paused', 'running')),
  check ((state in ('blocked', 'paused')) = (ready_at = 'infinity')),
  check ((state = 'running') = (worker_id is not null)),
  check (state <> 'blocked' or pending_count > 0),
  check (state not in ('queued', 'running') or pending_count = 0)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
-- Claims walk this one: one type, one priority, from a lower bound up to now.
create index run_ready on run (type_id, priority, ready_at, id);
create index run_task on run (task_id, trigger_id) where task_id is not null;

-- A task that is deleted takes its live runs with it, so that what they report is refused. In place
-- of a foreign key, which would be looked up for each run.
create function delete_runs_of_tasks() returns trigger
language plpgsql set search_path from current as $$
begin
  delete from run where task_id in (select id from gone);
  return null;
end
$$;
create trigger task_runs after delete on task
  referencing old table as gone for each statement execute function delete_runs_of_tasks();

-- Live progress; a side table, so that the queue's rows stay as they are.
create table run_progress (
  run_id bigint primary key references run on delete cascade,
  fraction double precision check (fraction between 0 and 1),
  message text,
  updated_at timestamptz not null
) with (fillfactor = 50);

-- Each try of each run, never updated, dropped by the partition.
create table attempt (
  run_id bigint not null,
  attempt integer not null,
  final boolean not null,
  type_id integer not null,
  task_id bigint,
  trigger_id bigint,
  state run_state,
  outcome outcome_kind not null,
  priority smallint not null,
  failure_count integer not null,
  lost_count integer not null,
  fire_at timestamptz,
  due_at timestamptz not null,
  created_at timestamptz not null,
  claimed_at timestamptz,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  worker_id bigint,
  fence bigint,
  concurrency_key text,
  input jsonb,
  overrides jsonb,
  output jsonb,
  error jsonb,
  retention_class text not null,
  check (final = (state is not null)),
  check (state in ('succeeded', 'failed', 'cancelled'))
) partition by list (retention_class);
create index attempt_run on attempt (run_id);
create index attempt_task on attempt (task_id, run_id) where task_id is not null;
-- Append-only and by time: a few pages show what ended lately.
create index attempt_finished on attempt using brin (finished_at) with (pages_per_range = 16);

create table run_log (
  run_id bigint not null,
  attempt integer not null,
  seq integer not null,
  at timestamptz not null,
  level log_level not null,
  message text not null,
  data jsonb,
  retention_class text not null
) partition by list (retention_class);
create index run_log_position on run_log (run_id, attempt, seq);

create table api_token (
  id bigint primary key generated always as identity,
  name text not null check (length(name) between 1 and 200),
  role token_role not null,
  -- SHA-256 of the secret, in hexadecimal; the secret itself is nowhere.
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- Adds the partitions of one retention class to attempt and run_log.
create function add_retention_class(class_name text) returns void
language plpgsql set search_path from current as $$
begin
  execute format(
    'create table %I partition of attempt for values in (%L) partition by range (finished_at)',
    'attempt_' || class_name, class_name);
  execute format('create table %I partition of %I default',
    'attempt_' || class_name || '_rest', 'attempt_' || class_name);
  execute format(
    'create table %I partition of run_log for values in (%L) partition by range (at)',
    'run_log_' || class_name, class_name);
  execute format('create table %I partition of %I default',
    'run_log_' || class_name || '_rest', 'run_log_' || class_name);
end
$$;

-- Adds one day to a table partitioned by range, taking over rows that the default partition
-- holds of that day. Answers the name, or null when the day is there, or is better added later.
create function add_day_partition(parent text, key_column text, day date) returns text
language plpgsql set search_path from current as $$
declare
  part text := parent || '_' || to_char(day, 'YYYYMMDD');
  lower_bound timestamptz := day::timestamp at time zone 'UTC';
  upper_bound timestamptz := (day + 1)::timestamp at time zone 'UTC';
  find_strays text := format('select exists (select from %I where %I >= $1 and %I < $2)',
    parent || '_rest', key_column, key_column);
  moves boolean;
  settles boolean;
  found boolean;
begin
  if to_regclass(format('%I', part)) is not null then return null; end if;
  execute find_strays into moves using lower_bound, upper_bound;
  -- Who had found the partitions and then waited for the default one goes on with those: a reader
  -- would not look where rows went, nor where they have come meanwhile, and a writer be refused.
  -- Where rows move, or may come at any moment, both wait at the parent and find them afterwards.
  settles := moves or lower_bound <= clock_timestamp();
  if settles then execute format('lock table %I in access exclusive mode', parent); end if;
  -- Nobody may add rows of that day to the default partition between move and attach.
  execute format('lock table %I in access exclusive mode', parent || '_rest');
  if not settles then
    execute find_strays into found using lower_bound, upper_bound;
    -- It is too late to lock the parent: a reader that holds it may wait for the default one.
    if found then return null; end if;
  end if;
  execute format('create table %I (like %I including defaults including constraints)',
    part, parent);
  execute format(
    'with moved as (delete from %I where %I >= $1 and %I < $2 returning *)
     insert into %I select * from moved',
    parent || '_rest', key_column, key_column, part)
    using lower_bound, upper_bound;
  execute format('alter table %I attach partition %I for values from (%L) to (%L)',
    parent, part, lower_bound, upper_bound);
  return part;
end
$$;

-- Days whose rows stand in the default partition because nobody had added them: a few at a time.
create function list_stray_days(parent text, key_column text) returns setof date
language plpgsql stable set search_path from current as $$
begin
  return query execute format(
    'select distinct (%I at time zone ''UTC'')::date from %I limit 10',
    key_column, parent || '_rest');
end
$$;

-- Days of a range-partitioned table that lie wholly before a limit.
create function old_day_partitions(parent text, keep_from date) returns setof text
language sql stable set search_path from current as $$
  select child.relname::text
  from pg_inherits
  join pg_class child on child.oid = pg_inherits.inhrelid
  where pg_inherits.inhparent = to_regclass(format('%I', parent))
    and child.relname ~ '_[0-9]{8}$'
    and to_date(right(child.relname, 8), 'YYYYMMDD') < keep_from
$$;

-- Drops a day of history.
create function drop_day_partition(part text) returns void
language plpgsql set search_path from current as $$
begin
  execute format('drop table if exists %I', part);
end
$$;

insert into retention_class (name, keep_days) values ('brief', 2), ('standard', 30), ('long', 400);
select add_retention_class(name) from retention_class;
