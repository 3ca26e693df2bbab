/**
 * Hours in miniature: jobs arrive at a steady rate and are run, while a transaction is held open
 * throughout, so that nothing dead can be cleared away. What counts is how the last minute compares
 * with the first.
 */

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

import type { Amount } from "./amount.ts";
import { Arrivals, makeJobs } from "./jobs.ts";
import type { Cost } from "../meter.ts";
import { pause } from "./pause.ts";
import type { Task } from "./rows.ts";
import { onGround, pinSnapshot, type Ground } from "./stage.ts";
import type { Producer } from "./system.ts";

/** What one minute saw, and what it left. */
export interface SoakMinute {
  /** Jobs that were added and that were started. */
  readonly addedCount: number;
  readonly startedCount: number;
  /** Milliseconds from adding to the start of the handler, of those that started. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly deadCount: number;
  readonly bytes: number;
  /** Of this minute. */
  readonly cost: Cost;
}

/** One soak. */
export interface Soak {
  readonly perSecond: number;
  readonly minutes: readonly SoakMinute[];
  /** At the end, largest first. */
  readonly tables: readonly TableState[];
}

/** A table with its indexes and partitions each by itself. */
export interface TableState {
  readonly name: string;
  readonly bytes: number;
  readonly liveCount: number;
  readonly deadCount: number;
}

/** Milliseconds between calls of the producer. */
const tickMs = 20;
/** Jobs of one call at most: what could not be added in time is caught up by larger calls. */
const callMax = 2_000;
/** Tables that are listed at the end. */
const tablesMax = 5;

/** Soaks one system. */
export async function measureSoak({ stage, system, amount }: Task): Promise<Soak> {
  return await onGround(stage, system, async (ground) => {
    await using stack = new AsyncDisposableStack();
    if (system.storage === "postgresql") stack.use(await pinSnapshot(ground.place));
    const latencies = createHistogram({ figures: 3 });
    const total = (amount.soakMinutes * amount.soakMinuteMs * amount.soakPerSecond) / 1000;
    const arrivals = new Arrivals(Math.ceil(total) + callMax);
    stack.use(
      await ground.queue.startWorker((job) => {
        latencies.record(Math.max(Math.round((performance.now() - job.sentMs) * 1000), 1));
        arrivals.note(job);
      }),
    );
    const producer = stack.use(await ground.queue.openProducer(1));
    const feed = stack.use(startFeed(producer, amount));
    const minutes: SoakMinute[] = [];
    while (minutes.length < amount.soakMinutes) {
      const passed = Promise.race([pause(amount.soakMinuteMs), feed.failure]);
      const minute = await watchMinute(ground, { latencies, arrivals, feed, passed });
      minutes.push(minute);
      process.stderr.write(`${system.name}, minute ${minutes.length}: ${lineOf(minute)}\n`);
    }
    const tables = await listTables(ground);
    arrivals.checkOnce(0);
    return { perSecond: amount.soakPerSecond, minutes, tables: tables.slice(0, tablesMax) };
  });
}

/** Reads everything before and after what counts as a minute has passed. */
async function watchMinute(
  ground: Ground,
  soaking: {
    readonly latencies: RecordableHistogram;
    readonly arrivals: Arrivals;
    readonly feed: Feed;
    readonly passed: Promise<void>;
  },
): Promise<SoakMinute> {
  const { latencies, arrivals, feed, passed } = soaking;
  const before = { added: feed.count(), started: arrivals.count };
  latencies.reset();
  const readMeter = await ground.startMeter();
  await passed;
  const [p50Ms, p99Ms] = [latencies.percentile(50) / 1000, latencies.percentile(99) / 1000];
  const addedCount = feed.count() - before.added;
  const startedCount = arrivals.count - before.started;
  const cost = await readMeter();
  const tables = await listTables(ground);
  const deadCount = tables.reduce((sum, each) => sum + each.deadCount, 0);
  const bytes = tables.reduce((sum, each) => sum + each.bytes, 0);
  return { addedCount, startedCount, p50Ms, p99Ms, deadCount, bytes, cost };
}

function lineOf({ addedCount, startedCount, p99Ms, deadCount, bytes }: SoakMinute): string {
  const size = `${deadCount} dead, ${(bytes / 1e6).toFixed(0)} MB`;
  return `${startedCount} of ${addedCount} started, p99 ${p99Ms.toFixed(1)} ms, ${size}`;
}

/** A steady stream of jobs. */
interface Feed extends AsyncDisposable {
  /** Jobs added so far. */
  readonly count: () => number;
  /** Rejects when adding failed; never resolves. */
  readonly failure: Promise<never>;
}

/** Adds as many jobs as should have been by now, call after call; disposing ends it. */
function startFeed(producer: Producer, { soakPerSecond }: Amount): Feed {
  const stopping = new AbortController();
  let count = 0;
  const startMs = performance.now();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startMs) * soakPerSecond) / 1000);
      const jobs = makeJobs(Math.min(due - count, callMax), count);
      if (jobs.length > 0) await producer.addBatch(jobs);
      count += jobs.length;
      await pause(tickMs);
    }
  };
  const running = run();
  const { promise: failure, reject } = Promise.withResolvers<never>();
  running.catch(reject);
  return {
    count: () => count,
    failure,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** All tables of the database; the statistics are as old as their last report, up to a second. */
async function listTables({ place }: Ground): Promise<readonly TableState[]> {
  const answer = await place.observer.query<TableState>(
    `select schemaname || '.' || relname as name, pg_total_relation_size(relid)::float8 as bytes,
       n_live_tup::float8 as "liveCount", n_dead_tup::float8 as "deadCount"
     from pg_stat_user_tables
     order by bytes desc`,
  );
  return answer.rows;
}
