/**
 * The data directory itself: made once, checked at each start. It appears under its name only when
 * it is complete, so that being killed half-way leaves something to clear away, never something
 * that cannot be started.
 */

import { chown, lstat, mkdtemp, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { reasonOf } from "../../kernel/clock.ts";
import type { Binaries } from "./binaries.ts";
import { closeTo, directoryError, type Placement } from "./placement.ts";
import { readLogTail } from "./postmaster.ts";
import { isRoot, ownUid, type ServerUser } from "./run-as.ts";
import { holdProcess, spawnWatched } from "./watchdog.ts";

/** The superuser of the cluster, and the only one. */
export const superuser = "orrery";

/** What is needed to make a cluster. */
export interface ClusterOptions {
  readonly placement: Placement;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  /** Whether the new files are forced to the disk. */
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
}

const draftPrefix = "data.new-";

/**
 * Makes the cluster unless there is one; only the owner of the directory may call it.
 * @returns whether it was made
 * @throws ConfigError `ORR_CONFIG_DIRECTORY` when it belongs to another major version or user
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const { placement, binaries, user } = options;
  await clearDrafts(placement);
  const version = await readMajorVersion(placement);
  if (version === undefined) {
    await makeCluster(options);
    return true;
  }
  if (version !== binaries.majorVersion) {
    throw directoryError(placement.root, {
      problem:
        `PostgreSQL ${version} made it and these programs are PostgreSQL ${binaries.version}; ` +
        "move its content over with pg_dump and pg_restore, or choose another directory",
    });
  }
  await takeOverFiles(placement, user);
  return false;
}

/**
 * The user for a server on this placement: whoever owns an existing cluster, so that a user's own
 * database is not taken away by starting it once as root.
 */
export async function userOfCluster(
  placement: Placement,
  user: ServerUser | undefined,
): Promise<ServerUser | undefined> {
  const found = await lstat(placement.data).catch(() => undefined);
  if (user === undefined || found === undefined || found.uid === 0) return user;
  return { uid: found.uid, gid: found.gid };
}

/** The arguments of `initdb`: bytewise text order, so that no index depends on the system. */
export function initdbArguments(
  options: Pick<ClusterOptions, "binaries" | "durable">,
  directory: string,
): readonly string[] {
  const builtin = options.binaries.majorVersion >= 17;
  return [
    "-D",
    directory,
    "--username",
    superuser,
    // The socket's directory is closed to everybody else.
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    ...(builtin ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : []),
    ...(options.durable ? [] : ["--no-sync"]),
  ];
}

async function makeCluster(options: ClusterOptions): Promise<void> {
  const { placement, signal } = options;
  const draft = await mkdtemp(join(placement.root, draftPrefix));
  await closeTo(draft, options.user);
  await runInitdb(options, draft);
  if (signal?.aborted === true) throw reasonOf(signal);
  await rename(draft, placement.data);
  if (!options.durable) return;
  // The new name survives a power failure only when its directory was written out.
  await using directory = await open(placement.root, "r");
  await directory.sync();
}

async function runInitdb(options: ClusterOptions, draft: string): Promise<void> {
  const { placement, binaries, user, signal } = options;
  await using log = await open(placement.log, "a", 0o600);
  const { size } = await log.stat();
  using _held = holdProcess();
  const args = initdbArguments(options, draft);
  const program = spawnWatched({ file: binaries.initdb, args, user, outputFd: log.fd });
  const onAbort = (): void => program.requestStop();
  signal?.addEventListener("abort", onAbort, { once: true });
  const exit = await program.exited;
  signal?.removeEventListener("abort", onAbort);
  if (exit.exitCode === 0 || signal?.aborted === true) return;
  const lines = [exit.failure, ...(await readLogTail(placement.log, size))];
  const said = lines.filter((line) => line !== undefined).join("\n  ");
  throw directoryError(placement.root, { problem: `initdb failed:\n  ${said}` });
}

async function clearDrafts(placement: Placement): Promise<void> {
  for (const name of await readdir(placement.root)) {
    if (!name.startsWith(draftPrefix)) continue;
    try {
      await rm(join(placement.root, name), { recursive: true, force: true });
    } catch {
      // An initdb that lost its parent a moment ago still writes there; the next start clears it.
    }
  }
}

async function readMajorVersion(placement: Placement): Promise<number | undefined> {
  const found = await lstat(placement.data).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!isRoot() && found.uid !== ownUid()) {
    throw directoryError(placement.root, {
      problem:
        `its data belong to user ${found.uid} and this process runs as user ${ownUid()}; ` +
        "start it as that user",
    });
  }
  const text = await readFile(join(placement.data, "PG_VERSION"), "utf8").catch(() => "");
  const version = Number.parseInt(text, 10);
  if (Number.isSafeInteger(version)) return version;
  throw directoryError(placement.root, {
    problem: `${placement.data} exists and is not a PostgreSQL data directory`,
  });
}

/** Root can meet files of its own, from a copy or a backup; the server's user must own them. */
async function takeOverFiles(placement: Placement, user: ServerUser | undefined): Promise<void> {
  if (user === undefined || (await lstat(placement.data)).uid === user.uid) return;
  await closeTo(placement.data, user);
  for (const name of await readdir(placement.data, { recursive: true })) {
    const path = join(placement.data, name);
    // Links are left as they are: what they lead to is not ours to give away.
    if (!(await lstat(path)).isSymbolicLink()) await chown(path, user.uid, user.gid);
  }
}
