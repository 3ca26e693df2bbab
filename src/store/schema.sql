-- The schema that the migrations make, for reading; by tools/generate-schema.ts.
-- Constraints and indexes of partitions are those of their parents.

create type dependency_reason as enum ('requires', 'tree', 'graph');
create type executor_kind as enum ('in-process', 'child-process');
create type log_level as enum ('debug', 'info', 'warn', 'error');
create type occurrence_verdict as enum ('fired', 'coalesced', 'skipped');
create type outcome_kind as enum ('eventful', 'uneventful', 'failed', 'permfailed', 'lost',
  'snoozed', 'cancelled');
create type requirement_failure as enum ('block', 'cancel');
create type run_state as enum ('blocked', 'queued', 'paused', 'running', 'succeeded', 'failed',
  'cancelled');
create type swh_run_status as enum ('scheduled', 'started', 'eventful', 'uneventful', 'failed',
  'permfailed', 'lost');
create type swh_task_policy as enum ('recurring', 'oneshot');
create type swh_task_priority as enum ('high', 'normal', 'low');
create type swh_task_status as enum ('next_run_not_scheduled', 'next_run_scheduled', 'completed',
  'disabled');
create type task_state as enum ('active', 'paused', 'completed', 'failed', 'disabled', 'cancelled');
create type token_role as enum ('viewer', 'operator', 'admin');
create type worker_state as enum ('live', 'draining', 'stopped', 'lost');

create sequence run_fence;
create sequence run_id;
create sequence task_id;

create table api_token (
  id bigint generated always as identity not null,
  name text not null,
  role token_role not null,
  hash text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_token_pkey PRIMARY KEY (id),
  constraint api_token_hash_key UNIQUE (hash),
  constraint api_token_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint api_token_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

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
  fire_at timestamp with time zone,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  claimed_at timestamp with time zone,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  worker_id bigint,
  fence bigint,
  concurrency_key text,
  input jsonb,
  overrides jsonb,
  output jsonb,
  error jsonb,
  retention_class text not null,
  constraint attempt_check CHECK ((final = (state IS NOT NULL))),
  constraint attempt_state_check CHECK ((state = ANY (ARRAY['succeeded'::run_state,
    'failed'::run_state, 'cancelled'::run_state])))
) partition by LIST (retention_class);
CREATE INDEX attempt_finished ON ONLY orrery.attempt USING brin (finished_at) WITH
  (pages_per_range='16');
CREATE INDEX attempt_run ON ONLY orrery.attempt USING btree (run_id);
CREATE INDEX attempt_task ON ONLY orrery.attempt USING btree (task_id, run_id) WHERE (task_id IS NOT
  NULL);

create table attempt_brief partition of attempt FOR VALUES IN ('brief') partition by RANGE
  (finished_at);

create table attempt_brief_rest partition of attempt_brief DEFAULT;

create table attempt_long partition of attempt FOR VALUES IN ('long') partition by RANGE
  (finished_at);

create table attempt_long_rest partition of attempt_long DEFAULT;

create table attempt_standard partition of attempt FOR VALUES IN ('standard') partition by RANGE
  (finished_at);

create table attempt_standard_rest partition of attempt_standard DEFAULT;

create table claim (
  fence bigint not null,
  worker_id bigint not null,
  type_ids integer[] not null,
  run_ids bigint[] not null,
  claimed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint claim_pkey PRIMARY KEY (fence),
  constraint claim_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES worker(id)
);
CREATE INDEX claim_expiry ON orrery.claim USING btree (expires_at);

create table host (
  id integer generated always as identity not null,
  name text not null,
  constraint host_pkey PRIMARY KEY (id),
  constraint host_name_key UNIQUE (name),
  constraint host_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)))
);

create table installation (
  singleton boolean default true not null,
  paused_at timestamp with time zone,
  constraint installation_pkey PRIMARY KEY (singleton),
  constraint installation_singleton_check CHECK (singleton)
);

create table lease (
  name text not null,
  owner text not null,
  token bigint not null,
  expires_at timestamp with time zone not null,
  constraint lease_pkey PRIMARY KEY (name),
  constraint lease_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint lease_token_check CHECK ((token >= 1))
);

create table migration (
  name character varying(255) not null,
  "timestamp" character varying(255) not null,
  constraint migration_pkey PRIMARY KEY (name)
);

