/**
 * Shape H: the queue holds only what waits. The claim deletes the job and inserts its run into
 * history at once; completion updates it there. Taking a run back inserts a job again.
 */

import { batchRow, readyRows, stateLiterals, taskTypeTable, type Shape } from "./shape.ts";

/** What the variants of this shape differ in. */
export interface HOptions {
  readonly name: string;
  /** A partial index on the expiry of running rows. */
  readonly leaseIndex: boolean;
}

const state = stateLiterals("smallint");

/** The statements and tables of one variant of shape H. */
export function shapeH(options: HOptions): Shape {
  return {
    name: options.name,
    tables: tables(options.leaseIndex),
    enqueue: { name: `${options.name}_enqueue`, text: enqueue },
    claim: { name: `${options.name}_claim`, text: claim },
    complete: { name: `${options.name}_complete`, text: complete },
    reap: { name: `${options.name}_reap`, text: reap },
    census: { name: `${options.name}_census`, text: census },
  };
}

function tables(leaseIndex: boolean): string {
  // Half-filled pages leave room for the completed version beside the running one.
  const partition = (from: string, to: string): string => `
    create table run_history_${from} partition of run_history
    for values from (${from}) to (${to}) with (fillfactor = 50);`;
  return `
  ${taskTypeTable}
  create sequence fence_sequence;
  create sequence run_id_sequence cache 500;
  create table job (
    id bigint generated always as identity primary key,
    task_id bigint not null,
    due_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default now(),
    fence bigint not null default 0,
    task_type_id integer not null,
    priority smallint not null,
    attempt smallint not null default 0,
    retention_class smallint not null,
    payload jsonb not null
  );
  create index job_ready on job (task_type_id, priority, due_at, id);
  create table run_history (
    run_id bigint primary key,
    job_id bigint not null,
    task_id bigint not null,
    due_at timestamptz not null,
    created_at timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    lease_expires_at timestamptz,
    fence bigint not null,
    task_type_id integer not null,
    worker_id integer not null,
    priority smallint not null,
    attempt smallint not null,
    retention_class smallint not null,
    state smallint not null,
    payload jsonb not null
  ) partition by range (run_id);
  ${partition("0", "1000000")}
  ${partition("1000000", "2000000")}
  create index on run_history (task_id, run_id);
  create index on run_history using brin (finished_at);
  ${
    leaseIndex
      ? `create index on run_history (lease_expires_at) where state = ${state.running};`
      : ""
  }`;
}

const enqueue = `
  with added as (
    insert into job (task_id, task_type_id, priority, retention_class, payload)
    select item.task_id, item.task_type_id, item.priority, item.retention_class, item.payload
    from jsonb_to_recordset($1::jsonb) as item (task_id bigint, task_type_id integer,
      priority smallint, retention_class smallint, payload jsonb)
    returning id
  )
  select count(*)::integer as count, pg_notify('run_ready', '') from added`;

const claim = `
  with batch as materialized (${batchRow}),
  ready as materialized (${readyRows("job", "")}),
  taken as (
    delete from job where id = any(array(select id from ready)) returning *
  )
  insert into run_history (run_id, job_id, task_id, due_at, created_at, started_at,
    lease_expires_at, fence, task_type_id, worker_id, priority, attempt, retention_class, state,
    payload)
  select nextval('run_id_sequence'), id, task_id, due_at, created_at, batch.now,
    batch.lease_expires_at, batch.fence, task_type_id, $6::integer, priority, attempt + 1,
    retention_class, ${state.running}, payload
  from taken cross join batch
  returning run_id as id, task_type_id, priority, due_at, fence, payload`;

const complete = `
  with done as (
    update run_history
    set state = ($2::smallint[])[width_bucket(run_id, $1::bigint[])],
      finished_at = clock_timestamp()
    where run_id = any($1::bigint[]) and fence = $3::bigint
      -- Not "= running": that matches the lease index, which would be read from end to end.
      and state < ${state.succeeded}
    returning 1
  )
  select count(*)::integer as count from done`;

const reap = `
  with expired as materialized (
    select * from run_history
    where state = ${state.running} and lease_expires_at < $1::timestamptz
    for update skip locked
  ), lost as (
    update run_history set state = ${state.lost}, finished_at = clock_timestamp()
    where run_id = any(array(select run_id from expired))
  ), back as (
    insert into job (task_id, due_at, created_at, fence, task_type_id, priority, attempt,
      retention_class, payload)
    select task_id, due_at, created_at, fence, task_type_id, priority, attempt,
      retention_class, payload
    from expired
    returning 1
  )
  select count(*)::integer as count from back`;

const census = `
  select (select count(*)::integer from job) as waiting,
    count(*) filter (where state = ${state.succeeded})::integer as completed,
    count(*) filter (where state = ${state.lost})::integer as lost
  from run_history`;
