/**
 * Goal: no statement of the hot path ever reads a whole table, neither while statistics still say
 * that the tables are empty, as after a fresh start, nor with current ones. Method: plans as the
 * server makes them for any parameters, with 100,000 runs and attempts in the tables.
 */

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type TestDatabase } from "../../test/postgres/database.ts";
import {
  allWholeReads,
  isNeedy,
  planOf,
  setAsStore,
  type WholeReads,
} from "../../test/postgres/plans.ts";
import type { Statement } from "./statement.ts";
import * as graphs from "./statements/graph.ts";
import * as history from "./statements/history.ts";
import * as claims from "./statements/run-claim.ts";
import * as ends from "./statements/run-end.ts";
import * as queue from "./statements/run-queue.ts";
import * as creations from "./statements/task-create.ts";
import * as swhRuns from "./statements/swh-run.ts";
import * as swhTasks from "./statements/swh-task.ts";
import * as settlements from "./statements/task-settle.ts";
import * as tasks from "./statements/task.ts";
import * as changes from "./statements/trigger-change.ts";
import * as triggers from "./statements/trigger.ts";

const hot: readonly Statement<unknown>[] = [
  claims.claimUnlimited,
  claims.listWaitingTypes,
  claims.claimLimited,
  claims.listOverlooked,
  ends.finishRuns,
  ends.requeueRuns,
  ends.releaseRuns,
  ends.renewClaims,
  ends.listEndedUnder,
  ends.listCancelRequests,
  ends.requestCancel,
  ends.cancelIdleRun,
  ends.dropClaims,
  ends.lockExpiredClaims,
  ends.listRunsOfClaims,
  queue.enqueueRuns,
  queue.enqueueUnlimited,
  queue.enqueueClaimed,
  queue.findRun,
  queue.listAttempts,
  queue.listLiveRunsOfTask,
  queue.findNextDueMs,
  queue.recordProgress,
  queue.countUnfinished,
  creations.createTasks,
  creations.createTaskRun,
  settlements.settleTasks,
  settlements.keepResults,
  settlements.satisfyDependents,
  settlements.listDependentsToCancel,
  settlements.stopTriggers,
  settlements.cancelTasks,
  settlements.requestCancelOfTasks,
  tasks.lockTasks,
  tasks.lockGraphsOfTasks,
  tasks.findIdsByKey,
  tasks.lockEndingTasks,
  tasks.moveTask,
  tasks.pauseTaskRuns,
  tasks.resumeTaskRuns,
  graphs.listNodes,
  graphs.findUndoing,
  graphs.listNamedNodes,
  graphs.listRunningNodes,
  graphs.isMoving,
  graphs.listUnfinishedNodes,
  graphs.listResults,
  graphs.listNodeResults,
  graphs.holdRun,
  graphs.addEdges,
  graphs.blockRuns,
  graphs.isWaitingFor,
  graphs.pauseNodes,
  graphs.resumeNodes,
  graphs.completeFinished,
  graphs.reviveNodes,
  graphs.settleGraphs,
  triggers.takeDueTriggers,
  triggers.listQueueRooms,
  triggers.recordFirings,
  triggers.releaseWaitingRuns,
  triggers.lockQueueingTriggers,
  triggers.listTriggersOfRuns,
  triggers.listOldestRuns,
  triggers.listIdleTasks,
  changes.findTrigger,
  changes.changeTrigger,
  changes.listOccurrences,
  history.appendLog,
  history.listLog,
  swhTasks.createSwhTasks,
  swhTasks.setSwhTaskStatus,
  swhTasks.peekReadySwhTasks,
  swhTasks.peekReadySwhPriorityTasks,
  swhTasks.grabReadySwhTasks,
  swhTasks.grabReadySwhPriorityTasks,
  swhRuns.createSwhTaskRuns,
  swhRuns.startSwhTaskRuns,
  swhRuns.endSwhTaskRuns,
  swhRuns.listSwhTaskRuns,
  swhRuns.deleteArchivedSwhTasks,
];

/** Pages by descending id walk the key backwards, up to their limit. */
const pages: readonly Statement<unknown>[] = [queue.listRuns, tasks.listTasks];