create table migration_lock (
  id character varying(255) not null,
  is_locked integer default 0 not null,
  constraint migration_lock_pkey PRIMARY KEY (id)
);

create table occurrence (
  trigger_id bigint not null,
  fire_at timestamp with time zone not null,
  verdict occurrence_verdict not null,
  reason text,
  run_id bigint,
  decided_at timestamp with time zone not null,
  constraint occurrence_pkey PRIMARY KEY (trigger_id, fire_at),
  constraint occurrence_check CHECK (((run_id IS NOT NULL) = (verdict =
    'fired'::occurrence_verdict)))
) partition by RANGE (fire_at);

create table occurrence_rest partition of occurrence DEFAULT;

create table retention_class (
  name text not null,
  keep_days integer not null,
  constraint retention_class_pkey PRIMARY KEY (name),
  constraint retention_class_keep_days_check CHECK (((keep_days >= 1) AND (keep_days <= 36500))),
  constraint retention_class_name_check CHECK ((name ~ '^[a-z][a-z0-9_]{0,29}$'::text))
);

create table run (
  id bigint default nextval('run_id'::regclass) not null,
  task_id bigint,
  trigger_id bigint,
  type_id integer not null,
  state run_state not null,
  priority smallint not null,
  attempt integer default 0 not null,
  failure_count integer default 0 not null,
  lost_count integer default 0 not null,
  pending_count integer default 0 not null,
  due_at timestamp with time zone not null,
  ready_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  fire_at timestamp with time zone,
  claimed_at timestamp with time zone,
  cancel_requested_at timestamp with time zone,
  worker_id bigint,
  fence bigint default 0 not null,
  interval_ms double precision,
  input jsonb not null,
  overrides jsonb,
  concurrency_key text,
  cancel_reason text,
  constraint run_pkey PRIMARY KEY (id),
  constraint run_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE CASCADE,
  constraint run_check CHECK (((state = ANY (ARRAY['blocked'::run_state, 'paused'::run_state])) =
    (ready_at = 'infinity'::timestamp with time zone))),
  constraint run_check1 CHECK (((state = 'running'::run_state) = (worker_id IS NOT NULL))),
  constraint run_check2 CHECK (((state <> 'blocked'::run_state) OR (pending_count > 0))),
  constraint run_check3 CHECK (((state <> ALL (ARRAY['queued'::run_state, 'running'::run_state])) OR
    (pending_count = 0))),
  constraint run_pending_count_check CHECK ((pending_count >= 0)),
  constraint run_priority_check CHECK (((priority >= 1) AND (priority <= 3))),
  constraint run_state_check CHECK ((state = ANY (ARRAY['blocked'::run_state, 'queued'::run_state,
    'paused'::run_state, 'running'::run_state])))
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=5000,
  autovacuum_vacuum_cost_delay=0);
CREATE INDEX run_ready ON orrery.run USING btree (type_id, priority, ready_at, id);
CREATE INDEX run_task ON orrery.run USING btree (task_id, trigger_id) WHERE (task_id IS NOT NULL);

create table run_log (
  run_id bigint not null,
  attempt integer not null,
  seq integer not null,
  at timestamp with time zone not null,
  level log_level not null,
  message text not null,
  data jsonb,
  retention_class text not null
) partition by LIST (retention_class);
CREATE INDEX run_log_position ON ONLY orrery.run_log USING btree (run_id, attempt, seq);

create table run_log_brief partition of run_log FOR VALUES IN ('brief') partition by RANGE (at);

create table run_log_brief_rest partition of run_log_brief DEFAULT;

create table run_log_long partition of run_log FOR VALUES IN ('long') partition by RANGE (at);

create table run_log_long_rest partition of run_log_long DEFAULT;

create table run_log_standard partition of run_log FOR VALUES IN ('standard') partition by RANGE
  (at);

create table run_log_standard_rest partition of run_log_standard DEFAULT;

create table run_progress (
  run_id bigint not null,
  fraction double precision,
  message text,
  updated_at timestamp with time zone not null,
  constraint run_progress_pkey PRIMARY KEY (run_id),
  constraint run_progress_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE,
  constraint run_progress_fraction_check CHECK (((fraction >= (0)::double precision) AND (fraction
    <= (1)::double precision)))
) with (fillfactor=50);

