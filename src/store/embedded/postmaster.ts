/**
 * What a server leaves in its data directory about itself, and how to wait until the last one is
 * really gone: its owner may have been killed a moment ago, its own shutdown still under way.
 */

import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { type Clock, delay } from "../../kernel/clock.ts";
import { lockedError } from "./ownership.ts";
import type { Placement } from "./placement.ts";
import { commandLineOf, listProcessesIn, programOf, trySignal } from "./process-table.ts";

/** The name by which a server of ours is told from one that somebody started by hand. */
export const clusterName = "orrery";

/** Waits for a former server to end. */
export interface VacancyOptions {
  readonly placement: Placement;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** A former server writes out what it has in memory; this is generous for 128 MB. */
const vacancyMsMax = 30_000;

/**
 * A backend whose server died ends when it next waits; one deep in a computation may not. A server
 * that is done takes this long at the very most from removing its file to its end.
 */
const strayPatienceMs = 2_000;

const pollMs = 20;

/**
 * Waits until no process of a former server uses the data directory, hurrying along those of ours,
 * then removes what would keep the next one from starting. Only the owner of the directory may
 * call this: then whatever still runs belongs to an owner that died.
 * @throws ConfigError `ORR_CONFIG_LOCKED` with `details.pid` when one does not end, or is not ours
 */
export async function awaitVacancy(options: VacancyOptions): Promise<void> {
  const { placement, clock } = options;
  const startMs = clock.monotonicMs();
  let askedPid: number | undefined;
  for (;;) {
    const waitedMs = clock.monotonicMs() - startMs;
    // A server that ends in good order removes the file as the last thing, and is still there then.
    const isEnding = (await findPostmasterPid(placement.data)) === undefined;
    const pid = await findLivePostmaster(placement.data);
    const strays = pid === undefined ? await listServersIn(placement.data) : [];
    if (pid === undefined && strays.length === 0) break;
    const blocker = pid ?? strays[0];
    if (waitedMs > vacancyMsMax) {
      throw lockedError({
        directory: placement.root,
        reason: `its former server (pid ${blocker}) does not end`,
        pid: blocker,
      });
    }
    if (pid !== undefined && pid !== askedPid) {
      await interrupt(pid, placement);
      askedPid = pid;
    }
    // Their server is dead or has nothing left to do: nothing they do will be kept.
    const isPatient = waitedMs <= strayPatienceMs;
    for (const stray of isEnding && isPatient ? [] : strays) {
      trySignal(stray, isPatient ? "SIGQUIT" : "SIGKILL");
    }
    await delay(clock, pollMs, options.signal);
  }
  await rm(join(placement.data, "postmaster.pid"), { force: true });
}

/** The process id that a server noted in its data directory, alive or not. */
export async function findPostmasterPid(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  return parsePostmasterPid(text);
}

/** The first line of `postmaster.pid`; negative for a server in single-user mode. */
export function parsePostmasterPid(text: string): number | undefined {
  const pid = Math.abs(Number.parseInt(text, 10));
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/**
 * The last lines of a log from `offset` on, for an error message.
 * @returns at most `lineCount` lines, oldest first
 */
export async function readLogTail(
  log: string,
  offset: number,
  lineCount = 8,
): Promise<readonly string[]> {
  await using file = await open(log, "r");
  const { size } = await file.stat();
  const start = Math.max(offset, size - logTailBytesMax);
  const buffer = Buffer.alloc(Math.max(size - start, 0));
  await file.read(buffer, 0, buffer.length, start);
  const lines = buffer.toString("utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").slice(-lineCount);
}

const logTailBytesMax = 16_384;

/** The noted process, if it is alive and a server on this directory and not a later namesake. */
async function findLivePostmaster(data: string): Promise<number | undefined> {
  const pid = await findPostmasterPid(data);
  if (pid === undefined) return undefined;
  const command = await commandLineOf(pid);
  return command.includes("postgres") && command.includes(data) ? pid : undefined;
}

/** Processes of a server on this directory; somebody's shell may stand in it as well. */
async function listServersIn(data: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of await listProcessesIn(data)) {
    if ((await programOf(pid)).startsWith("postgres")) found.push(pid);
  }
  return found;
}

async function interrupt(pid: number, placement: Placement): Promise<void> {
  const command = await commandLineOf(pid);
  if (command === "" || command.includes(`cluster_name=${clusterName}`)) {
    trySignal(pid, "SIGINT");
    return;
  }
  throw lockedError({
    directory: placement.root,
    reason: `a server not started by Orrery (pid ${pid}) runs on it`,
    pid,
  });
}
