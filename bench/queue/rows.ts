/** The rows of the table, except for the soak: what is done to a queue, and what it took. */

import { strict as assert } from "node:assert";

import { type Amount, shareOf } from "./amount.ts";
import { checkEnded, drain, drainPart, fill, type Timed } from "./drain.ts";
import { makeJob, makeJobs } from "./jobs.ts";
import { pause } from "./pause.ts";
import { onGround, pinSnapshot, type Stage } from "./stage.ts";
import type { Adder, System } from "./system.ts";

/** Where a row is measured, and how much of it. */
export interface Task {
  readonly stage: Stage;
  readonly system: System;
  readonly amount: Amount;
}

/** Filling an empty queue in batches, then draining it. */
export interface Drained {
  readonly count: number;
  readonly enqueue: Timed;
  readonly drain: Timed;
}

/** Measures filling and draining. */
export async function measureDrain({ stage, system, amount }: Task): Promise<Drained> {
  const count = shareOf(amount.drainCount, system.share);
  const { batchSize } = amount;
  return await onGround(stage, system, async (ground) => {
    const enqueue = await fill(ground, { jobs: makeJobs(count), batchSize });
    const drained = await drain(ground, { count });
    await checkEnded(ground, count);
    return { count, enqueue, drain: drained };
  });
}

/** Adding jobs one by one. */
export interface Single {
  readonly count: number;
  readonly enqueue: Timed;
}

/** Connections that add one by one, each when its last job is acknowledged. */
export const singleConnections = 4;

/** Measures adding one by one while no worker runs. */
export async function measureSingle({ stage, system, amount }: Task): Promise<Single> {
  const count = shareOf(amount.singleCount, system.share);
  return await onGround(stage, system, async ({ queue, startMeter }) => {
    await using producer = await queue.openProducer(singleConnections);
    const readMeter = await startMeter();
    const startMs = performance.now();
    await Promise.all(
      Array.from({ length: singleConnections }, async (_, lane) => {
        for (let index = lane; index < count; index += singleConnections) {
          await producer.addOne(makeJob(index));
        }
      }),
    );
    const wallMs = performance.now() - startMs;
    const cost = await readMeter();
    assert.equal(await queue.countUnfinished(count + 1), count, "jobs that were added");
    return { count, enqueue: { wallMs, ...cost } };
  });
}

/** Milliseconds from adding a job to the start of its handler, of a worker with nothing to do. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly highestMs: number;
}

/** Milliseconds between jobs that are added far apart. */
export const latencyGapMs = 20;
/** Milliseconds for a worker to come to rest before it is asked. */
const settleMs = 500;

/** Measures the latency of jobs that come one at a time. */
export async function measureLatency({ stage, system, amount }: Task): Promise<Latency> {
  const count = amount.latencyCount;
  return await onGround(stage, system, async ({ queue }) => {
    const latencies: number[] = [];
    const { promise: allStarted, resolve } = Promise.withResolvers<undefined>();
    await using worker = await queue.startWorker(({ sentMs }) => {
      latencies.push(performance.now() - sentMs);
      if (latencies.length === count) resolve(undefined);
    });
    await using producer = await queue.openProducer(1);
    await pause(settleMs);
    await addApart(worker.adder ?? producer, count);
    await allStarted;
    const sorted = latencies.toSorted((one, other) => one - other);
    const at = (part: number): number => sorted[Math.ceil(part * count) - 1] ?? Number.NaN;
    return { p50Ms: at(0.5), p99Ms: at(0.99), highestMs: at(1) };
  });
}

/** At fixed times, whether or not the job before has been acknowledged. */
async function addApart(adder: Adder, count: number): Promise<void> {
  const adding: Promise<unknown>[] = [];
  const startMs = performance.now();
  for (let index = 0; index < count; index += 1) {
    await pause(startMs + index * latencyGapMs - performance.now());
    adding.push(adder.addOne(makeJob(index)));
  }
  await Promise.all(adding);
}

/** Drains one after the other, while an old snapshot keeps all that is dead. */
export interface Pinned {
  readonly count: number;
  readonly drains: readonly Timed[];
}

/** Measures draining under an old snapshot. */
export async function measurePinned({ stage, system, amount }: Task): Promise<Pinned> {
  const count = shareOf(amount.pinnedCount, system.share);
  const { batchSize, pinnedRounds } = amount;
  return await onGround(stage, system, async (ground) => {
    await using _pinned = await pinSnapshot(ground.place);
    const drains: Timed[] = [];
    for (let round = 0; round < pinnedRounds; round += 1) {
      const from = round * count;
      await fill(ground, { jobs: makeJobs(count, from), batchSize });
      drains.push(await drain(ground, { count, from }));
    }
    await checkEnded(ground, count * pinnedRounds);
    return { count, drains };
  });
}

/** Draining the first jobs of a long backlog, and as many of a queue that has no others. */
export interface Backlog {
  readonly backlogCount: number;
  readonly count: number;
  readonly alone: Timed;
  readonly ofBacklog: Timed;
}

/** Jobs of one call that adds to a backlog. */
const backlogBatchSize = 5_000;

/** Measures draining the head of a backlog; both queues are vacuumed and analyzed before. */
export async function measureBacklog({ stage, system, amount }: Task): Promise<Backlog> {
  const count = shareOf(amount.backlogDrainCount, system.share);
  const backlogCount = shareOf(amount.backlogCount, system.share);
  const drainHead = async (queued: number): Promise<Timed> =>
    await onGround(stage, system, async (ground) => {
      const { queue, place } = ground;
      await fill(ground, { jobs: makeJobs(queued), batchSize: backlogBatchSize });
      // Autovacuum would come by sooner or later.
      await place.observer.query("vacuum (analyze)");
      const timed = await drainPart(ground, { count, queued });
      const left = await queue.countUnfinished(queued);
      const completed = await queue.countCompleted();
      assert.equal(left + (completed ?? queued - left), queued, "jobs left and completed");
      return timed;
    });
  const alone = await drainHead(count);
  return { backlogCount, count, alone, ofBacklog: await drainHead(backlogCount) };
}
