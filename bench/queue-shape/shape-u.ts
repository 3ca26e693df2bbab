/**
 * Shape U: one row per run from enqueue to completion. The claim updates it in place, completion
 * deletes it and appends to history. What is waiting or running is in one table, history is only
 * ever inserted into.
 */

import {
  batchRow,
  readyRows,
  stateLiterals,
  taskTypeTable,
  type Shape,
  type StateColumn,
  type StateLiterals,
} from "./shape.ts";

/** What the variants of this shape differ in. */
export interface UOptions {
  readonly name: string;
  /** A partial index on the expiry of running rows. */
  readonly leaseIndex: boolean;
  /** Waiting rows only in the ready index; otherwise all rows, and the claim can be heap-only. */
  readonly partialReadyIndex: boolean;
  /** Of the table of waiting and running rows, in percent. */
  readonly fillFactor: number;
  /** A foreign key from run.task_type_id to task_type. */
  readonly foreignKey: boolean;
  readonly state: StateColumn;
  /** How many of `historyIndexes` exist, 0 to 3; the BRIN index always does. */
  readonly historyIndexCount: number;
  /** Whether history repeats the payload, or leaves it to the task's own row. */
  readonly historyPayload: boolean;
  /** History by retention class and day, or one plain table. */
  readonly partitioned: boolean;
}

/** In the order a product would add them: one run, the runs of a task, the runs of a type. */
const historyIndexes = ["(run_id)", "(task_id, run_id)", "(task_type_id, finished_at)"] as const;

/** The statements and tables of one variant of shape U. */
export function shapeU(options: UOptions): Shape {
  const state = stateLiterals(options.state);
  return {
    name: options.name,
    tables: tables(options, state),
    enqueue: { name: `${options.name}_enqueue`, text: enqueue },
    claim: { name: `${options.name}_claim`, text: claim(state) },
    complete: { name: `${options.name}_complete`, text: complete(options, state) },
    reap: { name: `${options.name}_reap`, text: reap(options, state) },
    census: { name: `${options.name}_census`, text: census(state) },
  };
}

const stateEnum = "create type run_state as enum ('ready', 'running', 'succeeded', 'lost');";

function tables(options: UOptions, state: StateLiterals): string {
  const references = options.foreignKey ? "references task_type" : "";
  const leaseIndex = `create index run_lease on run (lease_expires_at)
    where state = ${state.running};`;
  return `
  ${options.state === "enum" ? stateEnum : ""}
  ${taskTypeTable}
  create sequence fence_sequence;
  create table run (
    id bigint generated always as identity primary key,
    task_id bigint not null,
    due_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default now(),
    started_at timestamptz,
    lease_expires_at timestamptz,
    fence bigint not null default 0,
    task_type_id integer not null ${references},
    worker_id integer,
    priority smallint not null,
    attempt smallint not null default 0,
    retention_class smallint not null,
    state ${state.type} not null default ${state.ready},
    payload jsonb not null
  ) with (fillfactor = ${options.fillFactor});
  create index run_ready on run (task_type_id, priority, due_at, id)
    ${options.partialReadyIndex ? `where state = ${state.ready}` : ""};
  ${options.leaseIndex ? leaseIndex : ""}
  ${history(options, state)}`;
}

function history(options: UOptions, state: StateLiterals): string {
  const indexes = historyIndexes
    .slice(0, options.historyIndexCount)
    .map((columns) => `create index on run_history ${columns};`)
    .join("\n");
  const columns = `
    run_id bigint not null,
    task_id bigint not null,
    due_at timestamptz not null,
    created_at timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    fence bigint not null,
    task_type_id integer not null,
    worker_id integer not null,
    priority smallint not null,
    attempt smallint not null,
    retention_class smallint not null,
    state ${state.type} not null,
    payload jsonb`;
  const partitions = `
  create table run_history_keep partition of run_history for values in (0)
    partition by range (finished_at);
  create table run_history_brief partition of run_history for values in (1)
    partition by range (finished_at);
  do $$ begin
    for day in -1..2 loop
      for class in 0..1 loop
        execute format('create table %I partition of %I for values from (%L) to (%L)',
          'run_history_' || class || '_' || day + 1,
          case class when 0 then 'run_history_keep' else 'run_history_brief' end,
          current_date + day, current_date + day + 1);
      end loop;
    end loop;
  end $$;`;
  return `
  create table run_history (${columns}
  ) ${options.partitioned ? "partition by list (retention_class)" : ""};
  ${options.partitioned ? partitions : ""}
  ${indexes}
  create index on run_history using brin (finished_at);`;
}

const enqueue = `
  with added as (
    insert into run (task_id, task_type_id, priority, retention_class, payload)
    select item.task_id, item.task_type_id, item.priority, item.retention_class, item.payload
    from jsonb_to_recordset($1::jsonb) as item (task_id bigint, task_type_id integer,
      priority smallint, retention_class smallint, payload jsonb)
    returning id
  )
  select count(*)::integer as count, pg_notify('run_ready', '') from added`;

function claim(state: StateLiterals): string {
  return `
  with batch as materialized (${batchRow}),
  ready as materialized (${readyRows("run", `and job.state = ${state.ready}`)})
  update run
  set state = ${state.running},
    attempt = run.attempt + 1,
    fence = batch.fence,
    started_at = batch.now,
    lease_expires_at = batch.lease_expires_at,
    worker_id = $6
  from batch
  -- An array, not a join: with the statistics of an empty table a join reads the whole table.
  where run.id = any(array(select id from ready))
  returning run.id, run.task_type_id, run.priority, run.due_at, run.fence, run.payload`;
}

function complete(options: UOptions, state: StateLiterals): string {
  return `
  with done as (
    delete from run
    where id = any($1::bigint[]) and fence = $3::bigint
      -- Not "= running": that matches the lease index, which would be read from end to end.
      and state <> ${state.ready}
    returning *
  ), kept as (
    insert into run_history (run_id, task_id, due_at, created_at, started_at, finished_at, fence,
      task_type_id, worker_id, priority, attempt, retention_class, state, payload)
    select id, task_id, due_at, created_at, started_at, clock_timestamp(), fence,
      task_type_id, worker_id, priority, attempt, retention_class,
      -- The ids ascend, so a binary search finds the outcome: a join would be planned as a loop.
      ($2::${state.type}[])[width_bucket(id, $1::bigint[])],
      ${options.historyPayload ? "payload" : "null"}
    from done
    returning 1
  )
  select count(*)::integer as count from kept`;
}

function reap(options: UOptions, state: StateLiterals): string {
  return `
  with expired as materialized (
    select * from run
    where state = ${state.running} and lease_expires_at < $1::timestamptz
    for update skip locked
  ), lost as (
    insert into run_history (run_id, task_id, due_at, created_at, started_at, finished_at, fence,
      task_type_id, worker_id, priority, attempt, retention_class, state, payload)
    select id, task_id, due_at, created_at, started_at, clock_timestamp(), fence,
      task_type_id, worker_id, priority, attempt, retention_class, ${state.lost},
      ${options.historyPayload ? "payload" : "null"}
    from expired
  ), back as (
    update run
    set state = ${state.ready}, lease_expires_at = null, started_at = null, worker_id = null
    where id = any(array(select id from expired))
    returning 1
  )
  select count(*)::integer as count from back`;
}

function census(state: StateLiterals): string {
  return `
  select (select count(*)::integer from run) as waiting,
    count(*) filter (where state = ${state.succeeded})::integer as completed,
    count(*) filter (where state = ${state.lost})::integer as lost
  from run_history`;
}
