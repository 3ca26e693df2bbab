/**
 * Facts about other processes. A process id alone proves nothing, since ids are reused (soon, in a
 * container): a process is known by its id together with the moment it started.
 */

import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename } from "node:path";
import { promisify } from "node:util";

/** A process, told apart from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in a form that only equality makes sense of. */
  readonly startedAt: string;
  /** The boot and id space in which `pid` has a meaning. */
  readonly scope: string;
}

const execute = promisify(execFile);

/** Whether there is a process directory; elsewhere `ps` is asked. */
const hasProc = process.platform === "linux";

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const startedAt = (await findStart(process.pid)) ?? "";
  return { pid: process.pid, startedAt, scope: await currentScope() };
}

/** Where process ids mean what they mean to us: this boot, this container. */
export async function currentScope(): Promise<string> {
  if (!hasProc) return hostname();
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => hostname());
  const space = await readlink("/proc/self/ns/pid").catch(() => "pid");
  return `${boot.trim()} ${space}`;
}

/** When the process started; undefined when there is none or only its exit status is left. */
export async function findStart(pid: number): Promise<string | undefined> {
  if (!hasProc) return askPs(pid, "lstart=");
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * The start time in a line of `/proc/<pid>/stat`, in ticks since boot; undefined for a zombie.
 * The second field is the command in parentheses, which may itself hold spaces and parentheses.
 */
export function parseStat(line: string): string | undefined {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] ?? "Z";
  return state === "Z" || state === "X" ? undefined : fields[19];
}

/** The command line of a live process, arguments separated by spaces; empty when there is none. */
export async function commandLineOf(pid: number): Promise<string> {
  if (!hasProc) return (await askPs(pid, "command=")) ?? "";
  if ((await findStart(pid)) === undefined) return "";
  const raw = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return raw.replaceAll("\0", " ").trim();
}

/** The name that a live process goes by, without its directory; empty when there is none. */
export async function programOf(pid: number): Promise<string> {
  if (!hasProc) return basename((await askPs(pid, "comm=")) ?? "");
  const raw = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return basename(raw.split("\0")[0] ?? "");
}

/**
 * Processes whose working directory is `directory` (a real path). Needs a process directory and
 * sees only what the system lets us look into; empty elsewhere.
 */
export async function listProcessesIn(directory: string): Promise<readonly number[]> {
  if (!hasProc) return [];
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const place = await readlink(`/proc/${name}/cwd`).catch(() => undefined);
    if (place === directory) found.push(Number(name));
  }
  return found;
}

/** Sends a signal; false when the process is gone or not ours. */
export function trySignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // ESRCH: it ended in between, which is what a signal was to bring about. EPERM: not ours.
    return false;
  }
}

async function askPs(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await execute("ps", ["-o", column, "-p", String(pid)]);
    return stdout.trim() === "" ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
