/**
 * A readable copy of the server's programs, for a user that cannot reach the originals (an
 * installation below root's closed home), and the library links that the package's install script
 * would have made (npm may block such scripts).
 */

import {
  chmod,
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { isRecord } from "../../kernel/json.ts";
import { ownUid } from "./run-as.ts";

/** An installed platform package. */
export interface Installation {
  /** The directory that holds `bin`, `lib` and `share`. */
  readonly native: string;
  /** The version of the package. */
  readonly version: string;
}

/** One link of `pg-symlinks.json`, by paths below the installation's `native` directory. */
export interface LibraryLink {
  /** The file that is there. */
  readonly source: string;
  /** The further name it needs. */
  readonly target: string;
}

/** What is mirrored, and the path it gets. */
export interface Mirroring {
  readonly from: string;
  readonly to: string;
}

/** Lets everybody read a file or pass through a directory, and only us write. */
const directoryMode = 0o755;

let draftCount = 0;

/**
 * Makes the missing library links in place.
 * @returns false when some are missing and the place is not writable
 */
export async function completeLibraryLinks(native: string): Promise<boolean> {
  for (const { source, target } of await listLibraryLinks(native)) {
    if (!(await makeLink(native, { source, target }))) return false;
  }
  return true;
}

/** The links that an installation needs; none when it has no list of them. */
export async function listLibraryLinks(native: string): Promise<readonly LibraryLink[]> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  return parseLibraryLinks(text);
}

/**
 * Reads `pg-symlinks.json`. Entries that would lead out of the installation are left out.
 */
export function parseLibraryLinks(text: string): readonly LibraryLink[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const source = belowNative(entry["source"]);
    const target = belowNative(entry["target"]);
    return source === undefined || target === undefined ? [] : [{ source, target }];
  });
}

/**
 * Mirrors the installation into one place after another, yielding each mirror's root, until the
 * caller has found one that can be used (a place may be mounted `noexec`, or be closed as well).
 */
export async function* mirrorInstallation(installation: Installation): AsyncGenerator<string> {
  const name = `orrery-pg-${installation.version}-${ownUid()}`;
  for (const place of new Set(["/tmp", "/var/tmp", tmpdir()])) {
    const root = join(place, name);
    if (!(await makeOwnDirectory(root))) continue;
    await mirrorTree({ from: installation.native, to: root });
    for (const entry of await listLibraryLinks(installation.native)) await makeLink(root, entry);
    yield root;
  }
}

/**
 * A directory that only we can write to, made or found. One that somebody else prepared under this
 * name in a public place is not used: they could exchange the programs.
 */
export async function makeOwnDirectory(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { mode: directoryMode });
    // The process may run with a mask that closes new directories.
    await chmod(directory, directoryMode);
  } catch {
    // It exists, or the place is not writable; the check below tells.
  }
  const found = await lstat(directory).catch(() => undefined);
  return (
    found !== undefined &&
    found.isDirectory() &&
    found.uid === ownUid() &&
    (found.mode & 0o022) === 0
  );
}

/**
 * Makes `to` hold all files of `from`. Files appear whole, one by one, and those that are there
 * stay: any number of processes may do it at once, and it mends what a cleaner of old temporary
 * files removed.
 */
export async function mirrorTree({ from, to }: Mirroring): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true });
      await chmod(target, directoryMode);
      await mirrorTree({ from: source, to: target });
    } else if (entry.isFile()) {
      await mirrorFile({ from: source, to: target });
    }
  }
}

async function mirrorFile({ from: source, to: target }: Mirroring): Promise<void> {
  const original = await lstat(source);
  const present = await lstat(target).catch(() => undefined);
  if (present?.size === original.size) return;
  draftCount += 1;
  const draft = `${target}.${process.pid}-${draftCount}`;
  const readable = (original.mode & 0o004) !== 0;
  try {
    // A hard link costs no space, but shares the mode: a private file is copied instead.
    if (!readable || !(await tryLink({ from: source, to: draft }))) {
      await copyFile(source, draft, constants.COPYFILE_FICLONE);
      await chmod(draft, original.mode & 0o100 ? 0o755 : 0o644);
    }
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

/** False across file systems and where the system forbids links to files of others. */
function tryLink({ from, to }: Mirroring): Promise<boolean> {
  return link(from, to).then(
    () => true,
    () => false,
  );
}

async function makeLink(native: string, entry: LibraryLink): Promise<boolean> {
  const target = join(native, entry.target);
  const text = relative(dirname(target), join(native, entry.source));
  try {
    await symlink(text, target);
    return true;
  } catch {
    // It exists already, or cannot be made; the difference is whether it is there now.
    return (await lstat(target).catch(() => undefined)) !== undefined;
  }
}

/** The part of a path below `native/`, when it is one without steps upwards. */
function belowNative(path: unknown): string | undefined {
  if (typeof path !== "string" || path.split("/").includes("..")) return undefined;
  return path.startsWith("native/") ? path.slice("native/".length) : undefined;
}
