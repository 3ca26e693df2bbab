/**
 * Who the server runs as. PostgreSQL refuses to run as root, so root hands its processes to an
 * unprivileged user; that user may then be unable to reach what root can, which is found by trying.
 */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/** A numeric user and group of the operating system. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** How a short command ended; `failure` is the system's error code when it could not be run. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly failure: string | undefined;
  readonly output: string;
}

/** A command, its arguments, and the user that runs it (ourselves when absent). */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly user: ServerUser | undefined;
}

/** The overflow user and group, `nobody` on most systems. */
const nobody: ServerUser = { uid: 65_534, gid: 65_534 };

/** A command that is only asked for its version or for a permission takes milliseconds. */
const commandMsMax = 20_000;

/** Whether this process is root, and so must not run a server as itself. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Our own user id; -1 where the system has none. */
export function ownUid(): number {
  return process.getuid?.() ?? -1;
}

/**
 * The user for a server that root starts: `postgres` where the system knows it, else `nobody`.
 * @returns undefined when we are not root: the server then runs as ourselves.
 */
export async function findServerUser(passwdFile = "/etc/passwd"): Promise<ServerUser | undefined> {
  if (!isRoot()) return undefined;
  return parsePostgresUser(await readPasswd(passwdFile)) ?? nobody;
}

/** The `postgres` line of a passwd file, unless it names root itself. */
export function parsePostgresUser(passwd: string): ServerUser | undefined {
  const found = /^postgres:[^:]*:(\d+):(\d+):/m.exec(passwd);
  const user = { uid: Number(found?.[1] ?? 0), gid: Number(found?.[2] ?? 0) };
  return user.uid === 0 ? undefined : user;
}

/**
 * The environment of everything we start: nothing of ours leaks in (PGDATA, PGOPTIONS, LD_*), and
 * messages are English so that they can be recognised.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };
}

/** Runs a short command to its end; never rejects. */
export function runCommand(command: Command): Promise<CommandResult> {
  const { user } = command;
  return new Promise((resolve) => {
    const options = {
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      // Our own directory may be closed to that user.
      cwd: "/",
      env: serverEnvironment(),
      timeout: commandMsMax,
    };
    execFile(command.file, [...command.args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({
        exitCode: typeof code === "number" ? code : undefined,
        failure: typeof code === "string" ? code : undefined,
        output: `${stdout}${stderr}`.trim(),
      });
    });
  });
}

/** Whether `user` can pass through every directory down to, and into, `directory`. */
export async function canReach(user: ServerUser | undefined, directory: string): Promise<boolean> {
  // Ourselves: the first write will tell.
  if (user === undefined) return true;
  const result = await runCommand({ file: "/bin/sh", args: ["-c", 'cd "$0"', directory], user });
  return result.exitCode === 0;
}

async function readPasswd(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    // Without a passwd file (a bare container) there is no postgres user either.
    return "";
  }
}
