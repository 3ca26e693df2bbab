/**
 * The peer's tables and statements about tasks, written anew from what they do: tasks go through a
 * temporary table and a function, ready ones are taken by one statement. Its server adds Python.
 */

import type pg from "pg";

/** Tables, indexes and the function, in the schema that the peer's connection is set to. */
export const referenceTaskSchema = `
create type task_status as enum
  ('next_run_not_scheduled', 'next_run_scheduled', 'completed', 'disabled');
create type task_policy as enum ('recurring', 'oneshot');
create type task_priority as enum ('high', 'normal', 'low');
create table task_type (
  type text primary key,
  description text not null,
  backend_name text not null,
  default_interval interval,
  min_interval interval,
  max_interval interval,
  backoff_factor float,
  max_queue_length bigint default 1000,
  num_retries bigint,
  retry_delay interval
);
create table task (
  id bigserial primary key,
  type text not null references task_type (type),
  arguments jsonb not null,
  next_run timestamptz not null,
  current_interval interval,
  status task_status not null,
  policy task_policy not null default 'recurring',
  retries_left bigint not null default 0,
  priority task_priority,
  check (policy <> 'recurring' or current_interval is not null)
);
create index on task (type);
create index on task (next_run);
create index on task (priority);
create index on task (type, md5(arguments::text));
create index on task (type, next_run) where status = 'next_run_not_scheduled';
create function create_tasks_from_temp() returns setof task language plpgsql as $$
begin
  update tmp_task
  set current_interval = (select default_interval from task_type where type = tmp_task.type),
    retries_left = coalesce(retries_left,
      (select num_retries from task_type where type = tmp_task.type), 0);
  insert into task (type, arguments, next_run, current_interval, status, policy, retries_left,
    priority)
  select type, arguments, next_run, current_interval, status, policy, retries_left, priority
  from tmp_task
  where not exists (
    select from task
    where task.type = tmp_task.type
      and md5(task.arguments::text) = md5(tmp_task.arguments::text)
      and task.arguments = tmp_task.arguments
      and task.policy = tmp_task.policy
      and task.priority is not distinct from tmp_task.priority
      and task.status = tmp_task.status
      and (tmp_task.policy <> 'oneshot' or task.next_run = tmp_task.next_run)
  );
  return query
    select distinct task.*
    from tmp_task
    join task on task.type = tmp_task.type
      and md5(task.arguments::text) = md5(tmp_task.arguments::text)
      and task.arguments = tmp_task.arguments
      and task.policy = tmp_task.policy
      and task.priority is not distinct from tmp_task.priority
      and task.status = tmp_task.status
      and task.next_run = tmp_task.next_run;
end
$$;`;

/** One task to be created, as its columns. */
export interface ReferenceTask {
  readonly type: string;
  readonly arguments: object;
  readonly next_run: string;
}

/** Creates oneshot tasks as the peer's server does, in a transaction; answers how many it got. */
export async function createReferenceTasks(
  client: pg.Client,
  tasks: readonly ReferenceTask[],
): Promise<number> {
  await client.query("begin");
  await client.query(
    "create temporary table tmp_task (like task excluding indexes) on commit drop",
  );
  await client.query(
    `alter table tmp_task alter retries_left drop not null, drop column id,
      alter status set default 'next_run_not_scheduled'`,
  );
  await client.query({
    text: `insert into tmp_task (type, arguments, next_run, policy)
      select type, arguments, next_run, 'oneshot'
      from jsonb_to_recordset($1::jsonb)
        as item (type text, arguments jsonb, next_run timestamptz)`,
    values: [JSON.stringify(tasks)],
  });
  const made = await client.query("select * from create_tasks_from_temp()");
  await client.query("commit");
  return made.rows.length;
}

/** Takes ready tasks as the peer does: nothing keeps another call from taking the same. */
export async function grabReferenceTasks(
  client: pg.Client,
  type: string,
  count: number,
): Promise<number> {
  const taken = await client.query({
    name: "grab_reference_tasks",
    text: `update task
      set status = 'next_run_scheduled'
      from (
        select id from task
        where next_run <= now() and type = $1 and status = 'next_run_not_scheduled'
          and priority is null
        order by next_run
        limit $2
      ) as ready
      where task.id = ready.id
      returning task.*`,
    values: [type, count],
  });
  return taken.rows.length;
}
