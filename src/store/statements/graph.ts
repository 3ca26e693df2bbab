/** Whole graphs: a root task, its nodes by name, and the edges between them. */

import type { TaskId } from "../../kernel/ids.ts";
import type { JsonValue } from "../../kernel/json.ts";
import type { GraphNode } from "../../model/graph.ts";
import { outcomeKinds } from "../../model/outcome.ts";
import type { Progress } from "../../model/run.ts";
import { runTable, type RunState, taskTable, type TaskState } from "../../model/state-machine.ts";
import {
  idOf,
  jsonOf,
  optionalId,
  optionalInstant,
  optionalNumber,
  optionalText,
  type Row,
  textOf,
  wordOf,
} from "../row.ts";
import { command, type Statement, statement } from "../statement.ts";
import type { SettledTask } from "./task-settle.ts";

const runStates = Object.keys(runTable) as RunState[];
const taskStates = Object.keys(taskTable) as TaskState[];
const unsuccessful = "('failed', 'disabled', 'cancelled')";
const successful = "('eventful', 'uneventful')";

/** The live run of a row `node`, of which a node has one at most. */
const liveRun = `left join lateral (
    select run.id, run.state, run.attempt, run.claimed_at
    from {schema}.run
    where run.task_id = node.id
    limit 1
  ) as live on true`;

/** A node without its edges. */
export type BareNode = Omit<GraphNode, "requires">;

/** The nodes of the graph $1, in the order of ids. */
export const listNodes: Statement<BareNode> = statement(
  "list_nodes",
  `select node.id, node.node_name, task_type.name as type_name, undo_type.name as undo_type_name,
  node.undo_type_id, node.state, node.state_reason, node.last_outcome, live.id as run_id,
  live.state as run_state, live.attempt as run_attempt, node.finished_at,
  progress.fraction as progress_fraction, progress.message as progress_message,
  progress.updated_at as progress_at,
  case
    when live.state = 'running' then live.claimed_at
    when node.finished_at is not null then node.started_at
  end as started_at
from {schema}.task as node
join {schema}.task_type on task_type.id = node.type_id
left join {schema}.task_type as undo_type on undo_type.id = node.undo_type_id
${liveRun}
left join {schema}.run_progress as progress
  on live.state = 'running' and progress.run_id = live.id
where node.parent_id = $1 and node.node_name is not null
order by node.id`,
  (row: Row): BareNode => ({
    id: idOf(row, "id"),
    name: textOf(row, "node_name"),
    typeName: textOf(row, "type_name"),
    undoTypeName: optionalText(row, "undo_type_name"),
    undoTypeId: optionalId(row, "undo_type_id"),
    state: wordOf(row, "state", taskStates),
    stateReason: optionalText(row, "state_reason"),
    lastOutcome: row["last_outcome"] === null ? null : wordOf(row, "last_outcome", outcomeKinds),
    runId: optionalId(row, "run_id"),
    runState: row["run_state"] === null ? null : wordOf(row, "run_state", runStates),
    runAttempt: optionalNumber(row, "run_attempt"),
    progress: progressOf(row),
    startedAt: optionalInstant(row, "started_at"),
    finishedAt: optionalInstant(row, "finished_at"),
  }),
);

function progressOf(row: Row): Progress | null {
  const updatedAt = optionalInstant(row, "progress_at");
  if (updatedAt === null) return null;
  const message = optionalText(row, "progress_message");
  return { fraction: optionalNumber(row, "progress_fraction"), message, updatedAt };
}

/** Whose work the task $1 undoes, and who undoes its. */
export const findUndoing: Statement<{
  readonly undoesId: TaskId | null;
  readonly undoneById: TaskId | null;
}> = statement(
  "find_undoing",
  `select task.undoes_id, (
    select undo.id from {schema}.task as undo where undo.undoes_id = task.id limit 1
  ) as undone_by_id
from {schema}.task
where task.id = $1`,
  (row: Row) => ({
    undoesId: optionalId(row, "undoes_id"),
    undoneById: optionalId(row, "undone_by_id"),
  }),
);

/** Those of the names $2 that the graph $1 has. */
export const listNamedNodes: Statement<{ readonly id: TaskId; readonly name: string }> = statement(
  "list_named_nodes",
  `select id, node_name
from {schema}.task
where parent_id = $1 and node_name = any ($2::text[]) and node_name is not null`,
  (row: Row) => ({ id: idOf(row, "id"), name: textOf(row, "node_name") }),
);

/** Names of nodes of the graph $1 that a worker is at; $2 limit. */
export const listRunningNodes: Statement<string> = statement(
  "list_running_nodes",
  `select node.node_name
from {schema}.task as node
${liveRun}
where node.parent_id = $1 and node.node_name is not null and live.state = 'running'
order by node.id
limit $2`,
  (row: Row): string => textOf(row, "node_name"),
);

