/**
 * Where a server keeps its things: which real directory stands for the one that was asked for, and
 * the layout below it.
 *
 *     <directory>/relocated      the path of the real directory, when it had to move
 *     <real>/owner/              who owns the directory (ownership.ts)
 *     <real>/data/               the cluster
 *     <real>/socket/             the server's socket, when its path is short enough
 *     <real>/socket-directory    else the path of the directory made for it
 *     <real>/postgres.log        what the server said
 */

import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { ConfigError, messageOf } from "../../kernel/errors.ts";
import { canReach, isRoot, ownUid, type ServerUser } from "./run-as.ts";

/** The paths of one server, all absolute and real. */
export interface Placement {
  readonly root: string;
  readonly data: string;
  readonly log: string;
}

/** What is looked for, on whose behalf, and where root moves what others cannot reach. */
export interface PlacementOptions {
  readonly directory: string;
  readonly user: ServerUser | undefined;
  /** Tried in this order. */
  readonly refuges?: readonly string[];
}

/** Persistent places outside every home; a temporary directory would lose data at a reboot. */
const defaultRefuges = ["/var/lib/orrery", "/var/tmp/orrery"];

/**
 * The longest path of a socket, in bytes: the smaller limit of the supported systems (macOS 104,
 * Linux 108, each with a closing zero).
 */
export const socketPathBytesMax = 103;

const socketFile = ".s.PGSQL.5432";
const pointerFile = "relocated";
const socketNoteFile = "socket-directory";

/**
 * Finds or makes the real directory for the one asked for. Root's server runs as a user that may
 * not pass through, say, root's home: then the real one is made in a refuge, and a pointer to it
 * left in the directory asked for.
 * @throws ConfigError `ORR_CONFIG_DIRECTORY`
 */
export async function placeServer(options: PlacementOptions): Promise<Placement> {
  const directory = resolve(options.directory);
  try {
    await makeRoot(directory);
    const pointed = await readPointer(directory);
    if (pointed !== undefined) return await placementAt(pointed);
    if (await canReach(options.user, directory)) return await placementAt(directory);
    return await placementAt(await relocate(directory, options.refuges ?? defaultRefuges));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw directoryError(directory, { problem: messageOf(error), cause: error });
  }
}

/** The error of a directory that cannot hold a server. */
export function directoryError(
  directory: string,
  reason: { readonly problem: string; readonly cause?: unknown },
): ConfigError {
  const { problem, cause } = reason;
  return new ConfigError(
    "ORR_CONFIG_DIRECTORY",
    `the database directory ${directory} cannot be used: ${problem}`,
    { details: { directory }, ...(cause === undefined ? {} : { cause }) },
  );
}

/** Whether a server's socket in `directory` has a usable path, and no character to be escaped. */
export function holdsSocket(directory: string): boolean {
  const path = join(directory, socketFile);
  return Buffer.byteLength(path) <= socketPathBytesMax && /^[\w./+@-]+$/.test(path);
}

/** The socket that a server on `directory` listens on. */
export function socketIn(directory: string): string {
  return join(directory, socketFile);
}

/**
 * The directory for the server's socket, owned by the server's user and closed to all others,
 * since whoever reaches the socket is let in. The same one at each start, so that clients find a
 * restarted server again.
 */
export async function makeSocketDirectory(
  placement: Placement,
  user: ServerUser | undefined,
): Promise<string> {
  const inside = join(placement.root, "socket");
  if (holdsSocket(inside)) {
    await mkdir(inside, { recursive: true });
    await closeTo(inside, user);
    return inside;
  }
  const noted = await findSocketDirectory(placement);
  if (noted !== undefined && (await isPrivate(noted, user))) return noted;
  const fresh = await mkdtemp("/tmp/orrery-");
  await closeTo(fresh, user);
  await writeFile(join(placement.root, socketNoteFile), `${fresh}\n`, { mode: 0o600 });
  return fresh;
}

/** The directory that a server on this placement would have its socket in, if there is one yet. */
export async function findSocketDirectory(placement: Placement): Promise<string | undefined> {
  const inside = join(placement.root, "socket");
  if (holdsSocket(inside)) return inside;
  return readLine(join(placement.root, socketNoteFile));
}

/** Gives a directory to the server's user alone. */
export async function closeTo(directory: string, user: ServerUser | undefined): Promise<void> {
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  await chmod(directory, 0o700);
}

async function placementAt(directory: string): Promise<Placement> {
  const root = await realpath(directory);
  return {
    root,
    data: join(root, "data"),
    log: join(root, "postgres.log"),
  };
}

/** Root leaves its directory open for passing through: the server's user must get to the data. */
async function makeRoot(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  if (!isRoot()) return;
  const found = await stat(directory);
  const unused = made !== undefined || (await readdir(directory)).length === 0;
  // Made for us, by `mkdtemp` say; a directory with content keeps its mode.
  if (unused && found.uid === ownUid()) await chmod(directory, found.mode | 0o711);
}

async function readPointer(directory: string): Promise<string | undefined> {
  const pointer = join(directory, pointerFile);
  const target = await readLine(pointer);
  if (target === undefined) return undefined;
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory() === true) return target;
  throw directoryError(directory, {
    problem:
      `its content was moved to ${target}, which is gone; bring that back, ` +
      `or remove ${pointer} to begin with an empty database`,
  });
}

async function relocate(directory: string, refuges: readonly string[]): Promise<string> {
  const data = await stat(join(directory, "data")).catch(() => undefined);
  if (data !== undefined) {
    throw directoryError(directory, {
      problem:
        "it holds a database, but the user that runs the server cannot reach it; " +
        "open the directories above it for passing through (chmod o+x)",
    });
  }
  const fresh = await makeRefuge(directory, refuges);
  const pointer = join(directory, pointerFile);
  const draft = `${pointer}.${basename(fresh)}`;
  await writeFile(draft, `${fresh}\n`);
  try {
    await link(draft, pointer);
    return fresh;
  } catch (error) {
    // Ours is still empty.
    await rmdir(fresh);
    // EEXIST: another process was faster, and its place is the one.
    const winner = await readPointer(directory);
    if (winner === undefined) throw error;
    return winner;
  } finally {
    await rm(draft, { force: true });
  }
}

async function makeRefuge(directory: string, refuges: readonly string[]): Promise<string> {
  for (const refuge of refuges) {
    try {
      await mkdir(refuge, { recursive: true, mode: 0o711 });
      if ((await lstat(refuge)).uid !== ownUid()) continue;
      const fresh = await mkdtemp(join(refuge, "db-"));
      await chmod(fresh, 0o711);
      return fresh;
    } catch {
      // Not writable; the next one may be.
      continue;
    }
  }
  throw directoryError(directory, {
    problem:
      "the user that runs the server cannot reach it, " +
      `and no other place could be made (tried ${refuges.join(", ")})`,
  });
}

async function isPrivate(directory: string, user: ServerUser | undefined): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined);
  if (found === undefined || !found.isDirectory() || dirname(directory) !== "/tmp") return false;
  return found.uid === (user?.uid ?? ownUid()) && (found.mode & 0o077) === 0;
}

async function readLine(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const line = text.trim();
  return line === "" ? undefined : line;
}
