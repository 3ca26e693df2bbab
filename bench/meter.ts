/**
 * What work cost besides time: processor time of the servers with all their processes, processor
 * time of this process, and write-ahead log. These hardly notice what else the machine is doing.
 */

import { readdir, readFile } from "node:fs/promises";

import type pg from "pg";

/** Costs of one piece of work. */
export interface Cost {
  /** Milliseconds of processor time of the servers; NaN where /proc does not tell. */
  readonly serverMs: number;
  /** Milliseconds of processor time of this process, all threads. */
  readonly clientMs: number;
  readonly walBytes: number;
}

/** What is watched. */
export interface Watched {
  /** First processes of servers; their children count too. */
  readonly serverPids: readonly number[];
  readonly observer: pg.Client;
}

/** Milliseconds of a tick of /proc/<pid>/stat: USER_HZ, which Linux keeps at 100. */
const tickMs = 10;

/** Reads the meters; the answer reads them again and tells the difference. */
export async function startMeter(watched: Watched): Promise<() => Promise<Cost>> {
  const before = await readAll(watched);
  return async () => {
    const after = await readAll(watched);
    return {
      serverMs: after.serverMs - before.serverMs,
      clientMs: after.clientMs - before.clientMs,
      walBytes: after.walBytes - before.walBytes,
    };
  };
}

async function readAll({ serverPids, observer }: Watched): Promise<Cost> {
  const answer = await observer.query<{ wal: string }>(
    "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal",
  );
  const { user, system } = process.cpuUsage();
  return {
    serverMs: await processorMs(serverPids),
    clientMs: (user + system) / 1000,
    walBytes: Number(answer.rows[0]?.wal),
  };
}

/** Processes and their children, those included that have ended: their parents keep the sum. */
async function processorMs(roots: readonly number[]): Promise<number> {
  const names = await readdir("/proc").catch(() => []);
  const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readProcess));
  const family = all.flatMap((each) => (each === undefined ? [] : [each]));
  if (family.length === 0) return Number.NaN;
  return family
    .filter(({ pid, parentPid }) => roots.includes(pid) || roots.includes(parentPid))
    .reduce((sum, { ownMs, reapedMs }) => sum + ownMs + reapedMs, 0);
}

interface ProcessTimes {
  readonly pid: number;
  readonly parentPid: number;
  readonly ownMs: number;
  /** Of children that have ended. */
  readonly reapedMs: number;
}

/** Undefined for a process that has ended meanwhile. */
async function readProcess(name: string): Promise<ProcessTimes | undefined> {
  const text = await readFile(`/proc/${name}/stat`, "utf8").catch(() => undefined);
  // The second field is a name in parentheses and may itself hold spaces and parentheses.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined) return undefined;
  const field = (place: number): number => Number(fields[place - 3]);
  return {
    pid: Number(name),
    parentPid: field(4),
    ownMs: (field(14) + field(15)) * tickMs,
    reapedMs: (field(16) + field(17)) * tickMs,
  };
}
