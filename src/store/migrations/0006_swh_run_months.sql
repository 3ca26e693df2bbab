-- Runs of the Software Heritage scheduler by month, so that those that are no longer kept are
-- dropped and not deleted.
-- Survives workers of earlier releases: their statements name no partition.
--
-- All runs stand in the last partition until it is said how long they are kept: whoever keeps them
-- for ever looks into one table, as before. From then on a month is added ahead of its time, and
-- nothing is ever moved: when the first month ends, or nobody has added one for a while, the last
-- partition becomes the one until the end of the month, and a new one takes its place.

-- How many days the runs are kept; null for ever.
alter table installation
  add column swh_run_keep_days integer check (swh_run_keep_days between 1 and 36500);

alter table swh_task_run rename to swh_task_run_rest;
alter index swh_task_run_task rename to swh_task_run_rest_task;
alter index swh_task_run_backend rename to swh_task_run_rest_backend;
alter table swh_task_run_rest
  drop constraint swh_task_run_pkey,
  -- When it was noted: what clients say of its times may lie anywhere. The migration's time for
  -- those that are there.
  add column recorded_at timestamptz not null default now();
create table swh_task_run (like swh_task_run_rest including defaults)
  partition by range (recorded_at);
alter table swh_task_run
  add primary key (id, recorded_at),
  add constraint swh_task_run_task_id_fkey foreign key (task_id) references swh_task;
create index swh_task_run_task on swh_task_run (task_id);
create index swh_task_run_backend on swh_task_run (backend_id);
alter table swh_task_run attach partition swh_task_run_rest default;

-- Adds a month: the one that "at" is in, or the next; answers its name, or null when both exist.
create function add_swh_run_month(at timestamptz) returns text
language plpgsql set search_path from current as $$
declare
  this_end date := date_trunc('month', at at time zone 'UTC') + interval '1 month';
  until date := this_end;
  last_end date;
  part text;
begin
  -- Others that look at the same time wait, and find what was added.
  perform from installation for update;
  select max(to_date(right(child.relname, 8), 'YYYYMMDD')) into last_end
  from pg_inherits
  join pg_class as child on child.oid = pg_inherits.inhrelid
  where pg_inherits.inhparent = to_regclass('swh_task_run')
    and child.relname ~ '^swh_task_run_until_[0-9]{8}$';
  if last_end > this_end then return null; end if;
  if last_end = this_end then until := this_end + interval '1 month'; end if;
  part := 'swh_task_run_until_' || to_char(until, 'YYYYMMDD');
  lock table swh_task_run in access exclusive mode;
  if until > this_end then
    execute format('create table %I (like swh_task_run including defaults) with (fillfactor = 70)',
      part);
  else
    -- Nothing that was noted until now lies after the month, so all of it is the month's.
    alter table swh_task_run detach partition swh_task_run_rest;
    execute format('alter table swh_task_run_rest rename to %I', part);
    create table swh_task_run_rest (like swh_task_run including defaults) with (fillfactor = 70);
  end if;
  execute format('alter table swh_task_run attach partition %I for values from (%s) to (%L)',
    part, coalesce(quote_literal(last_end::timestamp at time zone 'UTC'), 'minvalue'),
    until::timestamp at time zone 'UTC');
  if until = this_end then
    alter table swh_task_run attach partition swh_task_run_rest default;
  end if;
  return part;
end
$$;

-- Takes out a month that is no longer kept; answers its new name, under which its tasks are looked
-- at before it is dropped.
create function take_out_swh_run_month(at timestamptz) returns text
language plpgsql set search_path from current as $$
declare
  keep_days integer := (select swh_run_keep_days from installation for update);
  part text;
  taken text;
  reference text;
begin
  select child.relname into part
  from pg_inherits
  join pg_class as child on child.oid = pg_inherits.inhrelid
  where pg_inherits.inhparent = to_regclass('swh_task_run')
    and child.relname ~ '^swh_task_run_until_[0-9]{8}$'
    and to_date(right(child.relname, 8), 'YYYYMMDD') <= (at at time zone 'UTC')::date - keep_days
  order by child.relname
  limit 1;
  if part is null then return null; end if;
  taken := 'swh_task_run_gone_' || right(part, 8);
  execute format('alter table swh_task_run detach partition %I', part);
  for reference in
    select conname from pg_constraint where conrelid = to_regclass(part) and contype = 'f'
  loop
    execute format('alter table %I drop constraint %I', part, reference);
  end loop;
  execute format('alter table %I rename to %I', part, taken);
  return taken;
end
$$;

-- Deletes the tasks of a month that was taken out, a range of them after an id: those that have
-- ended for good and have no other run. Answers the last id of the range, or null after the last,
-- and how many it deleted.
create function prune_swh_tasks(part text, after_id bigint, range_max integer)
returns table (last_id bigint, deleted bigint)
language plpgsql set search_path from current as $$
begin
  return query execute format(
    'with member as materialized (
       select distinct task_id from %I where task_id > $1 order by task_id limit $2
     ),
     deleted as (
       delete from swh_task as task
       using member
       where task.id = member.task_id
         and (task.status = ''disabled''
           or (task.policy = ''oneshot'' and task.status = ''completed''))
         and not exists (select from swh_task_run as run where run.task_id = task.id)
       returning 1
     )
     select (select max(task_id) from member), (select count(*) from deleted)', part)
    using after_id, range_max;
end
$$;

-- Months that were taken out, also by a process that went no further.
create function list_taken_swh_run_months() returns setof text
language sql stable set search_path from current as $$
  select gone.relname::text
  from pg_class as gone
  join pg_class as runs on runs.relnamespace = gone.relnamespace
  where runs.oid = to_regclass('swh_task_run')
    and gone.relname ~ '^swh_task_run_gone_[0-9]{8}$'
  order by gone.relname
$$;
