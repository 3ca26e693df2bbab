/**
 * The thread of a lease keeper: it watches a counter that the main thread raises at each renewal of
 * its own. When the counter stands still, because a handler computes without ever awaiting, the
 * thread renews the worker's leases in its place, for a bounded time: a main thread that never
 * comes back is as good as dead.
 */

import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import { isRecord } from "../kernel/json.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { quoteIdentifier } from "./statement.ts";
import { keepWorker, keepClaims } from "./statements/keep.ts";

/** What the main thread hands to its keeper. */
export interface KeeperData {
  readonly connectionString: string;
  readonly schema: string;
  readonly workerId: number;
  /** Milliseconds from each renewal to the end of a lease. */
  readonly leaseMs: number;
  /** Milliseconds without a sign of the main thread after which it is given up. */
  readonly stuckMs: number;
  /** One counter, raised by the main thread. */
  readonly renewals: SharedArrayBuffer;
}

/** Looks in the time of one lease. */
const looksPerLease = 8;

const data = keeperDataOf(workerData);
const counter = new Int32Array(data.renewals);
let seen = Atomics.load(counter, 0);
let seenMs = systemClock.monotonicMs();
parentPort?.postMessage("ready");

for (;;) {
  // Waits for the main thread to raise the counter; a time-out is a look without news.
  Atomics.wait(counter, 0, seen, data.leaseMs / looksPerLease);
  const now = systemClock.monotonicMs();
  const count = Atomics.load(counter, 0);
  if (count !== seen) {
    seen = count;
    seenMs = now;
    continue;
  }
  const silentMs = now - seenMs;
  if (silentMs > data.leaseMs / 2 && silentMs < data.stuckMs) await renewOnce();
}

/** A connection for each renewal: they are rare, and one that is kept would have to be watched. */
async function renewOnce(): Promise<void> {
  const client = new pg.Client({
    connectionString: data.connectionString,
    connectionTimeoutMillis: data.leaseMs / 4,
    application_name: "orrery lease keeper",
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    for (const { text } of [keepClaims, keepWorker]) {
      const sql = text.replaceAll("{schema}", quoteIdentifier(data.schema));
      await client.query(sql, [data.workerId, data.leaseMs]);
    }
  } catch {
    // The database is away; the next look tries again, and the lease is the database's to end.
  } finally {
    await client.end().catch(() => undefined);
  }
}

function keeperDataOf(value: unknown): KeeperData {
  if (isRecord(value) && value["renewals"] instanceof SharedArrayBuffer) {
    const { connectionString, schema, workerId, leaseMs, stuckMs, renewals } = value;
    if (
      typeof connectionString === "string" &&
      typeof schema === "string" &&
      typeof workerId === "number" &&
      typeof leaseMs === "number" &&
      typeof stuckMs === "number"
    ) {
      return { connectionString, schema, workerId, leaseMs, stuckMs, renewals };
    }
  }
  throw new InvariantError("ORR_BUG_INVARIANT", "a lease keeper was started without its data");
}
