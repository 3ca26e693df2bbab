/** The measurements: a burst that falls due at one instant, and a process with nothing to do. */

import { readFile } from "node:fs/promises";

import type pg from "pg";

import { Firers } from "./firers.ts";
import { addDue, checkFired, removeDue, type Stage } from "./stage.ts";

/** What a measurement cost the database, on the connections of the firing processes. */
export interface ServerCost {
  /** Processor time of their server processes; NaN where /proc does not tell. */
  readonly serverMs: number;
  /** Pages looked at by the whole database meanwhile, in memory or not. */
  readonly pages: number;
}

/** A burst that was fired. */
export interface Burst extends ServerCost {
  /** From the instant at which all were due to the commit of the last run. */
  readonly wallMs: number;
}

/** Milliseconds from creating a burst until it is due; grows when that is too short. */
let leadMs = 8_000;
/** Milliseconds before due at which everything must be in place. */
const calmMs = 1_500;
/** How often a longer lead is tried. */
const triesMax = 4;

/** Fires `count` triggers due at the same instant with so many processes. */
export async function measureBurst(
  stage: Stage,
  work: { readonly count: number; readonly processCount: number },
): Promise<Burst> {
  const { count, processCount } = work;
  const others = await connectionIds(stage.client);
  const dueMs = await addDueInTime(stage, count);
  await using firers = await Firers.start(stage.place, processCount);
  const before = await reading(stage.client, others);
  if (Date.now() > dueMs) throw new Error("the firing processes took too long to start");
  const lastMs = await firers.fired(count);
  const after = await reading(stage.client, others);
  await checkFired(stage, dueMs, count);
  await firers[Symbol.asyncDispose]();
  await removeDue(stage);
  return { wallMs: lastMs - dueMs, ...difference(before, after) };
}

/** What one firing process asks of the database per second while nothing is due. */
export async function measureIdle(stage: Stage, windowMs: number): Promise<ServerCost> {
  const others = await connectionIds(stage.client);
  await using firers = await Firers.start(stage.place, 1);
  // Its first turns plan statements and add partitions; those are not what being idle costs.
  await pause(1_500);
  const before = await reading(stage.client, others);
  await pause(windowMs);
  const { serverMs, pages } = difference(before, await reading(stage.client, others));
  await firers[Symbol.asyncDispose]();
  return { serverMs: (serverMs * 1000) / windowMs, pages: (pages * 1000) / windowMs };
}

/** Creates triggers well before they are due; how long that takes is learned. */
async function addDueInTime(stage: Stage, count: number): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    // A whole second, which cron can name.
    const dueMs = Math.ceil((Date.now() + leadMs) / 1000) * 1000;
    await addDue(stage, dueMs, count);
    await stage.client.query(`analyze ${stage.place.schema}.task, ${stage.place.schema}.trigger`);
    // The processes also need to start.
    if (Date.now() + calmMs * 2 < dueMs) return dueMs;
    if (tries === triesMax) throw new Error("creating the triggers takes too long");
    leadMs *= 1.5;
    await removeDue(stage);
  }
}

/** Server processes of the database's connections. */
async function connectionIds(client: pg.Client): Promise<readonly number[]> {
  const answer = await client.query<{ pid: number }>(
    "select pid from pg_stat_activity where backend_type = 'client backend'",
  );
  return answer.rows.map(({ pid }) => pid);
}

/** Totals of the connections that are not among `others`. */
interface Reading {
  readonly byConnection: ReadonlyMap<number, number>;
  readonly pages: number;
}

async function reading(client: pg.Client, others: readonly number[]): Promise<Reading> {
  const ids = (await connectionIds(client)).filter((pid) => !others.includes(pid));
  const times = await Promise.all(ids.map(async (pid) => [pid, await processorMs(pid)] as const));
  // This connection's own work is told at once, so that it does not fall into the next window.
  await client.query("select pg_stat_force_next_flush()");
  await client.query("select pg_stat_clear_snapshot()");
  const answer = await client.query<{ pages: string }>(
    `select blks_hit + blks_read as pages from pg_stat_database
     where datname = current_database()`,
  );
  return { byConnection: new Map(times), pages: Number(answer.rows[0]?.pages) };
}

function difference(before: Reading, after: Reading): ServerCost {
  let serverMs = 0;
  for (const [pid, ms] of after.byConnection) serverMs += ms - (before.byConnection.get(pid) ?? 0);
  return { serverMs, pages: after.pages - before.pages };
}

/** First field of schedstat: nanoseconds on a processor. */
async function processorMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => "NaN");
  return Number(text.split(" ")[0]) / 1e6;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
