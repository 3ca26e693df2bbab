/**
 * What the bench needs of a queue: tables and five statements. Each shape writes them its own way;
 * the worker loop around them is the same.
 */

import type { Statement } from "./session.ts";

/** A queue's tables and statements under one schema name. */
export interface Shape {
  /** Also the schema's name. */
  readonly name: string;
  /** Creates the tables in a schema that exists and is on the search path. */
  readonly tables: string;
  /** Parameter: jsonb array of `Job`. Answers one row: `count`. */
  readonly enqueue: Statement;
  /**
   * Parameters: task_type_id[], priority[], lower bound[] (timestamptz), limit of the batch, lease
   * in seconds, worker id. Answers `ClaimedRow`s, all with the same fence.
   */
  readonly claim: Statement;
  /** Parameters: id[] ascending, outcome[] in the same order, fence. Answers one row: `count`. */
  readonly complete: Statement;
  /** Takes back what is leased until before $1 (timestamptz). Answers one row: `count`. */
  readonly reap: Statement;
  /** Answers one row: `waiting`, `completed` and `lost`, counted from the tables. */
  readonly census: Statement;
}

/** What is enqueued. */
export interface Job {
  readonly task_id: number;
  readonly task_type_id: number;
  readonly priority: number;
  readonly retention_class: number;
  readonly payload: object;
}

/** A claimed job; int8 columns come as text. */
export interface ClaimedRow {
  readonly id: string;
  readonly task_type_id: number;
  readonly priority: number;
  readonly due_at: string;
  readonly fence: string;
  readonly payload: object;
}

/** How `state` is stored: ready, running, then the outcomes. */
export type StateColumn = "smallint" | "enum";

/** The states a queue row or history row can have, as SQL literals. */
export interface StateLiterals {
  readonly type: string;
  readonly ready: string;
  readonly running: string;
  readonly succeeded: string;
  readonly lost: string;
}

/** The literals for one way of storing the state. */
export function stateLiterals(column: StateColumn): StateLiterals {
  if (column === "smallint") {
    return { type: "smallint", ready: "0", running: "1", succeeded: "2", lost: "3" };
  }
  return {
    type: "run_state",
    ready: "'ready'",
    running: "'running'",
    succeeded: "'succeeded'",
    lost: "'lost'",
  };
}

/** Highest number of task types the bench uses. */
export const taskTypeCountMax = 100;

/** Exists in all variants, so that a foreign key to it is all that its variant adds. */
export const taskTypeTable: string = `
  create table task_type (id integer primary key, name text not null unique);
  insert into task_type select n, 'type ' || n from generate_series(1, ${taskTypeCountMax}) n;
`;

/**
 * The probes of a claim: for each (type, priority) the oldest due rows of `table` from the lower
 * bound on. `batch` must hold `fence` and `now`. Rows are locked as the outer limit pulls them, so
 * nothing is locked that is not taken; a row with a later fence than ours is left alone, or a
 * statement that drew its fence early and then waited would hand out a smaller one.
 */
export function readyRows(table: string, condition: string): string {
  return `
    select found.id
    from unnest($1::integer[], $2::smallint[], $3::timestamptz[])
      as probe (task_type_id, priority, lower_bound)
    cross join lateral (
      select job.id
      from ${table} job
      where job.task_type_id = probe.task_type_id
        and job.priority = probe.priority
        and job.due_at >= probe.lower_bound
        and job.due_at <= (select now from batch)
        and job.fence < (select fence from batch)
        ${condition}
      order by job.due_at, job.id
      limit $4
      for update skip locked
    ) found
    limit $4`;
}

/** Fence, clock and lease of the whole batch; materialised, or they would be drawn twice. */
export const batchRow: string = `
    select nextval('fence_sequence') as fence,
      clock_timestamp() as now,
      clock_timestamp() + $5::integer * interval '1 second' as lease_expires_at`;
