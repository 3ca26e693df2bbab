/**
 * What the bench asks of a queue system. Each is used through the interface that it documents, in
 * the configuration that its documentation recommends for speed.
 */

import { strict as assert } from "node:assert";

import type pg from "pg";

/** The work of the bench: nothing to do, but a payload like one of real work. */
export type Job = {
  readonly index: number;
  /** `performance.now()` right before it was added. */
  readonly sentMs: number;
  readonly url: string;
};

/** Called at the beginning of each handler. */
export type OnStart = (job: Job) => void;

/** A fresh database, empty but for what every database has. */
export interface Place {
  readonly url: string;
  /** For looking on from outside; no system uses it. */
  readonly observer: pg.Client;
}

/** A queue system. */
export interface System {
  readonly name: string;
  readonly version: string;
  /** How it is configured, for the report. */
  readonly configuration: string;
  readonly storage: "postgresql" | "redis";
  /** False for what is no product, but a limit to compare with. */
  readonly isProduct: boolean;
  /** The part of the jobs of each row that it is given: less for who would hold up everybody. */
  readonly share: number;
  /** Makes an empty queue. */
  readonly install: (place: Place) => Promise<Queue>;
}

/** An installed queue; disposing leaves its tables to whoever drops the database. */
export interface Queue extends AsyncDisposable {
  /** Opens what adds jobs, over so many connections at most. */
  openProducer(connectionCount: number): Promise<Producer>;
  /** Starts the one worker of this process; disposing stops it and waits for what it runs. */
  startWorker(onStart: OnStart): Promise<QueueWorker>;
  /** Jobs that have not ended, counted up to a limit. */
  countUnfinished(limit: number): Promise<number>;
  /** Jobs that the history shows as completed, each once; undefined where none is kept. */
  countCompleted(): Promise<number | undefined>;
}

/** Adds jobs. */
export interface Adder {
  /** One call for all of them. */
  addBatch(jobs: readonly Job[]): Promise<unknown>;
  addOne(job: Job): Promise<unknown>;
}

/** Adds jobs over connections of its own. */
export interface Producer extends Adder, AsyncDisposable {}

/** A worker that has been started. */
export interface QueueWorker extends AsyncDisposable {
  /** Adds jobs in the very instance that works; absent where that is no way of its own. */
  readonly adder?: Adder;
}

/** The job out of a payload as it came back. */
export function readJob(payload: unknown): Job {
  assert(typeof payload === "object" && payload !== null);
  assert("index" in payload && "sentMs" in payload && "url" in payload);
  const { index, sentMs, url } = payload;
  assert(typeof index === "number" && typeof sentMs === "number" && typeof url === "string");
  return { index, sentMs, url };
}

/** Runs a query that answers one count. */
export async function countBy(client: pg.Client, text: string, limit?: number): Promise<number> {
  const values = limit === undefined ? [] : [limit];
  const answer = await client.query<{ count: number }>({ text, values });
  return answer.rows[0]?.count ?? Number.NaN;
}
