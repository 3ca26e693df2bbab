/** Filling a queue and emptying it: what several rows of the table are made of. */

import { strict as assert } from "node:assert";

import { Arrivals, batchesOf } from "./jobs.ts";
import type { Cost } from "../meter.ts";
import { pause } from "./pause.ts";
import type { Ground } from "./stage.ts";
import type { Job } from "./system.ts";

/** Time and costs of one piece of work. */
export interface Timed extends Cost {
  readonly wallMs: number;
}

/** Adds jobs over one connection in batches, each when the one before is acknowledged. */
export async function fill(
  { queue, startMeter }: Ground,
  { jobs, batchSize }: { readonly jobs: readonly Job[]; readonly batchSize: number },
): Promise<Timed> {
  await using producer = await queue.openProducer(1);
  const batches = batchesOf(jobs, batchSize);
  const readMeter = await startMeter();
  const startMs = performance.now();
  for (const batch of batches) await producer.addBatch(batch);
  const wallMs = performance.now() - startMs;
  return { wallMs, ...(await readMeter()) };
}

/**
 * Runs jobs numbered below `count`, all of which are queued: from the moment at which the worker is
 * ready until an observer of the database sees that none is left. The costs include starting it.
 */
export async function drain(
  { queue, startMeter }: Ground,
  { count, from = 0 }: { readonly count: number; readonly from?: number },
): Promise<Timed> {
  const arrivals = new Arrivals(count);
  const readMeter = await startMeter();
  const worker = await queue.startWorker((job) =>
    arrivals.note({ ...job, index: job.index - from }),
  );
  const readyMs = Math.min(performance.now(), arrivals.firstMs);
  await arrivals.reached(count);
  while ((await queue.countUnfinished(1)) > 0) await pause(1);
  const wallMs = performance.now() - Math.min(readyMs, arrivals.firstMs);
  const cost = await readMeter();
  await worker[Symbol.asyncDispose]();
  arrivals.checkOnce(count);
  return { wallMs, ...cost };
}

/**
 * Runs `count` of the `queued` jobs, any of them: until the start of the last, since jobs beyond it
 * are under way by then.
 */
export async function drainPart(
  { queue, startMeter }: Ground,
  { count, queued }: { readonly count: number; readonly queued: number },
): Promise<Timed> {
  const arrivals = new Arrivals(queued);
  const readMeter = await startMeter();
  const worker = await queue.startWorker((job) => arrivals.note(job));
  const readyMs = performance.now();
  await arrivals.reached(count);
  const wallMs = performance.now() - Math.min(readyMs, arrivals.firstMs);
  const cost = await readMeter();
  await worker[Symbol.asyncDispose]();
  arrivals.checkOnce(0);
  return { wallMs, ...cost };
}

/** Checks that nothing is left, and that the history, where one is kept, has all of them. */
export async function checkEnded({ queue }: Ground, count: number): Promise<void> {
  assert.equal(await queue.countUnfinished(1), 0, "jobs are left");
  const completed = await queue.countCompleted();
  assert.equal(completed ?? count, count, "completed jobs in the history");
}
