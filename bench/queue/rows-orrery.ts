/** Rows that only Orrery has: recurring tasks, and task types with limits. */

import { strict as assert } from "node:assert";

import {
  type CreateTaskRequest,
  defineTask,
  Orrery,
  type TaskDefinition,
  uneventful,
} from "orrery";

import type { Amount } from "./amount.ts";
import { drain, checkEnded, fill, type Timed } from "./drain.ts";
import { Arrivals, batchesOf, makeJobs } from "./jobs.ts";
import { pause } from "./pause.ts";
import { onGround, type Ground, type Stage } from "./stage.ts";
import {
  countCompletedRuns,
  countUnfinishedRuns,
  type JobTypes,
  orrery,
  orreryWith,
  workerOptions,
} from "./system-orrery.ts";
import { countBy, type Job, type Place, readJob } from "./system.ts";

/** Recurring tasks due at once, beside as many runs without tasks. */
export interface Recurring {
  readonly count: number;
  readonly oneShot: Timed;
  readonly recurring: Timed;
}

/** What both measurements of this file are given. */
export interface OrreryTask {
  readonly stage: Stage;
  readonly amount: Amount;
}

const recurringName = "bench/recurring";

/** Measures firing, running and rescheduling tasks that are all due. */
export async function measureRecurring({ stage, amount }: OrreryTask): Promise<Recurring> {
  const { recurringCount: count, batchSize } = amount;
  const oneShot = await onGround(stage, orrery, async (ground) => {
    await fill(ground, { jobs: makeJobs(count), batchSize });
    return await drain(ground, { count });
  });
  const recurring = await onGround(stage, orrery, async (ground) => {
    await createRecurring(ground.place, count);
    return await runRecurring(ground, count);
  });
  return { count, oneShot, recurring };
}

function recurringTask(onStart: (job: Job) => void): TaskDefinition {
  return defineTask({
    name: recurringName,
    interval: { minMs: 3_600_000, defaultMs: 3_600_000 },
    // oxlint-disable-next-line require-await -- asynchronous like all handlers of the bench
    run: async ({ params }) => {
      onStart(readJob(params));
      return uneventful();
    },
  });
}

/** Adaptive tasks are due as soon as they are there. */
async function createRecurring({ url, observer }: Place, count: number): Promise<void> {
  await using scheduler = await Orrery.open({
    databaseUrl: url,
    worker: false,
    tasks: [recurringTask(() => undefined)],
  });
  for (const jobs of batchesOf(makeJobs(count), 2_000)) {
    await scheduler.createTasks(
      jobs.map((input): CreateTaskRequest => ({
        type: recurringName,
        input,
        triggers: [{ kind: "adaptive" }],
      })),
    );
  }
  await observer.query("vacuum (analyze)");
}

/** Until all have run and an observer sees each due again later. */
async function runRecurring({ place, startMeter }: Ground, count: number): Promise<Timed> {
  const arrivals = new Arrivals(count);
  const readMeter = await startMeter();
  const worker = await Orrery.open({
    databaseUrl: place.url,
    worker: workerOptions,
    tasks: [recurringTask((job) => arrivals.note(job))],
  });
  const startMs = Math.min(performance.now(), arrivals.firstMs);
  await arrivals.reached(count);
  while ((await countUnfinishedRuns(place, 1)) > 0) await pause(1);
  const wallMs = performance.now() - startMs;
  const cost = await readMeter();
  await worker.close();
  arrivals.checkOnce(count);
  assert.equal(await countCompletedRuns(place), count, "completed runs in the history");
  const later = `select count(*)::integer from orrery.trigger
    where next_fire_at > clock_timestamp() + interval '50 minutes'`;
  assert.equal(await countBy(place.observer, later), count, "tasks that were rescheduled");
  return { wallMs, ...cost };
}

/** The same jobs of one task type and of many, with limits and without. */
export interface Types {
  readonly count: number;
  readonly one: Timed;
  readonly oneLimited: Timed;
  readonly many: Timed;
  readonly manyLimited: Timed;
}

/** Task types where there are many. */
export const manyTypes = 100;

/** Measures one type and many; limits are counted all the time, but high enough not to bind. */
export async function measureTypes({ stage, amount }: OrreryTask): Promise<Types> {
  const count = amount.typesCount;
  const run = (types: JobTypes): Promise<Timed> => drainOfTypes({ stage, amount }, types);
  return {
    count,
    one: await run({ typeCount: 1 }),
    oneLimited: await run({ typeCount: 1, runningMax: 10_000 }),
    many: await run({ typeCount: manyTypes }),
    manyLimited: await run({ typeCount: manyTypes, runningMax: 100 }),
  };
}

async function drainOfTypes({ stage, amount }: OrreryTask, types: JobTypes): Promise<Timed> {
  const { typesCount: count, batchSize } = amount;
  return await onGround(stage, orreryWith(types), async (ground) => {
    await fill(ground, { jobs: makeJobs(count), batchSize });
    const timed = await drain(ground, { count });
    await checkEnded(ground, count);
    return timed;
  });
}
