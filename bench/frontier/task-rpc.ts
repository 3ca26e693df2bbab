/**
 * Tasks of Software Heritage, created and grabbed by the hundred: ours over HTTP, client and server
 * in two processes, beside the peer's SQL driven directly on one connection. Beside them, to tell
 * what HTTP costs and what tables of their own are worth: the same calls in this process, and as
 * many native tasks.
 */

import { strict as assert } from "node:assert";

import { defineTask, Orrery } from "orrery";
import { type NewTask, parseInstant, SwhRemoteScheduler, type SwhScheduler } from "orrery/swh";
import pg from "pg";

import { rotated, summarise } from "../statistics.ts";
import {
  createReferenceTasks,
  grabReferenceTasks,
  referenceTaskSchema,
} from "./reference-tasks.ts";
import { serve } from "./swh-server.ts";

/** Tasks of one call. */
const batch = 100;

/** How much work a measurement does. */
export interface TaskRpcAmount {
  readonly rounds: number;
  /** Calls of each kind and variant in a round. */
  readonly callCount: number;
  /** Tasks that are there before, in each of the two tables. */
  readonly residentCount: number;
}

/** One way to do the work. */
interface Variant {
  readonly name: string;
  create(start: number): Promise<number>;
  /** Undefined where there is nothing to compare. */
  readonly grab?: () => Promise<number>;
}

type GrabbingVariant = Variant & Required<Pick<Variant, "grab">>;

/** Milliseconds of one call, by variant, one for each round. */
export type TaskRpcTimes = Readonly<Record<"create" | "grab", Readonly<Record<string, number[]>>>>;

/** Measures on a database that is not used otherwise; makes and drops its own schemas. */
export async function measureTaskRpc(
  connectionString: string,
  amount: TaskRpcAmount,
): Promise<TaskRpcTimes> {
  await using stack = new AsyncDisposableStack();
  const variants = await openVariants(stack, connectionString, amount);
  const grabbing = variants.filter(canGrab);
  const times: TaskRpcTimes = { create: emptyTimes(variants), grab: emptyTimes(grabbing) };
  let next = 0;
  for (let round = -1; round < amount.rounds; round += 1) {
    // The first round warms up caches and plans, and is not kept.
    const isKept = round >= 0;
    for (const variant of rotated(variants, Math.max(round, 0))) {
      const created = await timed(amount.callCount, async () => {
        next += batch;
        return await variant.create(next);
      });
      if (isKept) times.create[variant.name]?.push(created);
    }
    for (const variant of rotated(grabbing, Math.max(round, 0))) {
      const grabbed = await timed(amount.callCount, variant.grab);
      if (isKept) times.grab[variant.name]?.push(grabbed);
    }
  }
  return times;
}

function emptyTimes(variants: readonly Variant[]): Readonly<Record<string, number[]>> {
  const none: number[] = [];
  return Object.fromEntries(variants.map(({ name }) => [name, [...none]]));
}

function canGrab(variant: Variant): variant is GrabbingVariant {
  return variant.grab !== undefined;
}

/** Milliseconds of a call, the median of many; each must have handled a whole batch. */
async function timed(callCount: number, call: () => Promise<number>): Promise<number> {
  const each: number[] = [];
  for (let index = 0; index < callCount; index += 1) {
    const start = performance.now();
    assert.equal(await call(), batch);
    each.push(performance.now() - start);
  }
  return summarise(each).median;
}

const schema = "task_rpc";
const type = "load-git";
const nothing = defineTask({ name: "bench/nothing", run: () => undefined });

async function openVariants(
  stack: AsyncDisposableStack,
  connectionString: string,
  amount: TaskRpcAmount,
): Promise<readonly Variant[]> {
  const orrery = stack.use(
    await Orrery.open({
      databaseUrl: connectionString,
      schema,
      worker: false,
      fire: false,
      tasks: [nothing],
    }),
  );
  await orrery.swh.createTaskType({ type, description: "", backendName: "bench" });
  const client = new pg.Client({ connectionString });
  await client.connect();
  stack.defer(async () => {
    await client.query(`drop schema ${schema} cascade; drop schema reference_tasks cascade`);
    await client.end();
  });
  await client.query("create schema reference_tasks; set search_path = reference_tasks");
  await client.query(referenceTaskSchema);
  await client.query(
    "insert into task_type (type, description, backend_name) values ($1, '', '')",
    [type],
  );
  await fill(client, amount.residentCount);
  const { url } = stack.use(await serve({ connectionString, schema }));
  const remote = new SwhRemoteScheduler({ url, dialect: "current" });
  return [
    {
      name: "peer, SQL",
      create: (start) => createReferenceTasks(client, numbers(start).map(referenceTask)),
      grab: () => grabReferenceTasks(client, type, batch),
    },
    { name: "ours, HTTP", ...swhVariant(remote) },
    { name: "ours, local", ...swhVariant(orrery.swh) },
    {
      name: "native tasks, local",
      create: async (start) => (await orrery.createTasks(numbers(start).map(nativeTask))).length,
    },
  ];
}

/** The same tasks in both tables, waiting since long ago, so that indexes have their depth. */
async function fill(client: pg.Client, count: number): Promise<void> {
  const columns = `jsonb_build_object('args', jsonb_build_array(),
      'kwargs', jsonb_build_object('url', 'https://example.org/resident/' || n)),
    timestamptz '2020-01-01 00:00:00+00' + n * interval '1 second',
    'next_run_not_scheduled', 'oneshot', 0`;
  await client.query(
    `insert into task (type, arguments, next_run, status, policy, retries_left)
     select $1, ${columns} from generate_series(1, $2::integer) as n`,
    [type, count],
  );
  await client.query(
    `insert into ${schema}.swh_task (type_id, arguments, next_run, status, policy, retries_left)
     select (select id from ${schema}.swh_task_type where type = $1), ${columns}
     from generate_series(1, $2::integer) as n`,
    [type, count],
  );
  await client.query(`vacuum (analyze) task, ${schema}.swh_task`);
}

function swhVariant(scheduler: SwhScheduler): Omit<Variant, "name"> {
  return {
    create: async (start) =>
      (await scheduler.createTasks(numbers(start).map(swhTask), "oneshot")).length,
    grab: async () => (await scheduler.grabReadyTasks(type, { numTasks: batch })).length,
  };
}

function numbers(start: number): readonly number[] {
  return Array.from({ length: batch }, (_, index) => start + index);
}

/** Each at its own time: the peer looks tasks up by it. */
function nextRunOf(number: number): string {
  return new Date(Date.UTC(2021, 0, 1) + number * 1_000).toISOString();
}

function argumentsOf(number: number): { args: []; kwargs: { url: string } } {
  return { args: [], kwargs: { url: `https://example.org/repository/${number}` } };
}

function swhTask(number: number): NewTask {
  return { type, arguments: argumentsOf(number), nextRun: parseInstant(nextRunOf(number)) };
}

function referenceTask(number: number): { type: string; arguments: object; next_run: string } {
  return { type, arguments: argumentsOf(number), next_run: nextRunOf(number) };
}

function nativeTask(number: number): { type: string; input: { url: string }; dueAt: string } {
  const { kwargs } = argumentsOf(number);
  return { type: "bench/nothing", input: kwargs, dueAt: "2999-01-01T00:00:00Z" };
}