create table swh_irregular_end (
  id bigint generated always as identity not null,
  run_id bigint not null,
  task_id bigint not null,
  run_status_before swh_run_status not null,
  task_status_before swh_task_status not null,
  status swh_run_status not null,
  recorded_at timestamp with time zone not null,
  constraint swh_irregular_end_pkey PRIMARY KEY (id)
);

create table swh_task (
  id bigint default nextval('task_id'::regclass) not null,
  type_id integer not null,
  arguments jsonb not null,
  next_run timestamp with time zone not null,
  status swh_task_status not null,
  policy swh_task_policy not null,
  retries_left bigint not null,
  current_interval interval,
  priority swh_task_priority,
  constraint swh_task_pkey PRIMARY KEY (id),
  constraint swh_task_next_run_years CHECK (((next_run >= '0001-01-01 00:00:00+00'::timestamp with
    time zone) AND (next_run < '10000-01-01 00:00:00+00'::timestamp with time zone))),
  constraint swh_task_recurring_interval CHECK (((policy <> 'recurring'::swh_task_policy) OR
    (current_interval IS NOT NULL)))
);
CREATE INDEX swh_task_ready ON orrery.swh_task USING btree (type_id, next_run, id) WHERE ((status =
  'next_run_not_scheduled'::swh_task_status) AND (priority IS NULL));
CREATE INDEX swh_task_ready_priority ON orrery.swh_task USING btree (type_id, next_run, id) WHERE
  ((status = 'next_run_not_scheduled'::swh_task_status) AND (priority IS NOT NULL));
CREATE INDEX swh_task_twin ON orrery.swh_task USING btree (type_id, jsonb_hash_extended(arguments,
  (0)::bigint), next_run);

create table swh_task_run (
  id bigint default nextval('run_id'::regclass) not null,
  task_id bigint not null,
  backend_id text,
  scheduled timestamp with time zone,
  started timestamp with time zone,
  ended timestamp with time zone,
  metadata jsonb,
  status swh_run_status default 'scheduled'::swh_run_status not null,
  constraint swh_task_run_pkey PRIMARY KEY (id),
  constraint swh_task_run_task_id_fkey FOREIGN KEY (task_id) REFERENCES swh_task(id)
) with (fillfactor=70);
CREATE INDEX swh_task_run_backend ON orrery.swh_task_run USING btree (backend_id);
CREATE INDEX swh_task_run_task ON orrery.swh_task_run USING btree (task_id);

create table swh_task_type (
  id integer generated always as identity not null,
  type text not null,
  description text not null,
  backend_name text not null,
  default_interval interval,
  min_interval interval,
  max_interval interval,
  backoff_factor double precision,
  max_queue_length bigint,
  num_retries bigint,
  retry_delay interval,
  constraint swh_task_type_pkey PRIMARY KEY (id),
  constraint swh_task_type_type_key UNIQUE (type)
);

create table task (
  id bigint default nextval('task_id'::regclass) not null,
  type_id integer not null,
  name text not null,
  key text,
  parent_id bigint,
  root_id bigint not null,
  input jsonb not null,
  priority smallint not null,
  concurrency_key text,
  overrides jsonb not null,
  state task_state default 'active'::task_state not null,
  state_reason text,
  last_outcome outcome_kind,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint task_pkey PRIMARY KEY (id),
  constraint task_key_key UNIQUE (key),
  constraint task_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES task(id) ON DELETE CASCADE,
  constraint task_root_id_fkey FOREIGN KEY (root_id) REFERENCES task(id) ON DELETE CASCADE,
  constraint task_type_id_fkey FOREIGN KEY (type_id) REFERENCES task_type(id),
  constraint task_check CHECK ((parent_id IS DISTINCT FROM id)),
  constraint task_check1 CHECK (((parent_id IS NULL) = (root_id = id))),
  constraint task_check2 CHECK (((finished_at IS NULL) = (state = ANY (ARRAY['active'::task_state,
    'paused'::task_state])))),
  constraint task_concurrency_key_check CHECK (((length(concurrency_key) >= 1) AND
    (length(concurrency_key) <= 200))),
  constraint task_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
  constraint task_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint task_overrides_check CHECK ((jsonb_typeof(overrides) = 'object'::text)),
  constraint task_priority_check CHECK (((priority >= 1) AND (priority <= 3)))
);
CREATE INDEX task_by_type ON orrery.task USING btree (type_id, id);
CREATE INDEX task_finished ON orrery.task USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX task_parent ON orrery.task USING btree (parent_id, id) WHERE (parent_id IS NOT NULL);
CREATE INDEX task_root ON orrery.task USING btree (root_id, id) WHERE (parent_id IS NOT NULL);