/** Whether an unfinished node of the graph $1 has a run that is not blocked. */
export const isMoving: Statement<true> = statement(
  "is_moving",
  `select
from {schema}.task as node
${liveRun}
where node.parent_id = $1 and node.node_name is not null and node.finished_at is null
  and live.state <> 'blocked'
limit 1`,
  (): true => true,
);

/** The unfinished nodes of the graph $1. */
export const listUnfinishedNodes: Statement<TaskId> = statement(
  "list_unfinished_nodes",
  `select id
from {schema}.task
where parent_id = $1 and node_name is not null and finished_at is null
order by id`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** What a required task answered, and how it is called. */
export interface NamedResult {
  readonly name: string;
  readonly output: JsonValue;
}

/**
 * The output of the task `required`. Of one that was not required yet when it ended the result
 * stands in the history alone.
 */
const outputOfRequired = `case
    when required.started_at is not null then required.output else past.output end as output`;
const historyOfRequired = `left join lateral (
  select attempt.output
  from {schema}.attempt
  where required.started_at is null and attempt.task_id = required.id
    and attempt.state = 'succeeded'
  order by attempt.finished_at desc
  limit 1
) as past on true`;

const decodeResult = (row: Row): NamedResult => ({
  name: textOf(row, "name"),
  output: jsonOf(row, "output"),
});

/** What the tasks that $1 requires have answered. */
export const listResults: Statement<NamedResult> = statement(
  "list_results",
  `select coalesce(required.node_name, required.key, required.id::text) as name,
  ${outputOfRequired}
from {schema}.task_dependency as edge
cross join lateral (
  select id, node_name, key, started_at, output, last_outcome
  from {schema}.task where task.id = edge.requires_task_id limit 1
) as required
${historyOfRequired}
where edge.task_id = $1 and required.last_outcome in ${successful}
order by required.id`,
  decodeResult,
);

/** What nodes of the graph $1 have answered: $2 names, null for all; $3 limit. */
export const listNodeResults: Statement<NamedResult> = statement(
  "list_node_results",
  `select required.node_name as name, ${outputOfRequired}
from {schema}.task as required
${historyOfRequired}
where required.parent_id = $1 and required.node_name is not null
  and ($2::text[] is null or required.node_name = any ($2::text[]))
  and required.last_outcome in ${successful}
order by required.id
limit $3`,
  decodeResult,
);

/** The task of the run $1, held until the transaction ends, while its token is $2. */
export const holdRun: Statement<TaskId | null> = statement(
  "hold_run",
  `select task_id
from {schema}.run
where id = $1 and fence = $2 and state = 'running'
for no key update`,
  (row: Row): TaskId | null => optionalId(row, "task_id"),
);

/**
 * Adds edges that are not there yet; answers the tasks that they make wait. $1 tasks, beside them
 * $2 required ones and $3 rules; $4 now.
 */
export const addEdges: Statement<TaskId> = statement(
  "add_edges",
  `with added as (
  insert into {schema}.task_dependency (task_id, requires_task_id, reason, on_failure, satisfied_at)
  select wanted.task_id, wanted.requires_task_id, 'graph',
    wanted.on_failure::{schema}.requirement_failure,
    case when (
      select task.state from {schema}.task where task.id = wanted.requires_task_id limit 1
    ) = 'completed' then coalesce($4::timestamptz, clock_timestamp()) end
  from unnest($1::bigint[], $2::bigint[], $3::text[])
    as wanted (task_id, requires_task_id, on_failure)
  on conflict do nothing
  returning task_id, satisfied_at
)
select distinct task_id as id from added where satisfied_at is null`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** Lets the unstarted runs of the tasks $1 wait for what is not satisfied; answers their tasks. */
export const blockRuns: Statement<TaskId> = statement(
  "block_runs",
  `update {schema}.run
set pending_count = (
    select count(*)
    from {schema}.task_dependency as edge
    where edge.task_id = run.task_id and edge.satisfied_at is null),
  state = case when run.state = 'paused' then run.state else 'blocked' end,
  ready_at = 'infinity'
where run.state in ('blocked', 'queued', 'paused') and run.attempt = 0
  and run.id = any (array (
    select of_task.id from {schema}.run as of_task where of_task.task_id = any ($1::bigint[])))
returning run.task_id as id`,
  (row: Row): TaskId => idOf(row, "id"),
);

/** Whether one of $1, or a task that it still waits for, is one of $2. */
export const isWaitingFor: Statement<true> = statement(
  "is_waiting_for",
  `with recursive above (id) as (
  select unnest($1::bigint[])
  union
  select edge.requires_task_id
  from above
  cross join lateral (
    select requires_task_id
    from {schema}.task_dependency
    where task_id = above.id and satisfied_at is null
    -- Keeps it from becoming a join that reads the whole table at each step.
    offset 0
  ) as edge
)
select from above where id = any ($2::bigint[]) limit 1`,
  (): true => true,
);

/** Holds back the unfinished nodes of the graph $1 and their waiting runs. $2 now. */
export const pauseNodes: Statement<undefined> = command(
  "pause_nodes",
  `with moved as (
  update {schema}.task
  set state = 'paused', updated_at = coalesce($2::timestamptz, clock_timestamp())
  where parent_id = $1 and node_name is not null and finished_at is null and state = 'active'
  returning id
)
update {schema}.run
set state = 'paused', ready_at = 'infinity'
where run.state in ('queued', 'blocked')
  and run.id = any (array (
    select of_task.id from {schema}.run as of_task
    where of_task.task_id = any (array (select id from moved))))`,
);

/** Lets the paused nodes of the graph $1 go on. $2 now, $3 channel. */
export const resumeNodes: Statement<undefined> = command(
  "resume_nodes",
  `with moved as (
  update {schema}.task
  set state = 'active', updated_at = coalesce($2::timestamptz, clock_timestamp())
  where parent_id = $1 and node_name is not null and finished_at is null and state = 'paused'
  returning id
),
resumed as (
  update {schema}.run
  set state = case when pending_count > 0 then 'blocked'::{schema}.run_state else 'queued' end,
    ready_at = case when pending_count > 0 then 'infinity' else due_at end
  where run.state = 'paused'
    and run.id = any (array (
      select of_task.id from {schema}.run as of_task
      where of_task.task_id = any (array (select id from moved))))
  returning id
)
select pg_notify($3, 'queued') from resumed limit 1`,
);

/** Counts nodes of the graph $1 as completed that were cancelled while they finished. $2 now. */
export const completeFinished: Statement<TaskId> = statement(
  "complete_finished",
  `update {schema}.task
set state = 'completed', state_reason = null,
  updated_at = coalesce($2::timestamptz, clock_timestamp())
where parent_id = $1 and node_name is not null and state in ${unsuccessful}
  and last_outcome in ${successful}
returning id`,
  (row: Row): TaskId => idOf(row, "id"),
);

/**
 * Revives the nodes of the graph $1 that ended without success, each with a run that waits for what
 * has not succeeded. $2 now, $3 channel.
 */
export const reviveNodes: Statement<TaskId> = statement(
  "revive_nodes",
  `with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
revived as (
  update {schema}.task
  set state = 'active', state_reason = null, started_at = null, finished_at = null,
    updated_at = clock.now
  from clock
  where task.parent_id = $1 and task.node_name is not null and task.state in ${unsuccessful}
  returning task.*
),
runs as (
  insert into {schema}.run (task_id, type_id, state, pending_count, priority, due_at, ready_at,
    created_at, input, overrides, concurrency_key)
  select revived.id, revived.type_id,
    case when pending.edge_count > 0 then 'blocked'::{schema}.run_state else 'queued' end,
    pending.edge_count, revived.priority, clock.now,
    case when pending.edge_count > 0 then 'infinity' else clock.now end, clock.now, revived.input,
    nullif(revived.overrides, '{}'), revived.concurrency_key
  from revived
  cross join clock
  cross join lateral (
    select count(*) as edge_count
    from {schema}.task_dependency as edge
    where edge.task_id = revived.id and edge.satisfied_at is null
  ) as pending
)
select revived.id from revived, (select pg_notify($3, 'queued')) as hint`,
  (row: Row): TaskId => idOf(row, "id"),
);

/**
 * Ends those of the locked graphs $1 that have no unfinished node: as completed when all have
 * succeeded, otherwise as failed. $2 now, $3 channel.
 */
export const settleGraphs: Statement<SettledTask> = statement(
  "settle_graphs",
  `with ended as (
  select root.id, (
      select true
      from {schema}.task as node
      where node.parent_id = root.id and node.node_name is not null and node.state <> 'completed'
      limit 1
    ) as has_failed
  from {schema}.task as root
  where root.id = any ($1::bigint[]) and root.state in ('active', 'paused') and (
    select true
    from {schema}.task as node
    where node.parent_id = root.id and node.node_name is not null and node.finished_at is null
    limit 1) is null
),
moved as (
  update {schema}.task
  set state = case when ended.has_failed then 'failed'::{schema}.task_state else 'completed' end,
    state_reason = case when ended.has_failed then 'a node did not succeed' end,
    updated_at = clock.now, finished_at = clock.now
  from ended
  cross join (select coalesce($2::timestamptz, clock_timestamp()) as now) as clock
  where task.id = ended.id and task.id = any (array (select id from ended))
  returning task.id, task.state
)
select moved.id, moved.state
from moved, (select pg_notify($3, 'ended')) as hint`,
  (row: Row): SettledTask => ({
    id: idOf(row, "id"),
    state: wordOf(row, "state", taskStates),
    graphId: null,
  }),
);
