/**
 * What a piece of work cost: wall time, the processor time of the server processes that did it, and
 * the write-ahead log. The last two hardly notice what else the machine is doing.
 */

import { readFile } from "node:fs/promises";

import type pg from "pg";

/** Cost of one piece of work. */
export interface Cost {
  readonly wallMs: number;
  /** Processor time of the connections' server processes; NaN where /proc does not tell. */
  readonly serverMs: number;
  readonly walBytes: number;
}

/** Runs `work` and measures it. `clients` are the connections that it uses. */
export async function measure(
  clients: readonly pg.Client[],
  work: () => Promise<unknown>,
): Promise<Cost> {
  const before = await readings(clients);
  const start = process.hrtime.bigint();
  await work();
  const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
  const after = await readings(clients);
  return {
    wallMs,
    serverMs: after.serverMs - before.serverMs,
    walBytes: after.walBytes - before.walBytes,
  };
}

async function readings(
  clients: readonly pg.Client[],
): Promise<{ readonly serverMs: number; readonly walBytes: number }> {
  const rows = await Promise.all(clients.map((client) => backend(client)));
  const times = await Promise.all(rows.map((row) => processorMs(row.pid)));
  return {
    serverMs: times.reduce((sum, time) => sum + time, 0),
    walBytes: Number(rows[0]?.wal ?? Number.NaN),
  };
}

async function backend(client: pg.Client): Promise<{ pid: number; wal: string }> {
  const answer = await client.query<{ pid: number; wal: string }>(
    "select pg_backend_pid() as pid, pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal",
  );
  return answer.rows[0] ?? { pid: 0, wal: "NaN" };
}

/** First field of schedstat: nanoseconds on a processor. */
async function processorMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, "utf8").catch(() => "NaN");
  return Number(text.split(" ")[0]) / 1e6;
}