create table task_dependency (
  task_id bigint not null,
  requires_task_id bigint not null,
  reason dependency_reason not null,
  on_failure requirement_failure not null,
  satisfied_at timestamp with time zone,
  constraint task_dependency_pkey PRIMARY KEY (task_id, requires_task_id),
  constraint task_dependency_requires_task_id_fkey FOREIGN KEY (requires_task_id) REFERENCES
    task(id) ON DELETE CASCADE,
  constraint task_dependency_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE
    CASCADE,
  constraint task_dependency_check CHECK ((task_id <> requires_task_id))
);
CREATE INDEX task_dependency_required ON orrery.task_dependency USING btree (requires_task_id);

create table task_type (
  id integer generated always as identity not null,
  name text not null,
  description text not null,
  executor executor_kind not null,
  interval_default_ms double precision not null,
  interval_min_ms double precision not null,
  interval_max_ms double precision not null,
  interval_factor double precision not null,
  retry jsonb not null,
  timeout_ms double precision,
  grace_ms double precision not null,
  running_max integer,
  running_per_key_max integer,
  unfinished_max integer,
  retention_class text not null,
  input_schema jsonb,
  paused_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint task_type_pkey PRIMARY KEY (id),
  constraint task_type_name_key UNIQUE (name),
  constraint task_type_retention_class_fkey FOREIGN KEY (retention_class) REFERENCES
    retention_class(name),
  constraint task_type_check CHECK (((interval_min_ms <= interval_default_ms) AND
    (interval_default_ms <= interval_max_ms))),
  constraint task_type_grace_ms_check CHECK ((grace_ms >= (0)::double precision)),
  constraint task_type_interval_factor_check CHECK ((interval_factor >= (1)::double precision)),
  constraint task_type_interval_min_ms_check CHECK ((interval_min_ms >= (1)::double precision)),
  constraint task_type_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint task_type_retry_check CHECK ((jsonb_typeof(retry) = 'object'::text)),
  constraint task_type_running_max_check CHECK ((running_max >= 0)),
  constraint task_type_running_per_key_max_check CHECK ((running_per_key_max >= 1)),
  constraint task_type_timeout_ms_check CHECK ((timeout_ms > (0)::double precision)),
  constraint task_type_unfinished_max_check CHECK ((unfinished_max >= 0))
);

create table trigger (
  id bigint generated always as identity not null,
  task_id bigint not null,
  spec jsonb not null,
  next_fire_at timestamp with time zone,
  previous_fire_at timestamp with time zone,
  interval_ms double precision,
  constraint trigger_pkey PRIMARY KEY (id),
  constraint trigger_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id) ON DELETE CASCADE,
  constraint trigger_check CHECK ((((spec ->> 'kind'::text) = 'adaptive'::text) = (interval_ms IS
    NOT NULL))),
  constraint trigger_interval_ms_check CHECK ((interval_ms >= (1)::double precision)),
  constraint trigger_spec_check CHECK ((spec ? 'kind'::text))
);
CREATE INDEX trigger_due ON orrery.trigger USING btree (next_fire_at) WHERE (next_fire_at IS NOT
  NULL);
CREATE INDEX trigger_task ON orrery.trigger USING btree (task_id);

create table worker (
  id bigint generated always as identity not null,
  host_id integer not null,
  pid integer not null,
  version text not null,
  state worker_state default 'live'::worker_state not null,
  slot_count integer not null,
  started_at timestamp with time zone not null,
  heartbeat_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint worker_pkey PRIMARY KEY (id),
  constraint worker_host_id_fkey FOREIGN KEY (host_id) REFERENCES host(id),
  constraint worker_slot_count_check CHECK ((slot_count >= 1))
);
CREATE INDEX worker_expiry ON orrery.worker USING btree (expires_at) WHERE (state = ANY
  (ARRAY['live'::worker_state, 'draining'::worker_state]));