const rowCount = 100_000;
const taskCount = 40_000;
let database: TestDatabase;
let client: Client;
let madeOnEmpty: WholeReads = {};

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.connectionString });
  await client.connect();
  await setAsStore(client);
  // Nobody may look at the tables while the statistics are to be those of empty ones.
  const emptyTables = ["run", "task", "trigger", "task_dependency", "claim"];
  for (const table of [...emptyTables, "swh_task", "swh_task_run_rest"]) {
    await client.query(`alter table orrery.${table} set (autovacuum_enabled = off)`);
    await client.query(`vacuum analyze orrery.${table}`);
  }
  await client.query("alter table orrery.attempt_standard_rest set (autovacuum_enabled = off)");
  await client.query("vacuum analyze orrery.attempt");
  madeOnEmpty = await allWholeReads(client, hot, large);
  // The rows are known to fit together; checking each reference would take most of the time.
  await client.query("set session_replication_role = replica");
  await client.query(`insert into orrery.task_type (name, description, executor,
      interval_default_ms, interval_min_ms, interval_max_ms, interval_factor, retry, grace_ms,
      retention_class, created_at)
    select 't' || n, '', 'in-process', 1, 1, 1, 1, '{}', 1, 'standard', now()
    from generate_series(1, 20) n`);
  await client.query(
    `insert into orrery.task (type_id, name, root_id, input, priority, overrides,
      created_at, updated_at, id)
    select 1 + n % 20, 'task', n, 'null', 2, '{}', now(), now(), n
    from generate_series(1, $1::int) n`,
    [taskCount],
  );
  await client.query(
    `insert into orrery.trigger (task_id, spec, next_fire_at)
    select n, '{"kind": "date"}', now() + n * interval '1 second'
    from generate_series(1, $1::int) n`,
    [taskCount],
  );
  await client.query(
    `insert into orrery.run (id, task_id, type_id, state, priority, due_at,
      ready_at, created_at, input)
    select n, 1 + n % 40000, 1 + n % 20, 'queued', 1 + n % 3, now(), now(), now(), 'null'
    from generate_series(1, $1::int) n`,
    [rowCount],
  );
  await client.query(
    `insert into orrery.attempt (run_id, attempt, final, type_id, task_id, state,
      outcome, priority, failure_count, lost_count, due_at, created_at, started_at, finished_at,
      retention_class)
    select n, 1, true, 1 + n % 20, 1 + n % 40000, 'succeeded', 'eventful', 2, 0, 0, now(), now(),
      now(), now(), case n % 12 when 0 then 'brief' when 1 then 'long' else 'standard' end
    from generate_series(1, $1::int) n`,
    [rowCount],
  );
  await fillSwhTasks();
  await client.query(
    `insert into orrery.task_dependency (task_id, requires_task_id, reason,
      on_failure)
    select n, n - 1, 'requires', 'cancel' from generate_series(2, $1::int) n`,
    [taskCount],
  );
});

async function fillSwhTasks(): Promise<void> {
  await client.query(
    `insert into orrery.swh_task (id, type_id, arguments, next_run, status, policy, retries_left,
      priority)
    select n, 1, to_jsonb(n), now() + n * interval '1 second', 'next_run_not_scheduled', 'oneshot',
      0, case n % 3 when 0 then 'high'::orrery.swh_task_priority end
    from generate_series(1, $1::int) n`,
    [rowCount],
  );
  await client.query(
    `insert into orrery.swh_task_run (task_id, backend_id)
    select n, 'job ' || n from generate_series(1, $1::int) n`,
    [rowCount],
  );
}

afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

/** Tables that grow with the work; reading one whole would show. */
const large =
  /^(run|attempt.*|task|trigger|task_dependency|occurrence.*|run_log.*|swh_task|swh_task_run)$/;

test("plans made on empty tables, which connections keep, read no table whole", () => {
  expect(madeOnEmpty).toEqual({});
});

test("with the statistics of empty tables no hot statement reads a whole table", async () => {
  expect(await allWholeReads(client, hot, large)).toEqual({});
});

test("with fresh statistics no hot statement reads a whole table, and no page does", async () => {
  const native = ["run", "task", "trigger", "attempt", "task_type"];
  for (const table of [...native, "swh_task", "swh_task_run", "swh_task_type"]) {
    await client.query(`analyze orrery.${table}`);
  }
  expect(await allWholeReads(client, hot, large)).toEqual({});
  for (const page of pages) {
    const kinds = (await planOf(client, page)).map((node) => node["Node Type"]);
    expect(kinds).not.toContain("Seq Scan");
    expect(kinds).toContain("Limit");
  }
});

test("no hot statement needs a kind of plan that our sessions switch off", async () => {
  const needy: string[] = [];
  for (const statement of hot) {
    if (isNeedy(await planOf(client, statement))) needy.push(statement.name);
  }
  expect(needy).toEqual([]);
});

test.each([
  [claims.claimUnlimited, "run_ready"],
  [claims.claimLimited, "run_ready"],
  [claims.listWaitingTypes, "run_ready"],
  [queue.findNextDueMs, "run_ready"],
  [ends.finishRuns, "run_pkey"],
  [ends.requeueRuns, "run_pkey"],
  [triggers.takeDueTriggers, "trigger_due"],
  [swhTasks.createSwhTasks, "swh_task_twin"],
  [swhTasks.grabReadySwhTasks, "swh_task_ready"],
  [swhTasks.grabReadySwhPriorityTasks, "swh_task_ready_priority"],
  [swhRuns.endSwhTaskRuns, "swh_task_run_rest_backend"],
])("$name walks $1", async (statement, index) => {
  const indexes = (await planOf(client, statement)).map((node) => node["Index Name"]);
  expect(indexes).toContain(index);
});

/** What a search in an index of the queue must begin with. */
const leading: Readonly<Record<string, RegExp>> = {
  run_pkey: /\(id /,
  run_ready: /\(type_id /,
  run_task: /\(task_id /,
};

test("while the dead cannot be cleared away every search begins where its index does", async () => {
  // Last of all: the queue is left with 100,000 dead rows and no live one.
  const pinning = new Client({ connectionString: database.connectionString });
  await pinning.connect();
  try {
    await pinning.query("begin isolation level repeatable read; select count(*) from pg_class");
    await client.query("delete from orrery.run");
    await client.query("vacuum (analyze) orrery.run");
    const astray: string[] = [];
    for (const statement of hot) {
      for (const node of await planOf(client, statement)) {
        const beginning = leading[node["Index Name"] ?? ""];
        const condition = node["Index Cond"] ?? "";
        if (beginning !== undefined && !beginning.test(condition)) {
          astray.push(`${statement.name}: ${node["Index Name"]} by ${condition}`);
        }
      }
    }
    expect(astray).toEqual([]);
  } finally {
    await pinning.end();
  }
});
