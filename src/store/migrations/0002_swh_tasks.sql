-- Tasks of the Software Heritage scheduler: a store of their own (docs/adr/0005) in the one id
-- space, since whoever speaks its interface sets status and next run at will.
-- Survives workers of earlier releases: they do not know these tables.

create type swh_task_status as enum
  ('next_run_not_scheduled', 'next_run_scheduled', 'completed', 'disabled');
create type swh_task_policy as enum ('recurring', 'oneshot');
create type swh_task_priority as enum ('high', 'normal', 'low');
create type swh_run_status as enum
  ('scheduled', 'started', 'eventful', 'uneventful', 'failed', 'permfailed', 'lost');

create table swh_task_type (
  id integer primary key generated always as identity,
  type text not null unique,
  description text not null,
  backend_name text not null,
  default_interval interval,
  min_interval interval,
  max_interval interval,
  backoff_factor double precision,
  max_queue_length bigint,
  num_retries bigint,
  retry_delay interval
);

create table swh_task (
  id bigint primary key default nextval('task_id'),
  -- No foreign key: it would cost each insert a lookup, and types are never deleted.
  type_id integer not null,
  arguments jsonb not null,
  next_run timestamptz not null,
  status swh_task_status not null,
  policy swh_task_policy not null,
  retries_left bigint not null,
  current_interval interval,
  priority swh_task_priority,
  constraint swh_task_recurring_interval
    check (policy <> 'recurring' or current_interval is not null),
  -- What no client could read back.
  constraint swh_task_next_run_years
    check (next_run >= '0001-01-01 00:00:00+00' and next_run < '10000-01-01 00:00:00+00')
);
-- Whether an equal task is stored, without whole documents in an index.
create index swh_task_twin
  on swh_task (type_id, jsonb_hash_extended(arguments, 0), next_run);
-- Those that wait, in the order in which they are handed out; what is done or running costs
-- nothing. Without and with a priority they are asked for apart.
create index swh_task_ready on swh_task (type_id, next_run, id)
  where status = 'next_run_not_scheduled' and priority is null;
create index swh_task_ready_priority on swh_task (type_id, next_run, id)
  where status = 'next_run_not_scheduled' and priority is not null;

-- Start and end update a row in place, without touching an index.
create table swh_task_run (
  id bigint primary key default nextval('run_id'),
  task_id bigint not null references swh_task,
  backend_id text,
  scheduled timestamptz,
  started timestamptz,
  ended timestamptz,
  metadata jsonb,
  status swh_run_status not null default 'scheduled'
) with (fillfactor = 70);
create index swh_task_run_task on swh_task_run (task_id);
create index swh_task_run_backend on swh_task_run (backend_id);

-- Ends that the interface allows and that nobody means: of a run that had ended, or of a task that
-- had been disabled or completed.
create table swh_irregular_end (
  id bigint primary key generated always as identity,
  run_id bigint not null,
  task_id bigint not null,
  run_status_before swh_run_status not null,
  task_status_before swh_task_status not null,
  status swh_run_status not null,
  recorded_at timestamptz not null
);

-- Moves a task on when a run of it ends at ended_at; answers its status before. A function, since
-- one call may end several runs of a task, each of which finds it as the one before has left it.
create function swh_settle_task(
  settled_id bigint, run_status swh_run_status, ended_at timestamptz, widens boolean
) returns swh_task_status language sql set search_path from current as $$
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
$$;