CREATE OR REPLACE FUNCTION orrery.add_day_partition(parent text, key_column text, day date)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'orrery'
AS $function$
declare
  part text := parent || '_' || to_char(day, 'YYYYMMDD');
  lower_bound timestamptz := day::timestamp at time zone 'UTC';
  upper_bound timestamptz := (day + 1)::timestamp at time zone 'UTC';
  find_strays text := format('select exists (select from %I where %I >= $1 and %I < $2)',
    parent || '_rest', key_column, key_column);
  moves boolean;
  found boolean;
begin
  if to_regclass(format('%I', part)) is not null then return null; end if;
  execute find_strays into moves using lower_bound, upper_bound;
  -- A reader that had found the partitions and then waited for the default one would see the rows
  -- gone from there and not look where they went: where rows move, readers wait at the parent.
  if moves then execute format('lock table %I in access exclusive mode', parent); end if;
  -- Nobody may add rows of that day to the default partition between move and attach.
  execute format('lock table %I in access exclusive mode', parent || '_rest');
  if not moves then
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
$function$
;

CREATE OR REPLACE FUNCTION orrery.add_retention_class(class_name text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'orrery'
AS $function$
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
$function$
;

CREATE OR REPLACE FUNCTION orrery.drop_day_partition(part text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'orrery'
AS $function$
begin
  execute format('drop table if exists %I', part);
end
$function$
;

CREATE OR REPLACE FUNCTION orrery.list_stray_days(parent text, key_column text)
 RETURNS SETOF date
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'orrery'
AS $function$
begin
  return query execute format(
    'select distinct (%I at time zone ''UTC'')::date from %I limit 10',
    key_column, parent || '_rest');
end
$function$
;

CREATE OR REPLACE FUNCTION orrery.old_day_partitions(parent text, keep_from date)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO 'orrery'
AS $function$
  select child.relname::text
  from pg_inherits
  join pg_class child on child.oid = pg_inherits.inhrelid
  where pg_inherits.inhparent = to_regclass(format('%I', parent))
    and child.relname ~ '_[0-9]{8}$'
    and to_date(right(child.relname, 8), 'YYYYMMDD') < keep_from
$function$
;

CREATE OR REPLACE FUNCTION orrery.swh_settle_task(settled_id bigint, run_status swh_run_status,
  ended_at timestamp with time zone, widens boolean)
 RETURNS swh_task_status
 LANGUAGE sql
 SET search_path TO 'orrery'
AS $function$
  update swh_task
  set
    status = case
      when run_status = 'permfailed' then 'disabled'
      when old.oneshot and run_status in ('eventful', 'uneventful') then 'completed'
      when old.oneshot and old.retries_left <= 0 then 'disabled'
      else 'next_run_not_scheduled'
    end::swh_task_status,
    next_run = case
      when run_status = 'permfailed' then old.next_run
      when run_status in ('failed', 'lost') and old.retries_left > 0
        then ended_at + coalesce(old.retry_delay, '1 hour')
      when old.oneshot then old.next_run
      when run_status in ('failed', 'lost') then ended_at + old.current_interval
      else ended_at + old.adapted_interval
    end,
    current_interval = case
      when run_status in ('eventful', 'uneventful') and not old.oneshot then old.adapted_interval
      else old.current_interval
    end,
    retries_left = case
      when run_status in ('failed', 'lost') and old.retries_left > 0 then old.retries_left - 1
      when run_status = 'permfailed' or old.oneshot then old.retries_left
      else coalesce(old.num_retries, 0)
    end
  from (
    select task.id, task.status, task.next_run, task.current_interval, task.retries_left,
      kind.num_retries, kind.retry_delay, task.policy = 'oneshot' as oneshot,
      -- Null bounds do not bound; without a factor the upper bound is taken.
      case when task.policy = 'recurring' and run_status in ('eventful', 'uneventful') then
        greatest(kind.min_interval, least(kind.max_interval,
          case when widens and run_status = 'uneventful'
            then task.current_interval * kind.backoff_factor
            else task.current_interval / kind.backoff_factor
          end))
      end as adapted_interval
    from swh_task as task
    join swh_task_type as kind on kind.id = task.type_id
    where task.id = settled_id
    -- Of two ends at once the second one waits, and moves on what the first has made.
    for update of task
  ) as old
  where swh_task.id = old.id
  returning old.status
$function$
;
